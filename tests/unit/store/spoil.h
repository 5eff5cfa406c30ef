/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_TESTS_STORE_SPOIL_H
#define FLAGPOST_TESTS_STORE_SPOIL_H
/*
 * spoil - pages of the database that a disk wrote over: of the tree of one table or index. Nobody
 * has the database open meanwhile, so that all of it is in the file.
 */
#include "purge-kit.h"

enum spoil { SPOIL_ROOT, SPOIL_FIRST_LEAF, SPOIL_LAST_LEAF };

static inline guint32
spoil_number(const guint8 *at, guint bytes)
{
	guint32 out = 0;

	for (guint i = 0; i < bytes; i++)
		out = out << 8 | at[i];
	return out;
}

#define SPOIL_INTERIOR(page) ((page)[0] == 2 || (page)[0] == 5)

/* The number of the page. */
static inline guint32
spoil_find(const guint8 *file, gsize size, guint32 root, enum spoil which)
{
	guint32 number = root;

	for (guint depth = 0; which != SPOIL_ROOT && depth < 20; depth++) {
		const guint8 *page = file + (gsize)(number - 1) * size;
		if (!SPOIL_INTERIOR(page))
			break;
		guint32 cell = spoil_number(page + 12, 2);
		number = spoil_number(page + (which == SPOIL_FIRST_LEAF ? cell : 8), 4);
	}
	return number;
}

static inline void
spoil_page(const struct fixture *fixture, const char *name, enum spoil which)
{
	g_autofree char *path = g_build_filename(fixture->data, STORE_FILE, NULL);
	g_autofree char *sql =
	    g_strdup_printf("SELECT rootpage FROM sqlite_schema WHERE name = '%s'", name);
	guint32 root = (guint32)number(fixture, sql);
	g_autoptr(GBytes) bytes = io_read_file(path, 256 << 20, NULL);
	const guint8 *file = g_bytes_get_data(bytes, NULL);
	gsize size = spoil_number(file + 16, 2);
	guint32 page = spoil_find(file, size, root, which);
	g_autofree guint8 *noise = g_malloc(size);
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	for (gsize i = 0; i < size; i++)
		noise[i] = (guint8)(7 + i % 240);
	g_test_message("page %u of %s, whose root is %u", page, name, root);
	g_assert_cmpint(pwrite(fd, noise, size, (off_t)((page - 1) * size)), ==, (gssize)size);
	io_close(&fd);
}

#endif
