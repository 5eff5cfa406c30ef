/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_REPORTS_NOTICE_H
#define FLAGPOST_REPORTS_NOTICE_H
/*
 * notice - the mails that tell at once of flags, masked as the report masks: of severe ones, an
 * incident each, the same text for everybody; and with the copy of a message that a rule forwards.
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

/* rows: flags of one message, not empty. person: who gets it. copy: what is with its copy, a
 * sentence. */
char *notice_copy_subject(const struct notice *notice);
char *notice_copy_text(const struct notice *notice, const char *person, const char *copy);

#endif
