/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parent's end. The poster talks to a server: what it says is believed no more than that.
 */
#include "deliver/poster.h"

#include <string.h>

#include "base/fault.h"
#include "base/io.h"
#include "base/process.h"
#include "base/text.h"
#include "deliver/mailer-protocol.h"
#include "deliver/mailer.h"

#define HAND_OVER_MS 5000
#define GRACE_MS     5000 /* it ends itself; this is for one that cannot */
#define WORDS_MAX    500

struct poster {
	pid_t pid;
	struct wire *wire;
	gint64 deadline;
};

static int
hold(GBytes *body, GError **error)
{
	struct io_spool *spool = io_spool_new(g_get_tmp_dir());
	gsize size;
	const void *data = g_bytes_get_data(body, &size);

	if (io_spool_write(spool, data, size, error))
		return io_spool_finish(&spool, error);
	io_spool_free(spool);
	return -1;
}

static struct poster *
start(GError **error)
{
	int fds[2];
	pid_t pid;

	if (!wire_pair(fds, error))
		return NULL;
	bool started = process_start("mailer", fds[1], MAILER_FD, &pid, error);
	io_close(&fds[1]);
	if (!started) {
		io_close(&fds[0]);
		return NULL;
	}
	struct poster *poster = g_new0(struct poster, 1);
	poster->pid = pid;
	poster->wire = wire_new(fds[0], &mailer_protocol);
	poster->deadline =
	    g_get_monotonic_time() + G_GINT64_CONSTANT(1000) * (POSTER_TIME_MS + GRACE_MS);
	return poster;
}

struct poster *
poster_start(const struct target *target, const char *batch, GBytes *body, GError **error)
{
	int fd = hold(body, error);

	if (fd < 0)
		return NULL;
	struct poster *poster = start(error);
	if (poster == NULL) {
		io_close(&fd);
		return NULL;
	}
	wire_queue(poster->wire, MAILER_BATCH,
	    g_variant_new("(@" TARGET_TYPE "s)", target_put(target), batch), fd);
	if (wire_flush_all(poster->wire, HAND_OVER_MS, error))
		return poster;
	poster_free(poster);
	return NULL;
}

int
poster_fd(const struct poster *poster)
{
	return wire_fd(poster->wire);
}

gint64
poster_deadline(const struct poster *poster)
{
	return poster->deadline;
}

static void
take(const struct wire_frame *frame, GError **error)
{
	g_autofree char *text = NULL;
	guint32 code;

	if (frame->kind != MAILER_TAKEN) {
		g_set_error(error, FAULT, FAULT_BUG, "poster: a frame that goes the other way");
		return;
	}
	g_variant_get(frame->body, MAILER_TAKEN_TYPE, &code, &text);
	g_autofree char *words = text_printable(text, WORDS_MAX);
	if (code != 0)
		g_set_error(error, FAULT, (int)CLAMP(code, FAULT_USAGE, FAULT_CONFIG), "%s", words);
}

bool
poster_receive(struct poster *poster, int timeout_ms, GError **error)
{
	struct wire_frame frame = { .fd = -1 };

	switch (wire_wait(poster->wire, timeout_ms, &frame, error)) {
	case WIRE_AGAIN:
		if (g_get_monotonic_time() < poster->deadline)
			return false;
		g_set_error(error, FAULT, FAULT_AWAY, "poster: took longer than its time");
		return true;
	case WIRE_EOF:
		g_set_error(
		    error, FAULT, FAULT_BUG, "poster: ended before it said what became of it");
		return true;
	case WIRE_ERROR:
		return true;
	case WIRE_FRAME:
		break;
	}
	take(&frame, error);
	wire_frame_clear(&frame);
	return true;
}

void
poster_free(struct poster *poster)
{
	if (poster == NULL)
		return;
	wire_free(poster->wire);
	process_end(poster->pid);
	g_free(poster);
}
