/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One entry, as it is read. Never hands bytes on as a message's whose digest was not compared, and
 * never takes more memory than the database says that the message has.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "store/tar.h"
#include "store/vault-parts.h"

#define PIECE (256 * 1024)

bool
vault_digest(int fd, guint64 offset, guint64 length, char hash[DIGEST_HEX], GError **error)
{
	g_autoptr(digest) digest = digest_new();
	g_autofree guchar *piece = g_malloc(PIECE);

	for (guint64 done = 0; done < length;) {
		gsize n = (gsize)MIN(PIECE, length - done);
		if (!io_pread_all(fd, piece, n, offset + done, error))
			return false;
		digest_update(digest, piece, n);
		done += n;
	}
	digest_finish(digest, hash);
	return true;
}

/* --- what an entry is --- */

static bool
is_named(int fd, guint64 offset, enum frame_form form)
{
	guchar header[TAR_BLOCK];
	char name[TAR_NAME + 1];
	guint64 size;

	return offset >= TAR_BLOCK &&
	       io_pread_all(fd, header, sizeof header, offset - TAR_BLOCK, NULL) &&
	       tar_read_header(header, name, &size) && g_str_has_suffix(name, frame_ending(form));
}

/*
 * A message may begin as a frame does. What is neither called a frame nor has the digest of a
 * message is taken for one: then its own check has the last word.
 */
static bool
find_form(int fd, const struct vault_place *place, const char *sha256, enum frame_form *form,
    GError **error)
{
	guchar first[FRAME_HEADER];
	gsize size = (gsize)MIN(sizeof first, place->length);
	char hash[DIGEST_HEX];

	if (!io_pread_all(fd, first, size, place->offset, error))
		return false;
	*form = frame_form_of(first, size);
	if (*form == FRAME_PLAIN || is_named(fd, place->offset, *form))
		return true;
	if (!vault_digest(fd, place->offset, place->length, hash, error))
		return false;
	if (strcmp(hash, sha256) == 0)
		*form = FRAME_PLAIN;
	return true;
}

static bool
pour_frame(struct frame_reader *reader, int fd, const struct vault_place *place, GError **error)
{
	g_autofree guchar *piece = g_malloc(PIECE);

	for (guint64 done = 0; done < place->length;) {
		gsize n = (gsize)MIN(PIECE, place->length - done);
		if (!io_pread_all(fd, piece, n, place->offset + done, error) ||
		    !frame_get(reader, piece, n, error))
			return false;
		done += n;
	}
	return frame_end(reader, error);
}

static bool
pour_plain(int fd, const struct vault_place *place, squeeze_sink *sink, void *user, GError **error)
{
	g_autofree guchar *piece = g_malloc(PIECE);

	for (guint64 done = 0; done < place->length;) {
		gsize n = (gsize)MIN(PIECE, place->length - done);
		if (!io_pread_all(fd, piece, n, place->offset + done, error) ||
		    !sink(piece, n, user, error))
			return false;
		done += n;
	}
	return true;
}

bool
vault_pour(struct vault *vault, int fd, const struct vault_place *place, const char *sha256,
    squeeze_sink *sink, void *user, GError **error)
{
	enum frame_form form;

	if (!find_form(fd, place, sha256, &form, error))
		return false;
	if (form == FRAME_PLAIN)
		return pour_plain(fd, place, sink, user, error);
	g_autoptr(frame_reader) reader =
	    frame_reader_new(form, vault_keys(vault), sha256, place->size, sink, user);
	return pour_frame(reader, fd, place, error);
}

static bool
into_digest(const void *data, gsize size, void *user, G_GNUC_UNUSED GError **error)
{
	digest_update(user, data, size);
	return true;
}

bool
vault_pour_digest(struct vault *vault, int fd, const struct vault_place *place, const char *sha256,
    char hash[DIGEST_HEX], GError **error)
{
	g_autoptr(digest) digest = digest_new();

	if (!vault_pour(vault, fd, place, sha256, into_digest, digest, error))
		return false;
	digest_finish(digest, hash);
	return true;
}

/* --- a message --- */

struct room {
	guchar *data;
	gsize size, filled;
};

static bool
into_room(const void *data, gsize size, void *user, GError **error)
{
	struct room *room = user;

	if (size > room->size - room->filled) {
		g_set_error(error, FAULT, FAULT_DATA,
		    "the copy was altered: there is more in it than the message had");
		return false;
	}
	memcpy(room->data + room->filled, data, size);
	room->filled += size;
	return true;
}

static bool
fill_room(struct vault *vault, int fd, const struct vault_place *place, const char *sha256,
    struct room *room, GError **error)
{
	char found[DIGEST_HEX];

	/* The most that either form can need: of a plain one length and size are the same. */
	room->size = (gsize)MAX(place->size, place->length);
	room->data = g_try_malloc(MAX(room->size, 1));
	if (room->data == NULL) {
		g_set_error(error, FAULT, FAULT_IO, "no memory for %zu bytes", room->size);
		return false;
	}
	if (!vault_pour(vault, fd, place, sha256, into_room, room, error))
		return false;
	digest_bytes(room->data, room->filled, found);
	if (strcmp(found, sha256) == 0)
		return true;
	g_set_error(error, FAULT, FAULT_DATA, "the copy of %s was altered: its digest is now %s",
	    sha256, found);
	return false;
}

GBytes *
vault_read(struct vault *vault, const struct vault_place *place, const char *sha256, GError **error)
{
	int fd = vault_open_volume(vault, place->volume, O_RDONLY, error);
	struct room room = { NULL, 0, 0 };

	if (fd < 0)
		return NULL;
	bool got = fill_room(vault, fd, place, sha256, &room, error);
	io_close(&fd);
	if (got)
		return g_bytes_new_take(room.data, room.filled);
	g_free(room.data);
	g_prefix_error(error, "%s/%s: ", vault_folder(vault), place->volume);
	return NULL;
}
