/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_FETCHERS_OAUTH_H
#define FLAGPOST_FETCHERS_OAUTH_H
/*
 * oauth - access tokens, asked for when they are needed, renewed before they end, and shared by
 * all mailboxes that they open. They live in the memory of the fetcher alone.
 *
 *	oauth_new -> oauth_token again and again until it is not OAUTH_WAIT -> oauth_free
 */
#include <curl/curl.h>
#include <glib.h>
#include <stdbool.h>

#include "fetchers/fetch.h"
#include "mail/account.h"

#define OAUTH_MARGIN_S 60    /* a token that ends sooner is renewed first; half of a short life */
#define OAUTH_HOLD_MS  30000 /* a refusal is not asked for again by every mailbox of a list */

struct oauth;

/* Both borrowed; share may be NULL. */
struct oauth *oauth_new(CURLM *multi, CURLSH *share);
void oauth_free(struct oauth *oauth); /* before the multi handle; NULL is fine */

enum oauth_progress { OAUTH_WAIT, OAUTH_TOKEN, OAUTH_FAILED };

struct oauth_token {
	const char *text; /* with OAUTH_TOKEN; borrowed until the next call */
	guint number;     /* of this token among all */
	/* With OAUTH_FAILED, borrowed as well: */
	enum fetch_account_state state;
	const char *why;
};

/* Asks for a token if there is none. account is copied. */
enum oauth_progress oauth_token(
    struct oauth *oauth, const struct account *account, struct oauth_token *out);

/* The multi handle is done with easy. False when it is none of ours. */
bool oauth_done(struct oauth *oauth, CURL *easy, CURLcode code);

/*
 * A mail server refused the token of that number: revoked, perhaps, though its time is not over.
 * True when another may do better: then oauth_token gives one. A token just made is not to blame.
 */
bool oauth_refused(struct oauth *oauth, const struct account *account, guint number);

/* When oauth_token is to be asked again at the latest (monotonic); G_MAXINT64: never. */
gint64 oauth_due(const struct oauth *oauth);

#endif
