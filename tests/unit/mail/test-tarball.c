/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/tarball.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"

#define LIMIT 4096
#define BLOCK 512
#define MAIL  "Subject: a\r\n\r\nbody\r\n"

struct entry {
	const char *name;
	const char *bytes; /* NULL: none */
	char type;
	guint64 size; /* 0: that of bytes */
};

static void
add_header(GByteArray *tar, const struct entry *entry, guint64 size)
{
	char block[BLOCK] = { 0 };
	guint sum = 0;

	g_strlcpy(block, entry->name, 100);
	memcpy(block + 100, "0000600", 8);
	g_snprintf(block + 124, 12, "%011" G_GINT64_MODIFIER "o", size);
	block[156] = entry->type;
	memcpy(block + 257, "ustar\00000", 8);
	memset(block + 148, ' ', 8);
	for (gsize i = 0; i < BLOCK; i++)
		sum += (guchar)block[i];
	g_snprintf(block + 148, 7, "%06o", sum);
	g_byte_array_append(tar, (guint8 *)block, BLOCK);
}

static void
add_zeros(GByteArray *tar, guint n)
{
	static const guint8 zeros[4 * BLOCK];

	g_byte_array_append(tar, zeros, n);
}

static void
add_entry(GByteArray *tar, const struct entry *entry)
{
	guint n = entry->bytes != NULL ? (guint)strlen(entry->bytes) : 0;

	add_header(tar, entry, entry->size != 0 ? entry->size : n);
	if (n > 0)
		g_byte_array_append(tar, (const guint8 *)entry->bytes, n);
	add_zeros(tar, (BLOCK - n % BLOCK) % BLOCK);
}

static struct tarball *
open_bytes(const GByteArray *bytes)
{
	int fd = memfd_create("tar", MFD_CLOEXEC);

	g_assert_cmpint(fd, >=, 0);
	g_assert_true(io_write_all(fd, bytes->data, bytes->len, NULL));
	return tarball_new(fd, LIMIT, g_get_tmp_dir());
}

static const struct {
	const char *label;
	struct entry entries[4]; /* ended by a NULL name */
	const char *name;        /* of the one message that comes of it; NULL: none */
	guint left_out;
	const char *error; /* a word of it, or NULL */
} cases[] = {
	{ "a copy of our own volumes", { { "090205-00ff.eml", MAIL, '0', 0 } }, "090205-00ff.eml",
	    0, NULL },
	{ "the type that old programs write", { { "a.eml", MAIL, '\0', 0 } }, "a.eml", 0, NULL },
	{ "a table of contents is no mail",
	    { { "index.html", "<html>", '0', 0 }, { "a.eml", MAIL, '0', 0 } }, "a.eml", 1, NULL },
	{ "a link is not followed, and counted",
	    { { "b.eml", NULL, '2', 0 }, { "a.eml", MAIL, '0', 0 } }, "a.eml", 1, NULL },
	{ "a folder is not counted", { { "d/", NULL, '5', 0 }, { "d/a.eml", MAIL, '0', 0 } },
	    "d/a.eml", 0, NULL },
	{ "GNU's long names",
	    { { "././@LongLink", "the/long/name.eml", 'L', 0 }, { "x", MAIL, '0', 0 } },
	    "the/long/name.eml", 0, NULL },
	{ "the path of a pax header",
	    { { "pax", "19 path=long/b.eml\n", 'x', 0 }, { "x", MAIL, '0', 0 } }, "long/b.eml", 0,
	    NULL },
	{ "a pax header whose length lies", { { "pax", "99 path=b.eml\n", 'x', 0 } }, NULL, 0,
	    "extended header" },
	{ "a sparse file's bytes are not what stands there",
	    { { "pax", "22 GNU.sparse.major=1\n", 'x', 0 }, { "a.eml", MAIL, '0', 0 } }, NULL, 0,
	    "extended header" },
	{ "a size beyond the file", { { "a.eml", MAIL, '0', 1 << 20 } }, NULL, 0, "cut off" },
	{ "an mbox within is no message", { { "a", "From a Sun Nov 22 09:02:05 2026\n", '0', 0 } },
	    NULL, 1, NULL },
};

