/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/rebuilding.h"

#include "base/fault.h"
#include "base/io.h"
#include "daemon/crew.h"
#include "store/rebuild.h"

#define AT_ONCE 256 /* messages of one transaction */
#define IN_WORK 4   /* for each worker */

struct work {
	const struct rebuilding *what;
	struct rebuilding_counts *counts;
	struct rebuild *rebuild;
	struct crew *crew;
	guint64 all;
};

/* One message at a worker. */
struct item {
	struct verdict **place; /* in the list of its batch */
	int fd;
};

static void
on_verdict(struct verdict *verdict, void *data)
{
	struct item *item = data;

	*item->place = verdict;
	io_close(&item->fd);
	g_free(item);
}

static void
tell(struct work *work, const struct rebuild_message *message, const char *why)
{
	g_autofree char *text = g_strdup_printf("%.16s: %s", message->sha256, why);

	work->counts->unread++;
	work->what->trouble(text, work->what->data);
}

static bool
spool(GBytes *bytes, int *fd, GError **error)
{
	struct io_spool *file = io_spool_new(g_get_tmp_dir());
	gsize size;
	const void *data = g_bytes_get_data(bytes, &size);

	*fd = -1;
	if (io_spool_write(file, data, size, error))
		*fd = io_spool_finish(&file, error);
	io_spool_free(file);
	return *fd >= 0;
}

/* A copy that cannot be read leaves the message with its fields alone. */
static void
submit(struct work *work, const struct rebuild_message *message, struct verdict **place)
{
	const struct crew_job job = { .carry = CARRY_TERMS };
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) bytes = view_copy(work->what->view, message->id, &error);
	int fd = -1;

	if (bytes == NULL || !spool(bytes, &fd, &error)) {
		tell(work, message, error->message);
		return;
	}
	struct item *item = g_new0(struct item, 1);
	item->place = place;
	item->fd = fd;
	crew_submit(work->crew, &job, fd, g_bytes_get_size(bytes), on_verdict, item);
}

static bool
await(struct work *work, guint left, GError **error)
{
	while (crew_waiting(work->crew) > left) {
		if (crew_is_broken(work->crew)) {
			g_set_error(error, FAULT, FAULT_BUG, "no scan worker starts (see above)");
			return false;
		}
		g_main_context_iteration(NULL, TRUE);
	}
	return true;
}

static void
count(struct work *work, const GArray *messages, const GPtrArray *verdicts)
{
	for (guint i = 0; i < messages->len; i++) {
		const struct rebuild_message *message =
		    &g_array_index(messages, struct rebuild_message, i);
		const struct verdict *verdict = verdicts->pdata[i];
		bool given = verdict != NULL && verdict->terms.given;
		work->counts->messages++;
		work->counts->texts += given;
		if (verdict != NULL && !given)
			tell(work, message, verdict->reason);
	}
	work->what->progress(work->counts->messages, work->all, work->what->data);
}

static void
free_verdict(gpointer verdict)
{
	verdict_free(verdict);
}

static bool
do_batch(struct work *work, const GArray *messages, GError **error)
{
	g_autoptr(GPtrArray) verdicts = g_ptr_array_new_with_free_func(free_verdict);
	guint most = work->what->config->workers * IN_WORK;
	bool right = true;

	g_ptr_array_set_size(verdicts, (gint)messages->len);
	for (guint i = 0; right && i < messages->len; i++) {
		const struct rebuild_message *message =
		    &g_array_index(messages, struct rebuild_message, i);
		if (message->copy)
			submit(work, message, (struct verdict **)&verdicts->pdata[i]);
		right = await(work, most, error);
	}
	if (!right || !await(work, 0, error) ||
	    !rebuild_put(work->rebuild, messages, verdicts, error))
		return false;
	count(work, messages, verdicts);
	return true;
}

static bool
do_all(struct work *work, GError **error)
{
	for (;;) {
		g_autoptr(GArray) messages = rebuild_next(work->rebuild, AT_ONCE, error);
		if (messages == NULL)
			return false;
		if (messages->len == 0)
			return true;
		if (!do_batch(work, messages, error))
			return false;
	}
}

/* What is in an archive is asked for before anything is lost. */
static bool
begin(struct work *work, GError **error)
{
	struct rebuilding_counts *counts = work->counts;
	guint64 missing;

	if (!rebuild_archived(work->rebuild, &counts->archived, error) ||
	    !rebuild_missing(work->what->view, &missing, error))
		return false;
	if (counts->archived > 0 && !work->what->without_archived && missing == 0) {
		g_set_error(error, FAULT, FAULT_DATA,
		    "the copies of %" G_GUINT64_FORMAT " messages stand in archives: what their "
		    "texts say would be found no more. Restore them first (flagpost archive "
		    "restore), or write --without-archived",
		    counts->archived);
		return false;
	}
	return rebuild_begin(work->rebuild, work->what->anew, &counts->resumed, &work->all, error);
}

bool
rebuilding_run(const struct rebuilding *what, struct rebuilding_counts *counts, GError **error)
{
	g_autoptr(sources) none = sources_new();
	struct work work = { .what = what, .counts = counts };

	*counts = (struct rebuilding_counts){ 0 };
	sources_seal(none);
	/* Workers that do not start are no reason to lose what there is. */
	g_autoptr(crew) crew = crew_new(
	    none, &what->config->limits, &what->config->reading, what->config->workers, error);
	if (crew == NULL)
		return false;
	g_autoptr(rebuild) rebuild = rebuild_open(what->view, what->config->data_dir, error);
	if (rebuild == NULL)
		return false;
	work.crew = crew;
	work.rebuild = rebuild;
	return begin(&work, error) && do_all(&work, error);
}
