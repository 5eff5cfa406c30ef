/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * No error text here may contain a byte of the key: OpenSSL's own are not asked for.
 */
#include "fetchers/jwt.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <string.h>

#include "base/fault.h"
#include "base/json.h"

#define SIGNATURE_MAX 2048 /* bytes: RSA of 16,384 bits */

/* Base64 for addresses, without padding (RFC 7515 section 2). */
static void
append_base64url(GString *out, const void *data, gsize size)
{
	g_autofree char *text = g_base64_encode(data, size);

	for (const char *p = text; *p != '\0' && *p != '='; p++)
		g_string_append_c(out, *p == '+' ? '-' : *p == '/' ? '_' : *p);
}

static void
append_claims(GString *out, const struct jwt *jwt)
{
	g_autoptr(GString) text = g_string_new(NULL);
	struct json json;

	json_init(&json, text);
	json_begin(&json, '{');
	json_put(&json, "iss", jwt->issuer);
	json_put(&json, "sub", jwt->subject);
	if (jwt->scope[0] != '\0')
		json_put(&json, "scope", jwt->scope);
	json_put(&json, "aud", jwt->audience);
	json_put_int(&json, "iat", jwt->now);
	json_put_int(&json, "exp", jwt->now + JWT_LIFE_SECONDS);
	json_end(&json);
	append_base64url(out, text->str, text->len);
}

/* A key with a password would make OpenSSL ask the terminal. */
static int
no_password(char *buffer, int size, int writing, void *user)
{
	(void)buffer, (void)size, (void)writing, (void)user;
	return -1;
}

static EVP_PKEY *
read_key(const char *key, GError **error)
{
	BIO *bio = BIO_new_mem_buf(key, (int)strlen(key));
	EVP_PKEY *pkey = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL) : NULL;
	const char *wrong = NULL;

	BIO_free(bio);
	ERR_clear_error();
	if (pkey == NULL)
		wrong = strchr(key, '{') != NULL
			    ? "is JSON: write its private_key alone into the file, as PEM"
			    : "is no private key in PEM without a password";
	else if (EVP_PKEY_get_base_id(pkey) != EVP_PKEY_RSA)
		wrong = "is no RSA key";
	else if (EVP_PKEY_get_bits(pkey) < JWT_RSA_BITS_MIN)
		wrong = "is an RSA key of less than 2048 bits";
	if (wrong == NULL)
		return pkey;
	g_set_error(error, FAULT, FAULT_CONFIG, "the key for assertions %s", wrong);
	EVP_PKEY_free(pkey);
	return NULL;
}

static bool
append_signature(GString *out, EVP_PKEY *key)
{
	guint8 signature[SIGNATURE_MAX];
	size_t size = sizeof signature;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool fine =
	    context != NULL && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
	    EVP_DigestSign(context, signature, &size, (const guint8 *)out->str, out->len) == 1;

	EVP_MD_CTX_free(context);
	ERR_clear_error();
	if (!fine)
		return false;
	g_string_append_c(out, '.');
	append_base64url(out, signature, size);
	return true;
}

char *
jwt_sign(const struct jwt *jwt, const char *key, GError **error)
{
	static const char header[] = "{\"alg\":\"RS256\",\"typ\":\"JWT\"}";
	EVP_PKEY *pkey = read_key(key, error);

	if (pkey == NULL)
		return NULL;
	g_autoptr(GString) out = g_string_new(NULL);
	append_base64url(out, header, strlen(header));
	g_string_append_c(out, '.');
	append_claims(out, jwt);
	bool fine = append_signature(out, pkey);
	EVP_PKEY_free(pkey);
	if (fine)
		return g_string_free(g_steal_pointer(&out), FALSE);
	g_set_error(error, FAULT, FAULT_CONFIG, "the key for assertions does not sign");
	return NULL;
}
