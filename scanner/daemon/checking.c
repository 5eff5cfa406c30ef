/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never waits, and never takes more than a slice's time from the loop.
 */
#include "daemon/checking.h"

#include "base/log.h"
#include "daemon/copies.h"
#include "store/verify.h"

#define SLICE_BYTES (4u * 1024 * 1024)
#define SLICE_MS    50 /* between two slices: some 80 MB a second at most */

struct checking {
	struct view *view;
	struct verify *verify;
	checking_found *found;
	void *data;
	guint told; /* deviations that were handed over */
	guint timer;
	gboolean done;
};

static void
tell(struct checking *checking)
{
	const GPtrArray *list = verify_found(checking->verify);

	for (; checking->told < list->len; checking->told++) {
		const struct verify_deviation *one = g_ptr_array_index(list, checking->told);
		g_autofree char *text =
		    g_strdup_printf("%s: %s: %s", one->word, one->what, one->text);
		log_error("verify: %s", text);
		checking->found("copy-deviates", text, checking->data);
	}
}

static gboolean
next_slice(void *data)
{
	struct checking *checking = data;
	g_autoptr(GError) error = NULL;
	enum verify_state state = verify_step(checking->verify, SLICE_BYTES, &error);

	tell(checking);
	if (state == VERIFY_MORE)
		return G_SOURCE_CONTINUE;
	if (state == VERIFY_FAILED)
		checking->found("not-verified", error->message, checking->data);
	else
		log_info("the day's share is verified: %" G_GUINT64_FORMAT
			 " copies, %" G_GUINT64_FORMAT " deviations",
		    verify_counts(checking->verify)->copies,
		    verify_counts(checking->verify)->deviations);
	checking->done = TRUE;
	checking->timer = 0;
	return G_SOURCE_REMOVE;
}

struct checking *
checking_new(
    const struct config *config, gint64 now, checking_found *found, void *data, GError **error)
{
	struct verify_share share = verify_share_of(now);
	g_autoptr(checking) checking = g_new0(struct checking, 1);

	checking->found = found;
	checking->data = data;
	checking->view = copies_open_view(config, "service", error);
	if (checking->view == NULL)
		return NULL;
	checking->verify = verify_new(checking->view, config->data_dir, &share, error);
	if (checking->verify == NULL)
		return NULL;
	checking->timer = g_timeout_add(SLICE_MS, next_slice, checking);
	return g_steal_pointer(&checking);
}

gboolean
checking_is_done(const struct checking *checking)
{
	return checking->done;
}

void
checking_free(struct checking *checking)
{
	if (checking == NULL)
		return;
	g_clear_handle_id(&checking->timer, g_source_remove);
	verify_free(checking->verify);
	view_close(checking->view);
	g_free(checking);
}
