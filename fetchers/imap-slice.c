/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Newest first. Where much is new at once, as on the first pass over a folder, it is read in slices
 * from the newest down; within a slice UIDs rise like everywhere. The store is told which range is
 * still to come: as of then the position stands above it, and after a kill the next pass asks for
 * what the range holds and the store does not.
 */
#include "fetchers/imap.h"

static void
tell(struct imap *imap, guint32 from, guint32 upto)
{
	const struct imap_folder *folder = imap->folders->pdata[imap->at];
	struct imap_pass *pass = &imap->pass;

	pass->rest_from = from;
	pass->rest_upto = upto;
	session_emit_rest(imap->session, folder->name, pass->uidvalidity, from, upto);
}

void
imap_slice_resume(struct imap_pass *pass)
{
	pass->rest = g_array_new(FALSE, FALSE, sizeof(guint32));
	if (pass->state == NULL || pass->state->rest_upto == 0)
		return;
	pass->rest_from = pass->state->rest_from;
	pass->rest_upto = pass->state->rest_upto;
	uidset_sort(pass->state->rest_done);
}

bool
imap_slice_lacks(const struct imap_pass *pass, guint32 uid)
{
	return uid > pass->rest_from && uid <= pass->rest_upto &&
	       !g_array_binary_search(pass->state->rest_done, &uid, uidset_compare, NULL);
}

void
imap_slice_begin(struct imap *imap)
{
	struct imap_pass *pass = &imap->pass;
	guint n = pass->asked->len;
	bool stale = pass->start_anew && pass->state != NULL && pass->state->rest_upto != 0;

	if (stale && pass->rounds == 1)
		tell(imap, 0, 0);
	if (pass->rest_upto != 0 || n <= IMAP_SLICE)
		return;
	for (guint i = 0; i < n; i++) {
		guint32 uid = g_array_index(pass->asked, struct imap_asked, i).uid;
		g_array_append_val(pass->rest, uid);
	}
	g_array_set_size(pass->asked, 0);
	tell(imap, g_array_index(pass->rest, guint32, 0) - 1,
	    g_array_index(pass->rest, guint32, n - 1));
}

bool
imap_slice_next(struct imap *imap)
{
	struct imap_pass *pass = &imap->pass;
	guint n = MIN(pass->rest->len, IMAP_SLICE), from = pass->rest->len - n;

	if (pass->rest_upto == 0)
		return false;
	/* All above is recorded, or failed, or not there. */
	guint32 upto = n > 0 ? g_array_index(pass->rest, guint32, from + n - 1) : 0;
	if (upto != pass->rest_upto)
		tell(imap, n > 0 ? pass->rest_from : 0, upto);
	if (n == 0)
		return false;
	g_autoptr(GArray) slice = g_array_sized_new(FALSE, FALSE, sizeof(guint32), n);
	g_array_append_vals(slice, &g_array_index(pass->rest, guint32, from), n);
	g_array_set_size(pass->rest, from);
	imap_ask_for(pass, slice);
	return true;
}
