/* SPDX-License-Identifier: GPL-3.0-or-later */
/* office-crypt - see office-crypt.h. Never reads outside of what it is given. */
#include "worker/office-crypt.h"

#include <openssl/evp.h>
#include <string.h>

#include "worker/ole.h"

#define DIGEST_MAX 64
#define SALT_MAX   64
#define SEGMENT    4096 /* bytes with an initialisation vector of their own */
#define RC4_BLOCK  1024 /* bytes with a key of their own */
#define LATE_STEP  10000

/* Excel's for workbooks whose structure is protected, PowerPoint's for those that are read-only. */
static const char *const passwords[] = { "VelvetSweatshop", "/01Hannes Ruescher/01" };

struct bytes {
	guint8 data[SALT_MAX];
	gsize size;
};

/* A digest over at most three pieces; its size. */
static gsize
hash(GChecksumType type, const struct bytes *a, const void *b, gsize b_size, guint8 *out)
{
	GChecksum *checksum = g_checksum_new(type);
	gsize size = DIGEST_MAX;

	g_checksum_update(checksum, a->data, (gssize)a->size);
	g_checksum_update(checksum, b, (gssize)b_size);
	g_checksum_get_digest(checksum, out, &size);
	g_checksum_free(checksum);
	return size;
}

static gsize
wide(const char *password, guint8 *out)
{
	gsize n = strlen(password);

	for (gsize i = 0; i < n; i++) {
		out[2 * i] = (guint8)password[i];
		out[2 * i + 1] = 0;
	}
	return 2 * n;
}

static void
put_u32(guint8 *out, guint32 value)
{
	value = GUINT32_TO_LE(value);
	memcpy(out, &value, 4);
}

/* H(salt, password), and so often H(round, that). False when the time is over. */
static bool
spin(struct scan *scan, GChecksumType type, const struct bytes *salt, const char *password,
    guint32 rounds, struct bytes *out)
{
	guint8 letters[64];
	gsize size = wide(password, letters);
	GChecksum *checksum = g_checksum_new(type);
	bool late = false;

	out->size = hash(type, salt, letters, size, out->data);
	for (guint32 i = 0; i < rounds && !late; i++) {
		guint8 number[4];
		gsize length = DIGEST_MAX;
		put_u32(number, i);
		g_checksum_reset(checksum);
		g_checksum_update(checksum, number, sizeof number);
		g_checksum_update(checksum, out->data, (gssize)out->size);
		g_checksum_get_digest(checksum, out->data, &length);
		late = i % LATE_STEP == LATE_STEP - 1 && scan_late(scan);
	}
	g_checksum_free(checksum);
	return !late;
}

/* AES without padding over whole blocks; iv NULL: each block alone. out may be in. */
static bool
aes(const struct bytes *key, const guint8 *iv, const guint8 *in, guint8 *out, gsize size)
{
	const EVP_CIPHER *const ciphers[][2] = { { EVP_aes_128_ecb(), EVP_aes_128_cbc() },
		{ EVP_aes_192_ecb(), EVP_aes_192_cbc() },
		{ EVP_aes_256_ecb(), EVP_aes_256_cbc() } };
	gsize strength = key->size / 8 - 2; /* 16, 24 or 32 bytes */
	int used = 0;

	if (key->size % 8 != 0 || strength >= G_N_ELEMENTS(ciphers) || size % 16 != 0 ||
	    size > G_MAXINT)
		return false;
	const EVP_CIPHER *cipher = ciphers[strength][iv != NULL];
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	bool fine = context != NULL &&
		    EVP_DecryptInit_ex(context, cipher, NULL, key->data, iv) == 1 &&
		    EVP_CIPHER_CTX_set_padding(context, 0) == 1 &&
		    EVP_DecryptUpdate(context, out, &used, in, (int)size) == 1 && used == (int)size;
	EVP_CIPHER_CTX_free(context);
	return fine;
}

/* --- the standard way: AES, SHA-1, section 2.3.4.7 --- */

