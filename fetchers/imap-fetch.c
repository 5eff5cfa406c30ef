/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * FETCH answers. Messages leave in the order of their UIDs whatever the order of the answers,
 * so that at any instant everything up to the last UID emitted is settled: were this process
 * killed, the next one would ask for exactly the rest.
 */
#include "fetchers/imap.h"

#include <stdio.h>
#include <string.h>

#include "mail/message.h"

#define FLAGS_MAX 1024 /* bytes */

gint64
imap_date(const char *text)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char month[4], zone[6];
	int day, year, hour, minute, second;

	if (sscanf(text, "%2d-%3[A-Za-z]-%4d %2d:%2d:%2d %5[-+0-9]", &day, month, &year, &hour,
		&minute, &second, zone) != 7)
		return MESSAGE_NO_DATE;
	const char *found = strstr(months, month);
	guint64 east;
	if (found == NULL || (found - months) % 3 != 0 || strlen(month) != 3 ||
	    (zone[0] != '+' && zone[0] != '-') ||
	    !g_ascii_string_to_unsigned(zone + 1, 10, 0, 2359, &east, NULL))
		return MESSAGE_NO_DATE;
	/* A leap second counts as the one before it. */
	g_autoptr(GDateTime) local = g_date_time_new_utc(
	    year, (int)(found - months) / 3 + 1, day, hour, minute, MIN(second, 59));
	if (local == NULL)
		return MESSAGE_NO_DATE;
	gint64 offset = (gint64)(east / 100 * 3600 + east % 100 * 60);
	gint64 seconds = g_date_time_to_unix(local) + (zone[0] == '+' ? -offset : offset);
	return seconds * G_USEC_PER_SEC;
}

gint
imap_asked_find(const struct imap *imap, guint32 uid)
{
	const GArray *asked = imap->pass.asked;
	guint low = 0, high = asked != NULL ? asked->len : 0;

	while (low < high) {
		guint middle = low + (high - low) / 2;
		guint32 at = g_array_index(asked, struct imap_asked, middle).uid;
		if (at == uid)
			return (gint)middle;
		if (at < uid)
			low = middle + 1;
		else
			high = middle;
	}
	return -1;
}

/* Reading */

static void
read_flags(struct token *token, GString *flags)
{
	while (token_next(token) && token->kind == TOKEN_ATOM) {
		const char *flag = token->value->str;
		if (!g_str_is_ascii(flag) || flags->len + token->value->len >= FLAGS_MAX)
			continue;
		if (flags->len > 0)
			g_string_append_c(flags, ' ');
		for (; *flag != '\0'; flag++)
			g_string_append_c(flags, g_ascii_isgraph(*flag) ? *flag : '?');
	}
}

/* With the first token of a value at hand. False when the text is broken. */
static bool
read_value(const struct imap *imap, const char *key, struct token *token, struct imap_item *item)
{
	guint64 number;

	item->bodies += strcmp(key, "BODY[]") == 0;
	if (strcmp(key, "UID") == 0 && token_number(token, G_MAXUINT32, &number)) {
		/* An answer that names two messages is about neither. */
		if (item->uid != 0 && item->uid != (guint32)number)
			return false;
		item->uid = (guint32)number;
	} else if (strcmp(key, "RFC822.SIZE") == 0 && token_number(token, G_MAXINT64, &number))
		item->announced = number;
	else if (strcmp(key, "INTERNALDATE") == 0 && token->kind == TOKEN_STRING)
		item->internal_date = imap_date(token->value->str);
	else if (strcmp(key, "FLAGS") == 0 && token->kind == TOKEN_OPEN)
		read_flags(token, item->flags);
	else if (strcmp(key, "BODY[]") == 0 && token->kind == TOKEN_STRING) {
		item->has_text = true;
		g_string_assign(item->text, "");
		g_string_append_len(item->text, token->value->str, (gssize)token->value->len);
	} else
		return imap_gmail_read(imap, key, token, item) || token_skip(token);
	return true;
}

