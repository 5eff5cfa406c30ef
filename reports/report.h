/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_REPORTS_REPORT_H
#define FLAGPOST_REPORTS_REPORT_H
/*
 * report - what happened in a window of time, gathered once, written in any form.
 *
 *	report_gather -> report_write for each format -> report_free
 *
 * All forms come from one query over one state of the store, which is held from report_gather to
 * report_free. The same state, window and options give the same bytes: nothing in a report tells
 * when it was made, but for windows that are not over yet.
 */
#include <glib.h>
#include <stdbool.h>
#include "base/auto.h"

#include "reports/incident.h"
#include "store/drawn.h"
#include "store/review.h"
#include "store/view-report.h"

struct quoter;

struct report {
	char *organisation;               /* "" when not configured */
	char *confidential, *legal_basis; /* sentences of the organisation's, or "" */
	char *zone_name;
	GTimeZone *zone;
	gint64 from, to;               /* the window, microseconds UTC, [from, to) */
	gint64 made;                   /* as of when: now, or the window's end if that is over */
	bool clear;                    /* excerpts unmasked */
	guint masked;                  /* else: percent of a match hidden at least; 0: as usual */
	bool people;                   /* names who has most flags */
	struct pseudonyms *pseudonyms; /* nobody is named; NULL: people are */
	struct quoter **quoter;        /* while it is put out: of the last row (emit_quoter) */
	bool no_mark;                  /* CSV without a byte order mark */
	char *rule, *account, *group;  /* what the report is limited to, or "" */
	char *reader;                  /* who sees less than all that is kept; "": all is seen */
	GStrv own_domains;             /* all others are outside; may be empty */
	char *ruleset;                 /* digest of the newest run's rule set */
	guint64 number;                /* of the day since the first run; 0: none yet */
	char *previous;                /* digest of the page before this one, or "" */
	gint64 ledger_row;
	char *ledger_head; /* as it was then, or "" */
	struct view_totals totals,
	    before;           /* of this window; of as long a time before it: flags alone */
	GPtrArray *accounts;  /* of struct view_account */
	GPtrArray *flags;     /* of struct view_flag, at most REPORT_FLAGS_MAX */
	GPtrArray *subjects;  /* of char *: those of flags, masked; NULL: see report_subject_at */
	GPtrArray *incidents; /* of struct incident: those of flags */
	struct view_incidents leaks; /* counted: of all flags of the window */
	GPtrArray *excepted;         /* of struct view_flag, at most REPORT_FLAGS_MAX */
	GPtrArray *gaps;             /* of struct view_gap, at most REPORT_GAPS_MAX */
	GPtrArray *gap_sums;         /* of struct view_gap_sum: of all */
	GPtrArray *notes;            /* of struct view_note */
	GPtrArray *runs;             /* of struct view_run */
	GPtrArray *gone;             /* of struct view_gone: deleted, flagged ones first */
	GPtrArray *rules;            /* of struct view_rule */
	GPtrArray *open; /* of struct view_flag: the oldest open incidents before the window */
	struct view_open ages; /* of all those */
	/* The random sample: of the window, of thirty days to its end, and what nobody has looked
	 * at until then, the oldest first, of struct drawn. Empty where the report is limited. */
	struct drawn_sums drawn, drawn_month;
	GPtrArray *sample;
	GPtrArray *changes;  /* of struct review_change */
	GPtrArray *accesses; /* of struct view_access */
	struct view_volume volume;
	struct view_trend
	    trend;         /* of all that the view shows: neither the window nor limits count */
	char *data_dir;    /* where copies lie, for the footer */
	struct view *view; /* NULL: flags are all there are */
	struct view_flag_query which;
	char *people_list;   /* what which.people points to */
	char *account_asked; /* what which.account points to */
	GHashTable *copies;  /* SHA-256 -> link to a file beside the page, char * both; or NULL */
};

