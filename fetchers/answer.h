/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_FETCHERS_ANSWER_H
#define FLAGPOST_FETCHERS_ANSWER_H
/*
 * answer - what a token endpoint says (RFC 6749 sections 5.1 and 5.2), taken apart strictly.
 *
 * The endpoint is asked over verified TLS, and believed no more than a mail server: its answer is
 * bounded, must be one JSON object, and a token that would break a line of SASL is no token.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"

#define ANSWER_BYTES_MAX    (64 * 1024)
#define ANSWER_TOKEN_MAX    (16 * 1024)
#define ANSWER_LIFE_DEFAULT 300         /* seconds, when expires_in is not said */
#define ANSWER_LIFE_MAX     (24 * 3600) /* longer ones are asked for anew all the same */

enum answer_kind {
	ANSWER_TOKEN,
	ANSWER_REVOKED, /* invalid_grant: the refresh token or the assertion counts no more */
	ANSWER_CLIENT,  /* invalid_client, unauthorized_client: this program is not let in */
	ANSWER_REFUSED, /* another error that will not pass by itself */
	ANSWER_WAIT,    /* 429, 5xx, temporarily_unavailable: later */
	ANSWER_BROKEN,  /* not what a token endpoint says */
};

struct answer {
	enum answer_kind kind;
	char *token;         /* with ANSWER_TOKEN */
	char *refresh_token; /* a rotated one, or NULL */
	guint life_seconds;
	char *word; /* "invalid_grant", or "" */
	char *text; /* the endpoint's own words, or what is wrong with its answer; not quoted yet */
};

/* status: of HTTP. */
struct answer *answer_parse(long status, const char *text, gsize size);
void answer_free(struct answer *answer);
AUTO_DEFINE(answer, answer_free)

/* The "status" of the JSON with which mail servers explain a refused token; NULL for none. */
char *answer_status(const char *text, gsize size);

#endif
