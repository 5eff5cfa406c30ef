/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_FETCHERS_AUTH_H
#define FLAGPOST_FETCHERS_AUTH_H
/*
 * auth - opens the secret of an account, and only as long as it is needed.
 */
#include <glib.h>

#include "mail/account.h"

#define AUTH_PASSWORD_MAX 4096 /* bytes */

/*
 * The password: the first line of password_file, or of $CREDENTIALS_DIRECTORY/credential. NULL
 * after FAULT_CONFIG, which names the reason and the mend. A password file must be a regular
 * file of root's or ours that others cannot read (0600; 0640 with a group of ours). What systemd
 * put into its credentials directory is protected by that directory.
 *
 * To be released with auth_wipe.
 */
char *auth_password(const struct account *account, GError **error);

/* Overwrites and frees; NULL is fine. */
void auth_wipe(char *password);

#endif