/* Reads the pairs behind FETCH. True when the list was whole. */
static bool
read_item(const struct imap *imap, struct token *token, struct imap_item *item)
{
	if (!token_next(token) || token->kind != TOKEN_OPEN)
		return false;
	while (token_next(token) && token->kind == TOKEN_ATOM) {
		g_autofree char *key = g_ascii_strup(token->value->str, -1);
		if (!token_next(token) || !read_value(imap, key, token, item))
			return false;
	}
	return token->kind == TOKEN_CLOSE;
}

static void
item_init(struct imap_item *item)
{
	*item = (struct imap_item){ .internal_date = MESSAGE_NO_DATE };
	item->flags = g_string_new(NULL);
	item->text = g_string_new(NULL);
	item->labels = g_string_new(NULL);
}

static void
item_clear(struct imap_item *item)
{
	g_string_free(item->flags, TRUE);
	g_string_free(item->text, TRUE);
	g_string_free(item->labels, TRUE);
}

/* The UID in an answer that breaks off where its literal begins, 0: not said yet; and its size,
 * likewise. */
static guint32
uid_ahead(const struct imap *imap, const GString *text, guint64 *announced)
{
	struct token token;
	struct imap_item item;

	item_init(&item);
	token_start(&token, text->str, text->len);
	for (guint i = 0; i < 3; i++)
		token_next(&token);
	read_item(imap, &token, &item);
	token_clear(&token);
	guint32 uid = item.uid;
	*announced = item.announced;
	item_clear(&item);
	return uid;
}

static bool
is_body_ahead(const GString *text)
{
	static const char end[] = "BODY[] ";
	const char *at = text->str + 2;

	if (!g_str_has_prefix(text->str, "* ") || text->len < 2 + strlen(end))
		return false;
	at += strspn(at, "0123456789");
	return g_ascii_strncasecmp(at, " FETCH (", 8) == 0 &&
	       g_ascii_strcasecmp(text->str + text->len - strlen(end), end) == 0;
}

/* A message as it goes out, or the failure. */

static void
fill_placement(const struct imap *imap, guint32 uid, struct placement *placement)
{
	const struct imap_folder *folder = imap->folders->pdata[imap->at];

	placement->folder = g_strdup(folder->name);
	placement->uidvalidity = imap->pass.uidvalidity;
	placement->uid = g_strdup_printf("%u", uid);
	placement->internal_date = MESSAGE_NO_DATE;
}

static struct fetch_event *
new_failure(const struct imap *imap, guint32 uid, const char *reason, const char *text, bool again)
{
	struct fetch_event *event = g_new0(struct fetch_event, 1);

	event->kind = FETCH_EVENT_FAILED;
	fill_placement(imap, uid, &event->failure.placement);
	event->failure.placement.server_flags = g_strdup("");
	event->failure.reason = g_strdup(reason);
	event->failure.text = g_strdup(text);
	event->failure.again = again;
	return event;
}

static char *
number_text(guint64 number)
{
	return number != 0 ? g_strdup_printf("%" G_GUINT64_FORMAT, number) : g_strdup("");
}

static struct fetch_event *
new_message(struct imap *imap, const struct imap_item *item)
{
	const struct imap_folder *folder = imap->folders->pdata[imap->at];
	const char *reason = "";
	g_autofree char *text = NULL;
	guint64 size = imap->body.size;
	int fd = body_finish(&imap->body, &reason, &text);

	if (fd < 0)
		return new_failure(
		    imap, item->uid, reason, text, strcmp(reason, "over-limit") != 0);
	struct fetch_event *event = g_new0(struct fetch_event, 1);
	event->kind = FETCH_EVENT_MESSAGE;
	fill_placement(imap, item->uid, &event->message.placement);
	event->message.placement.internal_date = item->internal_date;
	event->message.placement.server_flags = g_strdup(item->flags->str);
	event->message.placement.labels = g_strdup(item->labels->str);
	event->message.placement.server_id = number_text(item->id);
	event->message.placement.thread_id = number_text(item->thread);
	event->message.announced = item->announced;
	event->message.size = size;
	event->message.draft = folder->draft || item->is_draft;
	event->message.fd = fd;
	return event;
}

