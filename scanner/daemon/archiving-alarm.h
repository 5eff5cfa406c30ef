/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_ARCHIVING_ALARM_H
#define FLAGPOST_DAEMON_ARCHIVING_ALARM_H
/*
 * archiving_alarm - the service's monthly archives ([archive] monthly = yes): from the 1st on,
 * every month that is over is archived by a process of its own, `flagpost archive create
 * --automatic`, which alone opens the password.
 *
 * Lives on the default main context. Looks when it begins, and every ten minutes whether a month
 * has ended; what failed is a note of the report and is tried again after an hour.
 */
#include "base/auto.h"
#include "daemon/config.h"
#include "daemon/post.h"

#define ARCHIVING_ALARM_S (10 * 60)
#define ARCHIVING_AGAIN_S (60 * 60)

struct archiving_alarm;

struct archiving_alarm *archiving_alarm_new(post_note *note, void *data);
/* By this configuration from now on; it must live until the next call. */
void archiving_alarm_follow(struct archiving_alarm *alarm, const struct config *config);
/* A process under way goes on by itself. */
void archiving_alarm_free(struct archiving_alarm *alarm);
AUTO_DEFINE(archiving_alarm, archiving_alarm_free)

#endif
