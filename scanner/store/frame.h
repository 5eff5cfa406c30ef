/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_FRAME_H
#define FLAGPOST_STORE_FRAME_H
/*
 * frame - a copy in a volume as something else than its bytes: packed, or sealed.
 *
 * packed   one frame of Zstandard and nothing else: entries .eml.zst, zstd -d opens them.
 *
 * sealed   such a frame, encrypted: entries .eml.sealed. A header of 64 bytes
 *
 *	0   "FPSEAL" and the bytes 0, 1 (the version)
 *	8   1: Zstandard, then XChaCha20-Poly1305 (crypto_secretstream); seven zero bytes
 *	16  the name of the key
 *	32  bytes of the message, 64 bits, the lowest first
 *	40  header of the stream
 *
 * and pieces of FRAME_PIECE bytes and a tag each, the last of which may be shorter. With every
 * piece header and SHA-256 of the message are authenticated: a frame that stands for another
 * message, or of which anything else was changed, cut off or put behind it, is not opened.
 *
 * Whatever the frame says, the caller compares the SHA-256 of what comes out.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "store/cipher.h"
#include "store/squeeze.h"

#define FRAME_HEADER 64
#define FRAME_PIECE  (32 * 1024)

enum frame_form { FRAME_PLAIN, FRAME_PACKED, FRAME_SEALED };

/* What bytes begin like; size: FRAME_HEADER, or all there are. */
enum frame_form frame_form_of(const guchar *bytes, gsize size);
/* ".eml", ".eml.zst", ".eml.sealed" */
const char *frame_ending(enum frame_form form);
/* The name of a sealed frame's key, from its header. */
void frame_key(const guchar header[FRAME_HEADER], char out[CIPHER_ID_TEXT]);

/* --- writing; one for many frames --- */

struct frame_writer;
struct frame_writer *frame_writer_new(void);
void frame_writer_free(struct frame_writer *writer);
AUTO_DEFINE(frame_writer, frame_writer_free)

/*
 * keys: sealed with the key of new copies; NULL: packed. sha256, hex, and size are the message's.
 * What comes out goes to the sink, which is borrowed to the frame's end.
 */
bool frame_begin(struct frame_writer *writer, const struct cipher_keys *keys, int level,
    const char *sha256, guint64 size, squeeze_sink *sink, void *user, GError **error);
bool frame_put(
    struct frame_writer *writer, const void *data, gsize size, bool last, GError **error);

/* --- reading --- */

struct frame_reader;
/* What comes out goes to the sink, max bytes at most: one more is FAULT_DATA. keys may be NULL. */
struct frame_reader *frame_reader_new(enum frame_form form, const struct cipher_keys *keys,
    const char *sha256, guint64 max, squeeze_sink *sink, void *user);
void frame_reader_free(struct frame_reader *reader);
AUTO_DEFINE(frame_reader, frame_reader_free)

/*
 * FAULT_DATA: it was altered. FAULT_DENIED: its key is not here, which it names. Of a sealed frame
 * nothing comes out that was not authenticated.
 */
bool frame_get(struct frame_reader *reader, const void *data, gsize size, GError **error);
/* Behind all bytes: whether the frame was whole. */
bool frame_end(struct frame_reader *reader, GError **error);

#endif
