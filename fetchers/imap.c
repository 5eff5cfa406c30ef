/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Commands go out in order and may overlap; each answer finds its command by the tag. Answers
 * that we did not ask for may stand anywhere and are read for what they say, or passed over.
 */
#include "fetchers/imap.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"

static const struct reader_sink imap_sink;

void
imap_send(
    struct imap *imap, enum imap_command_kind kind, guint from, guint to, const char *format, ...)
{
	struct imap_command command = {
		.tag = ++imap->last_tag, .kind = kind, .folder = imap->at, .from = from, .to = to
	};
	va_list args;

	g_array_append_val(imap->commands, command);
	va_start(args, format);
	g_autofree char *text = g_strdup_vprintf(format, args);
	va_end(args);
	session_say(imap->session, "F%u %s\r\n", command.tag, text);
}

guint
imap_under_way(const struct imap *imap, enum imap_command_kind kind)
{
	guint count = 0;

	for (guint i = 0; i < imap->commands->len; i++) {
		const struct imap_command *command =
		    &g_array_index(imap->commands, struct imap_command, i);
		if (command->kind == kind && !command->stale && command->folder == imap->at)
			count++;
	}
	return count;
}

char *
imap_quote(const char *text)
{
	GString *out = g_string_new("\"");

	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			g_string_append_c(out, '\\');
		g_string_append_c(out, *text);
	}
	return g_string_free(g_string_append_c(out, '"'), FALSE);
}

static void *
imap_open(struct session *session)
{
	struct imap *imap = g_new0(struct imap, 1);

	imap->session = session;
	imap->reader = reader_new(&imap_sink, imap);
	imap->commands = g_array_new(FALSE, TRUE, sizeof(struct imap_command));
	imap->folders = g_ptr_array_new_with_free_func(imap_folder_free);
	imap->names = g_hash_table_new(g_str_hash, g_str_equal);
	imap->states = g_hash_table_new(g_str_hash, g_str_equal);
	imap->status = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	for (guint i = 0; i < session->states->len; i++) {
		struct fetch_state *state = session->states->pdata[i];
		g_hash_table_insert(imap->states, state->folder, state);
	}
	/* libcurl may have read into what followed the login's answer: our first tag is the
	 * place where we know again where we are. */
	const char *told = session->link != NULL ? session->link->abilities : NULL;
	if (told != NULL)
		imap_ability_told(imap, told);
	else
		imap_send(imap, IMAP_CAPABILITY, 0, 0, "CAPABILITY");
	return imap;
}

static void
imap_close(void *dialogue)
{
	struct imap *imap = dialogue;

	body_clear(&imap->body);
	imap_pass_clear(&imap->pass);
	reader_free(imap->reader);
	g_array_free(imap->commands, TRUE);
	g_hash_table_destroy(imap->names);
	g_hash_table_destroy(imap->states);
	g_hash_table_destroy(imap->status);
	g_ptr_array_unref(imap->folders);
	g_free(imap);
}

static bool
imap_feed(void *dialogue, const guint8 *bytes, gsize size, GError **error)
{
	struct imap *imap = dialogue;

	return reader_feed(imap->reader, bytes, size, error);
}

static bool
imap_is_inside(void *dialogue)
{
	struct imap *imap = dialogue;

	return reader_is_inside(imap->reader);
}

static void
imap_abandon(void *dialogue, const char *why, bool cut)
{
	struct imap *imap = dialogue;

	imap_folder_abandon(imap, why, cut);
}

/* Tagged answers */

/* The index of the command, or -1. */
static gint
find_command(const struct imap *imap, guint64 tag)
{
	for (guint i = 0; i < imap->commands->len; i++) {
		if (g_array_index(imap->commands, struct imap_command, i).tag == tag)
			return (gint)i;
	}
	return -1;
}

/* A folder's name is its owner's: one called "retry 9000" must not end the pass. */
static bool
names_folder(const struct imap *imap, const struct imap_command *command, const char *text)
{
	if (command->kind == IMAP_STATUS)
		return true;
	/* All was read: what a mailbox that is full says of a canary is about the canary. */
	if (command->kind == IMAP_APPEND)
		return true;
	if (command->kind != IMAP_EXAMINE || command->folder >= imap->folders->len)
		return false;
	const struct imap_folder *folder = imap->folders->pdata[command->folder];
	return strstr(text, folder->raw) != NULL || strstr(text, folder->name) != NULL;
}

/* True when the server wants to be left alone, and the pass has ended for that. */
static bool
is_sent_away(struct imap *imap, const struct imap_command *command, const char *text)
{
	if (names_folder(imap, command, text) || !imap_wait_heard(imap, text))
		return false;
	g_autofree char *said = session_quote(text);
	g_autofree char *why = g_strdup_printf(
	    "the server wants to be left alone for %u s: %s", imap->session->end.retry_after, said);
	session_break(imap->session, FETCH_AWAY, why, false);
	return true;
}

