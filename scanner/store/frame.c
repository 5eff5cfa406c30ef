/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Knows the form and touches no file.
 */
#include "store/frame.h"

#include <string.h>

#include "base/digest.h"
#include "base/fault.h"

#define DIGEST_BYTES 32

struct layout {
	guchar magic[8], algorithm[8], key[CIPHER_ID], size[8], stream[CIPHER_HEADER];
};
G_STATIC_ASSERT(sizeof(struct layout) == FRAME_HEADER);

static const guchar magic[8] = { 'F', 'P', 'S', 'E', 'A', 'L', 0, 1 };
static const guchar algorithm[8] = { 1 };
static const guchar zstd[4] = { 0x28, 0xb5, 0x2f, 0xfd };

/* What is authenticated with every piece. */
struct context {
	struct layout header;
	guchar sha256[DIGEST_BYTES];
};

enum frame_form
frame_form_of(const guchar *bytes, gsize size)
{
	if (size >= FRAME_HEADER && memcmp(bytes, magic, sizeof magic) == 0)
		return FRAME_SEALED;
	return size >= sizeof zstd && memcmp(bytes, zstd, sizeof zstd) == 0 ? FRAME_PACKED
									    : FRAME_PLAIN;
}

const char *
frame_ending(enum frame_form form)
{
	static const char *const endings[] = { ".eml", ".eml.zst", ".eml.sealed" };

	return endings[form];
}

void
frame_key(const guchar header[FRAME_HEADER], char out[CIPHER_ID_TEXT])
{
	cipher_id_text(((const struct layout *)header)->key, out);
}

static void
put_digest(const char *sha256, guchar out[DIGEST_BYTES])
{
	for (gsize i = 0; i < DIGEST_BYTES; i++)
		out[i] = (guchar)(g_ascii_xdigit_value(sha256[2 * i]) << 4 |
				  g_ascii_xdigit_value(sha256[2 * i + 1]));
}

static void
put_number(guint64 number, guchar out[8])
{
	for (gsize i = 0; i < 8; i++)
		out[i] = (guchar)(number >> 8 * i);
}

static guint64
get_number(const guchar in[8])
{
	guint64 number = 0;

	for (gsize i = 8; i > 0; i--)
		number = number << 8 | in[i - 1];
	return number;
}

/* --- writing --- */

struct frame_writer {
	struct squeeze *squeeze;
	struct cipher *seal; /* NULL: packed */
	struct context context;
	guchar piece[FRAME_PIECE];
	gsize filled;
	guchar sealed[FRAME_PIECE + CIPHER_TAG];
	squeeze_sink *sink;
	void *user;
};

struct frame_writer *
frame_writer_new(void)
{
	struct frame_writer *writer = g_new0(struct frame_writer, 1);

	writer->squeeze = squeeze_new();
	return writer;
}

void
frame_writer_free(struct frame_writer *writer)
{
	if (writer == NULL)
		return;
	squeeze_free(writer->squeeze);
	cipher_free(writer->seal);
	g_free(writer);
}

static bool
seal_piece(struct frame_writer *writer, bool last, GError **error)
{
	gsize size = writer->filled + CIPHER_TAG;

	cipher_put(writer->seal, writer->piece, writer->filled, last, &writer->context,
	    sizeof writer->context, writer->sealed);
	writer->filled = 0;
	return writer->sink(writer->sealed, size, writer->user, error);
}

/* A full piece waits for a byte more: only then it is known not to be the last. */
static bool
take_packed(const void *data, gsize size, void *user, GError **error)
{
	struct frame_writer *writer = user;
	const guchar *bytes = data;

	if (writer->seal == NULL)
		return writer->sink(data, size, writer->user, error);
	while (size > 0) {
		if (writer->filled == FRAME_PIECE && !seal_piece(writer, false, error))
			return false;
		gsize n = MIN(size, FRAME_PIECE - writer->filled);
		memcpy(writer->piece + writer->filled, bytes, n);
		writer->filled += n;
		bytes += n;
		size -= n;
	}
	return true;
}

bool
frame_begin(struct frame_writer *writer, const struct cipher_keys *keys, int level,
    const char *sha256, guint64 size, squeeze_sink *sink, void *user, GError **error)
{
	struct layout *header = &writer->context.header;

	g_clear_pointer(&writer->seal, cipher_free);
	writer->filled = 0;
	writer->sink = sink;
	writer->user = user;
	squeeze_begin(writer->squeeze, level, size);
	if (keys == NULL)
		return true;
	memcpy(header->magic, magic, sizeof magic);
	memcpy(header->algorithm, algorithm, sizeof algorithm);
	put_number(size, header->size);
	put_digest(sha256, writer->context.sha256);
	writer->seal = cipher_begin(keys, header->key, header->stream);
	return sink(header, sizeof *header, user, error);
}

