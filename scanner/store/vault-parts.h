/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_VAULT_PARTS_H
#define FLAGPOST_STORE_VAULT_PARTS_H
/*
 * vault_parts - what the files of the vault share. Seen by nobody else.
 *
 *	vault.c        writing, recovering, reading
 *	vault-check.c  volumes against what was committed
 *	vault-purge.c  a copy overwritten
 *	vault-aside.c  copies that the database does not know
 */
#include "base/digest.h"
#include "store/vault.h"

const char *vault_folder(const struct vault *vault);
/* -1 after an error; FAULT_DATA: there is no such volume. */
int vault_open_volume(struct vault *vault, const char *volume, int flags, GError **error);
/* "2026/2026-11-22.tar": names come from the database, and none may lead elsewhere. */
bool vault_is_volume(const char *name);
bool vault_digest(int fd, guint64 offset, guint64 length, char hash[DIGEST_HEX], GError **error);

#endif
