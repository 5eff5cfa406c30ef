/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes from a peer. The first byte of the input says how long the single writes are and
 * whether a descriptor comes with each; the rest is what the peer sends.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fdpass.h"
#include "base/wire.h"

#define SEND_MAX 60000 /* what a socket takes without a reader */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct wire_kind kinds[] = {
	{ "empty", "()", 16, false },
	{ "note", "(su)", 200, false },
	{ "file", "(t)", 64, true },
	{ "bulk", "(asa{sv}a(stay)mx)", 65536, false },
};
static const struct wire_protocol protocol = { kinds, G_N_ELEMENTS(kinds) };

/* Everything is read to its end, so that a body that is not what it says shows. */
static void
receive_all(struct wire *wire)
{
	for (;;) {
		g_autoptr(GError) error = NULL;
		struct wire_frame frame;
		enum wire_result result = wire_receive(wire, &frame, &error);

		if ((result == WIRE_ERROR) != (error != NULL))
			abort();
		if (result != WIRE_FRAME)
			return;
		if (kinds[frame.kind].carries_fd != (frame.fd >= 0))
			abort();
		g_free(g_variant_print(frame.body, TRUE));
		wire_frame_clear(&frame);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fds[2];

	if (size < 2 || size > SEND_MAX || !wire_pair(fds, NULL))
		return 0;
	int before = open("/dev/null", O_RDONLY | O_CLOEXEC);
	g_autoptr(wire) wire = wire_new(fds[0], &protocol);
	gsize step = (data[0] & 0x7f) + 1u;
	bool with_fd = (data[0] & 0x80) != 0;
	for (gsize at = 1; at < size; at += step) {
		uint8_t copy[128];
		gsize n = MIN(step, size - at);
		for (gsize i = 0; i < n; i++)
			copy[i] = data[at + i];
		struct iovec part = { copy, n };
		fdpass_send(fds[1], &part, 1, with_fd ? before : -1);
		receive_all(wire);
	}
	close(fds[1]);
	receive_all(wire);
	g_clear_pointer(&wire, wire_free);
	close(before);
	/* No descriptor stayed open: the lowest free number is the same as before. */
	int after = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (after != MIN(fds[0], fds[1]))
		abort();
	close(after);
	return 0;
}
