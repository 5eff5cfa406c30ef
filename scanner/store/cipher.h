/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_CIPHER_H
#define FLAGPOST_STORE_CIPHER_H
/*
 * cipher - keys of copies at rest, and streams encrypted with one: libsodium's only home.
 *
 * XChaCha20-Poly1305 as crypto_secretstream has it: pieces in an order that nobody changes, each
 * authenticated together with bytes of the caller's that are not part of it. A key is 32 random
 * bytes, kept as 64 hex digits in the first line of a file or a credential; it is named by 128 bits
 * of its BLAKE2b, which tell nothing of it.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"

#define CIPHER_ID      16 /* bytes of a key's name */
#define CIPHER_ID_TEXT 33 /* as hex, with the NUL */
#define CIPHER_HEADER  24 /* bytes that begin a stream */
#define CIPHER_TAG     17 /* bytes that a piece grows by */
#define CIPHER_KEYS    32 /* keys of one set at most */

/*
 * One key for what is written, or none; and all that may be read with. Key bytes lie in pages of
 * their own that no child inherits, no core dump holds and, where the system lets us, no swap.
 */
struct cipher_keys;

struct cipher_keys *cipher_keys_new(void);
void cipher_keys_free(struct cipher_keys *keys);
AUTO_DEFINE(cipher_keys, cipher_keys_free)

/*
 * Where a key lies: a file as secret_read wants it, or the credential unless that is "". writes: it
 * is the key of new copies, of which there is one. FAULT_CONFIG when it cannot be read or is none.
 */
bool cipher_keys_add(struct cipher_keys *keys, const char *file, const char *credential,
    bool writes, GError **error);
/* Why a key is missing here: told to who needs it. */
void cipher_keys_excuse(struct cipher_keys *keys, const char *text);
const char *cipher_keys_trouble(const struct cipher_keys *keys); /* "" for nothing */

/* The name of the key of new copies as hex; NULL: there is none. */
const char *cipher_keys_writes(const struct cipher_keys *keys);
bool cipher_keys_has(const struct cipher_keys *keys, const char *id);

/* A new key, 64 hex digits; released with secret_wipe. */
char *cipher_key_make(void);
/* A file with a new key, for the owner alone; one that is there stays as it is. */
bool cipher_key_file_make(const char *path, GError **error);
void cipher_id_text(const guchar id[CIPHER_ID], char out[CIPHER_ID_TEXT]);

struct cipher;

/* With the key of new copies, which there must be. id and header: what a reader needs. */
struct cipher *cipher_begin(
    const struct cipher_keys *keys, guchar id[CIPHER_ID], guchar header[CIPHER_HEADER]);
/* FAULT_DENIED: no such key is here, by its name. FAULT_DATA: the header is none. */
struct cipher *cipher_resume(const struct cipher_keys *keys, const guchar id[CIPHER_ID],
    const guchar header[CIPHER_HEADER], GError **error);
void cipher_free(struct cipher *cipher);
AUTO_DEFINE(cipher, cipher_free)

/* context: authenticated with the piece. out: size + CIPHER_TAG bytes. */
void cipher_put(struct cipher *cipher, const void *data, gsize size, bool last, const void *context,
    gsize context_size, guchar *out);
/* out: size - CIPHER_TAG bytes. False when a bit of piece, context or order is another. */
bool cipher_get(struct cipher *cipher, const guchar *piece, gsize size, const void *context,
    gsize context_size, guchar *out, bool *last);

/*
 * By which bytes that chance made others than were written are known, 0 to 2^32 - 1: SipHash-2-4,
 * by Aumasson and Bernstein, with a key that everybody knows. It proves nothing against anybody.
 */
gint64 cipher_sum(const void *data, gsize size);

#endif
