/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Commands and their answers. Must never send what changes the maildrop.
 */
#include "fetchers/pop3.h"

#include <string.h>

#include "base/fault.h"

static void
pop3_send(struct pop3 *pop3, enum pop3_command command, guint index)
{
	static const char *const texts[] = { "CAPA", "STAT", "UIDL", "LIST" };
	struct pop3_sent sent = { .command = command, .index = index };

	pop3->pipelined |= pop3->commands->len > 0;
	g_array_append_val(pop3->commands, sent);
	if (command == POP3_RETR)
		session_say(pop3->session, "RETR %u\r\n", index + 1);
	else if (command == POP3_TOP)
		session_say(pop3->session, "TOP %u 0\r\n", index + 1);
	else
		session_say(pop3->session, "%s\r\n", texts[command]);
}

static void *
pop3_open(struct session *session)
{
	struct pop3 *pop3 = g_new0(struct pop3, 1);
	const struct fetch_state *state = session_state(session, "INBOX");

	pop3->session = session;
	pop3->commands = g_array_new(FALSE, FALSE, sizeof(struct pop3_sent));
	pop3->line = g_string_new(NULL);
	pop3->entries = g_array_new(FALSE, TRUE, sizeof(struct pop3_entry));
	g_array_set_clear_func(pop3->entries, pop3_entry_clear);
	pop3->wanted = g_array_new(FALSE, FALSE, sizeof(guint));
	pop3->doubtful = g_array_new(FALSE, FALSE, sizeof(guint));
	pop3->known = known_new(state != NULL ? (const char *const *)state->uidls : NULL);
	pop3->given = g_hash_table_new(g_str_hash, g_str_equal);
	pop3_send(pop3, POP3_CAPA, 0);
	return pop3;
}

static void
pop3_close(void *dialogue)
{
	struct pop3 *pop3 = dialogue;

	body_clear(&pop3->body);
	head_clear(&pop3->head);
	known_free(pop3->known);
	g_hash_table_destroy(pop3->given);
	g_array_free(pop3->doubtful, TRUE);
	g_array_free(pop3->commands, TRUE);
	g_array_free(pop3->wanted, TRUE);
	g_array_free(pop3->entries, TRUE);
	g_string_free(pop3->line, TRUE);
	g_free(pop3);
}

/* The one folder */

static void
emit_folder(struct pop3 *pop3, enum fetch_event_kind kind, guint64 count, GStrv present,
    const char *failure)
{
	struct fetch_folder folder = {
		.folder = (char *)"INBOX",
		.role = (char *)"inbox",
		.server_count = count,
		.waiting = pop3->spent ? pop3->wanted->len - pop3->next : 0,
		.has_present = present != NULL,
		.present = present,
		.state = failure != NULL ? FETCH_FOLDER_FAILED : FETCH_FOLDER_OK,
		.text = (char *)failure,
	};

	session_emit_folder(pop3->session, kind, &folder);
}

static void
pop3_abandon(void *dialogue, const char *why, bool cut)
{
	struct pop3 *pop3 = dialogue;

	if (cut)
		pop3_body_cut(pop3);
	if (!pop3->begun)
		emit_folder(pop3, FETCH_EVENT_FOLDER_BEGIN, 0, NULL, NULL);
	emit_folder(pop3, FETCH_EVENT_FOLDER_END, pop3->count, NULL, why);
}

/*
 * Some servers offer PIPELINING and lose what comes behind a command they are busy with. What was
 * given stays given; the maildrop is listed anew, since another login may see another one.
 */
static bool
pop3_resume(void *dialogue)
{
	struct pop3 *pop3 = dialogue;

	if (!pop3->pipelined || pop3->one_by_one || pop3->in_body || pop3->commands->len == 0)
		return false;
	pop3->one_by_one = true;
	pop3->pipelining = false;
	pop3->in_listing = false;
	pop3->count = 0;
	pop3->settled = false;
	pop3->next = pop3->next_doubtful = 0;
	pop3->coming = 0;
	pop3->renumbered = pop3->recycled = 0;
	session_unsay(pop3->session);
	g_string_truncate(pop3->line, 0);
	g_hash_table_remove_all(pop3->given);
	g_array_set_size(pop3->commands, 0);
	g_array_set_size(pop3->doubtful, 0);
	g_array_set_size(pop3->wanted, 0);
	g_array_set_size(pop3->entries, 0);
	known_release(pop3->known);
	session_emit_note(pop3->session, "INBOX", "lost-answers",
	    "the server does not answer commands that are sent ahead: once more, one by one");
	pop3_send(pop3, POP3_CAPA, 0);
	return true;
}

