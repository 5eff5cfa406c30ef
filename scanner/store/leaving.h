/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_LEAVING_H
#define FLAGPOST_STORE_LEAVING_H
/*
 * leaving - volumes that no copy stands in any more, and whose bytes are still to be overwritten.
 *
 * The database forgets a volume and orders its end in one transaction; only then its bytes go. So
 * whatever ends the command in between, a message stands where the database says, and the file is
 * known as what it is: not missing, not a stranger, not a find to be put aside.
 *
 *	(vault_lock) (begin) the copies' rows move -> leaving_forget (commit) -> leaving_end
 *	(vault_unlock)
 *
 * What a kill leaves is ended by the next archive, purge or rewriting, and when the store is opened
 * for writing.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/database.h"
#include "store/view.h"

/* In an open transaction: the volume, which no message names any more, is to go. */
bool leaving_forget(struct database *database, const char *volume, GError **error);
/* Names of all that are to go, sorted; of char *. */
GPtrArray *leaving_list(struct database *database, GError **error);
/* They are gone. Under the vault's lock. */
bool leaving_gone(struct database *database, GError **error);
/* Overwrites and removes all of them. The view sees everything. Under the vault's lock. */
bool leaving_end(struct view *view, GError **error);
/* The same for who has not got it, and waits. */
bool leaving_settle(struct view *view, GError **error);

#endif
