/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Of extended headers (pax) the path and the size alone are read; sparse files are refused, since
 * their bytes are not what stands there.
 */
#include "mail/tarball.h"

#include <string.h>

#include "base/fault.h"
#include "base/io.h"
#include "mail/looks-like.h"

#define BLOCK      512
#define PIECE      (128 * 1024)
#define EXTRA_MAX  (64 * 1024) /* bytes of an extended header */
#define SIZE_UNSET G_MAXUINT64

/* Where fields lie in a header block. */
enum { NAME_AT = 0, NAME_N = 100, SIZE_AT = 124, SIZE_N = 12, SUM_AT = 148, SUM_N = 8 };
enum { TYPE_AT = 156, MAGIC_AT = 257, PREFIX_AT = 345, PREFIX_N = 155 };

struct tarball {
	int fd;
	guint64 length, at;
	guint64 max_bytes;
	const char *spool_folder;
	char *name;
	char *long_name;   /* for the next entry, or NULL */
	guint64 long_size; /* the same, or SIZE_UNSET */
	guint left_out;
	bool over;
};

struct entry {
	char type;
	guint64 size;
};

struct tarball *
tarball_new(int fd, guint64 max_bytes, const char *spool_folder)
{
	struct tarball *tarball = g_new0(struct tarball, 1);

	tarball->fd = fd;
	tarball->max_bytes = max_bytes;
	tarball->spool_folder = spool_folder;
	tarball->name = g_strdup("");
	tarball->long_size = SIZE_UNSET;
	tarball->over = !io_size(fd, &tarball->length, NULL);
	return tarball;
}

void
tarball_free(struct tarball *tarball)
{
	if (tarball == NULL)
		return;
	io_close(&tarball->fd);
	g_free(tarball->name);
	g_free(tarball->long_name);
	g_free(tarball);
}

const char *
tarball_name(const struct tarball *tarball)
{
	return tarball->name;
}

guint64
tarball_at(const struct tarball *tarball)
{
	return MIN(tarball->at, tarball->length);
}

guint
tarball_left_out(const struct tarball *tarball)
{
	return tarball->left_out;
}

static bool
broken(const struct tarball *tarball, const char *what, GError **error)
{
	g_set_error(
	    error, FAULT, FAULT_DATA, "tar: %s at byte %" G_GUINT64_FORMAT, what, tarball->at);
	return false;
}

/* Octal with blanks or NULs around it, or base 256 (GNU). */
static bool
get_number(const guint8 *field, gsize size, guint64 *out)
{
	guint64 value = 0;
	gsize i = 0;

	if (field[0] == 0x80) {
		for (i = 1; i < size; i++) {
			if (value > G_MAXUINT64 >> 8)
				return false;
			value = value << 8 | field[i];
		}
		*out = value;
		return value <= G_MAXINT64;
	}
	while (i < size && field[i] == ' ')
		i++;
	gsize digits = i;
	for (; i < size && field[i] >= '0' && field[i] <= '7'; i++)
		value = value << 3 | (guint64)(field[i] - '0');
	*out = value;
	return i > digits && (i == size || field[i] == ' ' || field[i] == '\0');
}

static bool
has_right_sum(const guint8 block[BLOCK])
{
	guint64 said, sum = 0;

	for (gsize i = 0; i < BLOCK; i++)
		sum += i >= SUM_AT && i < SUM_AT + SUM_N ? ' ' : block[i];
	return get_number(block + SUM_AT, SUM_N, &said) && said == sum;
}

static bool
is_zero(const guint8 block[BLOCK])
{
	for (gsize i = 0; i < BLOCK; i++)
		if (block[i] != 0)
			return false;
	return true;
}

static char *
name_of(const guint8 block[BLOCK])
{
	g_autofree char *name = g_strndup((const char *)block + NAME_AT, NAME_N);
	bool posix = memcmp(block + MAGIC_AT, "ustar", 6) == 0;

	if (!posix || block[PREFIX_AT] == 0)
		return g_steal_pointer(&name);
	g_autofree char *prefix = g_strndup((const char *)block + PREFIX_AT, PREFIX_N);
	return g_strconcat(prefix, "/", name, NULL);
}

/* The header at hand. False at the end (no error), or when there is none. */
static bool
read_header(struct tarball *tarball, struct entry *entry, GError **error)
{
	guint8 block[BLOCK];

	/* What stands behind an end mark is read as well (as tar -i does): it may be mail. */
	do {
		if (tarball->at == tarball->length)
			return false;
		if (tarball->length - tarball->at < BLOCK)
			return broken(tarball, "cut off", error);
		if (!io_pread_all(tarball->fd, block, BLOCK, tarball->at, error))
			return false;
		tarball->at += is_zero(block) ? BLOCK : 0;
	} while (is_zero(block));
	if (!has_right_sum(block) || !get_number(block + SIZE_AT, SIZE_N, &entry->size))
		return broken(tarball, "no header", error);
	entry->type = (char)block[TYPE_AT];
	g_free(tarball->name);
	tarball->name = name_of(block);
	tarball->at += BLOCK;
	return true;
}

