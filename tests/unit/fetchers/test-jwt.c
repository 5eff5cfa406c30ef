/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fetchers/jwt.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

#include "base/fault.h"

static const struct jwt example = { "service@corp.example", "anna\"@corp.example",
	"https://mail.example/", "https://tokens.example/token", 1700000000 };

static char *
pem_of(EVP_PKEY *key, const char *password)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;

	g_assert_cmpint(
	    PEM_write_bio_PKCS8PrivateKey(bio, key, password != NULL ? EVP_aes_128_cbc() : NULL,
		password, password != NULL ? (int)strlen(password) : 0, NULL, NULL),
	    ==, 1);
	long size = BIO_get_mem_data(bio, &text);
	char *copy = g_strndup(text, (gsize)size);
	BIO_free(bio);
	return copy;
}

static guchar *
decode(const char *text, gsize *size)
{
	g_autofree char *plain = g_strdup(text);

	g_assert_null(strpbrk(plain, "+/="));
	g_strdelimit(plain, "-", '+');
	g_strdelimit(plain, "_", '/');
	g_autofree char *padded = g_strconcat(plain, &"==="[3 - (4 - strlen(plain) % 4) % 4], NULL);
	return g_base64_decode(padded, size);
}

static void
test_signed(void)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	g_autofree char *pem = pem_of(key, NULL);
	g_autoptr(GError) error = NULL;
	g_autofree char *text = jwt_sign(&example, pem, &error);
	g_auto(GStrv) parts = g_strsplit(text, ".", -1);
	gsize size, claims_size;

	g_assert_no_error(error);
	g_assert_cmpuint(g_strv_length(parts), ==, 3);
	g_autofree guchar *signature = decode(parts[2], &size);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	g_assert_cmpint(EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key), ==, 1);
	g_assert_cmpint(EVP_DigestVerify(context, signature, size, (const guchar *)text,
			    strlen(parts[0]) + 1 + strlen(parts[1])),
	    ==, 1);
	EVP_MD_CTX_free(context);
	g_autofree guchar *bytes = decode(parts[1], &claims_size);
	g_autofree char *claims = g_strndup((const char *)bytes, claims_size);
	/* A quote in the name stays within it. */
	g_assert_cmpstr(claims, ==,
	    "{\"iss\":\"service@corp.example\",\"sub\":\"anna\\\"@corp.example\","
	    "\"scope\":\"https://mail.example/\",\"aud\":\"https://tokens.example/token\","
	    "\"iat\":1700000000,\"exp\":1700003600}");
	EVP_PKEY_free(key);
}

static void
test_keys(void)
{
	EVP_PKEY *small = EVP_RSA_gen(1024), *curve = EVP_EC_gen("P-256");
	EVP_PKEY *large = EVP_RSA_gen(2048);
	g_autofree char *small_pem = pem_of(small, NULL), *curve_pem = pem_of(curve, NULL);
	g_autofree char *locked = pem_of(large, "password"), *whole = pem_of(large, NULL);
	g_autofree char *cut = g_strndup(whole, strlen(whole) / 2);
	const struct {
		const char *label, *key, *says;
	} cases[] = {
		{ "too short to be trusted", small_pem, "less than 2048" },
		{ "another kind of key", curve_pem, "no RSA key" },
		{ "a key with a password asks nobody", locked, "without a password" },
		{ "a cut file", cut, "no private key" },
		{ "no key at all", "secret-text", "no private key" },
		{ "the file that Google hands out", "{\"private_key\":\"secret-text\"}", "JSON" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_test_message("%s", cases[i].label);
		g_assert_null(jwt_sign(&example, cases[i].key, &error));
		g_assert_error(error, FAULT, FAULT_CONFIG);
		g_assert_nonnull(strstr(error->message, cases[i].says));
		g_assert_null(strstr(error->message, "secret-text"));
	}
	EVP_PKEY_free(small);
	EVP_PKEY_free(curve);
	EVP_PKEY_free(large);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/jwt/signed", test_signed);
	g_test_add_func("/jwt/keys", test_keys);
	return g_test_run();
}
