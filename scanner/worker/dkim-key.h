/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_DKIM_KEY_H
#define FLAGPOST_WORKER_DKIM_KEY_H
/*
 * dkim-key - what DNS has under selector._domainkey.domain (RFC 6376 section 3.6.1), and whether a
 * digest was signed with the other half of it: RSA (PKCS #1 1.5), Ed25519 (RFC 8463).
 */
#include <glib.h>
#include <stdbool.h>

#include "mail/signature.h"

#define DKIM_RSA_BITS_MIN 1024 /* RFC 8301 section 3.2 */

enum dkim_algorithm { DKIM_RSA_SHA256, DKIM_ED25519_SHA256, DKIM_RSA_SHA1, DKIM_ALGORITHMS };
extern const char *const dkim_algorithm_words[]; /* as a= has them; ends with NULL */

struct dkim_signed {
	enum dkim_algorithm algorithm;
	const guint8 *digest; /* of the header fields */
	gsize digest_size;
	GBytes *value;     /* b= */
	bool other_domain; /* i= is of a part of the domain */
};

/*
 * Tries one record. Sets *right where it is a key for this signature, and adds its facts; else the
 * result (SIGNATURE_PERMERROR) and the reason of out. False: it is no such key.
 */
bool dkim_key_try(
    const char *record, const struct dkim_signed *item, bool *right, struct signature *out);

#endif
