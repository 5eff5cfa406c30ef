/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_REPORTS_WATCH_H
#define FLAGPOST_REPORTS_WATCH_H
/*
 * watch - what there is to say of how well an account is watched over, in sentences: its canary,
 * silence, passes that hang, the longest time in which nobody looked.
 */
#include "reports/report.h"

struct watch_line {
	char *text;
	bool bad; /* it keeps the report from saying that everything was checked */
};

/* Of struct watch_line, what is bad first; empty when there is nothing to say. */
GPtrArray *watch_lines(const struct view_account *account, GTimeZone *zone, gint64 now);
/* "12 min", "3 h", "5 d" */
char *watch_time(gint64 time);

#endif
