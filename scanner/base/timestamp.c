/* SPDX-License-Identifier: GPL-3.0-or-later */
/* timestamp - see timestamp.h. An answer is hostile until it is verified. */
#include "base/timestamp.h"

#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/ts.h>
#include <openssl/x509_vfy.h>
#include <string.h>

#include "base/fault.h"
#include "base/text.h"

#define HASH_BYTES  32
#define NONCE_BYTES 16
#define WORDS_MAX   200

/* What libcrypto says went wrong first, and then what it says of it: certificates' errors. */
static void
fail(GError **error, int code, const char *what)
{
	const char *data = NULL;
	int flags = 0;
	unsigned long first = ERR_get_error_all(NULL, NULL, NULL, &data, &flags);
	const char *reason = first != 0 ? ERR_reason_error_string(first) : NULL;
	const char *more = (flags & ERR_TXT_STRING) != 0 && data != NULL ? data : "";
	g_autofree char *words = text_printable(more, WORDS_MAX);

	g_set_error(error, FAULT, code, "%s: %s%s%s", what,
	    reason != NULL ? reason : "libcrypto does not say why", words[0] != '\0' ? ", " : "",
	    words);
	ERR_clear_error();
}

static bool
from_hex(const char *hex, guchar out[HASH_BYTES])
{
	if (strlen(hex) != 2 * (gsize)HASH_BYTES)
		return false;
	for (gsize i = 0; i < HASH_BYTES; i++) {
		int high = g_ascii_xdigit_value(hex[2 * i]);
		int low = g_ascii_xdigit_value(hex[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		out[i] = (guchar)(high << 4 | low);
	}
	return true;
}

/* --- asking --- */

static bool
set_imprint(TS_REQ *request, const guchar hash[HASH_BYTES])
{
	TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
	X509_ALGOR *algorithm = X509_ALGOR_new();
	guchar copy[HASH_BYTES];
	bool right = imprint != NULL && algorithm != NULL;

	memcpy(copy, hash, sizeof copy);
	if (right)
		X509_ALGOR_set_md(algorithm, EVP_sha256());
	right = right && TS_MSG_IMPRINT_set_algo(imprint, algorithm) == 1 &&
		TS_MSG_IMPRINT_set_msg(imprint, copy, sizeof copy) == 1 &&
		TS_REQ_set_msg_imprint(request, imprint) == 1;
	X509_ALGOR_free(algorithm);
	TS_MSG_IMPRINT_free(imprint);
	return right;
}

static bool
set_nonce(TS_REQ *request)
{
	guchar bytes[NONCE_BYTES];
	BIGNUM *number = NULL;
	ASN1_INTEGER *nonce = NULL;

	if (RAND_bytes(bytes, sizeof bytes) == 1)
		number = BN_bin2bn(bytes, sizeof bytes, NULL);
	if (number != NULL)
		nonce = BN_to_ASN1_INTEGER(number, NULL);
	bool right = nonce != NULL && TS_REQ_set_nonce(request, nonce) == 1;
	ASN1_INTEGER_free(nonce);
	BN_free(number);
	return right;
}

GBytes *
timestamp_request(const char *sha256, GError **error)
{
	TS_REQ *request = TS_REQ_new();
	guchar hash[HASH_BYTES], *der = NULL;
	GBytes *bytes = NULL;

	if (request != NULL && from_hex(sha256, hash) && TS_REQ_set_version(request, 1) == 1 &&
	    set_imprint(request, hash) && set_nonce(request) &&
	    TS_REQ_set_cert_req(request, 1) == 1) {
		int size = i2d_TS_REQ(request, &der);
		if (size > 0)
			bytes = g_bytes_new(der, (gsize)size);
	}
	if (bytes == NULL)
		fail(error, FAULT_BUG, "a request for a time stamp");
	OPENSSL_free(der);
	TS_REQ_free(request);
	return bytes;
}

/* --- what came --- */

static TS_RESP *
read_answer(GBytes *answer, GError **error)
{
	gsize size;
	const guchar *data = g_bytes_get_data(answer, &size), *at = data;
	TS_RESP *response =
	    size > 0 && size <= TIMESTAMP_ANSWER_MAX ? d2i_TS_RESP(NULL, &at, (long)size) : NULL;

	if (response != NULL && at == data + size)
		return response;
	TS_RESP_free(response);
	ERR_clear_error();
	g_set_error(error, FAULT, FAULT_DATA, "the answer is no time stamp of RFC 3161");
	return NULL;
}

/* 0: it has none that can be read. */
static gint64
time_of(TS_RESP *response)
{
	TS_TST_INFO *info = TS_RESP_get_tst_info(response);
	const ASN1_GENERALIZEDTIME *time = info != NULL ? TS_TST_INFO_get_time(info) : NULL;
	struct tm tm = { 0 };

	if (time == NULL || ASN1_TIME_to_tm(time, &tm) != 1)
		return 0;
	g_autoptr(GDateTime) utc = g_date_time_new_utc(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
	    tm.tm_hour, tm.tm_min, MIN(tm.tm_sec, 59));
	return utc != NULL ? g_date_time_to_unix(utc) * G_USEC_PER_SEC : 0;
}

/* Of the first certificate that says it is for time stamps; that one signed, or nothing verifies.
 */
static void
name_signer(TS_RESP *response, char *out, gsize size)
{
	PKCS7 *token = TS_RESP_get_token(response);
	STACK_OF(X509) *signers = token != NULL ? PKCS7_get0_signers(token, NULL, 0) : NULL;
	char name[sizeof((struct timestamp *)0)->signer] = "";

	if (signers != NULL && sk_X509_num(signers) > 0)
		X509_NAME_oneline(
		    X509_get_subject_name(sk_X509_value(signers, 0)), name, sizeof name);
	sk_X509_free(signers);
	g_autofree char *words = text_printable(name, WORDS_MAX);
	g_strlcpy(out, words, size);
	ERR_clear_error();
}

/* when: seconds at which certificates are to be valid; 0: now. */
static X509_STORE *
open_store(const char *ca_file, gint64 when, GError **error)
{
	X509_STORE *store = X509_STORE_new();

	if (store != NULL && X509_STORE_load_file(store, ca_file) == 1) {
		if (when != 0)
			X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), (time_t)when);
		return store;
	}
	X509_STORE_free(store);
	g_set_error(error, FAULT, FAULT_CONFIG, "%s: no certificates of a time stamping authority",
	    ca_file);
	ERR_clear_error();
	return NULL;
}

