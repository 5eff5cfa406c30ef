/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * No error text here may ever contain a byte of a key.
 */
#include "store/cipher.h"

#include <sodium.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/fault.h"
#include "base/io.h"
#include "base/secret.h"

#define KEY           crypto_secretstream_xchacha20poly1305_KEYBYTES
#define KEY_FILE_MODE 0600

G_STATIC_ASSERT(CIPHER_HEADER == crypto_secretstream_xchacha20poly1305_HEADERBYTES);
G_STATIC_ASSERT(CIPHER_TAG == crypto_secretstream_xchacha20poly1305_ABYTES);

/* In a page of its own. */
struct material {
	guchar keys[CIPHER_KEYS][KEY];
};

struct cipher_keys {
	struct material *material;
	guchar ids[CIPHER_KEYS][CIPHER_ID];
	guint n;
	int writes; /* index, or -1 */
	char writes_id[CIPHER_ID_TEXT];
	char *trouble;
};

struct cipher {
	crypto_secretstream_xchacha20poly1305_state state;
};

/* Fails only where the system gives no random bytes: then nothing may be encrypted at all. */
static void
start(void)
{
	if (sodium_init() < 0)
		g_error("libsodium refuses to work");
}

static struct material *
material_new(void)
{
	struct material *material = mmap(NULL, sizeof(struct material), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (material == MAP_FAILED)
		g_error("no memory for a page of keys");
	/* What a kernel or a limit refuses of these leaves a key less well hidden, and usable. */
	madvise(material, sizeof(struct material), MADV_WIPEONFORK);
	madvise(material, sizeof(struct material), MADV_DONTDUMP);
	mlock(material, sizeof(struct material));
	return material;
}

struct cipher_keys *
cipher_keys_new(void)
{
	struct cipher_keys *keys = g_new0(struct cipher_keys, 1);

	start();
	keys->material = material_new();
	keys->writes = -1;
	keys->trouble = g_strdup("");
	return keys;
}

void
cipher_keys_free(struct cipher_keys *keys)
{
	if (keys == NULL)
		return;
	sodium_memzero(keys->material, sizeof(struct material));
	munmap(keys->material, sizeof(struct material));
	g_free(keys->trouble);
	g_free(keys);
}

void
cipher_id_text(const guchar id[CIPHER_ID], char out[CIPHER_ID_TEXT])
{
	sodium_bin2hex(out, CIPHER_ID_TEXT, id, CIPHER_ID);
}

static int
find(const struct cipher_keys *keys, const guchar id[CIPHER_ID])
{
	for (guint i = 0; i < keys->n; i++) {
		if (memcmp(keys->ids[i], id, CIPHER_ID) == 0)
			return (int)i;
	}
	return -1;
}

/* --- keys --- */

static void
name_key(const guchar key[KEY], guchar id[CIPHER_ID])
{
	static const guchar what[] = "flagpost key of copies";

	crypto_generichash(id, CIPHER_ID, what, sizeof what, key, KEY);
}

/* The same key twice is one. */
static int
take(struct cipher_keys *keys, const char *text)
{
	guchar *place = keys->material->keys[keys->n];
	guchar id[CIPHER_ID];
	gsize size = 0;

	if (strlen(text) != 2 * KEY ||
	    sodium_hex2bin(place, KEY, text, 2 * KEY, NULL, &size, NULL) != 0 || size != KEY)
		return -1;
	name_key(place, id);
	int known = find(keys, id);
	if (known >= 0) {
		sodium_memzero(place, KEY);
		return known;
	}
	memcpy(keys->ids[keys->n], id, CIPHER_ID);
	return (int)keys->n++;
}

bool
cipher_keys_add(
    struct cipher_keys *keys, const char *file, const char *credential, bool writes, GError **error)
{
	const char *where = *credential != '\0' ? credential : file;

	if (keys->n == CIPHER_KEYS) {
		g_set_error(error, FAULT, FAULT_CONFIG, "%s: more than %d keys of copies", where,
		    CIPHER_KEYS);
		return false;
	}
	char *text = secret_read(file, credential, error);
	if (text == NULL)
		return false;
	int index = take(keys, text);
	secret_wipe(text);
	if (index < 0) {
		g_set_error(error, FAULT, FAULT_CONFIG,
		    "%s: this is no key of copies: 64 hex digits in its first line; flagpost "
		    "copies "
		    "key FILE makes one",
		    where);
		return false;
	}
	if (writes) {
		keys->writes = index;
		cipher_id_text(keys->ids[index], keys->writes_id);
	}
	return true;
}

void
cipher_keys_excuse(struct cipher_keys *keys, const char *text)
{
	g_free(keys->trouble);
	keys->trouble = g_strdup(text);
}

const char *
cipher_keys_trouble(const struct cipher_keys *keys)
{
	return keys->trouble;
}

const char *
cipher_keys_writes(const struct cipher_keys *keys)
{
	return keys->writes >= 0 ? keys->writes_id : NULL;
}

bool
cipher_keys_has(const struct cipher_keys *keys, const char *id)
{
	guchar bytes[CIPHER_ID];
	gsize size = 0;

	return strlen(id) == CIPHER_ID_TEXT - 1 &&
	       sodium_hex2bin(bytes, CIPHER_ID, id, strlen(id), NULL, &size, NULL) == 0 &&
	       size == CIPHER_ID && find(keys, bytes) >= 0;
}

char *
cipher_key_make(void)
{
	char *text = g_malloc(2 * KEY + 1);
	guchar key[KEY];

	start();
	randombytes_buf(key, KEY);
	sodium_bin2hex(text, 2 * KEY + 1, key, KEY);
	sodium_memzero(key, KEY);
	return text;
}

bool
cipher_key_file_make(const char *path, GError **error)
{
	struct stat facts;

	if (stat(path, &facts) == 0)
		return true;
	char *key = cipher_key_make();
	char *line = g_strconcat(key, "\n", NULL);
	bool made = io_replace_file(path, line, strlen(line), KEY_FILE_MODE, error);
	secret_wipe(key);
	secret_wipe(line);
	return made;
}

/* --- streams --- */

struct cipher *
cipher_begin(const struct cipher_keys *keys, guchar id[CIPHER_ID], guchar header[CIPHER_HEADER])
{
	struct cipher *cipher = g_new0(struct cipher, 1);

	if (keys->writes < 0)
		g_error("there is no key to seal with");
	memcpy(id, keys->ids[keys->writes], CIPHER_ID);
	crypto_secretstream_xchacha20poly1305_init_push(
	    &cipher->state, header, keys->material->keys[keys->writes]);
	return cipher;
}

struct cipher *
cipher_resume(const struct cipher_keys *keys, const guchar id[CIPHER_ID],
    const guchar header[CIPHER_HEADER], GError **error)
{
	int index = keys != NULL ? find(keys, id) : -1;

	if (index < 0) {
		char name[CIPHER_ID_TEXT];
		const char *trouble = keys != NULL ? keys->trouble : "";
		cipher_id_text(id, name);
		g_set_error(error, FAULT, FAULT_DENIED,
		    "the copy is encrypted with the key %s, which is not here%s%s", name,
		    *trouble != '\0' ? ": " : "", trouble);
		return NULL;
	}
	g_autoptr(cipher) cipher = g_new0(struct cipher, 1);
	if (crypto_secretstream_xchacha20poly1305_init_pull(
		&cipher->state, header, keys->material->keys[index]) == 0)
		return g_steal_pointer(&cipher);
	g_set_error(error, FAULT, FAULT_DATA, "the copy was altered: no stream begins there");
	return NULL;
}

void
cipher_free(struct cipher *cipher)
{
	if (cipher == NULL)
		return;
	sodium_memzero(cipher, sizeof *cipher);
	g_free(cipher);
}

void
cipher_put(struct cipher *cipher, const void *data, gsize size, bool last, const void *context,
    gsize context_size, guchar *out)
{
	guchar tag = last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
			  : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;

	if (crypto_secretstream_xchacha20poly1305_push(
		&cipher->state, out, NULL, data, size, context, context_size, tag) != 0)
		g_error("libsodium cannot encrypt");
}

bool
cipher_get(struct cipher *cipher, const guchar *piece, gsize size, const void *context,
    gsize context_size, guchar *out, bool *last)
{
	guchar tag = 0;

	if (size < CIPHER_TAG || crypto_secretstream_xchacha20poly1305_pull(&cipher->state, out,
				     NULL, &tag, piece, size, context, context_size) != 0)
		return false;
	*last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
	return true;
}

gint64
cipher_sum(const void *data, gsize size)
{
	static const unsigned char key[crypto_shorthash_KEYBYTES];
	unsigned char hash[crypto_shorthash_BYTES];
	guint32 sum;

	crypto_shorthash(hash, data, size, key);
	memcpy(&sum, hash, sizeof sum);
	return GUINT32_FROM_LE(sum);
}
