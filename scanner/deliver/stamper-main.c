/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the mailer process does with a digest: one POST, as RFC 3161 section 3.4 has it, and a look
 * at what came. No redirection, no proxy, no cookie; what is too long is no answer.
 */
#include <curl/curl.h>

#include "base/clock.h"
#include "base/fault.h"
#include "deliver/mailer-protocol.h"
#include "deliver/stamper.h"

#define PARENT_MS  30000 /* to take what we say */
#define CONNECT_MS 20000

struct asking {
	char *url, *sha256, *signers, *ca_file;
	GByteArray *answer;
};

static size_t
take_bytes(char *data, size_t one, size_t count, void *user)
{
	struct asking *asking = user;

	if (asking->answer->len + one * count > TIMESTAMP_ANSWER_MAX)
		return 0;
	g_byte_array_append(asking->answer, (const guint8 *)data, (guint)(one * count));
	return one * count;
}

static bool
set_way(CURL *easy, struct asking *asking)
{
	CURLcode bad = CURLE_OK;

#define SET(option, value) bad = bad != CURLE_OK ? bad : curl_easy_setopt(easy, option, value)
	SET(CURLOPT_URL, asking->url);
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	SET(CURLOPT_TIMEOUT_MS, (long)STAMPER_TIME_MS);
	SET(CURLOPT_WRITEFUNCTION, take_bytes);
	SET(CURLOPT_WRITEDATA, asking);
	if (asking->ca_file[0] != '\0') {
		SET(CURLOPT_CAINFO, asking->ca_file);
		SET(CURLOPT_CAPATH, NULL);
	}
	return bad == CURLE_OK;
}

static bool
judge(CURL *easy, CURLcode result, const struct asking *asking, const char *said, GError **error)
{
	bool tls = result == CURLE_PEER_FAILED_VERIFICATION || result == CURLE_SSL_CONNECT_ERROR ||
		   result == CURLE_SSL_CACERT_BADFILE;
	long status = 0;

	if (result == CURLE_WRITE_ERROR) {
		g_set_error(error, FAULT, FAULT_DATA, "%s: the answer is longer than %d bytes",
		    asking->url, TIMESTAMP_ANSWER_MAX);
		return false;
	}
	if (result != CURLE_OK) {
		g_set_error(error, FAULT, tls ? FAULT_DENIED : FAULT_AWAY, "%s: %s", asking->url,
		    *said != '\0' ? said : curl_easy_strerror(result));
		return false;
	}
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	if (status == 200)
		return true;
	g_set_error(error, FAULT, status >= 500 || status == 429 ? FAULT_RETRY : FAULT_DENIED,
	    "%s answers %ld", asking->url, status);
	return false;
}

static bool
post(CURL *easy, struct asking *asking, GBytes *request, GError **error)
{
	char said[CURL_ERROR_SIZE] = "";
	gsize size;
	const char *data = g_bytes_get_data(request, &size);
	struct curl_slist *headers =
	    curl_slist_append(NULL, "Content-Type: application/timestamp-query");

	headers = curl_slist_append(headers, "Accept: application/timestamp-reply");
	headers = curl_slist_append(headers, "Expect:");
	bool set = set_way(easy, asking);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, data);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)size);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, said);
	CURLcode result = set ? curl_easy_perform(easy) : CURLE_FAILED_INIT;
	curl_slist_free_all(headers);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, NULL);
	return judge(easy, result, asking, said, error);
}

static bool
ask(struct asking *asking, GBytes **answer, struct timestamp *out, GError **error)
{
	g_autoptr(GBytes) request = timestamp_request(asking->sha256, error);
	CURL *easy = request != NULL ? curl_easy_init() : NULL;

	if (easy == NULL) {
		if (request != NULL)
			g_set_error(error, FAULT, FAULT_BUG, "libcurl does not start");
		return false;
	}
	bool right = post(easy, asking, request, error);
	curl_easy_cleanup(easy);
	*answer = g_bytes_new(asking->answer->data, asking->answer->len);
	if (!right || timestamp_check(request, *answer, asking->signers, clock_now(), out, error))
		return right;
	g_prefix_error(error, "%s: ", asking->url);
	return false;
}

bool
stamper_serve(struct wire *wire, const struct wire_frame *frame, GError **error)
{
	g_autoptr(GError) trouble = NULL;
	g_autoptr(GBytes) answer = NULL;
	struct timestamp stamp = { 0 };
	struct asking asking = { .answer = g_byte_array_new() };

	g_variant_get(frame->body, MAILER_DIGEST_TYPE, &asking.url, &asking.sha256, &asking.signers,
	    &asking.ca_file);
	bool right = ask(&asking, &answer, &stamp, &trouble);
	g_autoptr(GBytes) none = g_bytes_new(NULL, 0);
	wire_queue(wire, MAILER_STAMPED,
	    g_variant_new("(usxs@ay)", (guint32)fault_exit_code(trouble),
		trouble != NULL ? trouble->message : "", stamp.time, stamp.signer,
		g_variant_new_from_bytes(G_VARIANT_TYPE_BYTESTRING, right ? answer : none, TRUE)),
	    -1);
	g_byte_array_unref(asking.answer);
	g_free(asking.url);
	g_free(asking.sha256);
	g_free(asking.signers);
	g_free(asking.ca_file);
	return wire_flush_all(wire, PARENT_MS, error);
}
