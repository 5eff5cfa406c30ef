/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_REPORTS_TALLY_H
#define FLAGPOST_REPORTS_TALLY_H
/*
 * tally - the sums that every form of a report opens with, counted in one place.
 */
#include "reports/report.h"

struct tally {
	/* Over all folders, at each one's last pass. */
	guint64 server, kept, failed, waiting, gone;
	bool holds;       /* server = kept + failed + waiting in every folder */
	guint accounts;   /* configured */
	guint failing;    /* of those, the last pass failed, in whole or in a folder */
	guint unseen;     /* of those, not polled since the window began */
	guint alarms;     /* of those, a canary was not seen or a pass hangs (reports/watch.h) */
	guint64 gaps;     /* of all kinds */
	guint64 parts;    /* gaps by kind */
	guint64 volumes;  /* of copies that are missing or too short */
	guint64 messages; /* that no worker could read */
	guint64 rules;
	guint64 fetches;
};

void tally_report(const struct report *report, struct tally *out);

/* The folders of one account. */
void tally_account(const struct view_account *account, struct tally *out);

/* What is the matter with an account: "ok", "failing", "waiting", "not polled", "no longer
 * configured". */
const char *tally_state(const struct view_account *account, gint64 from);

#endif
