/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/looks-like.h"

#include <stdbool.h>
#include <string.h>

#include "mail/from-line.h"

#define TAR_MAGIC_AT 257 /* "ustar" in the first header (POSIX pax, ustar Interchange Format) */

static bool
begins(const guint8 *first, gsize size, const char *bytes, gsize n)
{
	return size >= n && memcmp(first, bytes, n) == 0;
}

static bool
is_packed(const guint8 *first, gsize size)
{
	static const struct {
		const char *bytes;
		gsize n;
	} marks[] = {
		{ "PK\x03\x04", 4 },
		{ "PK\x05\x06", 4 }, /* a zip with nothing in it */
		{ "7z\xBC\xAF\x27\x1C", 6 },
		{ "\x1F\x8B\x08", 3 },
		{ "BZh", 3 },
		{ "\xFD"
		  "7zXZ",
		    5 },
		{ "\x28\xB5\x2F\xFD", 4 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(marks); i++)
		if (begins(first, size, marks[i].bytes, marks[i].n))
			return true;
	return false;
}

static bool
is_in_maildir(const char *path)
{
	g_autofree char *folder = g_path_get_dirname(path);
	g_autofree char *name = g_path_get_basename(folder);

	return strcmp(name, "cur") == 0 || strcmp(name, "new") == 0;
}

static bool
is_named_eml(const char *path)
{
	gsize length = strlen(path);

	return length > 4 && g_ascii_strcasecmp(path + length - 4, ".eml") == 0;
}

enum looks_like
looks_like(const char *path, const guint8 *first, gsize size)
{
	g_autofree char *name = g_path_get_basename(path);

	if (is_named_eml(path))
		return LOOKS_LIKE_MESSAGE;
	if (begins(first, size, "From ", 5))
		return LOOKS_LIKE_MBOX;
	if (is_packed(first, size))
		return LOOKS_LIKE_PACKED;
	if (size >= TAR_MAGIC_AT + 5 && memcmp(first + TAR_MAGIC_AT, "ustar", 5) == 0)
		return LOOKS_LIKE_TAR;
	if (size > 0 && is_in_maildir(path))
		return LOOKS_LIKE_MESSAGE;
	if (strchr(name, '.') == NULL && from_line_is_header((const char *)first, size))
		return LOOKS_LIKE_MESSAGE;
	return LOOKS_LIKE_NOTHING;
}
