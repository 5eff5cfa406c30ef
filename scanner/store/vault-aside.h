/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_VAULT_ASIDE_H
#define FLAGPOST_STORE_VAULT_ASIDE_H
/*
 * vault_aside - copies that stand in volumes and that the database does not know.
 *
 * A kill leaves some, for their batch was never committed; a database that was put back from a
 * backup beside newer copies leaves many, and nothing else has them. So none is cut off or removed
 * before it lies in copies/aside/, a plain tar as well: 2026-11-22-at-51200.tar. It stays there
 * until each copy in it is known to be kept elsewhere.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/vault.h"

#define VAULT_ASIDE "aside"

/*
 * Before vault_recover, when the store is opened: what stands behind the volume's committed end is
 * put aside, durably, when there is one whole entry in it. *copies: how many there are. A volume
 * that is missing or short has nothing to put aside.
 */
bool vault_set_aside(
    struct vault *vault, const char *volume, guint64 end, guint *copies, GError **error);
/* The same before vault_recover_unknown. names: all known volumes, NULL-terminated. */
bool vault_set_unknown_aside(
    struct vault *vault, const char *const *names, guint *copies, GError **error);

/* What lies aside: names under the vault's folder ("aside/..."), sorted. */
GPtrArray *vault_aside(struct vault *vault, GError **error);
/* The digests that the entries of one are named by; those whose bytes are others are left out, for
 * they are no copies. */
GPtrArray *vault_aside_digests(struct vault *vault, const char *name, GError **error);
/* One of its copies, whose message was purged. */
bool vault_aside_overwrite(
    struct vault *vault, const char *name, const char *sha256, GError **error);
/* One whose copies are all kept elsewhere: overwritten, then removed. */
bool vault_aside_remove(struct vault *vault, const char *name, GError **error);

#endif
