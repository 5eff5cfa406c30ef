/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BASE_SECRET_H
#define FLAGPOST_BASE_SECRET_H
/*
 * secret - opens a password, and only as long as it is needed: for the processes that hold the
 * network (fetcher, mailer), never for the parent.
 */
#include <glib.h>
#include <sys/stat.h>

#define SECRET_MAX      4096        /* bytes */
#define SECRET_TEXT_MAX (32 * 1024) /* of one with more lines than one */

/*
 * The password: the first line of password_file or, unless credential is "", of
 * $CREDENTIALS_DIRECTORY/credential. NULL after FAULT_CONFIG, which names the reason and the
 * mend. A password file must be a regular file of root's or ours that secret_exposed
 * says nothing of. What systemd put into its credentials directory is protected by
 * that directory.
 *
 * To be released with secret_wipe.
 */
char *secret_read(const char *password_file, const char *credential, GError **error);

/*
 * The whole of a secret that has many lines, such as a key in PEM, from a file or a credential
 * under the same conditions. what names it in errors: "key file".
 */
char *secret_read_text(const char *file, const char *credential, const char *what, GError **error);

/*
 * NULL for 0600, and for 0640 where that is the only way: a file of root's that a service which is
 * not root reads through its group. Else who can get at the password: "its group can read it".
 */
const char *secret_exposed(const struct stat *facts);

/* Overwrites and frees; NULL is fine. */
void secret_wipe(char *secret);

#endif
