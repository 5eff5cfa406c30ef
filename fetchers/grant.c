/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The body of the request carries the secret: it goes over verified https to the address that the
 * configuration names, follows no redirection, and is overwritten.
 */
#include "fetchers/grant.h"

#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/secret.h"
#include "fetchers/jwt.h"
#include "fetchers/scrub.h"
#include "fetchers/session.h"
#include "fetchers/tls.h"

#define JWT_GRANT "urn:ietf:params:oauth:grant-type:jwt-bearer"

struct grant {
	const struct account *account;
	CURL *easy;
	struct curl_slist *headers;
	struct tls tls;
	struct scrub *scrub;
	char *body;
	GString *answer;
	bool is_too_long;
	char said[CURL_ERROR_SIZE];
};

/* --- asking --- */

static void
add_field(GString *body, const char *key, const char *value)
{
	g_autofree char *escaped = NULL;

	if (value[0] == '\0')
		return;
	escaped = g_uri_escape_string(value, NULL, FALSE);
	g_string_append_printf(body, "%s%s=%s", body->len > 0 ? "&" : "", key, escaped);
	explicit_bzero(escaped, strlen(escaped));
}

static bool
add_client_secret(struct grant *grant, GString *body, GError **error)
{
	const struct account *account = grant->account;

	add_field(body, "client_id", account->client_id);
	if (account->password_file[0] == '\0' && account->credential[0] == '\0')
		return true;
	char *secret = secret_read(account->password_file, account->credential, error);
	if (secret == NULL)
		return false;
	add_field(body, "client_secret", secret);
	scrub_add(grant->scrub, secret, -1);
	secret_wipe(secret);
	return true;
}

static bool
add_assertion(struct grant *grant, GString *body, GError **error)
{
	const struct account *account = grant->account;
	const struct jwt jwt = { account->client_id, account->user, account->scope,
		account->token_url, clock_now() };
	char *key = secret_read_text(account->key_file, account->credential, "key file", error);

	if (key == NULL)
		return false;
	char *assertion = jwt_sign(&jwt, key, error);
	secret_wipe(key);
	if (assertion == NULL)
		return false;
	add_field(body, "assertion", assertion);
	scrub_add(grant->scrub, assertion, -1);
	secret_wipe(assertion);
	return true;
}

static bool
fill_body(struct grant *grant, GString *body, const char *refresh_token, GError **error)
{
	const struct account *account = grant->account;

	switch (account->auth) {
	case AUTH_OAUTH_SERVICE:
		add_field(body, "grant_type", JWT_GRANT);
		return add_assertion(grant, body, error);
	case AUTH_OAUTH_REFRESH:
		add_field(body, "grant_type", "refresh_token");
		add_field(body, "refresh_token", refresh_token);
		scrub_add(grant->scrub, refresh_token, -1);
		break;
	default:
		add_field(body, "grant_type", "client_credentials");
		break;
	}
	add_field(body, "scope", account->scope);
	return add_client_secret(grant, body, error);
}

static size_t
take_answer(char *data, size_t size, size_t count, void *user)
{
	struct grant *grant = user;

	if (grant->answer->len + size * count > ANSWER_BYTES_MAX) {
		grant->is_too_long = true;
		return 0;
	}
	g_string_append_len(grant->answer, data, (gssize)(size * count));
	return size * count;
}

static bool
set_options(struct grant *grant, CURLSH *share)
{
	CURL *easy = grant->easy;
	CURLcode bad = CURLE_OK;

#define SET(option, value) bad = bad != CURLE_OK ? bad : curl_easy_setopt(easy, option, value)
	SET(CURLOPT_URL, grant->account->token_url);
	SET(CURLOPT_PROTOCOLS_STR, "https");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_SHARE, share);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)FETCH_TOKEN_MS);
	SET(CURLOPT_TIMEOUT_MS, (long)FETCH_TOKEN_MS);
	SET(CURLOPT_HTTPHEADER, grant->headers);
	SET(CURLOPT_POSTFIELDS, grant->body);
	SET(CURLOPT_WRITEFUNCTION, take_answer);
	SET(CURLOPT_WRITEDATA, grant);
	SET(CURLOPT_ERRORBUFFER, grant->said);
#undef SET
	/* pinned_key is the mail server's; the endpoint is another machine. */
	return bad == CURLE_OK && tls_set_options(&grant->tls, easy, grant->account->ca_file, "");
}

