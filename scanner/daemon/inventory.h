/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_INVENTORY_H
#define FLAGPOST_DAEMON_INVENTORY_H
/*
 * inventory - what a pass works by: its rules with their texts, and the accounts. The store keeps
 * them, so that a flag can be explained by the rule of its day and a report names accounts that no
 * configuration has any more.
 */
#include <glib.h>
#include <stdbool.h>

#include "rules/sources.h"
#include "daemon/config.h"
#include "rules/ruleset.h"
#include "store/store.h"

/* now: wall clock. */
bool inventory_record(struct store *store, const struct config *config,
    const struct sources *sources, const struct ruleset *ruleset, gint64 now, GError **error);

#endif
