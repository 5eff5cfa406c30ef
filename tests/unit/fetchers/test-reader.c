/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fetchers/dots.h"
#include "fetchers/reader.h"
#include "fetchers/token.h"

/* Writes down what the reader says: answers as "A:text", streamed bytes as "<bytes>". */

static bool
on_begin(void *data, const GString *text, guint64 size, bool *wanted, GError **error)
{
	(void)error;
	*wanted = strstr(text->str, "BODY[]") != NULL;
	g_string_append_printf(data, "{%s%" G_GUINT64_FORMAT, *wanted ? "" : "inline ", size);
	return true;
}

static bool
on_literal(void *data, const guint8 *bytes, gsize size, GError **error)
{
	(void)error;
	g_string_append_len(data, (const char *)bytes, (gssize)size);
	return true;
}

static bool
on_end(void *data, GError **error)
{
	(void)error;
	g_string_append(data, "}");
	return true;
}

static bool
on_answer(void *data, const GString *text, GError **error)
{
	struct token token;

	(void)error;
	g_string_append(data, "\nA:");
	token_start(&token, text->str, text->len);
	while (token_next(&token)) {
		static const char *const shown[] = { "", "(", ")", "", "'", "STREAM" };
		g_string_append_printf(data, " %s%s", shown[token.kind], token.value->str);
	}
	if (token.kind == TOKEN_BROKEN)
		g_string_append(data, " BROKEN");
	g_string_append_c(data, '\n');
	token_clear(&token);
	return true;
}

static bool
on_overlong(void *data, GString *text, GError **error)
{
	(void)error;
	if (g_str_has_prefix(text->str, "* SEARCH")) {
		g_string_append(data, "[taken]");
		g_string_assign(text, "* SEARCH ");
	}
	return true;
}

static const struct reader_sink sink = { on_begin, on_literal, on_end, on_answer, on_overlong };

/* Feeds text in two pieces cut at `cut`, or byte by byte (0). */
static char *
read_all(const char *text, gsize size, gsize cut, GError **error)
{
	GString *seen = g_string_new(NULL);
	struct reader *reader = reader_new(&sink, seen);
	bool fine = true;

	reader_synchronised(reader);
	for (gsize at = 0; at < size && fine;) {
		gsize n = cut == 0 ? 1 : at == 0 ? MIN(cut, size) : size - at;
		/* A copy with no byte to spare. */
		g_autofree guint8 *piece = g_memdup2(text + at, n);
		fine = reader_feed(reader, piece, n, error);
		at += n;
	}
	if (fine && reader_is_inside(reader))
		g_string_append(seen, "(inside)");
	reader_free(reader);
	return g_string_free(seen, FALSE);
}

