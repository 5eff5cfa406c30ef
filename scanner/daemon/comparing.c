/* SPDX-License-Identifier: GPL-3.0-or-later */
/* comparing - see comparing.h. Writes no flag, and nothing of a message but a part of its digest.
 */
#include "daemon/comparing.h"

#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/io.h"
#include "base/text.h"
#include "daemon/crew.h"

#define FILE_NAME  "compared"
#define FILE_MAX   4096
#define TEXT_MAX   200
#define PAGE       500
#define NAME_CHARS 16 /* of a digest */

/* What only earlier mail can tell, as it was recorded. */
#define LATER_FACTS                                                                                \
	(FACT_REUSED_MESSAGE_ID | FACT_DEAD_DROP | FACT_OUTSIDER_JOINED | FACT_AFTER_ENCRYPTED)

struct run {
	const struct config *config;
	struct view *view;
	struct crew *with, *without;
	struct comparing *out;
};

/* --- two verdicts --- */

static bool
gave_up(const struct verdict *verdict, const char *rule)
{
	for (guint i = 0; i < verdict->undecided->len; i++) {
		const struct undecided *one = verdict->undecided->pdata[i];
		if (strcmp(one->rule, rule) == 0)
			return true;
	}
	return false;
}

static const struct flag *
flag_of(const struct verdict *verdict, const char *rule)
{
	for (guint i = 0; i < verdict->flags->len; i++) {
		const struct flag *flag = verdict->flags->pdata[i];
		if (strcmp(flag->rule, rule) == 0)
			return flag;
	}
	return NULL;
}

static bool
hits_alike(const struct flag *a, const struct flag *b)
{
	if (a->severity != b->severity || a->hits_total != b->hits_total ||
	    strcmp(a->exception, b->exception) != 0 || a->hits->len != b->hits->len)
		return false;
	for (guint i = 0; i < a->hits->len; i++) {
		const struct hit *left = a->hits->pdata[i], *right = b->hits->pdata[i];
		if (left->offset != right->offset || left->length != right->length ||
		    strcmp(left->section, right->section) != 0 ||
		    strcmp(left->part, right->part) != 0)
			return false;
	}
	return true;
}

/* The first rule that one side flags and the other does not, or otherwise; borrowed. */
static const char *
unlike(const struct verdict *one, const struct verdict *other)
{
	for (guint i = 0; i < one->flags->len; i++) {
		const struct flag *flag = one->flags->pdata[i];
		const struct flag *twin = flag_of(other, flag->rule);
		if (gave_up(one, flag->rule) || gave_up(other, flag->rule))
			continue;
		if (twin == NULL || !hits_alike(flag, twin))
			return flag->rule;
	}
	return NULL;
}

bool
comparing_alike(const struct verdict *with, const struct verdict *without, char **rule)
{
	const char *differs = unlike(without, with);

	if (differs == NULL)
		differs = unlike(with, without);
	*rule = g_strdup(differs);
	return differs == NULL;
}

/* --- the sample --- */

static struct verdict *
judge(const struct run *run, struct crew *crew, const struct view_kept *kept, int fd, gsize size)
{
	const struct account *account = config_account(run->config, kept->account);
	struct match_context context = { .account = kept->account,
		.group = account != NULL ? account->group : (char *)"",
		.folder = kept->folder,
		.draft = kept->draft,
		.now = kept->seen, /* the same moment on both sides */
		.facts = kept->facts & LATER_FACTS };
	const struct crew_job job = { .context = &context };

	return crew_scan(crew, &job, fd, size);
}

static void
compare(struct run *run, const struct view_kept *kept, int fd, gsize size)
{
	g_autoptr(verdict) with = judge(run, run->with, kept, fd, size);
	g_autoptr(verdict) without = judge(run, run->without, kept, fd, size);
	g_autofree char *rule = NULL;

	if (with->outcome == OUTCOME_UNSCANNABLE || without->outcome == OUTCOME_UNSCANNABLE) {
		run->out->unread++;
		return;
	}
	run->out->compared++;
	if (comparing_alike(with, without, &rule))
		return;
	if (run->out->differences++ == 0) {
		g_free(run->out->first);
		run->out->first = g_strdup_printf("%.*s: %s", NAME_CHARS, kept->sha256, rule);
	}
}

