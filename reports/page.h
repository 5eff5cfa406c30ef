/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_REPORTS_PAGE_H
#define FLAGPOST_REPORTS_PAGE_H
/*
 * page - the sections of the HTML report; emit-html.c puts them in order. Each appends one
 * <section> with its own heading and anchor.
 */
#include "reports/report.h"

void page_head(const struct report *report, GString *out);         /* what comes before main */
void page_gaps(const struct report *report, GString *out);         /* #not-checked */
void page_completeness(const struct report *report, GString *out); /* #completeness */
void page_gone(const struct report *report, GString *out);         /* #gone, or nothing */
void page_cards(const struct report *report, GString *out);        /* #decide, #I-4 */
void page_open(const struct report *report, GString *out);         /* #open */
void page_sample(const struct report *report, GString *out);       /* #sample, or nothing */
void page_rules(const struct report *report, GString *out);        /* #rules */
void page_people(const struct report *report, GString *out);       /* #people, or nothing */
void page_exceptions(const struct report *report, GString *out);   /* #exceptions */
void page_changes(const struct report *report, GString *out);      /* #changes */
void page_volume(const struct report *report, GString *out);       /* #volume */
void page_table(const struct report *report, GString *out);        /* #all-flags, #flag-17 */
void page_reading(const struct report *report, GString *out);      /* #reading */

/* Digits of a digest that the head shows; the rest stands in its title. */
#define PAGE_DIGEST 16

/* Incidents of the window that nobody has decided. */
guint64 page_open_count(const struct report *report);
/* True when the incident at this place of report->incidents has a card. */
bool page_has_card(const struct report *report, guint incident);
/* An address; outside the own domains its domain is marked. */
void page_address(const struct report *report, const char *address, GString *out);
/* <span class="state new">new</span> */
void page_state(GString *out, enum review_state state);
/* <table> within a region that scrolls; label is a literal, heads are literals between '|', and one
 * that begins with '>' has numbers below it. */
void page_table_begin(GString *out, const char *class, const char *label, const char *heads);
void page_table_end(GString *out);

/*
 * A list that folds, <details>: open while it has no more rows than that. The caller puts its
 * <summary> and what is in it. On paper it is unfolded, but not one of more than PAGE_PRINTED rows:
 * there a sentence says that it is missing, and where the rows are (where: "; the CSV file has
 * them", or "").
 */
#define PAGE_PRINTED 500
void page_fold_begin(GString *out, guint64 rows, guint64 open);
void page_fold_end(GString *out, guint64 rows, const char *where);

/* A place in a mailbox: "hq / Sent". */
void page_place(GString *out, const char *account, const char *folder);
/* <span class="sev high">High</span> */
void page_severity(GString *out, enum severity severity);

#endif
