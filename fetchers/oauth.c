/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fetchers/oauth.h"

#include <string.h>

#include "base/fault.h"
#include "base/io.h"
#include "base/secret.h"
#include "fetchers/grant.h"
#include "fetchers/refresh.h"

#define LOCK_AGAIN_MS 50
#define FRESH_MS      60000

/* Where tokens come from: one request serves all accounts with the same way to one. */
struct source {
	char *key;
	struct account *account; /* one of them */
	struct grant *grant;     /* under way, or NULL */
	char *token;             /* or NULL */
	guint number;
	gint64 made, ends;    /* of the token; monotonic */
	gint64 held;          /* no new request before; monotonic */
	gint64 lock_deadline; /* 0: does not wait for another process */
	int lock;
	char *unsaved; /* a new refresh token that could not be written down yet */
	enum fetch_account_state state;
	char *why; /* the last request failed, or NULL */
};

struct oauth {
	CURLM *multi;
	CURLSH *share;
	GHashTable *sources; /* key -> struct source */
	guint numbers;
};

static void
source_free(struct source *source)
{
	grant_free(source->grant);
	secret_wipe(source->token);
	secret_wipe(source->unsaved);
	io_close(&source->lock);
	account_free(source->account);
	g_free(source->why);
	g_free(source->key);
	g_free(source);
}

struct oauth *
oauth_new(CURLM *multi, CURLSH *share)
{
	struct oauth *oauth = g_new0(struct oauth, 1);

	oauth->multi = multi;
	oauth->share = share;
	oauth->sources =
	    g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)source_free);
	return oauth;
}

void
oauth_free(struct oauth *oauth)
{
	GHashTableIter iter;
	struct source *source;

	if (oauth == NULL)
		return;
	g_hash_table_iter_init(&iter, oauth->sources);
	while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&source)) {
		if (source->grant != NULL)
			curl_multi_remove_handle(oauth->multi, grant_easy(source->grant));
	}
	g_hash_table_unref(oauth->sources);
	g_free(oauth);
}

/* All that decides which token comes back. An assertion is for one user; the others are for all. */
static char *
key_of(const struct account *account)
{
	return g_strjoin("\n", account_auth_words[account->auth], account->token_url,
	    account->client_id, account->scope, account->password_file, account->credential,
	    account->key_file, account->refresh_token_file, account->token_file, account->ca_file,
	    account->auth == AUTH_OAUTH_SERVICE ? account->user : "", NULL);
}

static struct source *
source_of(struct oauth *oauth, const struct account *account)
{
	g_autofree char *key = key_of(account);
	struct source *source = g_hash_table_lookup(oauth->sources, key);

	if (source != NULL)
		return source;
	source = g_new0(struct source, 1);
	source->key = g_steal_pointer(&key);
	source->account = account_copy(account);
	source->lock = -1;
	g_hash_table_insert(oauth->sources, source->key, source);
	return source;
}

static void
fail(struct source *source, enum fetch_account_state state, const char *why, guint wait_seconds)
{
	gint64 hold_us = MAX((gint64)OAUTH_HOLD_MS * 1000, wait_seconds * G_USEC_PER_SEC);

	g_free(source->why);
	source->why = g_strdup(why);
	source->state = state;
	source->held = g_get_monotonic_time() + hold_us;
	source->lock_deadline = 0;
	io_close(&source->lock);
}

/* --- refresh tokens --- */

/* True when the lock is ours; false while another process has it, or after the source failed. */
static bool
take_lock(struct source *source)
{
	gint64 now = g_get_monotonic_time();
	g_autoptr(GError) error = NULL;

	source->lock = refresh_lock(source->account->token_file, &error);
	if (source->lock >= 0) {
		source->lock_deadline = 0;
		return true;
	}
	if (source->lock_deadline == 0)
		source->lock_deadline = now + (gint64)FETCH_TOKEN_MS * 1000;
	if (error != NULL)
		fail(source, FETCH_CONFIG, error->message, 0);
	else if (now >= source->lock_deadline)
		fail(source, FETCH_AWAY,
		    "another process of this program renews the same refresh token and does not "
		    "end",
		    0);
	return false;
}

static char *
read_seed(const struct source *source, GError **error)
{
	return secret_read(source->account->refresh_token_file, "", error);
}

static bool
save_rotated(struct source *source, const char *token, GError **error)
{
	char *seed = read_seed(source, error);
	bool fine = seed != NULL && refresh_save(source->account->token_file, seed, token, error);

	secret_wipe(seed);
	return fine;
}

