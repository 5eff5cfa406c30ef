/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/report.h"

#include <string.h>

#include "base/clock.h"
#include "reports/emit.h"

static const struct emitter *const emitters[] = { &emit_html, &emit_csv, &emit_json, &emit_text };

const char *const report_formats[] = { "html", "csv", "json", "text", NULL };

const struct emitter *
emit_find(const char *format)
{
	for (gsize i = 0; i < G_N_ELEMENTS(emitters); i++) {
		if (strcmp(emitters[i]->name, format) == 0)
			return emitters[i];
	}
	return NULL;
}

static bool
gather_lists(struct report *report, struct view *view, GError **error)
{
	gint64 from = report->from, to = report->to;

	return (report->accounts = view_accounts(view, error)) != NULL &&
	       (report->flags = view_flags(view, from, to, false, error)) != NULL &&
	       (report->excepted = view_flags(view, from, to, true, error)) != NULL &&
	       (report->gaps = view_gaps(view, from, to, error)) != NULL &&
	       (report->notes = view_notes(view, from, to, error)) != NULL &&
	       (report->runs = view_runs(view, from, to, error)) != NULL &&
	       (report->gone = view_gone(view, from, to, REPORT_GONE_MAX, error)) != NULL;
}

/* The rule set of the newest run in the window; "" when nothing ran. */
static char *
newest_ruleset(const GPtrArray *runs)
{
	const struct view_run *newest = NULL;

	for (guint i = 0; i < runs->len; i++) {
		const struct view_run *run = g_ptr_array_index(runs, i);
		if (newest == NULL || run->begun > newest->begun)
			newest = run;
	}
	return g_strdup(newest != NULL ? newest->ruleset : "");
}

struct report *
report_gather(struct view *view, const struct report_options *options, GError **error)
{
	g_autoptr(report) report = g_new0(struct report, 1);

	report->organisation = g_strdup(options->organisation != NULL ? options->organisation : "");
	report->zone =
	    options->zone != NULL ? g_time_zone_ref(options->zone) : g_time_zone_new_utc();
	report->zone_name = g_strdup(g_time_zone_get_identifier(report->zone));
	report->from = options->from;
	report->to = options->to;
	report->made = clock_now();
	report->clear = options->clear;
	report->data_dir = g_strdup(options->data_dir != NULL ? options->data_dir : "");
	if (!view_totals(view, report->from, report->to, &report->totals, error) ||
	    !gather_lists(report, view, error))
		return NULL;
	report->ruleset = newest_ruleset(report->runs);
	return g_steal_pointer(&report);
}

void
report_free(struct report *report)
{
	if (report == NULL)
		return;
	g_free(report->organisation);
	g_free(report->zone_name);
	g_clear_pointer(&report->zone, g_time_zone_unref);
	g_free(report->ruleset);
	g_free(report->data_dir);
	g_clear_pointer(&report->accounts, g_ptr_array_unref);
	g_clear_pointer(&report->flags, g_ptr_array_unref);
	g_clear_pointer(&report->excepted, g_ptr_array_unref);
	g_clear_pointer(&report->gaps, g_ptr_array_unref);
	g_clear_pointer(&report->notes, g_ptr_array_unref);
	g_clear_pointer(&report->runs, g_ptr_array_unref);
	g_clear_pointer(&report->gone, g_ptr_array_unref);
	g_free(report);
}

GString *
report_render(const struct report *report, const char *format)
{
	const struct emitter *emitter = emit_find(format);
	GString *out = g_string_new(NULL);

	if (emitter != NULL)
		emitter->render(report, out);
	return out;
}