bool
frame_put(struct frame_writer *writer, const void *data, gsize size, bool last, GError **error)
{
	if (!squeeze_put(writer->squeeze, data, size, last, take_packed, writer, error))
		return false;
	return !last || writer->seal == NULL || seal_piece(writer, true, error);
}

/* --- reading --- */

struct frame_reader {
	enum frame_form form;
	const struct cipher_keys *keys;
	struct unsqueeze *unsqueeze;
	struct cipher *seal;
	struct context context;
	guchar sealed[FRAME_PIECE + CIPHER_TAG];
	guchar piece[FRAME_PIECE];
	gsize filled; /* of the header first, then of sealed */
	bool last;    /* the last piece was read */
	guint64 max, out;
	squeeze_sink *sink;
	void *user;
};

struct frame_reader *
frame_reader_new(enum frame_form form, const struct cipher_keys *keys, const char *sha256,
    guint64 max, squeeze_sink *sink, void *user)
{
	struct frame_reader *reader = g_new0(struct frame_reader, 1);

	reader->form = form;
	reader->keys = keys;
	reader->unsqueeze = unsqueeze_new();
	put_digest(sha256, reader->context.sha256);
	reader->max = max;
	reader->sink = sink;
	reader->user = user;
	return reader;
}

void
frame_reader_free(struct frame_reader *reader)
{
	if (reader == NULL)
		return;
	unsqueeze_free(reader->unsqueeze);
	cipher_free(reader->seal);
	g_free(reader);
}

static bool
refuse(const char *what, GError **error)
{
	g_set_error(error, FAULT, FAULT_DATA, "the copy was altered: %s", what);
	return false;
}

static bool
count_out(const void *data, gsize size, void *user, GError **error)
{
	struct frame_reader *reader = user;

	if (size > reader->max - reader->out)
		return refuse("there is more in it than the message had", error);
	reader->out += size;
	return reader->sink(data, size, reader->user, error);
}

static bool
open_piece(struct frame_reader *reader, GError **error)
{
	gsize size = reader->filled;

	reader->filled = 0;
	if (reader->last)
		return refuse("bytes stand behind its end", error);
	if (!cipher_get(reader->seal, reader->sealed, size, &reader->context,
		sizeof reader->context, reader->piece, &reader->last))
		return refuse("it is not what was encrypted for this message", error);
	return unsqueeze_put(
	    reader->unsqueeze, reader->piece, size - CIPHER_TAG, count_out, reader, error);
}

static bool
open_header(struct frame_reader *reader, GError **error)
{
	const struct layout *header = &reader->context.header;

	reader->filled = 0;
	if (memcmp(header->magic, magic, sizeof magic) != 0)
		return refuse("no frame begins there", error);
	if (memcmp(header->algorithm, algorithm, sizeof algorithm) != 0)
		return refuse("its algorithm is unknown to this program", error);
	reader->max = MIN(reader->max, get_number(header->size));
	reader->seal = cipher_resume(reader->keys, header->key, header->stream, error);
	return reader->seal != NULL;
}

/* Full pieces wait for a byte more, as they did when they were written. */
static bool
get_sealed(struct frame_reader *reader, const guchar *bytes, gsize size, GError **error)
{
	while (size > 0) {
		bool head = reader->seal == NULL;
		guchar *place = head ? (guchar *)&reader->context.header : reader->sealed;
		gsize room = head ? FRAME_HEADER : sizeof reader->sealed;
		if (!head && reader->filled == room && !open_piece(reader, error))
			return false;
		gsize n = MIN(size, room - reader->filled);
		memcpy(place + reader->filled, bytes, n);
		reader->filled += n;
		bytes += n;
		size -= n;
		if (head && reader->filled == room && !open_header(reader, error))
			return false;
	}
	return true;
}

bool
frame_get(struct frame_reader *reader, const void *data, gsize size, GError **error)
{
	if (reader->form == FRAME_SEALED)
		return get_sealed(reader, data, size, error);
	return unsqueeze_put(reader->unsqueeze, data, size, count_out, reader, error);
}

bool
frame_end(struct frame_reader *reader, GError **error)
{
	if (reader->form == FRAME_SEALED) {
		if (reader->seal == NULL)
			return refuse("it ends within its header", error);
		if (!open_piece(reader, error))
			return false;
		if (!reader->last)
			return refuse("it ends too early", error);
		if (reader->out != get_number(reader->context.header.size))
			return refuse("it has another size", error);
	}
	return unsqueeze_is_whole(reader->unsqueeze) || refuse("it ends too early", error);
}