struct verifier {
	const guint8 *salt, *input, *value;
	gsize key_size;
	guint32 algorithm;
};

/* EncryptionHeader and EncryptionVerifier (sections 2.3.2, 2.3.3), behind the version. */
static bool
take_verifier(const guint8 *data, gsize size, gsize value_size, struct verifier *out)
{
	gsize header = ole_u32(data, size, 4), at = 8 + header;

	if (header < 32 || header > size || at + 4 + 16 + 16 + 4 + value_size > size ||
	    ole_u32(data, size, at) != 16)
		return false;
	guint bits = ole_u32(data, size, 8 + 16);
	*out = (struct verifier){ data + at + 4, data + at + 20, data + at + 40,
		bits == 0 ? 5 : bits / 8, ole_u32(data, size, 8 + 8) };
	return true;
}

static void
standard_key(const struct bytes *hashed, gsize size, struct bytes *key)
{
	static const guint8 pads[] = { 0x36, 0x5C };
	guint8 block[4] = { 0 }, last[DIGEST_MAX];
	struct bytes out = { .size = 0 };
	gsize n = hash(G_CHECKSUM_SHA1, hashed, block, sizeof block, last);

	for (gsize k = 0; k < G_N_ELEMENTS(pads); k++) {
		struct bytes mask = { .size = 64 };
		memset(mask.data, pads[k], 64);
		for (gsize i = 0; i < n; i++)
			mask.data[i] ^= last[i];
		out.size += hash(G_CHECKSUM_SHA1, &mask, "", 0, out.data + out.size);
	}
	*key = out;
	key->size = size;
}

static bool
standard(
    struct scan *scan, const guint8 *info, gsize info_size, const char *password, struct bytes *key)
{
	struct verifier verifier;
	guint8 input[16], value[32], wanted[DIGEST_MAX];
	struct bytes hashed, salt = { .size = 16 };

	if (!take_verifier(info, info_size, 32, &verifier) || verifier.key_size > 32 ||
	    (verifier.algorithm & ~3u) != 0x660C)
		return false;
	memcpy(salt.data, verifier.salt, 16);
	if (!spin(scan, G_CHECKSUM_SHA1, &salt, password, 50000, &hashed))
		return false;
	standard_key(&hashed, verifier.key_size, key);
	if (!aes(key, NULL, verifier.input, input, 16) ||
	    !aes(key, NULL, verifier.value, value, 32))
		return false;
	hash(G_CHECKSUM_SHA1, &(struct bytes){ .size = 0 }, input, 16, wanted);
	return memcmp(value, wanted, 20) == 0;
}

/* --- the agile way: XML that names the algorithms, section 2.3.4.10 --- */

struct agile {
	bool known, twice;
	GChecksumType data_hash, key_hash;
	gsize data_block, key_block, key_size;
	guint32 spins;
	struct bytes data_salt, key_salt, input, value, key;
};

static bool
take_base64(const char *text, struct bytes *out)
{
	gsize size;
	g_autofree guchar *bytes =
	    strlen(text) < 2 * SALT_MAX ? g_base64_decode(text, &size) : NULL;

	if (bytes == NULL || size == 0 || size > SALT_MAX)
		return false;
	memcpy(out->data, bytes, size);
	out->size = size;
	return true;
}

static bool
take_hash(const char *text, GChecksumType *out)
{
	static const struct {
		const char *name;
		GChecksumType type;
	} names[] = { { "SHA1", G_CHECKSUM_SHA1 }, { "SHA256", G_CHECKSUM_SHA256 },
		{ "SHA384", G_CHECKSUM_SHA384 }, { "SHA512", G_CHECKSUM_SHA512 } };

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		if (strcmp(names[i].name, text) == 0) {
			*out = names[i].type;
			return true;
		}
	}
	return false;
}

