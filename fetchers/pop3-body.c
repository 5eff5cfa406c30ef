/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A message counts as received when its CRLF.CRLF was seen and not before: a connection that
 * ends within one looks like a short message otherwise.
 */
#include <string.h>

#include "base/fault.h"
#include "base/io.h"
#include "fetchers/pop3.h"
#include "mail/message.h"

static void
emit_failure(struct pop3 *pop3, guint index, const char *reason, const char *text, bool again)
{
	g_autofree char *uid = pop3_list_failed(pop3, index);
	struct placement where = {
		.folder = (char *)"INBOX", .uid = uid, .internal_date = MESSAGE_NO_DATE
	};

	session_emit_failure(pop3->session, &where, reason, text, again);
}

static void
emit_message(struct pop3 *pop3, guint index, const char *uid, int fd)
{
	const struct pop3_entry *entry = &g_array_index(pop3->entries, struct pop3_entry, index);
	struct fetch_event event = { .kind = FETCH_EVENT_MESSAGE };
	struct fetch_message *message = &event.message;

	message->placement.folder = g_strdup("INBOX");
	message->placement.uid = g_strdup(uid);
	message->placement.server_flags = g_strdup("");
	message->placement.internal_date = MESSAGE_NO_DATE;
	message->announced = entry->announced;
	message->size = pop3->body.size;
	message->fd = fd;
	session_emit_message(pop3->session, &event);
}

static void
end_message(struct pop3 *pop3, guint index)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	g_autofree char *digest = NULL;
	char head[HEAD_HEX + 1];
	const char *reason = "";
	int fd = body_finish(&pop3->body, &reason, &text);

	if (fd >= 0 && pop3_list_needs_digest(pop3, index)) {
		digest = io_sha256(fd, NULL, &error);
		if (digest == NULL) {
			io_close(&fd);
			reason = "spool";
			text = g_strdup(error->message);
		}
	}
	if (fd < 0) {
		emit_failure(pop3, index, reason, text, strcmp(reason, "over-limit") != 0);
		return;
	}
	head_finish(&pop3->head, head);
	const char *uid = pop3_list_name(pop3, index, digest, head);
	if (uid != NULL)
		emit_message(pop3, index, uid, fd);
	else
		io_close(&fd);
}

/* Its bytes are counted as they came. */
static void
settled(struct pop3 *pop3, guint index)
{
	guint64 announced = g_array_index(pop3->entries, struct pop3_entry, index).announced;

	pop3->coming -= MIN(announced, pop3->coming);
}

static void
end_header(struct pop3 *pop3, guint index)
{
	char head[HEAD_HEX + 1];

	head_finish(&pop3->head, head);
	pop3_list_head(pop3, index, head);
}

static void
take_bytes(void *data, const guint8 *bytes, gsize size)
{
	struct pop3 *pop3 = data;

	head_feed(&pop3->head, bytes, size);
	body_write(&pop3->body, bytes, size);
}

void
pop3_body_begin(struct pop3 *pop3)
{
	bool kept = g_array_index(pop3->commands, struct pop3_sent, 0).command == POP3_RETR;

	/* The size of LIST is a hint: nothing is refused because of it. Of TOP nothing is kept. */
	pop3->in_body = true;
	pop3->dots = DOTS_LINE_START;
	head_begin(&pop3->head);
	body_begin(&pop3->body, pop3->session->spool_folder, pop3->session->limits->message,
	    kept ? 0 : G_MAXUINT64);
}

gssize
pop3_body_feed(struct pop3 *pop3, const guint8 *bytes, gsize size, GError **error)
{
	struct pop3_sent sent = g_array_index(pop3->commands, struct pop3_sent, 0);
	gsize used = dots_feed(&pop3->dots, bytes, size, take_bytes, pop3);

	if (pop3->body.size > SESSION_DRAIN_MAX) {
		if (sent.command == POP3_RETR)
			emit_failure(pop3, sent.index, "over-limit",
			    "the server sends more than we would even skip", false);
		pop3->in_body = false;
		g_set_error(error, FAULT, FAULT_DATA, "message %u: over 1 GiB", sent.index + 1);
		return -1;
	}
	if (pop3->dots == DOTS_DONE) {
		pop3->in_body = false;
		g_array_remove_index(pop3->commands, 0);
		if (sent.command == POP3_RETR) {
			settled(pop3, sent.index);
			end_message(pop3, sent.index);
		}
		if (sent.command == POP3_TOP)
			end_header(pop3, sent.index);
		body_clear(&pop3->body);
		pop3_advance(pop3);
	}
	return (gssize)used;
}

void
pop3_body_refused(struct pop3 *pop3, struct pop3_sent sent, const char *said)
{
	struct pop3_entry *entry = &g_array_index(pop3->entries, struct pop3_entry, sent.index);

	if (sent.command == POP3_RETR)
		settled(pop3, sent.index);
	if (sent.command == POP3_TOP) {
		pop3->no_top = true;
		pop3_list_head(pop3, sent.index, "");
	} else if (pop3->pipelining && !entry->refused) {
		/* Once more at the end, when nothing else is under way that could be the cause. */
		entry->refused = true;
		g_array_append_val(pop3->wanted, sent.index);
	} else {
		g_autofree char *text = g_strdup_printf("the server refuses it: %s", said);
		emit_failure(pop3, sent.index, "no-answer", text, true);
	}
}

void
pop3_body_cut(struct pop3 *pop3)
{
	struct pop3_sent sent;

	if (!pop3->in_body)
		return;
	sent = g_array_index(pop3->commands, struct pop3_sent, 0);
	if (sent.command == POP3_RETR)
		emit_failure(pop3, sent.index, "cut-off", "the connection broke within it", true);
}