struct grant *
grant_new(const struct account *account, const char *refresh_token, CURLSH *share, GError **error)
{
	struct grant *grant = g_new0(struct grant, 1);
	GString *body = g_string_sized_new(ANSWER_TOKEN_MAX);

	grant->account = account;
	grant->scrub = scrub_new();
	grant->answer = g_string_sized_new(1024);
	bool filled = fill_body(grant, body, refresh_token, error);
	grant->body = g_string_free(body, FALSE);
	if (!filled) {
		grant_free(grant);
		return NULL;
	}
	scrub_add(grant->scrub, grant->body, -1);
	grant->headers = curl_slist_append(NULL, "Accept: application/json");
	grant->easy = curl_easy_init();
	if (grant->easy != NULL && set_options(grant, share))
		return grant;
	g_set_error(error, FAULT, FAULT_CONFIG, "%s: libcurl does not take it", account->token_url);
	grant_free(grant);
	return NULL;
}

void
grant_free(struct grant *grant)
{
	if (grant == NULL)
		return;
	curl_easy_cleanup(grant->easy);
	curl_slist_free_all(grant->headers);
	tls_clear(&grant->tls);
	scrub_free(grant->scrub);
	secret_wipe(grant->body);
	explicit_bzero(grant->answer->str, grant->answer->len);
	g_string_free(grant->answer, TRUE);
	g_free(grant);
}

CURL *
grant_easy(const struct grant *grant)
{
	return grant->easy;
}

/* --- what came of it --- */

static const char *
mend_revoked(const struct account *account)
{
	switch (account->auth) {
	case AUTH_OAUTH_REFRESH:
		return "the refresh token is revoked or has expired; let the mailbox's owner "
		       "consent again and write the new one to refresh_token_file";
	case AUTH_OAUTH_SERVICE:
		return "the assertion is not accepted; check user, client_id and this machine's "
		       "clock";
	default:
		return "the grant is not accepted; ask the administrator of the tenant";
	}
}

/* "invalid_grant: the endpoint's words", fit to be shown. */
static char *
endpoint_words(const struct grant *grant, const struct answer *answer, long status)
{
	g_autofree char *all = answer->word[0] != '\0'
				   ? g_strdup_printf("%s%s%s", answer->word,
					 answer->text[0] != '\0' ? ": " : "", answer->text)
				   : g_strdup_printf("status %ld", status);

	scrub_clean(grant->scrub, all);
	return session_quote(all);
}

static void
judge_answer(struct grant *grant, struct grant_result *result)
{
	const struct account *account = grant->account;
	const char *url = account->token_url, *mend = "check scope and client_id";
	long status = 0;
	curl_off_t wait = 0;

	curl_easy_getinfo(grant->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(grant->easy, CURLINFO_RETRY_AFTER, &wait);
	struct answer *answer = answer_parse(status, grant->answer->str, grant->answer->len);
	g_autofree char *words = endpoint_words(grant, answer, status);
	result->answer = answer;
	result->state = FETCH_TOKEN;
	switch (answer->kind) {
	case ANSWER_TOKEN:
		result->state = FETCH_OK;
		result->text = g_strdup("");
		return;
	case ANSWER_WAIT:
		result->state = FETCH_AWAY;
		result->wait_seconds = (guint)CLAMP(wait, 0, GRANT_WAIT_MAX);
		result->text = g_strdup_printf("no token from %s now (%s)%s", url, words,
		    wait > 0 ? "; it asked for some time without us" : "");
		return;
	case ANSWER_BROKEN:
		result->text = g_strdup_printf("%s does not answer as a token endpoint does "
					       "(status %ld): %s; check token_url",
		    url, status, answer->text);
		return;
	case ANSWER_REVOKED:
		mend = mend_revoked(account);
		break;
	case ANSWER_CLIENT:
		mend = "the client is not let in; check client_id and its secret, which may have "
		       "expired";
		break;
	case ANSWER_REFUSED:
		break;
	}
	result->text = g_strdup_printf(
	    "no token for %s from %s (%s): %s", account->client_id, url, words, mend);
}

static void
judge_failure(const struct grant *grant, CURLcode code, struct grant_result *result)
{
	const char *said = *grant->said != '\0' ? grant->said : curl_easy_strerror(code);
	bool is_tls = code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CONNECT_ERROR ||
		      code == CURLE_SSL_CIPHER || code == CURLE_SSL_ISSUER_ERROR;

	result->state = is_tls                             ? FETCH_TLS
			: code == CURLE_SSL_CACERT_BADFILE ? FETCH_CONFIG
							   : FETCH_AWAY;
	if (grant->is_too_long) {
		result->state = FETCH_TOKEN;
		said = "its answer is over 64 KiB";
	}
	result->text = g_strdup_printf("no token from %s: %s", grant->account->token_url, said);
}

void
grant_finish(struct grant *grant, CURLcode code, struct grant_result *result)
{
	*result = (struct grant_result){ .state = FETCH_TOKEN };
	if (code == CURLE_OK)
		judge_answer(grant, result);
	else
		judge_failure(grant, code, result);
}

void
grant_result_clear(struct grant_result *result)
{
	g_free(result->text);
	answer_free(result->answer);
	*result = (struct grant_result){ .state = FETCH_TOKEN };
}
