/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_FETCHERS_GRANT_H
#define FLAGPOST_FETCHERS_GRANT_H
/*
 * grant - one request for an access token (RFC 6749 sections 4.4 and 6, RFC 7523), and what its
 * answer means. The handle goes to a multi handle; nothing here waits.
 */
#include <curl/curl.h>
#include <glib.h>

#include "fetchers/answer.h"
#include "fetchers/fetch.h"
#include "mail/account.h"

#define GRANT_WAIT_MAX 3600 /* seconds, whatever Retry-After says */

struct grant;

/* Opens the secrets of the account. refresh_token: NULL but for AUTH_OAUTH_REFRESH. NULL after
 * FAULT_CONFIG. account must outlive it. */
struct grant *grant_new(
    const struct account *account, const char *refresh_token, CURLSH *share, GError **error);
void grant_free(struct grant *grant); /* after curl_multi_remove_handle; NULL is fine */

CURL *grant_easy(const struct grant *grant);

struct grant_result {
	enum fetch_account_state state; /* FETCH_OK: answer holds a token */
	char *text;                     /* one sentence for people, or "" */
	guint wait_seconds;             /* that the endpoint asked for; 0: none */
	struct answer *answer;          /* or NULL */
};

void grant_finish(struct grant *grant, CURLcode code, struct grant_result *result);
void grant_result_clear(struct grant_result *result);

#endif
