/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_REPORTS_REPORT_H
#define FLAGPOST_REPORTS_REPORT_H
/*
 * report - what happened in a window of time, gathered once, written in any form.
 *
 *	report_gather -> report_write for each format -> report_free
 */
#include <glib.h>
#include <stdbool.h>
#include "base/auto.h"

#include "store/view.h"

struct report {
	char *organisation; /* "" when not configured */
	char *zone_name;
	GTimeZone *zone;
	gint64 from, to; /* the window, microseconds UTC, [from, to) */
	gint64 made;     /* when this report was made */
	bool clear;      /* excerpts unmasked */
	char *ruleset;   /* digest of the newest run's rule set */
	struct view_totals totals;
	GPtrArray *accounts; /* of struct view_account */
	GPtrArray *flags;    /* of struct view_flag */
	GPtrArray *excepted; /* of struct view_flag */
	GPtrArray *gaps;     /* of struct view_gap */
	GPtrArray *notes;    /* of struct view_note */
	GPtrArray *runs;     /* of struct view_run */
	GPtrArray *gone;     /* of struct view_gone: deleted, flagged ones first */
	char *data_dir;      /* where copies lie, for the footer */
};

/* Rows of `gone` at most; totals has how many there are. */
#define REPORT_GONE_MAX 500

struct report_options {
	const char *organisation;
	GTimeZone *zone;
	gint64 from, to;
	bool clear;
	const char *data_dir;
};

/* The caller has noted the access (view_note_access): it knows who asked, and why. */
struct report *report_gather(
    struct view *view, const struct report_options *options, GError **error);
void report_free(struct report *report);
AUTO_DEFINE(report, report_free)

/* "html", "csv", "json", "text" (files end in .txt); NULL-terminated */
extern const char *const report_formats[];

/* One form of the report, complete. Cannot fail on a gathered report. */
GString *report_render(const struct report *report, const char *format);

/*
 * Writes folder/YYYY/MM/YYYY-MM-DD.FORMAT (FROM--TO.FORMAT for longer windows, with times where
 * they are not of whole days) for each format, atomically, and brings folder/index.html up to
 * date. *paths: of char *, in format order; paths may be NULL.
 */
bool report_write(const struct report *report, const char *folder, const char *const *formats,
    GPtrArray **paths, GError **error);

/* The name of its file in one form: "2026-11-22.html". */
char *report_name(const struct report *report, const char *format);

/* The verdict in one sentence, also for terminals: "2 flags (1 high) in 9 new messages;
 * 3 parts were not read". */
char *report_verdict(const struct report *report);
/* For mails about the report: a line, and a text of lines. Counts and names of accounts alone. */
char *report_subject(const struct report *report);
char *report_summary(const struct report *report);
/* True when something was not fetched, not read or not decided. */
bool report_has_gaps(const struct report *report);

#endif