static void
emit_held(struct imap *imap, struct imap_asked *asked)
{
	struct fetch_event *event = g_steal_pointer(&asked->held);

	if (event == NULL)
		return;
	struct placement *placement = &event->failure.placement;

	imap->pass.handled += asked->excused ? 0 : 1;
	imap->pass.held--;
	if (event->kind == FETCH_EVENT_MESSAGE) {
		imap->pass.held_bytes -= event->message.size;
		session_emit_message(imap->session, event);
	} else {
		imap->pass.gap |= event->failure.again;
		session_emit_failure(imap->session, placement, event->failure.reason,
		    event->failure.text, event->failure.again);
		fetch_event_clear(event);
	}
	g_free(event);
}

static void
hold(struct imap *imap, guint index, struct fetch_event *event)
{
	struct imap_asked *asked = &g_array_index(imap->pass.asked, struct imap_asked, index);

	asked->settled = true;
	asked->held = event;
	imap->pass.held++;
	if (event->kind == FETCH_EVENT_MESSAGE)
		imap->pass.held_bytes += event->message.size;
	/* Its turn is over: it leaves at once. */
	if (index < imap->pass.cursor)
		emit_held(imap, asked);
}

/* A server that answers out of order may go on so: what is missing is reported, for the case
 * that we are killed before it comes, and the rest moves on. */
static void
excuse(struct imap *imap, struct imap_asked *asked)
{
	imap->pass.held++;
	asked->held = new_failure(imap, asked->uid, "no-answer",
	    "the server answered for many later messages first", true);
	emit_held(imap, asked);
	asked->excused = true;
}

void
imap_fetch_flush(struct imap *imap)
{
	struct imap_pass *pass = &imap->pass;

	while (pass->cursor < pass->asked->len) {
		struct imap_asked *asked =
		    &g_array_index(pass->asked, struct imap_asked, pass->cursor);
		bool crowded = pass->held > IMAP_HELD_MAX || pass->held_bytes > IMAP_HELD_BYTES;
		if (!asked->settled && !crowded)
			return;
		pass->cursor++;
		if (asked->settled)
			emit_held(imap, asked);
		else
			excuse(imap, asked);
	}
}

/*
 * No message has a UID that is not below UIDNEXT (RFC 3501 section 2.3.1.1). A failure would carry
 * the position there, over all that is still to come.
 */
static bool
is_phantom(const struct imap *imap, guint32 uid)
{
	return imap->pass.uidnext != 0 && uid >= imap->pass.uidnext && !imap->pass.grew;
}

static void
drop_phantom(struct imap *imap, struct imap_asked *asked)
{
	const struct imap_folder *folder = imap->folders->pdata[imap->at];

	asked->settled = true;
	imap->pass.gap = true;
	if (imap->pass.said_phantom)
		return;
	imap->pass.said_phantom = true;
	session_emit_note(imap->session, folder->name, "phantom-uid",
	    "the server lists UIDs that it has not given yet, and no message there");
}

void
imap_fetch_settle(struct imap *imap, guint from, guint to, const char *why)
{
	for (guint i = from; i < to; i++) {
		struct imap_asked *asked = &g_array_index(imap->pass.asked, struct imap_asked, i);
		if (!asked->settled && !asked->excused && is_phantom(imap, asked->uid))
			drop_phantom(imap, asked);
		else if (!asked->settled && !asked->excused)
			hold(imap, i, new_failure(imap, asked->uid, "no-answer", why, true));
	}
	imap_fetch_flush(imap);
}

