/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_COPIES_H
#define FLAGPOST_DAEMON_COPIES_H
/*
 * copies - stores and views opened with the keys of copies that the configuration names.
 *
 * A writer needs all of them. Who reads gets those that can be had: what needs another says which,
 * and why it is not there.
 */
#include "daemon/config.h"
#include "store/store.h"
#include "store/view.h"

/* FAULT_CONFIG when a key that is named cannot be read. NULL without an error: none is named. */
struct cipher_keys *copies_keys(const struct config *config, GError **error);

struct store *copies_open_store(const struct config *config, GError **error);
struct view *copies_open_view(const struct config *config, const char *person, GError **error);

#endif