/* Takes context; verifies all that it was told to, and the signature. */
static bool
verify(TS_RESP *response, TS_VERIFY_CTX *context, const char *ca_file, gint64 when,
    struct timestamp *out, GError **error)
{
	X509_STORE *store = open_store(ca_file, when, error);
	bool right = false;

	if (store != NULL) {
		TS_VERIFY_CTX_set_store(context, store);
		TS_VERIFY_CTX_add_flags(context, TS_VFY_SIGNATURE | TS_VFY_VERSION);
		ERR_clear_error();
		right = TS_RESP_verify_response(context, response) == 1;
		if (!right)
			fail(error, FAULT_DENIED, "the time stamp does not hold");
	}
	TS_VERIFY_CTX_free(context);
	out->time = time_of(response);
	if (right)
		name_signer(response, out->signer, sizeof out->signer);
	return right;
}

bool
timestamp_check(GBytes *request, GBytes *answer, const char *ca_file, gint64 now,
    struct timestamp *out, GError **error)
{
	gsize size;
	const guchar *data = g_bytes_get_data(request, &size);
	TS_RESP *response = read_answer(answer, error);

	*out = (struct timestamp){ 0 };
	if (response == NULL)
		return false;
	TS_REQ *asked = d2i_TS_REQ(NULL, &data, (long)size);
	TS_VERIFY_CTX *context = asked != NULL ? TS_REQ_to_TS_VERIFY_CTX(asked, NULL) : NULL;
	bool right = false;
	if (context == NULL)
		fail(error, FAULT_BUG, "our own request");
	else
		right = verify(response, context, ca_file, 0, out, error);
	if (right && ABS(out->time - now) > TIMESTAMP_SKEW_US) {
		g_set_error(error, FAULT, FAULT_DENIED,
		    "the time stamp does not hold: its time is not within ten minutes of this "
		    "clock's");
		right = false;
	}
	TS_REQ_free(asked);
	TS_RESP_free(response);
	return right;
}

bool
timestamp_verify(
    const char *sha256, GBytes *answer, const char *ca_file, struct timestamp *out, GError **error)
{
	TS_RESP *response = read_answer(answer, error);
	bool right = false;

	*out = (struct timestamp){ 0 };
	if (response == NULL)
		return false;
	gint64 when = time_of(response) / G_USEC_PER_SEC;
	TS_VERIFY_CTX *context = TS_VERIFY_CTX_new();
	guchar *imprint = OPENSSL_zalloc(HASH_BYTES);
	if (when == 0 || context == NULL || imprint == NULL || !from_hex(sha256, imprint)) {
		g_set_error(error, FAULT, FAULT_DATA, "a time stamp without a time");
		TS_VERIFY_CTX_free(context);
		OPENSSL_free(imprint);
	} else {
		TS_VERIFY_CTX_add_flags(context, TS_VFY_IMPRINT);
		TS_VERIFY_CTX_set_imprint(context, imprint, HASH_BYTES);
		right = verify(response, context, ca_file, when, out, error);
	}
	TS_RESP_free(response);
	return right;
}
