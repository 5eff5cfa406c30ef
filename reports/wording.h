/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_REPORTS_WORDING_H
#define FLAGPOST_REPORTS_WORDING_H
/*
 * wording - the sentences of a report, for every form of it.
 */
#include "reports/report.h"

/* True when anybody looked before the window began, so that there is a time to compare it with. */
bool wording_has_before(const struct report *report);
/* "Sunday, 22 November 2026", "16 to 22 November 2026", "November 2026"; with times where the
 * window is not of whole days of its zone. */
char *wording_period(const struct report *report);

/* "server 1,204 = kept 1,203 + failed 1"; where it does not hold, with the difference. */
/* waiting is named when there is any. */
char *wording_sum(guint64 server, guint64 kept, guint64 failed, guint64 waiting);

/* What an outcome or a reason means: "locked with a password or a key"; "" for unknown words. */
const char *wording_gap(const char *word);

/* "Part", "Message", "Rule", "Download": what a gap's kind is called. */
const char *wording_kind(const char *kind);

/* "High", "Medium", "Low" */
const char *wording_severity(enum severity severity);

/*
 * What became of a message at a place: "gone between 2026-11-22 09:05 and 09:06 CET", "moved to
 * Archive between ...", "renumbered by the server"; "" where it is still there.
 */
char *wording_fate(const struct view_placement *placement, GTimeZone *zone);
/* "sent ..., flagged ..., gone between ... and ..." */
char *wording_gone(const struct view_gone *gone, GTimeZone *zone);

/* "3 messages were deleted, 1 of them flagged; 2 were gone before any pass saw them". */
char *wording_deleted(const struct view_totals *totals);

/* "hq / Sent" */
char *wording_place(const char *account, const char *folder);

/* The first digits of a digest that commands take and people can read out. */
#define WORDING_DIGEST 12
char *wording_digest(const char *digest);

/* Strings joined; texts is NULL-terminated or NULL. */
char *wording_join(const char *const *texts, const char *separator);

/* "5 of 1,204 messages without a flag were drawn: 2 looked at, 1 missed by the rules, 3 open" */
char *wording_drawn(const struct drawn_sums *sums);
/*
 * "40 were looked at and 2 missed by the rules: 5.0 percent, with 95 percent certainty between 1.4
 * and 16.5; of 10,400 messages without a flag that would be 143 to 1,718", or that nobody looked.
 */
char *wording_missed(const struct drawn_sums *sums);

#endif