static void
test_answers(void)
{
	static const struct {
		const char *label, *text, *expect;
	} cases[] = {
		{ "plain answers", "* 3 EXISTS\r\nF1 OK done\r\n",
		    "\nA: * 3 EXISTS\n\nA: F1 OK done\n" },
		{ "a body that looks like protocol stays a body",
		    "* 1 FETCH (UID 7 BODY[] {19}\r\nF1 OK\r\n* 1 {3}\r\n)\r\n FLAGS (\\Seen))\r\n",
		    "{19F1 OK\r\n* 1 {3}\r\n)\r\n}"
		    "\nA: * 1 FETCH ( UID 7 BODY[] STREAM FLAGS ( \\Seen ) )\n" },
		{ "an empty literal", "* 1 FETCH (BODY[] {0}\r\n)\r\n",
		    "{0}\nA: * 1 FETCH ( BODY[] STREAM )\n" },
		{ "a small literal stays in its answer", "* LIST () \"/\" {5}\r\na \"b\\\r\n",
		    "{inline 5\nA: * LIST ( ) '/ 'a \"b\\\n" },
		{ "the text for people is no place for literals", "* OK see {5}\r\nF2 NO {7}\r\n",
		    "\nA: * OK see {5}\n\nA: F2 NO {7}\n" },
		{ "quotes and escapes", "* LIST (\\Sent) \"/\" \"a\\\"b\\\\(\"\r\n",
		    "\nA: * LIST ( \\Sent ) '/ 'a\"b\\(\n" },
		{ "brackets hold parentheses", "* 1 FETCH (BODY[HEADER.FIELDS (TO)] NIL)\r\n",
		    "\nA: * 1 FETCH ( BODY[HEADER.FIELDS (TO)] NIL )\n" },
		{ "an open quote is broken", "* LIST () \"/\r\n", "\nA: * LIST ( ) BROKEN\n" },
		{ "a bare LF ends a line too", "* 1 EXISTS\nF1 OK\n",
		    "\nA: * 1 EXISTS\n\nA: F1 OK\n" },
		{ "a literal of the plus form", "* 1 FETCH (BODY[] {2+}\r\nab)\r\n",
		    "{2ab}\nA: * 1 FETCH ( BODY[] STREAM )\n" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		gsize size = strlen(cases[i].text);
		g_test_message("%s", cases[i].label);
		for (gsize cut = 0; cut <= size; cut++) {
			g_autoptr(GError) error = NULL;
			g_autofree char *seen = read_all(cases[i].text, size, cut, &error);
			g_assert_no_error(error);
			g_assert_cmpstr(seen, ==, cases[i].expect);
		}
	}
}

static void
test_refused(void)
{
	static const struct {
		const char *label, *text;
		gsize size;
	} cases[] = {
		{ "a size beyond all numbers", "* 1 FETCH (BODY[] {99999999999999999999}\r\n", 0 },
		{ "a negative size", "* 1 FETCH (BODY[] {-1}\r\n", 0 },
		{ "a size that is no number", "* 1 FETCH (BODY[] {x}\r\n", 0 },
		{ "a large literal that nobody asked for", "* LIST () \"/\" {99999}\r\n", 0 },
		{ "a NUL in a line", "* 1 EX\0STS\r\n", 12 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		gsize size = cases[i].size > 0 ? cases[i].size : strlen(cases[i].text);
		g_test_message("%s", cases[i].label);
		for (gsize cut = 0; cut <= size; cut++) {
			g_autoptr(GError) error = NULL;
			g_autofree char *seen = read_all(cases[i].text, size, cut, &error);
			g_assert_nonnull(seen);
			g_assert_nonnull(error);
		}
	}
}

static void
test_bounds(void)
{
	g_autofree char *blank = g_strnfill(READER_ANSWER_MAX + 10, 'x');
	g_autofree char *line = g_strdup_printf("* %s\r\n", blank);
	g_autofree char *list = g_strdup_printf("* SEARCH %s\r\n", blank);
	g_autofree char *bomb = g_strdup("* 1 FETCH (BODY[] {9000000000000000000}\r\nabc");
	g_autoptr(GError) error = NULL;

	g_autofree char *seen = read_all(line, strlen(line), 1000, &error);
	g_assert_cmpstr(seen, ==, "");
	g_assert_nonnull(error);
	g_clear_error(&error);
	g_autofree char *taken = read_all(list, strlen(list), 1000, &error);
	g_assert_no_error(error);
	g_assert_nonnull(strstr(taken, "[taken]"));
	/* No memory is set aside for what is only announced. */
	g_autofree char *inside = read_all(bomb, strlen(bomb), 5, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(inside, ==, "{9000000000000000000abc(inside)");
}

static void
add_bytes(void *data, const guint8 *bytes, gsize size)
{
	g_string_append_len(data, (const char *)bytes, (gssize)size);
}

static void
test_dots(void)
{
	static const struct {
		const char *label, *text, *expect, *rest;
	} cases[] = {
		{ "an empty message", ".\r\n", "", "" },
		{ "the last CRLF belongs to the message", "a\r\n.\r\n", "a\r\n", "" },
		{ "what follows the end is left", "a\r\n.\r\n+OK\r\n", "a\r\n", "+OK\r\n" },
		{ "one dot is taken off", "..\r\n...\r\n.x\r\n.\r\n", ".\r\n..\r\nx\r\n", "" },
		{ "dots within lines stay", "a.b\r\n.\r\n", "a.b\r\n", "" },
		{ "a bare LF begins no line", "a\n.\r\n.\r\n", "a\n.\r\n", "" },
		{ "a bare LF ends no message", "a\r\n.\nb\r\n.\r\n", "a\r\n\nb\r\n", "" },
		{ "a bare CR is no end", "a\r\n.\rb\r\n.\r\n", "a\r\n\rb\r\n", "" },
		{ "CR CR LF", "a\r\r\n.\r\n", "a\r\r\n", "" },
		{ "a stuffed dot before CR", "..\r\r\n.\r\n", ".\r\r\n", "" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		gsize size = strlen(cases[i].text);
		g_test_message("%s", cases[i].label);
		for (gsize cut = 0; cut <= size; cut++) {
			g_autoptr(GString) seen = g_string_new(NULL);
			enum dots state = DOTS_LINE_START;
			gsize used = 0;
			while (used < size && state != DOTS_DONE) {
				gsize n = cut == 0 ? 1 : used < cut ? cut - used : size - used;
				g_autofree guint8 *piece = g_memdup2(cases[i].text + used, n);
				used += dots_feed(&state, piece, n, add_bytes, seen);
			}
			g_assert_cmpint(state, ==, DOTS_DONE);
			g_assert_cmpstr(seen->str, ==, cases[i].expect);
			g_assert_cmpstr(cases[i].text + used, ==, cases[i].rest);
		}
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/reader/answers", test_answers);
	g_test_add_func("/reader/refused", test_refused);
	g_test_add_func("/reader/bounds", test_bounds);
	g_test_add_func("/dots", test_dots);
	return g_test_run();
}