static guint
depth(const struct pop3 *pop3)
{
	return pop3->pipelining ? POP3_DEPTH : 1;
}

static void
begin(struct pop3 *pop3)
{
	pop3_list_settle(pop3);
	if (!pop3->begun)
		emit_folder(pop3, FETCH_EVENT_FOLDER_BEGIN, pop3->wanted->len, NULL, NULL);
	pop3->begun = true;
	pop3->settled = true;
}

/* The next message, unless it has to wait: one that was refused once is asked for alone. */
static bool
retrieve_next(struct pop3 *pop3)
{
	if (pop3->next >= pop3->wanted->len)
		return false;
	guint index = g_array_index(pop3->wanted, guint, pop3->next);
	if (g_array_index(pop3->entries, struct pop3_entry, index).refused &&
	    pop3->commands->len > 0)
		return false;
	/* What is under way counts as come. The first one that crosses the line comes whole. */
	pop3->spent |= session_left(pop3->session) <= pop3->coming;
	if (pop3->spent)
		return false;
	pop3->coming += g_array_index(pop3->entries, struct pop3_entry, index).announced;
	pop3->next++;
	pop3_send(pop3, POP3_RETR, index);
	return true;
}

void
pop3_advance(struct pop3 *pop3)
{
	if (pop3->session->done)
		return;
	while (pop3->next_doubtful < pop3->doubtful->len && pop3->commands->len < depth(pop3)) {
		guint index = g_array_index(pop3->doubtful, guint, pop3->next_doubtful++);
		if (pop3->no_top)
			pop3_list_head(pop3, index, "");
		else
			pop3_send(pop3, POP3_TOP, index);
	}
	if (!pop3->settled && pop3->commands->len > 0)
		return;
	if (!pop3->settled)
		begin(pop3);
	while (pop3->commands->len < depth(pop3) && retrieve_next(pop3))
		;
	if (pop3->commands->len > 0)
		return;
	g_auto(GStrv) present = pop3_list_present(pop3);
	emit_folder(pop3, FETCH_EVENT_FOLDER_END, pop3->entries->len, present, NULL);
	session_finish(pop3->session, pop3->spent ? FETCH_WAITING : FETCH_OK, "");
}

/* Lines */

static void
end_command(struct pop3 *pop3, enum pop3_command command)
{
	g_array_remove_index(pop3->commands, 0);
	if (command == POP3_CAPA) {
		/* Also when it is refused: CAPA came after RFC 1939. STAT first: the listings fill
		 * what it counts. */
		pop3_send(pop3, POP3_STAT, 0);
		if (pop3->pipelining && pop3->session->task.kind == FETCH_PASS) {
			pop3_send(pop3, POP3_UIDL, 0);
			pop3_send(pop3, POP3_LIST, 0);
		}
	} else if (command == POP3_STAT && pop3->session->task.kind == FETCH_PLAN) {
		pop3_list_plan(pop3);
	} else if (command == POP3_STAT && !pop3->pipelining) {
		pop3_send(pop3, POP3_UIDL, 0);
	} else if (command == POP3_UIDL && !pop3->pipelining) {
		pop3_send(pop3, POP3_LIST, 0);
	} else if (command == POP3_LIST) {
		pop3_list_done(pop3);
		pop3_advance(pop3);
	}
}

static bool
on_refused(struct pop3 *pop3, struct pop3_sent sent, const char *line, GError **error)
{
	g_autofree char *said = session_quote(line);

	if (sent.command == POP3_STAT) {
		g_set_error(error, FAULT, FAULT_DATA, "the server refuses STAT: %s", said);
		return false;
	}
	if (sent.command != POP3_RETR && sent.command != POP3_TOP) {
		end_command(pop3, sent.command);
		return true;
	}
	g_array_remove_index(pop3->commands, 0);
	pop3_body_refused(pop3, sent, said);
	pop3_advance(pop3);
	return true;
}

