/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_PULSE_H
#define FLAGPOST_DAEMON_PULSE_H
/*
 * pulse - signs of life, once a minute: of the run, and of each pass that is under way, so that
 * another process can tell one that hangs from one that works; and whether the clock jumped.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "store/store.h"

#define PULSE_S      60
#define PULSE_JUMP_S 120 /* a clock that is off by more was set, or the machine slept */

struct pulse;

/* rows: of struct pass_account (daemon.h). All is borrowed. Notes a clock that went back since the
 * last run. */
struct pulse *pulse_new(struct store *store, gint64 run, const GPtrArray *rows, GError **error);
void pulse_free(struct pulse *pulse);
AUTO_DEFINE(pulse, pulse_free)

/* To be called every PULSE_S. Times: wall clock and monotonic. */
bool pulse_beat(struct pulse *pulse, gint64 now, gint64 monotonic, GError **error);

#endif
