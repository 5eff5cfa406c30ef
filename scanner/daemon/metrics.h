/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_METRICS_H
#define FLAGPOST_DAEMON_METRICS_H
/*
 * metrics - [metrics]: what the service knows of itself, every few minutes, as a text file for the
 * collector of node_exporter. Counts and names of accounts; nothing from mail.
 *
 *	metrics_new -> metrics_follow for each configuration -> metrics_free
 *
 * Lives on the default main context. The file is replaced as a whole; one that grew old says that
 * nobody writes it any more (flagpost_now_written_seconds).
 */
#include "base/auto.h"
#include "daemon/config.h"

struct metrics;

struct metrics *metrics_new(void);
/* The configuration must live until the next call. */
void metrics_follow(struct metrics *metrics, const struct config *config);
void metrics_free(struct metrics *metrics);
AUTO_DEFINE(metrics, metrics_free)

#endif
