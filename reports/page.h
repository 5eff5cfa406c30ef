/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_REPORTS_PAGE_H
#define FLAGPOST_REPORTS_PAGE_H
/*
 * page - the sections of the HTML report; emit-html.c puts them in order. Each appends one
 * <section> with its own heading and anchor.
 */
#include "reports/report.h"

void page_completeness(const struct report *report, GString *out); /* #completeness */
void page_gone(const struct report *report, GString *out);         /* #gone, or nothing */
void page_gaps(const struct report *report, GString *out);         /* #not-checked */
void page_flags(const struct report *report, GString *out);        /* #flags, #flag-ID */
void page_exceptions(const struct report *report, GString *out);   /* #exceptions */
void page_rules(const struct report *report, GString *out);        /* #rules */
void page_table(const struct report *report, GString *out);        /* #all-flags */
void page_reading(const struct report *report, GString *out);      /* #reading */

/* A place in a mailbox: "hq / Sent". */
void page_place(GString *out, const char *account, const char *folder);
/* <span class="sev high">High</span> */
void page_severity(GString *out, enum severity severity);

#endif
