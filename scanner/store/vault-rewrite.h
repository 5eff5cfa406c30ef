/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_VAULT_REWRITE_H
#define FLAGPOST_STORE_VAULT_REWRITE_H
/*
 * vault_rewrite - the file of a volume written anew; the database's part is store/rewrite.
 *
 *	vault_rewrite_new -> vault_rewrite_put for each copy -> vault_rewrite_sync
 *	-> vault_rewrite_prove for each -> (vault_lock) vault_rewrite_publish
 *	-> (the commit; else vault_rewrite_withdraw) -> leaving_end -> (vault_unlock)
 *
 * Until it is published it is a file without a name, which a kill removes.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "store/vault.h"

struct vault_rewrite;

/* Sealed when the vault's keys have one for new copies, else packed or plain. */
struct vault_rewrite *vault_rewrite_new(
    struct vault *vault, const char *volume, bool packs, GError **error);
void vault_rewrite_free(struct vault_rewrite *rewrite);
AUTO_DEFINE(vault_rewrite, vault_rewrite_free)

bool vault_rewrite_put(struct vault_rewrite *rewrite, const struct vault_place *was,
    const char *sha256, gint64 mtime, struct vault_place *is, GError **error);
bool vault_rewrite_sync(struct vault_rewrite *rewrite, GError **error);
/* Reads it again from the new file. */
bool vault_rewrite_prove(struct vault_rewrite *rewrite, const struct vault_place *is,
    const char *sha256, GError **error);
guint64 vault_rewrite_end(const struct vault_rewrite *rewrite);
/* Durably under a name of its day that is free. */
bool vault_rewrite_publish(struct vault_rewrite *rewrite, char name[40], GError **error);
void vault_rewrite_withdraw(struct vault_rewrite *rewrite, const char *name);

/*
 * Who holds it is alone in giving names to volumes or taking unknown ones away. Waits. -1 after an
 * error.
 */
int vault_lock(struct vault *vault, GError **error);
void vault_unlock(int *lock);
/* By anybody, this process included. */
bool vault_is_locked(struct vault *vault);

#endif