static const char *
attribute(const char **names, const char **values, const char *name)
{
	for (gsize i = 0; names[i] != NULL; i++) {
		if (strcmp(names[i], name) == 0)
			return values[i];
	}
	return "";
}

static gsize
number(const char *text, gsize max)
{
	guint64 value = g_ascii_strtoull(text, NULL, 10);

	return (gsize)MIN(value, max);
}

static void
on_element(GMarkupParseContext *context, const char *element, const char **names,
    const char **values, gpointer data, GError **error)
{
	struct agile *agile = data;
	const char *name = strrchr(element, ':') != NULL ? strrchr(element, ':') + 1 : element;
	bool is_key = strcmp(name, "encryptedKey") == 0;

	(void)context;
	(void)error;
	if (!is_key && strcmp(name, "keyData") != 0)
		return;
#define VALUE(name) attribute(names, values, name)
	bool fine = strcmp(VALUE("cipherAlgorithm"), "AES") == 0 &&
		    strcmp(VALUE("cipherChaining"), "ChainingModeCBC") == 0 &&
		    number(VALUE("blockSize"), SALT_MAX) == 16;
	if (is_key) {
		agile->twice = agile->twice || agile->known;
		agile->key_size = number(VALUE("keyBits"), 512) / 8;
		agile->spins = (guint32)number(VALUE("spinCount"), G_MAXUINT32);
		agile->known = fine && take_hash(VALUE("hashAlgorithm"), &agile->key_hash) &&
			       take_base64(VALUE("saltValue"), &agile->key_salt) &&
			       take_base64(VALUE("encryptedVerifierHashInput"), &agile->input) &&
			       take_base64(VALUE("encryptedVerifierHashValue"), &agile->value) &&
			       take_base64(VALUE("encryptedKeyValue"), &agile->key);
	} else {
		agile->data_block = fine && take_hash(VALUE("hashAlgorithm"), &agile->data_hash) &&
					    take_base64(VALUE("saltValue"), &agile->data_salt)
					? 16
					: 0;
	}
#undef VALUE
}

static bool
read_agile(const guint8 *info, gsize size, struct agile *agile)
{
	static const GMarkupParser parser = { .start_element = on_element };
	GMarkupParseContext *context = g_markup_parse_context_new(&parser, 0, agile, NULL);

	memset(agile, 0, sizeof *agile);
	g_markup_parse_context_parse(context, (const char *)info + 8, (gssize)size - 8, NULL);
	g_markup_parse_context_free(context);
	return agile->known && !agile->twice && agile->data_block == 16 &&
	       agile->spins <= OFFICE_CRYPT_SPINS;
}

/* What the password gives for one purpose, over one value. */
static bool
undo(const struct agile *agile, const struct bytes *hashed, const guint8 *purpose,
    const struct bytes *in, struct bytes *out)
{
	struct bytes key = { .size = agile->key_size };
	guint8 digest[DIGEST_MAX], iv[SALT_MAX];
	gsize n = hash(agile->key_hash, hashed, purpose, 8, digest);

	if (agile->key_size > sizeof key.data)
		return false;
	memset(key.data, 0x36, sizeof key.data);
	memcpy(key.data, digest, MIN(n, agile->key_size));
	memset(iv, 0x36, sizeof iv);
	memcpy(iv, agile->key_salt.data, agile->key_salt.size);
	out->size = in->size;
	return aes(&key, iv, in->data, out->data, in->size);
}

static bool
agile_key(struct scan *scan, const struct agile *agile, const char *password, struct bytes *key)
{
	static const guint8 purposes[3][8] = { { 0xFE, 0xA7, 0xD2, 0x76, 0x3B, 0x4B, 0x9E, 0x79 },
		{ 0xD7, 0xAA, 0x0F, 0x6D, 0x30, 0x61, 0x34, 0x4E },
		{ 0x14, 0x6E, 0x0B, 0xE7, 0xAB, 0xAC, 0xD0, 0xD6 } };
	struct bytes hashed, input, value;
	guint8 wanted[DIGEST_MAX];

	if (!spin(scan, agile->key_hash, &agile->key_salt, password, agile->spins, &hashed) ||
	    !undo(agile, &hashed, purposes[0], &agile->input, &input) ||
	    !undo(agile, &hashed, purposes[1], &agile->value, &value))
		return false;
	gsize n = hash(agile->key_hash, &input, "", 0, wanted);
	if (value.size < n || memcmp(value.data, wanted, n) != 0)
		return false;
	bool fine =
	    undo(agile, &hashed, purposes[2], &agile->key, key) && key->size >= agile->key_size;
	key->size = agile->key_size;
	return fine;
}

