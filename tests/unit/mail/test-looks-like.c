/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/looks-like.h"

#include <string.h>

static const struct {
	const char *label, *path, *first;
	gsize size; /* 0: a string */
	enum looks_like wanted;
} cases[] = {
	{ "a message by its name", "a/b.EML", "anything", 0, LOOKS_LIKE_MESSAGE },
	{ "even one that begins as an mbox does", "b.eml", "From x", 0, LOOKS_LIKE_MESSAGE },
	{ "an mbox has any name", "Inbox", "From a@x Sun", 0, LOOKS_LIKE_MBOX },
	{ "in a Maildir names say nothing", "box/cur/1.a:2,S", "x", 0, LOOKS_LIKE_MESSAGE },
	{ "as MH numbers them", "inbox/17", "Received: by x", 0, LOOKS_LIKE_MESSAGE },
	{ "a note is no message for its colon", "todo.txt", "Note: call Bob", 0,
	    LOOKS_LIKE_NOTHING },
	{ "nor is a page of an export", "index.html", "<!doctype html>", 0, LOOKS_LIKE_NOTHING },
	{ "zip", "a.bin", "PK\x03\x04rest", 0, LOOKS_LIKE_PACKED },
	{ "gzip, within it mostly a tar", "a.tgz", "\x1F\x8B\x08", 0, LOOKS_LIKE_PACKED },
	{ "zstd", "2026-10.tar.zst", "\x28\xB5\x2F\xFD", 0, LOOKS_LIKE_PACKED },
	{ "nothing at all", "empty", "", 0, LOOKS_LIKE_NOTHING },
};

static void
test_cases(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		gsize n = cases[i].size != 0 ? cases[i].size : strlen(cases[i].first);
		g_test_message("%s", cases[i].label);
		g_assert_cmpint(looks_like(cases[i].path, (const guint8 *)cases[i].first, n), ==,
		    cases[i].wanted);
	}
}

static void
test_tar(void)
{
	guint8 block[LOOKS_LIKE_BYTES] = { 'a' };

	memcpy(block + 257, "ustar", 5);
	g_assert_cmpint(looks_like("volume", block, sizeof block), ==, LOOKS_LIKE_TAR);
	g_assert_cmpint(looks_like("volume", block, 260), ==, LOOKS_LIKE_NOTHING);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/mail/looks-like/cases", test_cases);
	g_test_add_func("/mail/looks-like/tar", test_tar);
	return g_test_run();
}
