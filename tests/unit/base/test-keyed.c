/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/keyed.h"

#include <openssl/evp.h>
#include <string.h>

/* Key 00 01 .. 0f, input 00 01 .. : the vectors of the paper and of its reference table. */
static void
test_vectors(void)
{
	static const struct {
		gsize size;
		guint64 hash;
	} rows[] = { { 0, 0x726fdb47dd0e0e31 }, { 15, 0xa129ca6149be45e5 } };
	guint8 bytes[16];
	struct keyed keyed;

	for (guint i = 0; i < sizeof(bytes); i++)
		bytes[i] = (guint8)i;
	keyed_set(&keyed, bytes);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		g_assert_cmphex(keyed_hash(&keyed, bytes, rows[i].size), ==, rows[i].hash);
}

static guint64
by_openssl(const guint8 *key, const guint8 *data, gsize size)
{
	EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_SIPHASH, NULL, key, KEYED_KEY);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *parameters = NULL;
	guint64 hash = 0;
	size_t length = sizeof(hash);

	g_assert_cmpint(EVP_DigestSignInit(context, &parameters, NULL, NULL, pkey), ==, 1);
	g_assert_cmpint(EVP_PKEY_CTX_ctrl(parameters, EVP_PKEY_SIPHASH, EVP_PKEY_OP_SIGNCTX,
			    EVP_PKEY_CTRL_SET_DIGEST_SIZE, 8, NULL),
	    ==, 1);
	g_assert_cmpint(EVP_DigestSign(context, (guint8 *)&hash, &length, data, size), ==, 1);
	g_assert_cmpuint(length, ==, 8);
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(pkey);
	return GUINT64_FROM_LE(hash);
}

static void
test_another_library(void)
{
	guint8 key[KEYED_KEY], other[KEYED_KEY], data[70];
	struct keyed keyed;

	g_assert_true(keyed_make(key, NULL));
	g_assert_true(keyed_make(other, NULL));
	g_assert_cmpint(memcmp(key, other, sizeof(key)), !=, 0);
	for (guint i = 0; i < sizeof(data); i++)
		data[i] = (guint8)g_random_int_range(0, 256);
	keyed_set(&keyed, key);
	for (gsize size = 0; size <= sizeof(data); size++)
		g_assert_cmphex(keyed_hash(&keyed, data, size), ==, by_openssl(key, data, size));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/keyed/vectors", test_vectors);
	g_test_add_func("/keyed/another-library", test_another_library);
	return g_test_run();
}
