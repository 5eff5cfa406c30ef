/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_REPORTING_H
#define FLAGPOST_DAEMON_REPORTING_H
/*
 * reporting - the service's own reports: each [report.NAME] at its hour, over the day, week or
 * month before, written and mailed; and the notices of [notify] in between.
 *
 *	reporting_new -> reporting_follow for each configuration -> reporting_free
 *
 * Lives on the default main context. A report that is on its way by mail stays so when the
 * configuration changes.
 */
#include <glib.h>

#include "base/auto.h"
#include "daemon/config.h"
#include "daemon/post.h"
#include "rules/ruleset.h"

struct reporting;

/* daily: called after the hour of the daily report, whether it could be written or not. */
struct reporting *reporting_new(post_note *note, void (*daily)(gint64 now, void *data), void *data);
/* Writes what is due from now on by this configuration, which must live until the next call. */
void reporting_follow(struct reporting *reporting, const struct config *config);
/* Behind it: notices by these rules, which must live as long. */
void reporting_notify(struct reporting *reporting, const struct ruleset *ruleset);
/* Flags may be new. */
void reporting_wake(struct reporting *reporting);
/* Nothing is written any more. */
void reporting_stop(struct reporting *reporting);
void reporting_free(struct reporting *reporting);
AUTO_DEFINE(reporting, reporting_free)

#endif