static void
dispatch(struct imap *imap, const struct imap_command *command, bool ok, const char *text)
{
	switch (command->kind) {
	case IMAP_CAPABILITY:
		imap_ability_ask(imap);
		break;
	case IMAP_MEET:
	case IMAP_ENABLE:
		break;
	case IMAP_LIST:
		imap_ability_listed(imap, ok, text);
		break;
	case IMAP_STATUS:
		imap_status_done(imap);
		break;
	case IMAP_APPEND:
		imap_canary_tagged(imap, ok, text);
		break;
	case IMAP_PLAN_OPEN:
	case IMAP_PLAN_SIZES:
		imap_plan_tagged(imap, command);
		break;
	case IMAP_OPEN:
	case IMAP_IDLE:
		imap_idle_tagged(imap, command, ok, text);
		break;
	default:
		if (command->folder == imap->at && !command->stale)
			imap_folder_tagged(imap, command, ok, text);
	}
}

static void
on_tagged(struct imap *imap, guint64 tag, const char *rest)
{
	gint index = find_command(imap, tag);

	if (index < 0)
		return;
	struct imap_command command =
	    g_array_index(imap->commands, struct imap_command, (guint)index);
	g_array_remove_index(imap->commands, (guint)index);
	bool ok = g_ascii_strncasecmp(rest, "OK", 2) == 0;
	const char *text = strchr(rest, ' ');
	text = text != NULL ? text + 1 : "";

	imap->untagged = 0;
	if (!imap->synchronised) {
		imap->synchronised = true;
		reader_synchronised(imap->reader);
	}
	imap_wait_alert(imap, text);
	if (ok || !is_sent_away(imap, &command, text))
		dispatch(imap, &command, ok, text);
}

/* "F12 OK ...": the number, or 0. *rest is what follows. */
static guint64
parse_tag(const char *line, const char **rest)
{
	char *end;

	if (line[0] != 'F' || !g_ascii_isdigit(line[1]))
		return 0;
	guint64 tag = g_ascii_strtoull(line + 1, &end, 10);
	if (*end != ' ')
		return 0;
	*rest = end + 1;
	return tag;
}

/* Untagged answers */

/* "[KEY 12]": the number, 0 when it is none up to max. False: another code. */
static bool
is_code(const char *text, const char *key, guint64 max, guint64 *value)
{
	if (g_ascii_strncasecmp(text, key, strlen(key)) != 0)
		return false;
	*value = g_ascii_strtoull(text + strlen(key), NULL, 10);
	if (*value > max)
		*value = 0;
	return true;
}

/* What EXAMINE says of a folder comes before its tagged answer. */
static void
on_code(struct imap *imap, const char *text)
{
	struct imap_pass *pass = &imap->pass;
	guint64 value;

	imap_wait_alert(imap, text);
	if (pass->selected) {
		if (is_code(text, "[UIDVALIDITY ", G_MAXUINT32, &value))
			imap_folder_revalidated(imap, (guint32)value);
		return;
	}
	if (is_code(text, "[UIDVALIDITY ", G_MAXUINT32, &value))
		pass->uidvalidity = (guint32)value;
	else if (is_code(text, "[UIDNEXT ", G_MAXUINT32, &value))
		pass->uidnext = (guint32)value;
	else if (is_code(text, "[HIGHESTMODSEQ ", G_MAXINT64, &value))
		pass->modseq = value;
	else if (is_code(text, "[CLOSED]", 0, &value))
		/* All before was said of another folder (RFC 7162 section 3.2.11). */
		pass->uidvalidity = pass->uidnext = 0, pass->modseq = pass->exists = 0;
}

static void
on_bye(struct imap *imap, const char *text)
{
	g_autofree char *said = session_quote(text);
	g_autofree char *why = g_strdup_printf("the server said goodbye: %s", said);

	imap_wait_alert(imap, text);
	imap_wait_heard(imap, text);
	session_break(imap->session, FETCH_AWAY, why, true);
}

static void
on_watched(struct imap *imap, struct token *token, guint64 number)
{
	if (token_is(token, "EXISTS"))
		imap_idle_exists(imap, number);
	else if (token_is(token, "EXPUNGE"))
		imap_idle_removed(imap);
}

static bool
on_numbered(struct imap *imap, struct token *token, guint64 number)
{
	if (!token_next(token))
		return false;
	if (imap->session->watch != NULL)
		on_watched(imap, token, number);
	else if (token_is(token, "FETCH"))
		imap_fetch_answer(imap, token);
	else if (token_is(token, "EXISTS"))
		imap_folder_exists(imap, number);
	else if (token_is(token, "EXPUNGE"))
		imap_folder_expunge(imap);
	else
		return false;
	return true;
}

