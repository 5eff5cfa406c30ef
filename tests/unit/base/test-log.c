/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/log.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

/* Everything that is written to stderr while each level says the text once. */
static char *
captured(const char *who, enum log_level threshold, const char *text, bool for_journal)
{
	int file = memfd_create("log", MFD_CLOEXEC), old = dup(STDERR_FILENO);
	struct stat st;

	g_assert_cmpint(fstat(file, &st), ==, 0);
	g_autofree char *stream = g_strdup_printf(
	    "%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT, (guint64)st.st_dev, (guint64)st.st_ino);
	g_setenv("JOURNAL_STREAM", for_journal ? stream : "1:1", TRUE);
	g_assert_cmpint(dup2(file, STDERR_FILENO), >=, 0);
	log_open(who, threshold);
	errno = EXDEV;
	log_error("%s %d", text, 1);
	log_warning("%s %d", text, 2);
	log_info("%s %d", text, 3);
	log_debug("%s %d", text, 4);
	int kept = errno;
	dup2(old, STDERR_FILENO);
	close(old);
	g_assert_cmpint(kept, ==, EXDEV);
	g_autoptr(GBytes) bytes = io_read_fd(file, 100000, NULL);
	close(file);
	return g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
}

static void
test_lines(void)
{
	static const struct {
		const char *label, *who;
		enum log_level threshold;
		const char *text;
		bool for_journal;
		const char *expected;
	} cases[] = {
		{ "errors name the program and the level", "", LOG_LEVEL_DEBUG, "x", false,
		    "flagpost: error: x 1\nflagpost: warning: x 2\nflagpost: x 3\n"
		    "flagpost: debug: x 4\n" },
		{ "a worker is told apart", "worker", LOG_LEVEL_ERROR, "x", false,
		    "flagpost worker: error: x 1\n" },
		{ "the threshold holds", "", LOG_LEVEL_WARNING, "x", false,
		    "flagpost: error: x 1\nflagpost: warning: x 2\n" },
		{ "the journal gets priorities", "", LOG_LEVEL_DEBUG, "x", true,
		    "<3>x 1\n<4>x 2\n<6>x 3\n<7>x 4\n" },
		{ "and the worker's name", "worker", LOG_LEVEL_ERROR, "x", true,
		    "<3>worker: x 1\n" },
		{ "a folder's name cannot forge a line", "", LOG_LEVEL_ERROR,
		    "INBOX\n<0>flagpost: all is well\r\033[2J", false,
		    "flagpost: error: INBOX\\u{A}<0>flagpost: all is well\\u{D}\\u{1B}[2J 1\n" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text =
		    captured(cases[i].who, cases[i].threshold, cases[i].text, cases[i].for_journal);
		g_test_message("%s", cases[i].label);
		g_assert_cmpstr(text, ==, cases[i].expected);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/log/lines", test_lines);
	return g_test_run();
}