/* The newest refresh token; NULL after an error. */
static char *
load_refresh(struct source *source, GError **error)
{
	if (source->unsaved != NULL) {
		if (!save_rotated(source, source->unsaved, error))
			return NULL;
		secret_wipe(g_steal_pointer(&source->unsaved));
	}
	char *seed = read_seed(source, error);
	char *token = seed != NULL ? refresh_load(source->account->token_file, seed, error) : NULL;
	secret_wipe(seed);
	return token;
}

/* --- requests --- */

static void
ask(struct oauth *oauth, struct source *source)
{
	g_autoptr(GError) error = NULL;
	bool is_refresh = source->account->auth == AUTH_OAUTH_REFRESH;
	char *refresh_token = NULL;

	if (is_refresh && !take_lock(source))
		return;
	if (is_refresh)
		refresh_token = load_refresh(source, &error);
	if (!is_refresh || refresh_token != NULL)
		source->grant = grant_new(source->account, refresh_token, oauth->share, &error);
	secret_wipe(refresh_token);
	if (source->grant != NULL)
		curl_multi_add_handle(oauth->multi, grant_easy(source->grant));
	else
		fail(source, FETCH_CONFIG, error->message, 0);
}

/* The new refresh token is on the disk before anything is done with what came with it. */
static bool
keep_rotated(struct source *source, const struct answer *answer)
{
	g_autoptr(GError) error = NULL;

	if (answer->refresh_token == NULL || source->account->auth != AUTH_OAUTH_REFRESH)
		return true;
	if (save_rotated(source, answer->refresh_token, &error))
		return true;
	source->unsaved = g_strdup(answer->refresh_token);
	g_autofree char *why =
	    g_strdup_printf("the new refresh token cannot be kept: %s", error->message);
	fail(source, FETCH_CONFIG, why, 0);
	return false;
}

static void
take_token(struct oauth *oauth, struct source *source, struct answer *answer)
{
	gint64 life = answer->life_seconds, now = g_get_monotonic_time();
	gint64 margin = MIN(OAUTH_MARGIN_S, life / 2);

	secret_wipe(source->token);
	source->token = g_steal_pointer(&answer->token);
	source->number = ++oauth->numbers;
	source->made = now;
	source->ends = now + (life - margin) * G_USEC_PER_SEC;
	g_clear_pointer(&source->why, g_free);
	io_close(&source->lock);
}

bool
oauth_done(struct oauth *oauth, CURL *easy, CURLcode code)
{
	GHashTableIter iter;
	struct source *source;
	struct grant_result result;

	g_hash_table_iter_init(&iter, oauth->sources);
	do {
		if (!g_hash_table_iter_next(&iter, NULL, (gpointer *)&source))
			return false;
	} while (source->grant == NULL || grant_easy(source->grant) != easy);
	grant_finish(source->grant, code, &result);
	curl_multi_remove_handle(oauth->multi, easy);
	g_clear_pointer(&source->grant, grant_free);
	if (result.state != FETCH_OK)
		fail(source, result.state, result.text, result.wait_seconds);
	else if (keep_rotated(source, result.answer))
		take_token(oauth, source, result.answer);
	grant_result_clear(&result);
	return true;
}

enum oauth_progress
oauth_token(struct oauth *oauth, const struct account *account, struct oauth_token *out)
{
	struct source *source = source_of(oauth, account);
	gint64 now = g_get_monotonic_time();

	*out = (struct oauth_token){ .state = FETCH_TOKEN };
	if (source->token != NULL && now < source->ends) {
		out->text = source->token;
		out->number = source->number;
		return OAUTH_TOKEN;
	}
	secret_wipe(g_steal_pointer(&source->token));
	if (source->grant != NULL)
		return OAUTH_WAIT;
	if (source->why == NULL || now >= source->held) {
		g_clear_pointer(&source->why, g_free);
		ask(oauth, source);
	}
	if (source->why == NULL)
		return OAUTH_WAIT;
	out->state = source->state;
	out->why = source->why;
	return OAUTH_FAILED;
}

bool
oauth_refused(struct oauth *oauth, const struct account *account, guint number)
{
	struct source *source = source_of(oauth, account);

	if (source->token == NULL || source->number != number)
		return true;
	if (g_get_monotonic_time() - source->made < (gint64)FRESH_MS * 1000)
		return false;
	secret_wipe(g_steal_pointer(&source->token));
	return true;
}

gint64
oauth_due(const struct oauth *oauth)
{
	GHashTableIter iter;
	struct source *source;

	g_hash_table_iter_init(&iter, oauth->sources);
	while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&source)) {
		if (source->lock_deadline != 0)
			return g_get_monotonic_time() + LOCK_AGAIN_MS * 1000;
	}
	return G_MAXINT64;
}