static void
test_cases(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GByteArray) tar = g_byte_array_new();
		g_autoptr(GError) error = NULL;
		guint64 size;
		int fd;

		for (gsize n = 0; cases[i].entries[n].name != NULL; n++)
			add_entry(tar, &cases[i].entries[n]);
		add_zeros(tar, 2 * BLOCK);
		g_autoptr(tarball) tarball = open_bytes(tar);
		g_test_message("%s", cases[i].label);
		g_assert_true(tarball_next(tarball, &fd, &size, &error) == (cases[i].name != NULL));
		if (cases[i].name != NULL) {
			g_assert_cmpstr(tarball_name(tarball), ==, cases[i].name);
			g_autoptr(GBytes) got = io_read_fd(fd, LIMIT, NULL);
			g_assert_cmpmem(g_bytes_get_data(got, NULL), (int)g_bytes_get_size(got),
			    MAIL, (int)strlen(MAIL));
			io_close(&fd);
			g_assert_false(tarball_next(tarball, &fd, &size, &error));
		}
		g_assert_cmpuint(tarball_left_out(tarball), ==, cases[i].left_out);
		if (cases[i].error == NULL) {
			g_assert_no_error(error);
		} else {
			g_assert_error(error, FAULT, FAULT_DATA);
			g_assert_nonnull(strstr(error->message, cases[i].error));
		}
	}
}

/* Two volumes joined by cat: what stands behind the end mark is mail as well. */
static void
test_joined(void)
{
	const struct entry entry = { "a.eml", MAIL, '0', 0 };
	g_autoptr(GByteArray) tar = g_byte_array_new();
	g_autoptr(GError) error = NULL;
	guint64 size;
	guint n = 0;
	int fd;

	for (guint i = 0; i < 2; i++) {
		add_entry(tar, &entry);
		add_zeros(tar, 2 * BLOCK);
	}
	g_autoptr(tarball) tarball = open_bytes(tar);
	for (; tarball_next(tarball, &fd, &size, &error); n++)
		io_close(&fd);
	g_assert_no_error(error);
	g_assert_cmpuint(n, ==, 2);
}

static void
test_damage(void)
{
	const struct entry entry = { "a.eml", MAIL, '0', 0 };

	for (gsize at = 0; at < 2 * BLOCK; at += 61) {
		g_autoptr(GByteArray) tar = g_byte_array_new();
		g_autoptr(GError) error = NULL;
		guint64 size;
		int fd;

		add_entry(tar, &entry);
		tar->data[at] ^= 0x55;
		g_autoptr(tarball) tarball = open_bytes(tar);
		bool got = tarball_next(tarball, &fd, &size, &error);
		/* In the header the sum shows it; in the content the digest does, to the caller. */
		g_assert_true(got == (at >= BLOCK));
		g_assert_true(got == (error == NULL));
		io_close(&fd);
	}
}

static void
test_over_limit(void)
{
	g_autofree char *large = g_strnfill(LIMIT + 1, 'x');
	const struct entry entry = { "a.eml", large, '0', 0 };
	g_autoptr(GByteArray) tar = g_byte_array_new();
	guint64 size;
	int fd;

	add_entry(tar, &entry);
	g_autoptr(tarball) tarball = open_bytes(tar);
	g_assert_true(tarball_next(tarball, &fd, &size, NULL));
	g_assert_cmpint(fd, ==, -1);
	g_assert_cmpuint(size, ==, LIMIT + 1);
	g_assert_false(tarball_next(tarball, &fd, &size, NULL));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/mail/tarball/cases", test_cases);
	g_test_add_func("/mail/tarball/joined", test_joined);
	g_test_add_func("/mail/tarball/damage", test_damage);
	g_test_add_func("/mail/tarball/over-limit", test_over_limit);
	return g_test_run();
}
