/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the server can do decides how it is asked; nothing it says here is needed for a pass that
 * is complete, only for one that is short.
 */
#include "fetchers/imap.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *word;
	gsize offset; /* of a bool in struct imap_ability */
} abilities[] = {
	{ "ENABLE", offsetof(struct imap_ability, enable) },
	{ "LIST-EXTENDED", offsetof(struct imap_ability, extended) },
	{ "STATUS=SIZE", offsetof(struct imap_ability, sizes) },
	{ "LIST-STATUS", offsetof(struct imap_ability, status) },
	{ "SPECIAL-USE", offsetof(struct imap_ability, roles) },
	{ "CONDSTORE", offsetof(struct imap_ability, condstore) },
	{ "QRESYNC", offsetof(struct imap_ability, qresync) },
	{ "UTF8=ACCEPT", offsetof(struct imap_ability, utf8) },
	{ "UTF8=ONLY", offsetof(struct imap_ability, utf8) },
	{ "X-GM-EXT-1", offsetof(struct imap_ability, gmail) },
	{ "IDLE", offsetof(struct imap_ability, idle) },
};

static void
set_ability(struct imap_ability *ability, gsize offset)
{
	*(bool *)((char *)ability + offset) = true;
}

static void
read_enabled(struct imap *imap, struct token *token)
{
	while (token_next(token)) {
		imap->ability.qresync_on |= token_is(token, "QRESYNC");
		imap->ability.utf8_on |= token_is(token, "UTF8=ACCEPT");
	}
}

static void
read_words(struct imap *imap, struct token *token)
{
	while (token_next(token)) {
		for (gsize i = 0; i < G_N_ELEMENTS(abilities); i++) {
			if (token_is(token, abilities[i].word))
				set_ability(&imap->ability, abilities[i].offset);
		}
	}
}

void
imap_ability_read(struct imap *imap, struct token *token)
{
	if (token_is(token, "ENABLED"))
		read_enabled(imap, token);
	else if (!imap->synchronised)
		/* Only before anything was asked: later it would change what the answers mean. */
		read_words(imap, token);
}

static void
ask_list(struct imap *imap)
{
	const struct imap_ability *can = &imap->ability;
	g_autoptr(GString) wanted = g_string_new(NULL);

	if (can->extended && !imap->list_plain) {
		if (can->roles)
			g_string_append(wanted, "SPECIAL-USE");
		/* On a first pass every folder is opened anyway. */
		if (can->status && g_hash_table_size(imap->states) > 0)
			g_string_append_printf(wanted, "%sSTATUS (MESSAGES UIDNEXT UIDVALIDITY%s)",
			    wanted->len > 0 ? " " : "", can->condstore ? " HIGHESTMODSEQ" : "");
	}
	if (wanted->len > 0)
		imap_send(imap, IMAP_LIST, 0, 0, "LIST \"\" \"*\" RETURN (%s)", wanted->str);
	else
		imap_send(imap, IMAP_LIST, 0, 0, "LIST \"\" \"*\"");
}

void
imap_ability_ask(struct imap *imap)
{
	struct imap_ability *can = &imap->ability;
	g_autoptr(GString) wanted = g_string_new(NULL);

	can->condstore |= can->qresync;
	if (can->enable && can->qresync)
		g_string_append(wanted, " QRESYNC");
	/* Without it a server may send a mail with UTF-8 headers as something else than it has
	 * (RFC 6858). */
	if (can->enable && can->utf8)
		g_string_append(wanted, " UTF8=ACCEPT");
	if (wanted->len > 0)
		imap_send(imap, IMAP_ENABLE, 0, 0, "ENABLE%s", wanted->str);
	ask_list(imap);
}

/* The tag of NOOP is where we know again where we are, before any answer that is needed. */
void
imap_ability_told(struct imap *imap, const char *words)
{
	struct token token;

	token_start(&token, words, strlen(words));
	read_words(imap, &token);
	token_clear(&token);
	imap_send(imap, IMAP_MEET, 0, 0, "NOOP");
	imap_ability_ask(imap);
}

/* Every server has an INBOX (RFC 3501 section 5.1): one that shows nothing hides it from us. */
static void
on_empty_list(struct imap *imap)
{
	session_break(imap->session, FETCH_PROTOCOL,
	    "the server lists no folder that can be opened, not even INBOX", false);
}

void
imap_ability_listed(struct imap *imap, bool ok, const char *text)
{
	if (ok && !imap->can_open) {
		on_empty_list(imap);
	} else if (ok) {
		imap_list_order(imap);
		imap_gmail_choose(imap);
		imap->listed = true;
		imap->at = 0;
		if (imap->session->watch != NULL)
			imap_idle_start(imap);
		else if (imap->session->task.kind == FETCH_PLAN)
			imap_plan_start(imap);
		else
			imap_status_ask(imap);
	} else if (imap->ability.extended && !imap->list_plain) {
		imap->list_plain = true;
		ask_list(imap);
	} else {
		g_autofree char *said = session_quote(text);
		g_autofree char *why =
		    g_strdup_printf("the server refuses to list the folders: %s", said);
		session_break(imap->session, FETCH_PROTOCOL, why, false);
	}
}