static bool
agile_package(const struct agile *agile, const struct bytes *key, guint8 *data, gsize size)
{
	guint32 n = 0;

	for (gsize at = 0; at < size; at += SEGMENT) {
		guint8 iv[DIGEST_MAX], count[4];
		put_u32(count, n++);
		hash(agile->data_hash, &agile->data_salt, count, sizeof count, iv);
		if (!aes(key, iv, data + at, data + at, MIN(SEGMENT, size - at)))
			return false;
	}
	return true;
}

bool
office_crypt_package(struct scan *scan, const guint8 *info, gsize info_size, guint8 *package,
    gsize size, gsize *from, gsize *length)
{
	guint minor = ole_u16(info, info_size, 2), major = ole_u16(info, info_size, 0);
	bool is_agile = major == 4 && minor == 4;
	struct agile agile;
	struct bytes key;

	if (size < 8 || info_size < 8 || (!is_agile && minor != 2) ||
	    (is_agile && !read_agile(info, info_size, &agile)))
		return false;
	gsize whole = (size - 8) / 16 * 16;
	for (gsize i = 0; i < G_N_ELEMENTS(passwords); i++) {
		if (!(is_agile ? agile_key(scan, &agile, passwords[i], &key)
			       : standard(scan, info + 4, info_size - 4, passwords[i], &key)))
			continue;
		*from = 8;
		*length = MIN(ole_u32(package, size, 0), whole);
		return is_agile ? agile_package(&agile, &key, package + 8, whole)
				: aes(&key, NULL, package + 8, package + 8, whole);
	}
	return false;
}

/* --- workbooks before 2007: RC4, sections 2.3.5 and 2.3.6 --- */

struct rc4 {
	guint8 state[256], i, j;
};

static void
rc4_begin(struct rc4 *rc4, const guint8 *key, gsize size)
{
	guint8 j = 0;

	for (guint i = 0; i < 256; i++)
		rc4->state[i] = (guint8)i;
	for (guint i = 0; i < 256; i++) {
		guint8 kept = rc4->state[i];
		j = (guint8)(j + kept + key[i % size]);
		rc4->state[i] = rc4->state[j];
		rc4->state[j] = kept;
	}
	rc4->i = rc4->j = 0;
}

static guint8
rc4_next(struct rc4 *rc4)
{
	guint8 a = rc4->state[++rc4->i];

	rc4->j = (guint8)(rc4->j + a);
	guint8 b = rc4->state[rc4->j];
	rc4->state[rc4->i] = b;
	rc4->state[rc4->j] = a;
	return rc4->state[(guint8)(a + b)];
}

/* What a password came to, from which each block has its key. */
struct workbook_key {
	GChecksumType type;
	struct bytes base;
	gsize size; /* bytes of a block's key that are its own */
	struct rc4 rc4;
};

static void
begin_block(struct workbook_key *key, guint32 block)
{
	guint8 digest[DIGEST_MAX] = { 0 }, number[4];
	gsize n = 16;

	put_u32(number, block);
	hash(key->type, &key->base, number, sizeof number, digest);
	/* Of 40 bits, the others are zero (section 2.3.5.2); the old way takes all of its digest.
	 */
	memset(digest + key->size, 0, sizeof digest - key->size);
	if (key->size > 5)
		n = key->size;
	rc4_begin(&key->rc4, digest, n);
}

