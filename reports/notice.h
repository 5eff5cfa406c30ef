/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_REPORTS_NOTICE_H
#define FLAGPOST_REPORTS_NOTICE_H
/*
 * notice - the mail that tells at once of severe flags, an incident each: masked as the report
 * masks, the same text for everybody.
 */
#include <glib.h>

#include "store/view.h"

struct notice {
	const char *organisation, *zone_name;
	GTimeZone *zone;
	int mask;              /* as in reports/quote.h */
	const GPtrArray *rows; /* of struct view_flag, the first of each incident that is shown */
	guint incidents;       /* all of them, shown or not */
	guint flags;           /* theirs */
	bool waited;           /* some of it waited, since so many were told of before */
};

/* "Flagpost: 2 new incidents, the most severe: high" */
char *notice_subject(const struct notice *notice);
char *notice_text(const struct notice *notice);

#endif
