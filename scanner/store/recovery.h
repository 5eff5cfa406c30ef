/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_RECOVERY_H
#define FLAGPOST_STORE_RECOVERY_H
/*
 * recovery - volumes and database brought together again, after a kill, a power cut, a rollback,
 * or when one of them was put back from a backup. Seen by store.c alone.
 *
 *	recovery_new -> recovery_set_aside, once -> recovery_bring_back, then and after rollbacks
 */
#include <glib.h>
#include <stdbool.h>

#include "store/store-ops.h"

struct recovery;

/* All are borrowed but the zone. */
struct recovery *recovery_new(
    const struct store_ops *ops, struct store_driver *driver, struct vault *vault, GTimeZone *zone);
void recovery_free(struct recovery *recovery);

/* When the store is opened: copies that the database does not know (store/vault-aside.h). */
bool recovery_set_aside(struct recovery *recovery, GError **error);
/*
 * Every volume back to what the last commit said; those that no commit named go. A volume that is
 * missing or short is logged, and stops nothing.
 */
bool recovery_bring_back(struct recovery *recovery, GError **error);
/* Notes what is amiss with volumes, once a day for as long as it is so. */
bool recovery_note(struct recovery *recovery, gint64 now, gint64 run, GError **error);
/* Of what lies aside, that goes whose copies are all kept by now; what is left is noted. */
bool recovery_settle(struct recovery *recovery, gint64 now, gint64 run, GError **error);

#endif