/* Rows of `gone` at most; totals has how many there are. */
#define REPORT_GONE_MAX 500
/* Rows of flags and of excepted: the most severe. The tables in CSV and JSON have all. */
#define REPORT_FLAGS_MAX 5000
/* Incidents that are shown as cards, with their matches. */
#define REPORT_CARDS_MAX 200
/* Rows of what was not checked in the page; its counts are of all, and JSON has all. */
#define REPORT_GAPS_MAX    1000
#define REPORT_OPEN_MAX    100
#define REPORT_CHANGES_MAX 200
#define REPORT_SAMPLE_MAX  100

struct report_options {
	const char *organisation, *confidential, *legal_basis;
	GTimeZone *zone;
	gint64 from, to;
	bool clear, people, no_mark;
	bool pseudonyms; /* nobody of one's own is named (reports/pseudonym.h); needs own_domains */
	guint masked; /* percent of a match that masked excerpts hide at least; 0: as text_mask */
	bool rows_alone; /* no form is wanted that report_wants_page: its flags are not gathered */
	const char *data_dir;
	const char *const *own_domains; /* may be NULL */
	const char *folder;             /* of reports: the digest of the one before; NULL: none */
	const char *rule, *account;     /* limits, or NULL */
	const char *group;              /* its name, or NULL */
	const char *const *members;     /* addresses of the group */
};

/*
 * The caller has noted the access (view_note_access): it knows who asked, and why. view must live
 * until the report is freed, and notes nothing meanwhile.
 */
struct report *report_gather(
    struct view *view, const struct report_options *options, GError **error);
void report_free(struct report *report);
AUTO_DEFINE(report, report_free)

/* "html", "csv", "json", "jsonl", "text" (files end in .txt), "ecs", "ocsf", "cef", "prometheus";
 * NULL-terminated */
extern const char *const report_formats[];

/* Whether one of these forms needs flags and incidents at hand: html, prometheus and text do. */
bool report_wants_page(const char *const *formats);

/* One form of the report, complete; NULL when the store could not be read. */
GString *report_render(const struct report *report, const char *format, GError **error);

/* The same, piece by piece: however many flags there are, little of it is held. */
typedef bool report_sink(const char *text, gsize size, gpointer data, GError **error);
bool report_stream(const struct report *report, const char *format, report_sink *sink,
    gpointer data, GError **error);

/*
 * Writes folder/YYYY/MM/YYYY-MM-DD.FORMAT (FROM--TO.FORMAT for longer windows, with times where
 * they are not of whole days) for each format, atomically, and brings folder/index.html up to
 * date. *paths: of char *, in format order; paths may be NULL.
 */
bool report_write(const struct report *report, const char *folder, const char *const *formats,
    GPtrArray **paths, GError **error);

/* folder/index.html over all reports that lie there; report_write does it as well. */
bool report_index(const struct report *report, const char *folder, GError **error);

/* "index.html", or with a reader's name: who sees less never takes the place of the whole. */
char *report_index_name(const struct report *report);
/* The name of its file in one form: "2026-11-22.html". */
char *report_name(const struct report *report, const char *format);
/* Where the page on a whole window lies. */
char *report_path(const char *folder, gint64 from, gint64 to, GTimeZone *zone);
/* The window before a window: the day before a day, the month before a month, else as many days. */
void report_before(gint64 from, gint64 to, GTimeZone *zone, gint64 *begin, gint64 *end);

/* One flag as a line of a form that has lines (jsonl, ecs, ocsf, cef), masked. */
GString *report_line(const char *format, const char *organisation, const struct view_flag *row);

/* All that was gathered, and limits that it shows, without people; report_gather does it. */
void report_hide_people(struct report *report);

/* How the report masks: for reports/quote.h. */
int report_mask(const struct report *report);
/* The subject of a row of flags as people may see it. */
const char *report_subject_at(const struct report *report, guint row);

/* The verdict in one sentence, also for terminals: "2 flags (1 high) in 9 new messages;
 * 3 parts were not read". */
char *report_verdict(const struct report *report);
/* For mails about the report: a line, and a text of lines. Counts and names of accounts alone. */
char *report_subject(const struct report *report);
char *report_summary(const struct report *report);
/* True when something was not fetched, not read or not decided. */
bool report_has_gaps(const struct report *report);

#endif
