/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/dkim-key.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "worker/dkim-tags.h"

#define ED25519_SIZE 32

const char *const dkim_algorithm_words[] = { "rsa-sha256", "ed25519-sha256", "rsa-sha1", NULL };

static const char *
hash_word(enum dkim_algorithm algorithm)
{
	return algorithm == DKIM_RSA_SHA1 ? "sha1" : "sha256";
}

/* --- the bytes of p= --- */

static void
free_key(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

/* A SubjectPublicKeyInfo; some publish the RSAPublicKey within it alone. */
static EVP_PKEY *
rsa_key(GBytes *bytes)
{
	gsize size;
	const guchar *data = g_bytes_get_data(bytes, &size), *at = data;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &at, (long)size);

	at = data;
	if (key == NULL)
		key = d2i_PublicKey(EVP_PKEY_RSA, NULL, &at, (long)size);
	if (key != NULL && EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) {
		EVP_PKEY_free(key);
		return NULL;
	}
	return key;
}

static EVP_PKEY *
take_key(GBytes *bytes, enum dkim_algorithm algorithm)
{
	gsize size;
	const guchar *data = g_bytes_get_data(bytes, &size);

	if (algorithm != DKIM_ED25519_SHA256)
		return rsa_key(bytes);
	return size == ED25519_SIZE
		   ? EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, data, size)
		   : NULL;
}

/* Ed25519 signs the digest as if it were the text. */
static bool
verify_ed25519(EVP_PKEY *key, const struct dkim_signed *item, const guint8 *value, gsize size)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool right = context != NULL && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
		     EVP_DigestVerify(context, value, size, item->digest, item->digest_size) == 1;

	EVP_MD_CTX_free(context);
	return right;
}

static bool
verify_rsa(EVP_PKEY *key, const struct dkim_signed *item, const guint8 *value, gsize size)
{
	const EVP_MD *hash = item->algorithm == DKIM_RSA_SHA1 ? EVP_sha1() : EVP_sha256();
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
	bool right = context != NULL && EVP_PKEY_verify_init(context) == 1 &&
		     EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
		     EVP_PKEY_CTX_set_signature_md(context, hash) == 1 &&
		     EVP_PKEY_verify(context, value, size, item->digest, item->digest_size) == 1;

	EVP_PKEY_CTX_free(context);
	return right;
}

static bool
verify(GBytes *bytes, const struct dkim_signed *item, bool *right, struct signature *out)
{
	__attribute__((cleanup(free_key))) EVP_PKEY *key = take_key(bytes, item->algorithm);
	gsize size;
	const guint8 *value = g_bytes_get_data(item->value, &size);

	if (key == NULL) {
		signature_say(out, "what the record gives as the key is none");
		return false;
	}
	if (item->algorithm == DKIM_ED25519_SHA256) {
		*right = verify_ed25519(key, item, value, size);
		return true;
	}
	*right = verify_rsa(key, item, value, size);
	if (EVP_PKEY_get_bits(key) < DKIM_RSA_BITS_MIN) {
		out->facts |= SIGNATURE_WEAK;
		signature_say(out, "the key has %d bits: who takes the trouble can forge with it",
		    EVP_PKEY_get_bits(key));
	}
	return true;
}

/* --- the record --- */

/* A list that is there must have the word. */
static bool
allows(const GArray *tags, const char *name, const char *word)
{
	const struct dkim_tag *tag = dkim_tags_find(tags, name);

	return tag == NULL || dkim_tags_has_word(tag, word) ||
	       (name[0] == 's' && dkim_tags_has_word(tag, "*"));
}

/* Why it is no key for this signature; NULL: it may be one. */
static const char *
objection(const GArray *tags, const struct dkim_signed *item)
{
	const struct dkim_tag *type = dkim_tags_find(tags, "k");
	const struct dkim_tag *flags = dkim_tags_find(tags, "t");
	g_autofree char *version = dkim_tags_get(tags, "v");
	const char *wanted = item->algorithm == DKIM_ED25519_SHA256 ? "ed25519" : "rsa";

	if (version[0] != '\0' && strcmp(version, "DKIM1") != 0)
		return "the record under its name is of another version";
	if (type != NULL ? !dkim_tags_has_word(type, wanted) : strcmp(wanted, "rsa") != 0)
		return "the key is for another algorithm";
	if (!allows(tags, "h", hash_word(item->algorithm)))
		return "the key is not for this way of hashing";
	if (!allows(tags, "s", "email"))
		return "the key is not for mail";
	if (flags != NULL && dkim_tags_has_word(flags, "s") && item->other_domain)
		return "the key is for its very domain alone, and i= names a part of it";
	if (dkim_tags_find(tags, "p") == NULL)
		return "the record under its name has no key";
	return NULL;
}

bool
dkim_key_try(const char *record, const struct dkim_signed *item, bool *right, struct signature *out)
{
	const char *why;
	g_autoptr(GArray) tags = dkim_tags_parse(record, strlen(record), &why);
	const char *against = tags != NULL ? objection(tags, item) : NULL;

	out->result = SIGNATURE_PERMERROR;
	if (tags == NULL || against != NULL) {
		if (tags == NULL)
			signature_say(out, "the record under its name is no key: %s", why);
		else
			signature_say(out, "%s", against);
		return false;
	}
	const struct dkim_tag *flags = dkim_tags_find(tags, "t");
	const struct dkim_tag *value = dkim_tags_find(tags, "p");
	if (flags != NULL && dkim_tags_has_word(flags, "y"))
		out->facts |= SIGNATURE_TESTING;
	if (value->size == 0) {
		out->facts |= SIGNATURE_WITHDRAWN;
		signature_say(out, "the domain has withdrawn the key (its p= is empty)");
		return false;
	}
	g_autoptr(GBytes) bytes = dkim_tags_bytes(value);
	if (bytes != NULL)
		return verify(bytes, item, right, out);
	signature_say(out, "what the record gives as the key is no Base64");
	return false;
}
