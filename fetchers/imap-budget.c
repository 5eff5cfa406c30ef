/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A day's budget of bytes. Before messages are asked for their sizes are, and of those so many are
 * fetched as the budget has room for; the last one may cross the line. What remains waits: it is
 * counted, folder by folder, and the next pass goes on where this one stopped.
 */
#include "fetchers/imap.h"

bool
imap_budget_counts(const struct imap *imap)
{
	return imap->session->task.bytes != FETCH_ANY_BYTES;
}

void
imap_budget_ask(struct imap *imap)
{
	struct imap_pass *pass = &imap->pass;
	g_autoptr(GArray) uids = g_array_new(FALSE, FALSE, sizeof(guint32));
	g_autoptr(GString) set = g_string_new(NULL);

	for (guint i = pass->next; i < pass->asked->len && uids->len < IMAP_BATCH; i++)
		g_array_append_val(uids, g_array_index(pass->asked, struct imap_asked, i).uid);
	pass->sized = pass->next + uidset_print(set, uids, 0, IMAP_BATCH);
	imap_send(imap, IMAP_SIZES, 0, 0, "UID FETCH %s (UID RFC822.SIZE)", set->str);
}

void
imap_budget_size(struct imap *imap, const struct imap_item *item)
{
	gint index = imap_asked_find(imap, item->uid);

	if (index >= 0)
		g_array_index(imap->pass.asked, struct imap_asked, index).size = item->announced;
}

guint
imap_budget_upto(struct imap *imap)
{
	struct imap_pass *pass = &imap->pass;
	guint64 left = session_left(imap->session);
	guint at = pass->next, end = MIN(pass->sized, pass->asked->len);

	for (; at < end && left > 0; at++) {
		guint64 size = g_array_index(pass->asked, struct imap_asked, at).size;
		/* Who does not say how large it is may mean anything. */
		left -= MIN(left, size != 0 ? size : imap->session->limits->message);
	}
	pass->spent = at == pass->next;
	imap->spent |= pass->spent;
	return at;
}

void
imap_budget_end(struct imap *imap)
{
	struct imap_pass *pass = &imap->pass;
	guint64 left = pass->rest->len;

	/* Some servers send more than they were asked for. */
	for (guint i = pass->next; i < pass->asked->len; i++)
		left += !g_array_index(pass->asked, struct imap_asked, i).settled;
	guint64 known =
	    imap_present_expected(pass) + (pass->trying_again ? left : pass->retry->len);

	/* What failed before counts as failed. What came meanwhile waits as well. */
	pass->waiting = MAX(pass->trying_again ? 0 : left, pass->exists - MIN(known, pass->exists));
	pass->gap = true;
	imap->waits = true;
	imap_folder_end(imap, FETCH_FOLDER_OK, "", NULL);
	imap_folder_next(imap);
}

/* Folders of which nothing was asked yet, in one breath. */
static void
ask_rest(struct imap *imap)
{
	imap->rest_asked = true;
	for (guint i = imap->at; i < imap->folders->len; i++) {
		const struct imap_folder *folder = imap->folders->pdata[i];
		if (folder->label_of == NULL && imap_status_numbers(imap, folder) == NULL)
			imap_status_send(imap, folder);
	}
}

bool
imap_budget_settles(struct imap *imap)
{
	const struct imap_folder *folder = imap->folders->pdata[imap->at];
	struct imap_pass *pass = &imap->pass;

	if (!imap->rest_asked) {
		ask_rest(imap);
		if (imap_under_way(imap, IMAP_STATUS) > 0)
			return false;
	}
	const struct imap_numbers *numbers = imap_status_numbers(imap, folder);
	imap->waits = true;
	if (numbers == NULL || !numbers->has_messages || numbers->uidvalidity == 0) {
		imap_folder_end(imap, FETCH_FOLDER_FAILED,
		    "the day's budget is used, and the server does not say what it holds", NULL);
		return true;
	}
	pass->state = g_hash_table_lookup(imap->states, folder->name);
	pass->uidvalidity = numbers->uidvalidity;
	pass->exists = numbers->messages;
	imap_folder_validity(imap);
	guint64 known = imap_present_expected(pass);
	if (pass->state != NULL && !pass->start_anew && pass->state->retry != NULL)
		known += pass->state->retry->len;
	pass->waiting = pass->exists - MIN(known, pass->exists);
	pass->gap = true;
	imap_folder_end(imap, FETCH_FOLDER_OK, "", NULL);
	return true;
}
