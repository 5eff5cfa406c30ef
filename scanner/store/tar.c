/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Knows the format and touches no file.
 */
#include "store/tar.h"

#include <string.h>

#define OCTAL_MAX ((guint64)1 << 33) /* eleven digits */

struct layout {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type;
	char link[100], magic[6], version[2], user[32], group[32], major[8], minor[8];
	char prefix[155], rest[12];
};
G_STATIC_ASSERT(sizeof(struct layout) == TAR_BLOCK);

/* width counts the final NUL. */
static void
put_octal(char *field, gsize width, guint64 value)
{
	field[width - 1] = '\0';
	for (gsize i = width - 1; i > 0; i--, value >>= 3)
		field[i - 1] = (char)('0' + (value & 7));
}

static void
put_size(char *field, gsize width, guint64 value)
{
	if (value < OCTAL_MAX) {
		put_octal(field, width, value);
		return;
	}
	for (gsize i = width; i > 0; i--, value >>= 8)
		field[i - 1] = (char)(value & 0xff);
	field[0] = (char)0x80;
}

/* The sum counts its own field as blanks and is written as six digits, NUL, blank. */
static void
put_sum(guchar header[TAR_BLOCK])
{
	struct layout *at = (struct layout *)header;
	guint64 sum = 0;

	memset(at->checksum, ' ', sizeof at->checksum);
	for (gsize i = 0; i < TAR_BLOCK; i++)
		sum += header[i];
	put_octal(at->checksum, sizeof at->checksum - 1, sum);
}

void
tar_header(guchar header[TAR_BLOCK], const char *name, guint64 size, gint64 mtime)
{
	struct layout *at = (struct layout *)header;

	g_assert(strlen(name) < TAR_NAME);
	memset(at, 0, sizeof *at);
	memcpy(at->name, name, strlen(name));
	put_octal(at->mode, sizeof at->mode, 0600);
	put_octal(at->uid, sizeof at->uid, 0);
	put_octal(at->gid, sizeof at->gid, 0);
	put_size(at->size, sizeof at->size, size);
	put_octal(at->mtime, sizeof at->mtime, CLAMP(mtime, 0, (gint64)OCTAL_MAX - 1));
	at->type = '0';
	memcpy(at->magic, "ustar", sizeof at->magic);
	memcpy(at->version, "00", sizeof at->version);
	put_sum(header);
}

void
tar_rename(guchar header[TAR_BLOCK], const char *name)
{
	struct layout *at = (struct layout *)header;

	g_assert(strlen(name) < TAR_NAME);
	memset(at->name, 0, sizeof at->name);
	memcpy(at->name, name, strlen(name));
	put_sum(header);
}

/* Octal fields end with a NUL or a blank; numbers too large for them are in base 256. */
static bool
get_size(const char *field, gsize width, guint64 *value)
{
	bool binary = ((guchar)field[0] & 0x80) != 0;

	*value = 0;
	for (gsize i = binary ? 1 : 0;
	     i < width && (binary || (field[i] != '\0' && field[i] != ' ')); i++) {
		guint digit = binary ? (guchar)field[i] : (guint)(field[i] - '0');
		if ((!binary && digit > 7) || *value >> 55 != 0)
			return false;
		*value = *value << (binary ? 8 : 3) | digit;
	}
	return true;
}

bool
tar_read_header(const guchar header[TAR_BLOCK], char name[TAR_NAME + 1], guint64 *size)
{
	const struct layout *at = (const struct layout *)header;
	gsize sum_at = G_STRUCT_OFFSET(struct layout, checksum);
	guint64 sum = 0, said;

	for (gsize i = 0; i < TAR_BLOCK; i++)
		sum += i >= sum_at && i < sum_at + sizeof at->checksum ? ' ' : header[i];
	memcpy(name, at->name, TAR_NAME);
	name[TAR_NAME] = '\0';
	return at->type == '0' && memcmp(at->magic, "ustar", sizeof at->magic) == 0 &&
	       get_size(at->checksum, sizeof at->checksum - 1, &said) && said == sum &&
	       get_size(at->size, sizeof at->size, size);
}

gsize
tar_padding(guint64 size)
{
	return (gsize)((TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK);
}
