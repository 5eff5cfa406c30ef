/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_VIEW_REPORT_H
#define FLAGPOST_STORE_VIEW_REPORT_H
/*
 * view-report - what only a report asks of a view: rules over thirty days, what is still open, who
 * did what, volume. Days are 24 hours each, the last of them ends with the window.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/view.h"

#define VIEW_DAYS 30

/* All that is read until view_let_go is one state of the store. Nothing can be noted meanwhile. */
bool view_hold(struct view *view, GError **error);
void view_let_go(struct view *view);

/* The flags that a query finds, by severity; the same rows as view_flags_each, limit apart. */
bool view_flags_count(
    struct view *view, const struct view_flag_query *which, guint64 counts[3], GError **error);

/* The same by incident, however many flags each has. */
struct view_incidents {
	guint64 all;
	guint64 open;  /* somebody still has to decide about one of its flags there */
	guint64 begun; /* whose first flag, of all, lies in the window */
};
bool view_incidents_count(struct view *view, const struct view_flag_query *which,
    struct view_incidents *out, GError **error);

struct view_rule {
	char *rule, *title;
	char *digest; /* of its text; "" when it is not in force */
	enum severity severity;
	bool in_force;    /* in the rule set of the last run before the window's end */
	gint64 known;     /* when the rule was first in force */
	gint64 changed;   /* when the text that it has now was */
	guint64 flags;    /* in the window */
	guint64 excepted; /* in the window */
	guint64 days[VIEW_DAYS];
	guint64 confirmed;       /* in thirty days: escalated or resolved */
	guint64 false_positives; /* in thirty days */
	GBytes *text;            /* of its file; NULL when it is not in force */
};
/* The busiest first, then by name. */
GPtrArray *view_rules(struct view *view, gint64 from, gint64 to, GError **error);

/*
 * Flags by days of a zone, without those that an exception swallowed; the last day is the newest
 * of which the store knows anything: a message, a run, a pass; but none behind now, since a clock
 * that stood ahead once is no reason to draw days that have not come.
 */
struct view_trend {
	guint64 flags[VIEW_DAYS];
	gint64 last; /* the beginning of the last day; 0: the store is empty */
};
bool view_trend(
    struct view *view, GTimeZone *zone, gint64 now, struct view_trend *out, GError **error);

/* Numbers (gint64) of flags behind one, in order, without those that an exception swallowed. */
bool view_flags_since(struct view *view, gint64 after, guint limit, GArray *flags, GError **error);
/* As much of each as says whether somebody is to be told; of struct view_brief. */
struct view_brief {
	gint64 flag, incident;
	enum severity severity;
	char *rule, *message_id, *sha256;
};
GPtrArray *view_briefs(struct view *view, gint64 after, guint limit, GError **error);
/* Those of an incident behind one and before another. */
GPtrArray *view_incident_briefs(
    struct view *view, gint64 incident, gint64 after, gint64 before, GError **error);
/* True when a note of a word speaks of it. */
bool view_is_noted(
    struct view *view, const char *word, const char *text, bool *noted, GError **error);
/* The newest one; 0: there is none. */
bool view_last_flag(struct view *view, gint64 *flag, GError **error);

/* How many messages of an incident came in a window, and when the last one did; 0: none. */
bool view_repeats(struct view *view, gint64 incident, gint64 from, gint64 to, guint64 *messages,
    gint64 *last, GError **error);

/* Incidents with an open flag that was seen before a time, by age: a day, a week, 30 days, more. */
#define VIEW_AGES 4
struct view_open {
	guint64 incidents[VIEW_AGES][3]; /* by enum severity */
	guint64 total;
};
bool view_open_sums(
    struct view *view, gint64 before, gint64 now, struct view_open *out, GError **error);
/* The oldest flag of each, the oldest first; of struct view_flag. */
GPtrArray *view_oldest_open(struct view *view, gint64 before, guint limit, GError **error);

/* Rows of the ledger by person and verb. */
struct view_access {
	char *who, *verb;
	guint64 count;
	gint64 last;
};
GPtrArray *view_accesses(struct view *view, gint64 from, gint64 to, GError **error);
/* The last row before a time; 0 and "" where there is none. */
bool view_ledger_head(struct view *view, gint64 before, gint64 *row, char **hash, GError **error);

struct view_volume {
	guint64 messages[VIEW_DAYS], bytes[VIEW_DAYS]; /* that passes brought, by day */
	guint64 database, copies;                      /* bytes on disk */
	guint64 volumes;
	gint64 first_run;             /* 0: none */
	guint64 purged, purged_bytes; /* messages that were purged in [from, to) */
};
bool view_volume(
    struct view *view, gint64 from, gint64 to, struct view_volume *out, GError **error);

#endif