static bool
on_untagged(struct imap *imap, const GString *text, GError **error)
{
	struct token token;
	guint64 number;
	bool fine = true;

	token_start(&token, text->str + 2, text->len - 2);
	if (!token_next(&token))
		;
	else if (token_is(&token, "OK") || token_is(&token, "NO"))
		on_code(imap, token.at + (token.at < token.end));
	else if (token_is(&token, "BYE"))
		on_bye(imap, token.at + (token.at < token.end));
	else if (token_number(&token, G_MAXUINT32, &number))
		on_numbered(imap, &token, number);
	else if (token_is(&token, "SEARCH"))
		fine = imap_folder_search(imap, &token, error);
	else if (token_is(&token, "LIST") && imap_under_way(imap, IMAP_LIST) > 0)
		imap_list_answer(imap, &token);
	else if (token_is(&token, "STATUS"))
		imap_status_answer(imap, &token);
	else if (token_is(&token, "VANISHED") && imap->session->watch != NULL)
		imap_idle_removed(imap);
	else if (token_is(&token, "VANISHED"))
		imap_present_vanished(imap, &token);
	else if (token_is(&token, "CAPABILITY") || token_is(&token, "ENABLED"))
		imap_ability_read(imap, &token);
	token_clear(&token);
	return fine;
}

static bool
imap_answer(void *data, const GString *text, GError **error)
{
	struct imap *imap = data;
	const char *rest = "";
	guint64 tag;

	if (imap->session->done)
		return true;
	tag = parse_tag(text->str, &rest);
	if (tag > 0) {
		on_tagged(imap, tag, rest);
		return true;
	}
	bool ready = text->str[0] == '+' && imap->synchronised;
	if (ready && imap->session->watch != NULL)
		imap_idle_ready(imap);
	else if (ready)
		imap_canary_ready(imap);
	if (++imap->untagged > IMAP_UNTAGGED_MAX) {
		g_set_error(error, FAULT, FAULT_DATA,
		    "over %d answers to one command, and none of them ends it", IMAP_UNTAGGED_MAX);
		return false;
	}
	/* Before our first tag only a farewell and what we asked for are of interest. */
	if (!g_str_has_prefix(text->str, "* ") ||
	    (!imap->synchronised && g_ascii_strncasecmp(text->str, "* BYE", 5) != 0 &&
		g_ascii_strncasecmp(text->str, "* CAPABILITY", 12) != 0))
		return true;
	return on_untagged(imap, text, error);
}

/* Answers that have no bound: their numbers are taken as they come. */
static bool
imap_overlong(void *data, GString *text, GError **error)
{
	static const struct {
		const char *start;
		char between;
	} lists[] = { { "* SEARCH ", ' ' }, { "* VANISHED (EARLIER) ", ',' },
		{ "* VANISHED ", ',' } };
	struct imap *imap = data;

	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++) {
		gsize length = strlen(lists[i].start);
		char *last = strrchr(text->str, lists[i].between);
		if (g_ascii_strncasecmp(text->str, lists[i].start, length) != 0 || last == NULL ||
		    last < text->str + length)
			continue;
		g_autoptr(GString) numbers = g_string_new_len(text->str, last - text->str);
		if (!imap_answer(imap, numbers, error))
			return false;
		g_string_erase(text, (gssize)length, last + 1 - text->str - (gssize)length);
		return true;
	}
	return true;
}

/* Literals */

static bool
imap_literal_begin(void *data, const GString *text, guint64 size, bool *wanted, GError **error)
{
	struct imap *imap = data;

	(void)error;
	*wanted = imap->session->done || imap_fetch_wants(imap, text, size);
	return true;
}

static bool
imap_literal(void *data, const guint8 *bytes, gsize size, GError **error)
{
	struct imap *imap = data;

	(void)error;
	if (imap->in_body)
		body_write(&imap->body, bytes, size);
	return true;
}

static bool
imap_literal_end(void *data, GError **error)
{
	(void)data;
	(void)error;
	return true;
}

static const struct reader_sink imap_sink = {
	.literal_begin = imap_literal_begin,
	.literal = imap_literal,
	.literal_end = imap_literal_end,
	.answer = imap_answer,
	.overlong = imap_overlong,
};

const struct session_protocol imap_protocol = {
	.open = imap_open,
	.feed = imap_feed,
	.wake = imap_idle_wake,
	.is_inside = imap_is_inside,
	.abandon = imap_abandon,
	.farewell = "F0 LOGOUT",
	.close = imap_close,
};