/* "LENGTH KEYWORD=VALUE\n" of a pax header (POSIX pax, Extended Header). */
static bool
read_records(struct tarball *tarball, const char *text, gsize size)
{
	while (size > 0) {
		char *end;
		guint64 length = g_ascii_strtoull(text, &end, 10);
		if (end == text || *end != ' ' || length > size || length < 5 ||
		    (gsize)(end - text) + 2 > length || text[length - 1] != '\n')
			return false;
		g_autofree char *record =
		    g_strndup(end + 1, (gsize)length - (gsize)(end - text) - 2);
		if (g_str_has_prefix(record, "path=")) {
			g_free(tarball->long_name);
			tarball->long_name = g_strndup(record + 5, TARBALL_NAME_MAX);
		} else if (g_str_has_prefix(record, "size=")) {
			if (!g_ascii_string_to_unsigned(
				record + 5, 10, 0, G_MAXINT64, &tarball->long_size, NULL))
				return false;
		} else if (g_str_has_prefix(record, "GNU.sparse")) {
			return false;
		}
		text += length;
		size -= (gsize)length;
	}
	return true;
}

/* What only tells of the next entry: 'x' of pax, 'L' of GNU. */
static bool
read_extra(struct tarball *tarball, const struct entry *entry, GError **error)
{
	if (entry->size == 0 || entry->size > EXTRA_MAX)
		return broken(tarball, "an extended header of that size is not read", error);
	g_autofree char *text = g_malloc0((gsize)entry->size + 1);
	if (!io_pread_all(tarball->fd, text, (gsize)entry->size, tarball->at, error))
		return false;
	if (entry->type == 'x') {
		if (!read_records(tarball, text, (gsize)entry->size))
			return broken(tarball, "an extended header that is not read", error);
	} else {
		g_free(tarball->long_name);
		tarball->long_name = g_strndup(text, TARBALL_NAME_MAX);
	}
	return true;
}

static bool
step_over(struct tarball *tarball, guint64 size, GError **error)
{
	guint64 padded = (size + BLOCK - 1) / BLOCK * BLOCK;

	/* The last padding may be missing where the file was cut at its content's end. */
	if (size > tarball->length - tarball->at)
		return broken(tarball, "cut off", error);
	tarball->at = MIN(tarball->at + padded, tarball->length);
	return true;
}

/* Goes to the next file's content; *size. */
static bool
next_file(struct tarball *tarball, guint64 *size, GError **error)
{
	struct entry entry;

	while (read_header(tarball, &entry, error)) {
		bool extra = entry.type == 'x' || entry.type == 'L';
		bool file = entry.type == '0' || entry.type == '\0';
		if (file && tarball->long_size != SIZE_UNSET)
			entry.size = tarball->long_size;
		if (!extra) {
			tarball->long_size = SIZE_UNSET;
			if (tarball->long_name != NULL && entry.type != 'g') {
				g_free(tarball->name);
				tarball->name = g_steal_pointer(&tarball->long_name);
			}
		}
		if (entry.size > tarball->length - tarball->at)
			return broken(tarball, "cut off", error);
		if (extra && !read_extra(tarball, &entry, error))
			return false;
		*size = entry.size;
		if (file)
			return true;
		tarball->left_out += !extra && entry.type != '5' && entry.type != 'g';
		if (!step_over(tarball, entry.size, error))
			return false;
	}
	return false;
}

static int
spool_content(struct tarball *tarball, guint64 size, GError **error)
{
	struct io_spool *spool = io_spool_new(tarball->spool_folder);
	g_autofree guint8 *piece = g_malloc(PIECE);
	guint64 done = 0;
	bool right = true;

	while (right && done < size) {
		gsize n = (gsize)MIN(PIECE, size - done);
		right = io_pread_all(tarball->fd, piece, n, tarball->at + done, error) &&
			io_spool_write(spool, piece, n, error);
		done += n;
	}
	int fd = right ? io_spool_finish(&spool, error) : -1;
	io_spool_free(spool);
	return fd;
}

static bool
is_message(struct tarball *tarball, guint64 size)
{
	guint8 first[LOOKS_LIKE_BYTES];
	gsize n = (gsize)MIN(size, sizeof first);

	return io_pread_all(tarball->fd, first, n, tarball->at, NULL) &&
	       looks_like(tarball->name, first, n) == LOOKS_LIKE_MESSAGE;
}

bool
tarball_next(struct tarball *tarball, int *fd, guint64 *size, GError **error)
{
	*fd = -1;
	*size = 0;
	while (!tarball->over && next_file(tarball, size, error)) {
		if (!is_message(tarball, *size)) {
			tarball->left_out++;
			if (step_over(tarball, *size, error))
				continue;
			break;
		}
		if (*size <= tarball->max_bytes) {
			*fd = spool_content(tarball, *size, error);
			if (*fd < 0)
				break;
		}
		return step_over(tarball, *size, error);
	}
	tarball->over = true;
	return false;
}