/* Section 2.3.6.2. */
static void
old_key(const guint8 *salt, const char *password, struct workbook_key *key)
{
	guint8 letters[64], digest[DIGEST_MAX], pieces[16 * 21];
	gsize size = wide(password, letters);

	*key = (struct workbook_key){ .type = G_CHECKSUM_MD5, .size = 16 };
	hash(G_CHECKSUM_MD5, &key->base, letters, size, digest);
	for (gsize i = 0; i < 16; i++) {
		memcpy(pieces + i * 21, digest, 5);
		memcpy(pieces + i * 21 + 5, salt, 16);
	}
	hash(G_CHECKSUM_MD5, &key->base, pieces, sizeof pieces, key->base.data);
	key->base.size = 5;
}

static void
new_key(const struct verifier *verifier, const char *password, struct workbook_key *key)
{
	struct bytes salt = { .size = 16 };
	guint8 letters[64];
	gsize size = wide(password, letters);

	*key = (struct workbook_key){ .type = G_CHECKSUM_SHA1, .size = verifier->key_size };
	memcpy(salt.data, verifier->salt, 16);
	key->base.size = hash(G_CHECKSUM_SHA1, &salt, letters, size, key->base.data);
}

static bool
fits(struct workbook_key *key, const guint8 *input, const guint8 *value, gsize value_size)
{
	guint8 plain[16], wanted[DIGEST_MAX];
	bool same = true;

	begin_block(key, 0);
	for (gsize i = 0; i < sizeof plain; i++)
		plain[i] = input[i] ^ rc4_next(&key->rc4);
	hash(key->type, &(struct bytes){ .size = 0 }, plain, sizeof plain, wanted);
	for (gsize i = 0; i < value_size; i++)
		same = (guint8)(value[i] ^ rc4_next(&key->rc4)) == wanted[i] && same;
	return same;
}

static bool
find_key(const guint8 *pass, gsize size, struct workbook_key *key)
{
	guint major = ole_u16(pass, size, 2), minor = ole_u16(pass, size, 4);
	struct verifier verifier;

	if (ole_u16(pass, size, 0) != 1)
		return false;
	if (major == 1 && minor == 1 && size >= 6 + 48) {
		old_key(pass + 6, passwords[0], key);
		return fits(key, pass + 22, pass + 38, 16);
	}
	if (minor != 2 || size < 6 || !take_verifier(pass + 6, size - 6, 20, &verifier) ||
	    verifier.key_size < 5 || verifier.key_size > 16)
		return false;
	new_key(&verifier, passwords[0], key);
	return fits(key, verifier.input, verifier.value, 20);
}

/* MS-XLS section 2.2.10: bytes of a record's body that are never encrypted. */
static gsize
clear_bytes(guint type, gsize length)
{
	static const guint16 types[] = { 0x0809, 0x002F, 0x0194, 0x0195, 0x0196, 0x00E1, 0x0138 };

	for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
		if (type == types[i])
			return length;
	}
	return type == 0x0085 ? MIN(length, 4) : 0;
}

bool
office_crypt_workbook(const guint8 *pass, gsize pass_size, guint8 *bytes, gsize size, gsize behind)
{
	struct workbook_key key;
	gsize clear = 0, next = behind;

	if (!find_key(pass, pass_size, &key))
		return false;
	/* The stream of the cipher runs over all bytes, also over those that stay as they are. */
	for (gsize at = 0; at < size; at++) {
		if (at % RC4_BLOCK == 0)
			begin_block(&key, (guint32)(at / RC4_BLOCK));
		guint8 mask = rc4_next(&key.rc4);
		if (at < behind)
			continue;
		if (at == next) {
			gsize length = ole_u16(bytes, size, at + 2);
			clear = at + 4 + clear_bytes(ole_u16(bytes, size, at), length);
			next = at + 4 + length;
		}
		if (at >= clear)
			bytes[at] ^= mask;
	}
	return true;
}
