/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-from-line - what mail/from-line promises, as tables and scenes. */
#include <string.h>

#include "mail/from-line.h"

static void
test_dated(void)
{
	static const struct {
		const char *label;
		const char *line;
		bool dated;
	} rows[] = {
		{ "as ctime writes it", "From anna@corp.example Sun Nov 22 09:02:05 2026", true },
		{ "with its line end", "From - Sun Nov 22 09:02:05 2026\r\n", true },
		{ "a zone before the year", "From a@b Sun Nov  1 09:02 CET 2026", true },
		{ "a zone behind it", "From a@b Sun Nov 22 09:02:05 2026 +0100", true },
		{ "a sentence", "From Sunday on we are closed", false },
		{ "a date that people write", "From a to b on 22.11.2026", false },
		{ "quoted", ">From a@b Sun Nov 22 09:02:05 2026", false },
		{ "nothing", "", false },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_test_message("%s", rows[i].label);
		g_assert_cmpint(from_line_is_dated(rows[i].line), ==, rows[i].dated);
	}
}

static void
test_header_and_quote(void)
{
	static const struct {
		const char *label;
		const char *line;
		bool header;
		gsize quote;
	} rows[] = {
		{ "a field", "Received: from a", true, 0 },
		{ "a blank before the colon", "Subject : x", true, 0 },
		{ "a line that a relay left", ">From anna", true, 1 },
		{ "quoted twice", ">>From anna", false, 1 },
		{ "a sentence", "Dear Anna: how are you", false, 0 },
		{ "no colon", "Subject", false, 0 },
		{ "a colon alone", ": x", false, 0 },
		{ "nothing", "", false, 0 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		gsize size = strlen(rows[i].line);
		g_test_message("%s", rows[i].label);
		g_assert_cmpint(from_line_is_header(rows[i].line, size), ==, rows[i].header);
		g_assert_cmpuint(from_line_quote(rows[i].line, size), ==, rows[i].quote);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/mail/from-line/dated", test_dated);
	g_test_add_func("/mail/from-line/header-and-quote", test_header_and_quote);
	return g_test_run();
}