static void
compare_one(struct run *run, const struct view_kept *kept)
{
	g_autoptr(GBytes) bytes = view_copy(run->view, kept->id, NULL);
	struct io_spool *spool = bytes != NULL ? io_spool_new(g_get_tmp_dir()) : NULL;
	gsize size = 0;
	const void *data = bytes != NULL ? g_bytes_get_data(bytes, &size) : NULL;
	int fd = -1;

	if (spool != NULL && io_spool_write(spool, data, size, NULL))
		fd = io_spool_finish(&spool, NULL);
	io_spool_free(spool);
	if (fd >= 0)
		compare(run, kept, fd, size);
	else
		run->out->unread++;
	io_close(&fd);
}

/* Every so many-th message that has a copy; which of them changes from day to day. */
static bool
compare_sample(struct run *run, gint64 since, guint64 step, GError **error)
{
	guint64 n = (guint64)(run->out->time / G_TIME_SPAN_DAY) % step;
	gint64 after = 0;

	for (;;) {
		g_autoptr(GPtrArray) page = view_kept(run->view, since, after, PAGE, error);
		if (page == NULL)
			return false;
		if (page->len == 0)
			return true;
		for (guint i = 0; i < page->len; i++) {
			const struct view_kept *kept = page->pdata[i];
			after = kept->id;
			if (kept->has_copy && n++ % step == 0)
				compare_one(run, kept);
		}
	}
}

/* --- what came of it --- */

static bool
keep(const char *data_dir, const struct comparing *out, GError **error)
{
	g_autofree char *path = g_build_filename(data_dir, FILE_NAME, NULL);
	g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT " %" G_GUINT64_FORMAT
						" %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %s\n",
	    out->time, out->compared, out->unread, out->differences, out->first);

	return io_replace_file(path, text, strlen(text), 0600, error);
}

bool
comparing_run(const struct config *config, const struct sources *sources, struct view *view,
    guint sample, struct comparing *out, GError **error)
{
	struct sources plain = *sources;
	struct run run = { .config = config, .view = view, .out = out };
	guint64 total;

	plain.prefilter_fd = -1;
	*out = (struct comparing){ .time = clock_now(), .first = g_strdup("") };
	gint64 since = out->time - COMPARING_DAYS * (gint64)G_TIME_SPAN_DAY;
	if (!view_kept_count(view, since, &total, error))
		return false;
	run.with = crew_new(sources, &config->limits, &config->reading, 1, error);
	run.without =
	    run.with != NULL ? crew_new(&plain, &config->limits, &config->reading, 1, error) : NULL;
	bool right = run.without != NULL &&
		     compare_sample(&run, since, MAX(1, total / MAX(sample, 1)), error) &&
		     keep(config->data_dir, out, error);
	crew_free(run.with);
	crew_free(run.without);
	return right;
}

bool
comparing_read(const char *data_dir, struct comparing *out, GError **error)
{
	g_autofree char *path = g_build_filename(data_dir, FILE_NAME, NULL);

	*out = (struct comparing){ .first = g_strdup("") };
	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		return true;
	g_autoptr(GBytes) bytes = io_read_file(path, FILE_MAX, error);
	if (bytes == NULL)
		return false;
	g_autofree char *all = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
	g_auto(GStrv) words = g_strsplit(g_strchomp(all), " ", 5);
	if (g_strv_length(words) >= 4 &&
	    g_ascii_string_to_signed(words[0], 10, 1, G_MAXINT64, &out->time, NULL) &&
	    g_ascii_string_to_unsigned(words[1], 10, 0, G_MAXUINT64, &out->compared, NULL) &&
	    g_ascii_string_to_unsigned(words[2], 10, 0, G_MAXUINT64, &out->unread, NULL) &&
	    g_ascii_string_to_unsigned(words[3], 10, 0, G_MAXUINT64, &out->differences, NULL)) {
		g_free(out->first);
		out->first = text_printable(words[4] != NULL ? words[4] : "", TEXT_MAX);
		return true;
	}
	g_set_error(error, FAULT, FAULT_DATA, "%s: not as it was written", path);
	return false;
}

void
comparing_clear(struct comparing *comparing)
{
	g_clear_pointer(&comparing->first, g_free);
}

char *
comparing_sentence(const struct comparing *comparing, GTimeZone *zone)
{
	g_autofree char *local = clock_local(comparing->time, zone);

	if (comparing->differences == 0)
		return g_strdup_printf(
		    "%" G_GUINT64_FORMAT
		    " messages are judged without the prefilter as with it (%s); "
		    "%" G_GUINT64_FORMAT " could not be compared",
		    comparing->compared, local, comparing->unread);
	return g_strdup_printf("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
			       " messages are judged otherwise without the prefilter (%s), the "
			       "first %s: write [engine] prefilter = no until that is mended",
	    comparing->differences, comparing->compared, local, comparing->first);
}
