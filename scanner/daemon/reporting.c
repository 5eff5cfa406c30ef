/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What fails is said in the log and in the next report; it never ends the service.
 */
#include "daemon/reporting.h"

#include "base/clock.h"
#include "base/log.h"
#include "daemon/letters.h"
#include "daemon/metrics.h"
#include "daemon/forwards.h"
#include "daemon/notices.h"
#include "reports/period.h"
#include "reports/report.h"

/* The clock may be set in between: look again every hour at the latest. */
#define LOOK_MS (3600 * 1000)

struct reporting {
	const struct config *config;
	post_note *note;
	void (*daily)(gint64 now, void *data);
	void *data;
	GArray *due; /* gint64, of config->reports; 0: never */
	struct post *post;
	struct notices *notices;
	struct forwards *forwards;
	struct metrics *metrics;
	guint timer;
};

G_STATIC_ASSERT((int)CONFIG_WEEKLY == (int)PERIOD_WEEK && (int)CONFIG_MONTHLY == (int)PERIOD_MONTH);

static void
mail_report(
    struct reporting *reporting, const struct config_report *which, const struct report *report)
{
	g_autoptr(GError) error = NULL;

	if (which->to->len == 0)
		return;
	g_autoptr(GPtrArray) mailings = letters_report(
	    reporting->config, which, report, (const char *const *)which->formats, &error);
	if (mailings != NULL) {
		g_ptr_array_set_free_func(mailings, NULL);
		for (guint i = 0; i < mailings->len; i++)
			post_send(reporting->post, mailings->pdata[i]);
		return;
	}
	log_error("mail the %s report: %s", which->name, error->message);
	reporting->note("report-not-mailed", error->message, reporting->data);
}

/* The period before the one that has begun: all of it is over when its report is written. */
static bool
write_report(
    struct reporting *reporting, const struct config_report *which, gint64 now, GError **error)
{
	const struct config *config = reporting->config;
	enum period period = (enum period)which->period;
	struct report_options options;
	g_autofree char *folder = g_build_filename(config->data_dir, "reports", NULL);
	g_autofree char *what =
	    g_strdup_printf("%s%s", which->name, which->to->len > 0 ? ", by mail" : "");

	config_report_of(config, which, &options);
	options.folder = folder;
	period_of(period, now, config->zone, &options.from, &options.to);
	period_of(period, options.from - 1, config->zone, &options.from, &options.to);
	g_autoptr(view) view = view_open(config->data_dir, "service", error);
	if (view == NULL || !view_note_access(view, "report", what, error))
		return false;
	g_autoptr(report) report = report_gather(view, &options, error);
	if (report == NULL ||
	    !report_write(report, folder, (const char *const *)which->formats, NULL, error))
		return false;
	mail_report(reporting, which, report);
	return true;
}

static gint64
due_after(const struct reporting *reporting, guint index, gint64 now)
{
	const struct config_report *which = g_ptr_array_index(reporting->config->reports, index);

	if (which->minute < 0)
		return 0;
	return period_next((enum period)which->period, now, which->minute, reporting->config->zone);
}

static void
carry_out(struct reporting *reporting, guint index, gint64 now)
{
	const struct config_report *which = g_ptr_array_index(reporting->config->reports, index);
	g_autoptr(GError) error = NULL;

	if (write_report(reporting, which, now, &error))
		log_info("the %s report is written", which->name);
	else
		log_error("write the %s report: %s", which->name, error->message);
	if (index == 0)
		reporting->daily(now, reporting->data);
}

static gboolean look(void *data);

/* Writes the reports that are due, and looks again when the next one is. */
static void
mind(struct reporting *reporting)
{
	gint64 now = clock_now(), next = 0;

	for (guint i = 0; i < reporting->due->len; i++) {
		gint64 *due = &g_array_index(reporting->due, gint64, i);
		if (*due != 0 && now >= *due)
			carry_out(reporting, i, now);
		*due = due_after(reporting, i, now);
		if (*due != 0 && (next == 0 || *due < next))
			next = *due;
	}
	if (next == 0)
		return;
	gint64 wait_ms = MIN((next - now) / 1000 + 1, LOOK_MS);
	reporting->timer = g_timeout_add((guint)wait_ms, look, reporting);
}

static gboolean
look(void *data)
{
	struct reporting *reporting = data;

	reporting->timer = 0;
	mind(reporting);
	return G_SOURCE_REMOVE;
}

struct reporting *
reporting_new(post_note *note, void (*daily)(gint64 now, void *data), void *data)
{
	struct reporting *reporting = g_new0(struct reporting, 1);

	reporting->note = note;
	reporting->daily = daily;
	reporting->data = data;
	reporting->due = g_array_new(FALSE, TRUE, sizeof(gint64));
	reporting->post = post_new(POST_RETRY_MS, note, data);
	reporting->metrics = metrics_new();
	reporting->notices = notices_new(reporting->post, note, data);
	reporting->forwards = forwards_new(reporting->post, note, data);
	return reporting;
}

void
reporting_follow(struct reporting *reporting, const struct config *config)
{
	reporting_stop(reporting);
	reporting->config = config;
	post_follow(reporting->post, config);
	metrics_follow(reporting->metrics, config);
	g_array_set_size(reporting->due, 0);
	g_array_set_size(reporting->due, config->reports->len);
	mind(reporting);
}

void
reporting_notify(struct reporting *reporting, const struct ruleset *ruleset)
{
	notices_follow(reporting->notices, reporting->config, ruleset);
	forwards_follow(reporting->forwards, reporting->config, ruleset);
}

void
reporting_wake(struct reporting *reporting)
{
	notices_wake(reporting->notices);
	forwards_wake(reporting->forwards);
}

void
reporting_stop(struct reporting *reporting)
{
	g_clear_handle_id(&reporting->timer, g_source_remove);
}

void
reporting_free(struct reporting *reporting)
{
	if (reporting == NULL)
		return;
	reporting_stop(reporting);
	metrics_free(reporting->metrics);
	forwards_free(reporting->forwards);
	notices_free(reporting->notices);
	post_free(reporting->post);
	g_array_unref(reporting->due);
	g_free(reporting);
}
