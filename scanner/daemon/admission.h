/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_ADMISSION_H
#define FLAGPOST_DAEMON_ADMISSION_H
/*
 * admission - whose turn it is: accounts that wait for a pass, so many under way at once in all
 * and so many at one server (host and port). Servers take turns; the accounts of one server come in
 * the order in which they were added. Each call costs the same however many wait.
 *
 *	admission_new -> admission_add ... -> admission_next -> admission_done -> admission_free
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "mail/account.h"

struct admission;

struct admission *admission_new(guint64 at_once, guint64 per_server);
void admission_free(struct admission *admission);
AUTO_DEFINE(admission, admission_free)

/*
 * Connections to the account's server that are kept beside those of passes: they count, but one is
 * always left. Set before anything is added.
 */
void admission_reserve(struct admission *admission, const struct account *account, guint count);
/* account is borrowed until its turn is done. */
void admission_add(struct admission *admission, const struct account *account);
/* The next one, which is under way from now on; NULL: none may be. */
const struct account *admission_next(struct admission *admission);
void admission_done(struct admission *admission, const struct account *account);
guint admission_under_way(const struct admission *admission);
/* Nobody is under way any more: the one who had them is gone. */
void admission_reset(struct admission *admission);
/* All that wait, and do not any more: of struct account, borrowed; by name. */
GPtrArray *admission_take_back(struct admission *admission);

/* "host:port", or "" for mail on this machine, which has no server. Owned by the caller. */
char *admission_server(const struct account *account);

#endif
