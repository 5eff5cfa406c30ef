/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The count at the end of a folder. Where it is not what we know, the UIDs that are there are
 * asked for, and a list of them leaves this file only when a second answer bears it out: the same
 * question again, or what VANISHED told (RFC 7162 section 3.2.10). That a message was passed over
 * in some answer proves nothing.
 */
#include "fetchers/imap.h"

static void
ask(struct imap *imap, enum imap_command_kind kind)
{
	g_array_set_size(imap->pass.found, 0);
	imap_send(imap, kind, 0, 0, "UID SEARCH ALL");
}

guint64
imap_present_expected(const struct imap_pass *pass)
{
	return (pass->state != NULL && !pass->start_anew ? pass->state->present : 0) +
	       pass->handled;
}

static void
end(struct imap *imap, GStrv present)
{
	/* Mail that came meanwhile was read as well. */
	if (imap->pass.rounds > 1 && !imap->pass.grew && imap->pass.uidnext != 0 &&
	    imap->pass.last < G_MAXUINT32)
		imap->pass.uidnext = MAX(imap->pass.uidnext, imap->pass.last + 1);
	imap_folder_end(imap, FETCH_FOLDER_OK, "", present);
	imap_folder_next(imap);
}

/* The pass counts, but what is gone stays unknown, and the next one asks again. */
static void
end_unsure(struct imap *imap, const char *why)
{
	const struct imap_folder *folder = imap->folders->pdata[imap->at];

	imap->pass.gap = true;
	session_emit_note(imap->session, folder->name, "unsure-count", why);
	end(imap, NULL);
}

void
imap_present_finish(struct imap *imap)
{
	const struct imap_pass *pass = &imap->pass;

	imap_gmail_count(imap);
	if (pass->exists != imap_present_expected(pass) || pass->missed)
		ask(imap, IMAP_PRESENT);
	else
		end(imap, NULL);
}

static gint
compare_ranges(gconstpointer left, gconstpointer right)
{
	const struct uidset_range *a = left, *b = right;

	return (a->from > b->from) - (a->from < b->from);
}

/* Whether what VANISHED told explains the count, and nothing of it is among the UIDs found. */
static bool
is_explained(struct imap_pass *pass)
{
	guint64 told = 0;
	guint at = 0;

	if (!pass->resynced || pass->vanished->len == 0 || pass->missed)
		return false;
	g_array_sort(pass->vanished, compare_ranges);
	for (guint i = 0; i < pass->vanished->len; i++) {
		const struct uidset_range *range =
		    &g_array_index(pass->vanished, struct uidset_range, i);
		told += (guint64)range->to - range->from + 1;
		while (
		    at < pass->found->len && g_array_index(pass->found, guint32, at) < range->from)
			at++;
		if (at < pass->found->len && g_array_index(pass->found, guint32, at) <= range->to)
			return false;
	}
	return imap_present_expected(pass) >= pass->exists &&
	       told >= imap_present_expected(pass) - pass->exists;
}

static void
end_with(struct imap *imap, const GArray *uids)
{
	g_autoptr(GPtrArray) present = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < uids->len; i++)
		g_ptr_array_add(present, g_strdup_printf("%u", g_array_index(uids, guint32, i)));
	g_ptr_array_add(present, NULL);
	end(imap, (GStrv)present->pdata);
}

void
imap_present_answer(struct imap *imap, const struct imap_command *command, bool ok)
{
	struct imap_pass *pass = &imap->pass;

	uidset_sort(pass->found);
	if (!ok) {
		end_unsure(imap, "the server refuses to say which messages are there");
	} else if (command->kind == IMAP_PRESENT) {
		if (pass->found->len == pass->exists && is_explained(pass)) {
			end_with(imap, pass->found);
			return;
		}
		g_array_append_vals(pass->first, pass->found->data, pass->found->len);
		ask(imap, IMAP_CONFIRM);
	} else if (pass->found->len != pass->exists) {
		end_unsure(
		    imap, "the server counts other messages than it lists: nothing is called gone");
	} else {
		/* One that either answer names is there. */
		g_array_append_vals(pass->first, pass->found->data, pass->found->len);
		uidset_sort(pass->first);
		end_with(imap, pass->first);
	}
}

void
imap_present_vanished(struct imap *imap, struct token *token)
{
	struct imap_pass *pass = &imap->pass;
	g_autoptr(GArray) ranges = g_array_new(FALSE, FALSE, sizeof(struct uidset_range));

	if (!token_next(token) || pass->vanished == NULL)
		return;
	bool earlier = token->kind == TOKEN_OPEN;
	while (earlier && token_next(token) && token->kind != TOKEN_CLOSE)
		;
	if (earlier)
		token_next(token);
	bool fine =
	    token->kind == TOKEN_ATOM && uidset_parse(token->value->str, ranges, IMAP_VANISHED_MAX);
	if (!fine || pass->vanished->len + ranges->len > IMAP_VANISHED_MAX) {
		pass->resynced = false;
		return;
	}
	g_array_append_vals(pass->vanished, ranges->data, ranges->len);
	if (earlier)
		return;
	/* Just now: each of them was counted. */
	for (guint i = 0; i < ranges->len; i++) {
		const struct uidset_range *range = &g_array_index(ranges, struct uidset_range, i);
		guint64 n = (guint64)range->to - range->from + 1;
		pass->exists -= MIN(n, pass->exists);
	}
}
