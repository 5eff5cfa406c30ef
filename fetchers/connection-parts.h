/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_FETCHERS_CONNECTION_PARTS_H
#define FLAGPOST_FETCHERS_CONNECTION_PARTS_H
/*
 * connection-parts - what the files connection*.c share; nobody else includes it.
 */
#include "fetchers/connection.h"
#include "fetchers/scrub.h"
#include "fetchers/tls.h"

struct connection {
	struct link link;
	const struct account *account;
	const struct limits *limits;
	CURL *easy;
	struct tls tls;
	char said[CURL_ERROR_SIZE]; /* libcurl's own words */
	GString *greeting;          /* the server's first line */
	GString *answer;            /* its last one while logging in */
	GString *challenge;         /* why it refuses a token, in base64 (RFC 7628 section 3.2.2) */
	GString *offered;           /* "PLAIN, LOGIN": the mechanisms it has announced */
	GString *abilities;         /* what it can do, as its answer to the login tells; or "" */
	char *mechanism;            /* "AUTHENTICATE PLAIN", "LOGIN"; "" before the login */
	bool asked_tls;             /* STARTTLS or STLS went out */
	bool linked;                /* logged in, and the dialogue has begun */
	int fd;                     /* once linked; -1: closed */
	struct scrub *scrub;
};

#endif