static void
note_unasked(struct imap *imap)
{
	const struct imap_folder *folder = imap->folders->pdata[imap->at];

	if (imap->pass.said_unasked)
		return;
	imap->pass.said_unasked = true;
	session_emit_note(imap->session, folder->name, "unasked-answer",
	    "the server sent messages that were not asked for; they were dropped");
}

bool
imap_fetch_wants(struct imap *imap, const GString *text, guint64 size)
{
	guint64 announced;

	if (imap_under_way(imap, IMAP_FETCH) == 0 || !is_body_ahead(text))
		return false;
	body_clear(&imap->body);
	imap->in_body = true;
	imap->ahead = uid_ahead(imap, text, &announced);
	body_begin(&imap->body, imap->session->spool_folder, imap->session->limits->message, size);
	if (size <= SESSION_DRAIN_MAX)
		return true;
	g_autofree char *why = g_strdup_printf("UID %u: the server announces %" G_GUINT64_FORMAT
					       " bytes, more than we would even skip",
	    imap->ahead, size);
	gint index = imap_asked_find(imap, imap->ahead);
	/* Two sizes of one message: one is a lie, and perhaps not at the next pass. */
	bool again = announced != 0 && announced <= imap->session->limits->message;
	if (index >= 0 && !g_array_index(imap->pass.asked, struct imap_asked, index).settled) {
		hold(imap, (guint)index, new_failure(imap, imap->ahead, "over-limit", why, again));
		imap_fetch_flush(imap);
	}
	imap->in_body = false;
	session_break(imap->session, FETCH_PROTOCOL, why, false);
	return true;
}

static void
take_item(struct imap *imap, const struct imap_item *item)
{
	gint index = imap_asked_find(imap, item->uid);

	/* A change of flags, told unasked, has no body. */
	if (!imap->in_body && !item->has_text)
		return;
	if (index < 0) {
		note_unasked(imap);
		return;
	}
	if (g_array_index(imap->pass.asked, struct imap_asked, index).settled)
		return;
	if (item->bodies > 1) {
		hold(imap, (guint)index,
		    new_failure(imap, item->uid, "no-answer",
			"the server sent two bodies for it, and no more than one is right", true));
		imap_fetch_flush(imap);
		return;
	}
	if (!imap->in_body) {
		body_clear(&imap->body);
		body_begin(&imap->body, imap->session->spool_folder, imap->session->limits->message,
		    item->text->len);
		body_write(&imap->body, (const guint8 *)item->text->str, item->text->len);
	}
	imap->pass.refused = 0;
	hold(imap, (guint)index, new_message(imap, item));
	imap_fetch_flush(imap);
}

void
imap_fetch_answer(struct imap *imap, struct token *token)
{
	struct imap_item item;

	bool sizes = imap_under_way(imap, IMAP_SIZES) > 0;
	bool plan = imap_under_way(imap, IMAP_PLAN_SIZES) > 0;

	if (plan || sizes || imap_under_way(imap, IMAP_FETCH) > 0) {
		item_init(&item);
		bool whole = read_item(imap, token, &item);
		if (whole && plan)
			imap_plan_size(imap, item.announced);
		else if (whole && sizes)
			imap_budget_size(imap, &item);
		else if (whole)
			take_item(imap, &item);
		item_clear(&item);
	}
	imap->in_body = false;
	body_clear(&imap->body);
}

void
imap_fetch_cut(struct imap *imap)
{
	struct imap_pass *pass = &imap->pass;

	if (!imap->in_body || pass->cursor >= pass->asked->len)
		return;
	const struct imap_asked *asked =
	    &g_array_index(pass->asked, struct imap_asked, pass->cursor);
	if (asked->settled || asked->uid != imap->ahead)
		return;
	/* Said, so that a message that breaks each connection does not stand in the way of the
	 * rest for ever: what is to be tried again is asked for last. */
	hold(imap, pass->cursor,
	    new_failure(imap, asked->uid, "cut-off", "the connection broke within it", true));
	imap_fetch_flush(imap);
}
