/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_SCHEDULE_H
#define FLAGPOST_DAEMON_SCHEDULE_H
/*
 * schedule - which account is due when. Pure: time goes in, decisions come out.
 *
 * Each account has its interval, counted from the start of its last pass and stretched or
 * shortened by up to a tenth, so that accounts of one server drift apart. An account under way
 * is never due: a pass that takes longer than its interval is followed by the next one at once.
 * An account that fails is left alone for longer each time: twice its interval, four times, up to
 * SCHEDULE_BACK_OFF_US (or its interval, where that is longer). And for as long as its server asks.
 * Times are g_get_monotonic_time microseconds.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"

#define SCHEDULE_NEVER G_MAXINT64

struct schedule;

/* intervals: microseconds, n of them. At the start all are due within SCHEDULE_FIRST_US. */
#define SCHEDULE_FIRST_US (5 * G_USEC_PER_SEC)
struct schedule *schedule_new(const gint64 *intervals, guint n, gint64 now, guint32 seed);
void schedule_free(struct schedule *schedule);
AUTO_DEFINE(schedule, schedule_free)

/* True and *index of the account that has been due longest. Does not mark it started. */
bool schedule_due(const struct schedule *schedule, gint64 now, guint *index);
void schedule_started(struct schedule *schedule, guint index, gint64 now);
/* alone: for how long the server wants to be left alone, 0 if it did not say. */
#define SCHEDULE_BACK_OFF_US (G_GINT64_CONSTANT(3600) * G_USEC_PER_SEC)
void schedule_ended(struct schedule *schedule, guint index, gint64 now, bool failed, gint64 alone);
/*
 * Something came there: it is due at once, after the pass under way or, while it is left alone,
 * with the pass that is due then. Not more often than every SCHEDULE_WANTED_US.
 */
#define SCHEDULE_WANTED_US G_USEC_PER_SEC
void schedule_wanted(struct schedule *schedule, guint index, gint64 now);
/* When it falls due, or would if it were not under way. */
gint64 schedule_when(const struct schedule *schedule, guint index);
/* When the next one falls due; SCHEDULE_NEVER while all are under way. */
gint64 schedule_next(const struct schedule *schedule);

#endif
