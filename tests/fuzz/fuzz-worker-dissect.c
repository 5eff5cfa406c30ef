/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz-worker-dissect - a whole message, as a worker takes it apart; no rules. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "worker/dissect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dissect *dissect;
	static struct limits limits;

	if (dissect == NULL) {
		limits_default(&limits);
		limits.text = 64 * 1024; /* small, so that their edges are met */
		limits.text_message = 256 * 1024;
		limits.unpacked = 4 * 1024 * 1024;
		limits.header = 16 * 1024;
		limits.depth = 6;
		limits.parts = 60;
		limits.members = 20;
		limits.seconds_per_message = 60;
		limits.seconds_per_part = 60;
		dissect = dissect_new(&limits, NULL);
		if (dissect == NULL)
			abort();
	}
	int fd = memfd_create("mail", MFD_CLOEXEC);
	if (fd < 0 || !io_write_all(fd, data, size, NULL))
		abort();
	g_autoptr(message) message = dissect_message(dissect, fd, true, NULL);
	if (message == NULL)
		abort();
	for (guint i = 0; i < message->texts->len; i++) {
		const struct text *text = message->texts->pdata[i];
		if (!g_utf8_validate_len(text->data, text->size, NULL) ||
		    text->data[text->size] != '\0')
			abort();
	}
	for (guint i = 0; i < message->parts->len; i++) {
		const struct part *part = message->parts->pdata[i];
		bool unread = part->outcome != PART_READ && part->outcome != PART_NO_TEXT;
		if (!g_utf8_validate(part->name, -1, NULL) ||
		    !g_utf8_validate(part->path, -1, NULL) ||
		    !g_utf8_validate(part->detail, -1, NULL) ||
		    !g_utf8_validate(part->declared_type, -1, NULL) ||
		    (unread && message->outcome == OUTCOME_SCANNED))
			abort();
	}
	close(fd);
	return 0;
}
