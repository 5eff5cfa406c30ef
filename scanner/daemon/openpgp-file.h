/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_OPENPGP_FILE_H
#define FLAGPOST_DAEMON_OPENPGP_FILE_H
/*
 * openpgp-file - one file encrypted or decrypted by GnuPG through GPGME, as `gpg -d` does it: with
 * a passphrase, or for the owners of public keys. GnuPG gets a home of its own for that, which is
 * removed again, so that nobody's keyring decides and none is changed.
 */
#include <glib.h>
#include <stdbool.h>

/* NULL when it can; else why not, static: not built in, or no GnuPG on this system. */
const char *openpgp_file_trouble(void);

/*
 * From descriptor in, from its start, to out. Either passphrase or keys: the path of a file with
 * the recipients' public keys, armoured or not; each of them can open it alone. FAULT_CONFIG when
 * there is no usable key in it.
 */
bool openpgp_file_encrypt(
    int in, int out, const char *passphrase, const char *keys, GError **error);

/* The same as armour (RFC 4880 section 6.2), of bytes in memory, for the owners of keys. */
GBytes *openpgp_file_armoured(GBytes *content, const char *keys, GError **error);

/* passphrase NULL: with the caller's own keyring and agent. FAULT_DENIED: wrong passphrase, no key.
 */
bool openpgp_file_decrypt(int in, int out, const char *passphrase, GError **error);

#endif
