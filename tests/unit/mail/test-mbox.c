/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/mbox.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"

#define FROM  "From anna@x.example Sun Nov 22 09:02:05 2026\n"
#define LIMIT 4096

static const struct {
	const char *label;
	const char *file;
	const char *messages[4]; /* NULL-terminated */
} cases[] = {
	{ "one message", FROM "Subject: a\n\nbody\n", { "Subject: a\n\nbody\n" } },
	{ "the empty line before a separator is not the message's",
	    FROM "Subject: a\n\nbody\n\n" FROM "Subject: b\n\n",
	    { "Subject: a\n\nbody\n", "Subject: b\n" } },
	{ "an empty line that ends a paragraph is", FROM "S: a\n\none\n\n\ntwo\n",
	    { "S: a\n\none\n\n\ntwo\n" } },
	{ "a sentence that begins with From begins no message",
	    FROM "S: a\n\n\nFrom the desk of Anna\nSubject: no header\n",
	    { "S: a\n\n\nFrom the desk of Anna\nSubject: no header\n" } },
	{ "nor one that goes on behind a date",
	    FROM "S: a\n\n\nFrom anna Sun Nov 22 09:02:05 2026 we knew\nS: x\n",
	    { "S: a\n\n\nFrom anna Sun Nov 22 09:02:05 2026 we knew\nS: x\n" } },
	{ "a separator without an empty line before it is text",
	    FROM "S: a\n\ntext\n" FROM "S: b\n", { "S: a\n\ntext\n" FROM "S: b\n" } },
	{ "a separator that no header follows is text", FROM "S: a\n\n\n" FROM "and so on\n",
	    { "S: a\n\n\n" FROM "and so on\n" } },
	{ "quoted lines lose one mark", FROM "S: a\n\n>From me\n>>From you\n> From us\n",
	    { "S: a\n\nFrom me\n>From you\n> From us\n" } },
	{ "CRLF separates as well",
	    "From a Sun Nov 22 09:02:05 2026\r\nS: a\r\n\r\nx\r\n\r\n"
	    "From b Sun Nov 22 09:02:05 2026\r\nS: b\r\n\r\n",
	    { "S: a\r\n\r\nx\r\n", "S: b\r\n" } },
	{ "dates of other programs: no seconds, a zone, Thunderbird's dash",
	    "From - Sun Nov 22 09:02 2026\nS: a\n\n\nFrom b Sun Nov  2 09:02:05 CET 2026\nS: "
	    "b\n\n\n"
	    "From c Sun Nov 22 09:02:05 2026 +0100\nS: c\n",
	    { "S: a\n\n", "S: b\n\n", "S: c\n" } },
	{ "where no separator has a date, none is asked for",
	    "From anna@x.example\nS: a\n\none\n\nFrom bob@x.example\nS: b\n",
	    { "S: a\n\none\n", "S: b\n" } },
	{ "a relay's >From in the header is a header", FROM "S: a\n\n\n" FROM ">From relay\nS: b\n",
	    { "S: a\n\n", "From relay\nS: b\n" } },
	{ "no end of line at the end", FROM "S: a\n\nx", { "S: a\n\nx" } },
	{ "a separator alone is an empty message", FROM, { "" } },
};

static int
file_of(const char *bytes, gsize size)
{
	int fd = memfd_create("mbox", MFD_CLOEXEC);

	g_assert_cmpint(fd, >=, 0);
	g_assert_true(io_write_all(fd, bytes, size, NULL));
	g_assert_cmpint(lseek(fd, 0, SEEK_SET), ==, 0);
	return fd;
}

static void
test_split(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(mbox) mbox =
		    mbox_new(file_of(cases[i].file, strlen(cases[i].file)), LIMIT, "/tmp");
		g_autoptr(GError) error = NULL;
		guint64 size;
		int fd;

		g_test_message("%s", cases[i].label);
		for (const char *const *want = cases[i].messages; *want != NULL; want++) {
			g_assert_true(mbox_next(mbox, &fd, &size, &error));
			g_autoptr(GBytes) got = io_read_fd(fd, LIMIT, &error);
			g_assert_no_error(error);
			g_autofree char *text =
			    g_strndup(g_bytes_get_data(got, NULL), g_bytes_get_size(got));
			g_assert_cmpstr(text, ==, *want);
			g_assert_cmpuint(size, ==, strlen(*want));
			io_close(&fd);
		}
		g_assert_false(mbox_next(mbox, &fd, &size, &error));
		g_assert_no_error(error);
	}
}

static void
test_limit(void)
{
	g_autoptr(GString) text = g_string_new(FROM "S: a\n\n");
	g_autoptr(GError) error = NULL;
	guint64 size;
	int fd;

	/* One line far longer than a piece: what looks like a separator in it is none. */
	for (guint i = 0; i < 3000; i++)
		g_string_append(text, "xxxxxxxxxxFrom ");
	g_string_append(text, "\n\n" FROM "S: b\n");
	g_autoptr(mbox) mbox = mbox_new(file_of(text->str, text->len), LIMIT, "/tmp");

	g_test_message("a message over the limit is counted and not kept");
	g_assert_true(mbox_next(mbox, &fd, &size, &error));
	g_assert_cmpint(fd, ==, -1);
	g_assert_cmpuint(size, ==, strlen("S: a\n\n") + 3000 * 15 + 1);
	g_test_message("and the one behind it is there");
	g_assert_true(mbox_next(mbox, &fd, &size, &error));
	g_assert_cmpint(fd, >=, 0);
	g_assert_cmpuint(size, ==, strlen("S: b\n"));
	io_close(&fd);
	g_assert_false(mbox_next(mbox, &fd, &size, &error));
}

static void
test_bytes(void)
{
	static const char file[] = FROM "S: a\n\nnul \0 and \xff\n";
	static const char want[] = "S: a\n\nnul \0 and \xff\n";
	g_autoptr(mbox) mbox = mbox_new(file_of(file, sizeof(file) - 1), LIMIT, "/tmp");
	g_autoptr(GError) error = NULL;
	guint64 size;
	int fd;

	g_test_message("bytes that are no text pass unchanged");
	g_assert_true(mbox_next(mbox, &fd, &size, &error));
	g_autoptr(GBytes) got = io_read_fd(fd, LIMIT, &error);
	g_assert_cmpmem(
	    g_bytes_get_data(got, NULL), (int)g_bytes_get_size(got), want, (int)sizeof(want) - 1);
	io_close(&fd);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/mbox/split", test_split);
	g_test_add_func("/mbox/limit", test_limit);
	g_test_add_func("/mbox/bytes", test_bytes);
	return g_test_run();
}
