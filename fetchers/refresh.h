/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_FETCHERS_REFRESH_H
#define FLAGPOST_FETCHERS_REFRESH_H
/*
 * refresh - the newest refresh token of an account, in a file of our own (0600).
 *
 * People bring the first one, the seed. An endpoint that hands out another with each access token
 * counts the older ones as spent: so the new one is durable before the access token that came
 * with it is used, and whoever is killed goes on with it. A seed that differs from the one the
 * file descends from is a new consent and wins.
 */
#include <glib.h>
#include <stdbool.h>

/*
 * Two processes (the service, and a check by hand) must not spend one token at the same time.
 * A descriptor to be closed; -1 with *error unset while another has it, -1 after an error.
 * Makes the folder (0700) where it is missing.
 */
int refresh_lock(const char *token_file, GError **error);

/* To be released with secret_wipe. NULL after FAULT_CONFIG. */
char *refresh_load(const char *token_file, const char *seed, GError **error);
/* Atomic and durable. */
bool refresh_save(const char *token_file, const char *seed, const char *token, GError **error);

#endif