static bool
on_status(struct pop3 *pop3, const char *line, GError **error)
{
	if (pop3->commands->len == 0)
		return true;
	struct pop3_sent sent = g_array_index(pop3->commands, struct pop3_sent, 0);
	if (g_str_has_prefix(line, "-ERR"))
		return on_refused(pop3, sent, line, error);
	if (!g_str_has_prefix(line, "+OK")) {
		g_autofree char *said = session_quote(line);
		g_set_error(error, FAULT, FAULT_DATA,
		    "neither +OK nor -ERR (RFC 1939 section 3): %s", said);
		return false;
	}
	if (sent.command == POP3_RETR || sent.command == POP3_TOP) {
		pop3_body_begin(pop3);
	} else if (sent.command == POP3_STAT) {
		if (!pop3_list_stat(pop3, line + 3 + strspn(line + 3, " "), error))
			return false;
		end_command(pop3, sent.command);
	} else {
		pop3->in_listing = true;
		pop3->lines = 0;
	}
	return true;
}

/* RFC 2449 section 6: PIPELINING, and LOGIN-DELAY with the seconds between two logins. */
static void
on_capability(struct pop3 *pop3, const char *line)
{
	static const char delay[] = "LOGIN-DELAY ";
	const gsize n = strlen(delay);

	if (g_ascii_strcasecmp(line, "PIPELINING") == 0)
		pop3->pipelining = !pop3->one_by_one;
	else if (g_ascii_strncasecmp(line, delay, n) == 0 && g_ascii_isdigit(line[n]))
		session_wait(pop3->session, g_ascii_strtoull(line + n, NULL, 10));
}

static bool
on_listing(struct pop3 *pop3, const char *line, GError **error)
{
	enum pop3_command command = g_array_index(pop3->commands, struct pop3_sent, 0).command;

	if (strcmp(line, ".") == 0) {
		pop3->in_listing = false;
		end_command(pop3, command);
		return true;
	}
	if (++pop3->lines > POP3_LISTING_MAX) {
		g_set_error(error, FAULT, FAULT_DATA, "a listing without an end");
		return false;
	}
	if (command == POP3_CAPA)
		on_capability(pop3, line);
	else if (command == POP3_UIDL)
		pop3_list_uidl(pop3, line);
	else if (command == POP3_LIST)
		pop3_list_size(pop3, line);
	return true;
}

/* Takes bytes up to and with the next line end. Returns how many, or -1. */
static gssize
feed_line(struct pop3 *pop3, const guint8 *bytes, gsize size, GError **error)
{
	const guint8 *end = memchr(bytes, '\n', size);
	gsize n = end != NULL ? (gsize)(end - bytes) : size;
	GString *line = pop3->line;

	if (line->len + n > POP3_LINE_MAX) {
		g_set_error(error, FAULT, FAULT_DATA, "a line of over %d bytes", POP3_LINE_MAX);
		return -1;
	}
	g_string_append_len(line, (const char *)bytes, (gssize)n);
	if (end == NULL)
		return (gssize)n;
	if (line->len > 0 && line->str[line->len - 1] == '\r')
		g_string_truncate(line, line->len - 1);
	/* A NUL would hide what stands behind it. */
	for (gsize i = 0; i < line->len; i++)
		line->str[i] = line->str[i] != '\0' ? line->str[i] : '\1';
	g_autofree char *text = g_strndup(line->str, line->len);
	g_string_truncate(line, 0);
	bool fine = pop3->in_listing ? on_listing(pop3, text, error) : on_status(pop3, text, error);
	return fine ? (gssize)n + 1 : -1;
}

static bool
pop3_feed(void *dialogue, const guint8 *bytes, gsize size, GError **error)
{
	struct pop3 *pop3 = dialogue;

	while (size > 0 && !pop3->session->done) {
		gssize n = pop3->in_body ? pop3_body_feed(pop3, bytes, size, error)
					 : feed_line(pop3, bytes, size, error);
		if (n < 0)
			return false;
		bytes += n;
		size -= (gsize)n;
	}
	return true;
}

static bool
pop3_is_inside(void *dialogue)
{
	struct pop3 *pop3 = dialogue;

	return pop3->in_body || pop3->line->len > 0;
}

const struct session_protocol pop3_protocol = {
	.open = pop3_open,
	.feed = pop3_feed,
	.is_inside = pop3_is_inside,
	.resume = pop3_resume,
	.abandon = pop3_abandon,
	.farewell = "QUIT",
	.close = pop3_close,
};
