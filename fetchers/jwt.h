/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_FETCHERS_JWT_H
#define FLAGPOST_FETCHERS_JWT_H
/*
 * jwt - the assertion with which a service account asks for a token in a user's name (RFC 7523),
 * signed with RS256 (RFC 7515, RFC 7518 section 3.3).
 */
#include <glib.h>

#define JWT_LIFE_SECONDS 3600
#define JWT_RSA_BITS_MIN 2048

struct jwt {
	const char *issuer;   /* the service account's own name */
	const char *subject;  /* whose mailbox */
	const char *scope;    /* "" for none */
	const char *audience; /* the token endpoint */
	gint64 now;           /* seconds since 1970 */
};

/* "HEADER.CLAIMS.SIGNATURE". key: a private RSA key in PEM. NULL after FAULT_CONFIG. */
char *jwt_sign(const struct jwt *jwt, const char *key, GError **error);

#endif
