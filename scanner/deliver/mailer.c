/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parent's end. The mailer talks to a server: what it says is believed no more than that.
 */
#include "deliver/mailer.h"

#include <fcntl.h>
#include <string.h>

#include "base/fault.h"
#include "base/io.h"
#include "base/process.h"
#include "base/text.h"
#include "deliver/mailer-protocol.h"
#include "deliver/sender.h"

#define HAND_OVER_MS 5000
#define GRACE_MS     10000 /* it ends an attempt itself; this is for one that cannot */

struct mailer {
	pid_t pid;
	struct wire *wire;
	GStrv to;
	guint done; /* recipients with a result */
	gint64 deadline;
	char *lost; /* why it is believed no more; NULL: it is */
};

static struct mailer *
start(GStrv to, GError **error)
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
	struct mailer *mailer = g_new0(struct mailer, 1);
	mailer->pid = pid;
	mailer->wire = wire_new(fds[0], &mailer_protocol);
	mailer->to = to;
	gint64 wait_ms = (gint64)g_strv_length(to) * SENDER_SEND_MS + GRACE_MS;
	mailer->deadline = g_get_monotonic_time() + wait_ms * 1000;
	return mailer;
}

struct mailer *
mailer_start(const struct smtp *smtp, const char *const *to, int message, GError **error)
{
	guint n = g_strv_length((GStrv)to);

	if (n == 0 || n > MAILER_RECIPIENTS_MAX) {
		g_set_error(error, FAULT, FAULT_CONFIG, "mailer: %u recipients; 1 to %d may be", n,
		    MAILER_RECIPIENTS_MAX);
		return NULL;
	}
	int copy = fcntl(message, F_DUPFD_CLOEXEC, MAILER_FD + 1);
	if (copy < 0) {
		fault_errno(error, "mailer: message");
		return NULL;
	}
	GStrv own = g_strdupv((GStrv)to);
	struct mailer *mailer = start(own, error);
	if (mailer == NULL) {
		g_strfreev(own);
		io_close(&copy);
		return NULL;
	}
	wire_queue(mailer->wire, MAILER_SETTINGS,
	    g_variant_new("(@" SMTP_TYPE "^as)", smtp_put(smtp), own), copy);
	if (wire_flush_all(mailer->wire, HAND_OVER_MS, error))
		return mailer;
	mailer_free(mailer);
	return NULL;
}

int
mailer_fd(const struct mailer *mailer)
{
	return wire_fd(mailer->wire);
}

gint64
mailer_deadline(const struct mailer *mailer)
{
	return mailer->deadline;
}

static enum mailer_event
lose(struct mailer *mailer, const char *why, struct mailer_result *out)
{
	if (mailer->lost == NULL)
		mailer->lost = g_strdup(why);
	out->to = mailer->to[mailer->done++];
	out->state = SMTP_LOST;
	out->text = g_strdup(mailer->lost);
	return MAILER_DONE;
}

static enum mailer_event
take(struct mailer *mailer, const struct wire_frame *frame, struct mailer_result *out)
{
	g_autofree char *to = NULL, *text = NULL;
	guint32 state;

	if (frame->kind != MAILER_RESULT)
		return lose(mailer, "mailer: a frame that goes the other way", out);
	g_variant_get(frame->body, MAILER_RESULT_TYPE, &to, &state, &text);
	if (strcmp(to, mailer->to[mailer->done]) != 0 || state >= SMTP_STATES ||
	    strlen(text) > MAILER_TEXT_MAX)
		return lose(mailer, "mailer: a result that is none", out);
	out->to = mailer->to[mailer->done++];
	out->state = (enum smtp_state)state;
	out->text = text_printable(text, 0);
	return MAILER_DONE;
}

enum mailer_event
mailer_receive(struct mailer *mailer, int timeout_ms, struct mailer_result *out)
{
	g_autoptr(GError) error = NULL;
	struct wire_frame frame = { .fd = -1 };

	*out = (struct mailer_result){ .state = SMTP_LOST };
	if (mailer->to[mailer->done] == NULL)
		return MAILER_END;
	if (mailer->lost != NULL)
		return lose(mailer, NULL, out);
	switch (wire_wait(mailer->wire, timeout_ms, &frame, &error)) {
	case WIRE_AGAIN:
		if (g_get_monotonic_time() < mailer->deadline)
			return MAILER_NOTHING;
		return lose(mailer, "mailer: took longer than its time", out);
	case WIRE_EOF:
		return lose(mailer, "mailer: ended before it said what became of it", out);
	case WIRE_ERROR:
		return lose(mailer, error->message, out);
	case WIRE_FRAME:
		break;
	}
	enum mailer_event event = take(mailer, &frame, out);
	wire_frame_clear(&frame);
	return event;
}

void
mailer_free(struct mailer *mailer)
{
	if (mailer == NULL)
		return;
	wire_free(mailer->wire);
	process_end(mailer->pid);
	g_strfreev(mailer->to);
	g_free(mailer->lost);
	g_free(mailer);
}
