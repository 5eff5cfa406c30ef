/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/copies-rewrite.h"

#include "base/fault.h"
#include "base/io.h"
#include "daemon/archiving-parts.h"
#include "store/leaving.h"
#include "store/store.h"

struct rewrite_wish
copies_wish(const struct config *config, gint64 now)
{
	return (struct rewrite_wish){ now, config->zone, config->copies.compress_after };
}

/* Faults of one volume do not keep others from it. */
static bool
take_one(const struct copies_rewrite *rewrite, const struct rewrite_volume *volume,
    struct copies_rewrite_counts *out, GError **error)
{
	g_autoptr(GError) trouble = NULL;

	switch (rewrite_one(rewrite->view, volume, &trouble)) {
	case REWRITE_DONE:
		out->volumes++;
		out->copies += volume->messages;
		return true;
	case REWRITE_LEFT:
		out->left++;
		break;
	case REWRITE_FAILED:
		if (!g_error_matches(trouble, FAULT, FAULT_DATA) &&
		    !g_error_matches(trouble, FAULT, FAULT_DENIED)) {
			g_propagate_error(error, g_steal_pointer(&trouble));
			return false;
		}
		out->damaged++;
		break;
	}
	rewrite->trouble(trouble->message, rewrite->data);
	return true;
}

/* One of the day that is under way, or of one to come when the clock was set back. */
static bool
take_current(const struct copies_rewrite *rewrite, const struct rewrite_volume *volume,
    struct copies_rewrite_counts *out, GError **error)
{
	g_autoptr(GError) busy = NULL;
	int lock = store_hold(rewrite->config->data_dir, &busy);

	if (lock < 0 && g_error_matches(busy, FAULT, FAULT_RETRY)) {
		out->today++;
		return true;
	}
	if (lock < 0) {
		g_propagate_error(error, g_steal_pointer(&busy));
		return false;
	}
	bool right = take_one(rewrite, volume, out, error);
	io_close(&lock);
	return right;
}

static bool
take_all(const struct copies_rewrite *rewrite, struct copies_rewrite_counts *out, GError **error)
{
	const struct rewrite_wish wish = copies_wish(rewrite->config, rewrite->now);
	g_autofree char *today = rewrite_day(&wish);
	/* What a kill left goes first: a list asks for no file that is to go. */
	g_autoptr(GPtrArray) volumes =
	    leaving_settle(rewrite->view, error) ? rewrite_list(rewrite->view, &wish, error) : NULL;
	guint done = 0;
	bool right = volumes != NULL;

	for (guint i = 0; right && i < volumes->len; i++)
		out->all += ((struct rewrite_volume *)volumes->pdata[i])->wanted != NULL;
	for (guint i = 0; right && i < volumes->len; i++) {
		const struct rewrite_volume *volume = volumes->pdata[i];
		if (volume->wanted == NULL)
			continue;
		right = rewrite_is_before(volume, today)
			    ? take_one(rewrite, volume, out, error)
			    : take_current(rewrite, volume, out, error);
		rewrite->progress(++done, out->all, rewrite->data);
	}
	return right;
}

bool
copies_rewrite(
    const struct copies_rewrite *rewrite, struct copies_rewrite_counts *out, GError **error)
{
	int lock = archiving_lock(rewrite->config, error);
	bool right = lock >= 0;

	*out = (struct copies_rewrite_counts){ 0 };
	right = right && take_all(rewrite, out, error);
	io_close(&lock);
	return right;
}
