/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * STATUS, in one breath for all folders that were read before. One whose numbers are those of the
 * last pass that left no gap holds what it held: same UIDVALIDITY and UIDNEXT, so nothing came;
 * same count, so nothing went. Numbers that differ in anything, or are missing, prove nothing:
 * the folder is opened.
 */
#include "fetchers/imap.h"

#include <string.h>

static const struct fetch_state *
state_of(const struct imap *imap, const struct imap_folder *folder)
{
	return g_hash_table_lookup(imap->states, folder->name);
}

static bool
is_worth_asking(const struct imap *imap, const struct imap_folder *folder)
{
	const struct fetch_state *state = state_of(imap, folder);

	return folder->label_of == NULL && state != NULL && state->uidvalidity != 0 &&
	       state->uidnext != 0 && (state->retry == NULL || state->retry->len == 0);
}

void
imap_status_send(struct imap *imap, const struct imap_folder *folder)
{
	g_autofree char *name = imap_quote(folder->raw);

	bool sizes = imap->session->task.kind == FETCH_PLAN && imap->ability.sizes;

	imap_send(imap, IMAP_STATUS, 0, 0, "STATUS %s (MESSAGES UIDNEXT UIDVALIDITY%s%s)", name,
	    imap->ability.condstore ? " HIGHESTMODSEQ" : "", sizes ? " SIZE" : "");
}

void
imap_status_ask(struct imap *imap)
{
	const struct imap_ability *can = &imap->ability;
	bool have_them = can->extended && can->status && !imap->list_plain;

	for (guint i = 0; i < imap->folders->len && !have_them; i++) {
		const struct imap_folder *folder = imap->folders->pdata[i];
		if (!is_worth_asking(imap, folder))
			continue;
		imap_status_send(imap, folder);
	}
	imap_status_done(imap);
}

void
imap_status_done(struct imap *imap)
{
	if (imap->session->task.kind == FETCH_PLAN)
		imap_plan_next(imap);
	else if (imap_under_way(imap, IMAP_STATUS) == 0)
		imap_folder_open(imap);
}

/* INBOX has no case (RFC 3501 section 5.1). */
static char *
key_of(const char *raw)
{
	return g_strdup(g_ascii_strcasecmp(raw, "INBOX") == 0 ? "INBOX" : raw);
}

static bool
read_numbers(struct token *token, struct imap_numbers *numbers)
{
	guint64 number;

	if (!token_next(token) || token->kind != TOKEN_OPEN)
		return false;
	while (token_next(token) && token->kind == TOKEN_ATOM) {
		g_autofree char *key = g_ascii_strup(token->value->str, -1);
		if (!token_next(token))
			return false;
		if (strcmp(key, "MESSAGES") == 0)
			numbers->has_messages =
			    token_number(token, G_MAXUINT32, &numbers->messages);
		else if (strcmp(key, "SIZE") == 0)
			numbers->has_size = token_number(token, G_MAXINT64, &numbers->size);
		else if (strcmp(key, "UIDNEXT") == 0 && token_number(token, G_MAXUINT32, &number))
			numbers->uidnext = (guint32)number;
		else if (strcmp(key, "UIDVALIDITY") == 0 &&
			 token_number(token, G_MAXUINT32, &number))
			numbers->uidvalidity = (guint32)number;
		else if (strcmp(key, "HIGHESTMODSEQ") == 0 &&
			 token_number(token, G_MAXINT64, &number))
			numbers->modseq = number;
		else if (!token_skip(token))
			return false;
	}
	return token->kind == TOKEN_CLOSE;
}

void
imap_status_answer(struct imap *imap, struct token *token)
{
	struct imap_numbers numbers = { 0 };

	if (!token_next(token) || (token->kind != TOKEN_STRING && token->kind != TOKEN_ATOM) ||
	    strlen(token->value->str) != token->value->len)
		return;
	g_autofree char *key = key_of(token->value->str);
	if (!read_numbers(token, &numbers) || g_hash_table_size(imap->status) >= IMAP_FOLDERS_MAX)
		return;
	g_hash_table_replace(
	    imap->status, g_steal_pointer(&key), g_memdup2(&numbers, sizeof(numbers)));
}

const struct imap_numbers *
imap_status_numbers(const struct imap *imap, const struct imap_folder *folder)
{
	g_autofree char *key = key_of(folder->raw);

	return g_hash_table_lookup(imap->status, key);
}

static bool
is_unchanged(const struct imap_numbers *numbers, const struct fetch_state *state)
{
	return numbers->has_messages && numbers->uidnext == state->uidnext &&
	       numbers->uidvalidity == state->uidvalidity && numbers->messages == state->present &&
	       (numbers->modseq == 0 || state->modseq == 0 || numbers->modseq == state->modseq);
}

bool
imap_status_settles(struct imap *imap)
{
	const struct imap_folder *folder = imap->folders->pdata[imap->at];
	const struct fetch_state *state = state_of(imap, folder);
	struct imap_pass *pass = &imap->pass;

	if (folder->label_of != NULL) {
		g_autofree char *text = g_strdup_printf("is a label of %s", folder->label_of);
		pass->gap = true;
		pass->uidvalidity = state != NULL ? state->uidvalidity : 0;
		pass->exists = state != NULL ? state->present : 0;
		imap_folder_end(imap, FETCH_FOLDER_OK, text, NULL);
		return true;
	}
	const struct imap_numbers *numbers = imap_status_numbers(imap, folder);
	if (numbers == NULL || !is_worth_asking(imap, folder) || !is_unchanged(numbers, state))
		return false;
	pass->uidvalidity = numbers->uidvalidity;
	pass->uidnext = numbers->uidnext;
	pass->modseq = numbers->modseq;
	pass->exists = numbers->messages;
	imap_folder_end(imap, FETCH_FOLDER_OK, "", NULL);
	return true;
}
