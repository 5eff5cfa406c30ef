/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ini.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/ini-guard.h"

static struct ini *
parse_bytes(const char *text, gssize size, struct problems *problems)
{
	g_autoptr(GBytes) bytes = g_bytes_new(text, size < 0 ? strlen(text) : (gsize)size);

	return ini_parse("x.ini", bytes, problems);
}

/* Text in the subset; a test that gets this wrong shows what is wrong. */
static struct ini *
parse_right(const char *text)
{
	g_autoptr(problems) problems = problems_new();
	struct ini *ini = parse_bytes(text, -1, problems);

	if (ini == NULL)
		problems_print(problems, stderr, false);
	g_assert_nonnull(ini);
	g_assert_cmpuint(problems_total(problems), ==, 0);
	return ini;
}

static void
test_right(void)
{
	g_autoptr(ini) ini =
	    parse_right("# A comment; with # anything \"in\" it\n"
			"\n"
			"  [rule]  \n"
			"id=competitor-attachment\n"
			"\ttitle \t = \t Ünïcödé = and 日本  \n"
			"[content.code-name_1]\n"
			"  # an indented comment\n"
			"pattern.1 = \\bproje[ck]t[ _-]?falcon\\b\n"
			"pattern.2 = it's \"quoted\" within, [brackets], 50% : = \\x5c\\\\d");
	const struct ini_section *rule = ini_section(ini, "rule");
	const struct ini_section *content = ini_section(ini, "content.code-name_1");

	g_assert_cmpstr(ini_name(ini), ==, "x.ini");
	g_assert_cmpuint(ini_sections(ini)->len, ==, 2);
	g_assert_cmpstr(ini_get(rule, "id"), ==, "competitor-attachment");
	g_test_message("blanks around a value go, blanks and equals signs within it stay");
	g_assert_cmpstr(ini_get(rule, "title"), ==, "Ünïcödé = and 日本");
	g_test_message("a pattern comes through byte for byte, the file's last line too");
	g_assert_cmpstr(ini_get(content, "pattern.1"), ==, "\\bproje[ck]t[ _-]?falcon\\b");
	g_assert_cmpstr(ini_get(content, "pattern.2"), ==,
	    "it's \"quoted\" within, [brackets], 50% : = \\x5c\\\\d");
	g_assert_null(ini_get(rule, "pattern.1"));
	g_assert_null(ini_section(ini, "nothing"));
	const struct ini_entry *entry = ini_entry(rule, "title");
	g_assert_cmpuint(entry->line, ==, 5);
	g_assert_cmpuint(entry->column, ==, 14);
	g_autofree char *line = ini_line(ini, 3);
	g_assert_cmpstr(line, ==, "  [rule]  ");

	g_test_message("an empty file masks a shipped one: it is right, and has nothing in it");
	g_autoptr(ini) empty = parse_right("");
	g_assert_cmpuint(ini_sections(empty)->len, ==, 0);
}

static const struct {
	const char *label, *text;
	guint line, column;
	const char *says, *mend;
} refused[] = {
	{ "iniparser cuts a value at ';'", "[s]\np = a;b\n", 2, 6, "ends at ';'", "write \\x3b" },
	{ "iniparser cuts a value at '#'", "[s]\np = a#b\n", 2, 6, "ends at '#'", "write \\x23" },
	{ "a value of nothing but a comment", "[s]\np = ; x\n", 2, 5, "ends at ';'",
	    "write \\x3b" },
	{ "what follows a closing quote is lost", "[s]\np = \"a\"|\"b\"\n", 2, 5, "a quote",
	    "without quotes" },
	{ "so it is behind an apostrophe", "[s]\np = 'it's'\n", 2, 5, "a quote", "without quotes" },
	{ "a pattern that ends in a backslash eats the next line", "[s]\np = a\\\nq = 1\n", 2, 6,
	    "swallows", "write \\x5c" },
	{ "blanks behind the backslash do not save it", "[s]\np = a\\  \nq = 1\n", 2, 6, "swallows",
	    "write \\x5c" },
	{ "a comment eats the next line, too", "[s]\n# C:\\\nq = 1\n", 2, 5, "swallows",
	    "end the comment" },
	{ "an empty value: versions of iniparser differ", "[s]\np =\n", 2, 4, "no value",
	    "leave the line out" },
	{ "an empty value behind blanks", "[s]\np =   \n", 2, 4, "no value", "leave the line" },
	{ "a missing '='", "[s]\npattern\n", 2, 1, "not a key = value line", "key = value" },
	{ "a key twice: the last would win", "[s]\np = 1\np = 2\n", 3, 1, "line 2 already",
	    "leave one" },
	{ "a section twice: the two would merge", "[s]\np = 1\n[t]\n[s]\np = 2\n", 4, 1,
	    "line 1 already", "merge" },
	{ "a key before any section is never read", "p = 1\n[s]\n", 1, 1,
	    "before the first section", "[section]" },
	{ "upper case would be folded", "[Rule]\n", 1, 2, "upper-case", "lower case: rule" },
	{ "in keys, too", "[s]\nmaxSize = 1\n", 2, 4, "upper-case", "lower case: maxsize" },
	{ "a blank in a section's name", "[a b]\n", 1, 3, "not a name", "a-z" },
	{ "a colon would split the name", "[rule:x]\n", 1, 6, "not a name", "a-z" },
	{ "a name that begins with a digit", "[1]\n", 1, 2, "not a name", "a letter" },
	{ "a section without a name", "[]\n", 1, 2, "no name", NULL },
	{ "a section that stays open", "[s\n", 1, 3, "']' is missing", "close it" },
	{ "a comment behind a section makes it a key", "[s] # c = d\n", 1, 4, "text behind",
	    "own" },
	{ "two brackets", "[a]]\n", 1, 4, "text behind", "own" },
	{ "no key", "[s]\n = 1\n", 2, 2, "no name", NULL },
	{ "the other comment sign", "[s]\n; old\n", 2, 1, "';'", "begin comments with '#'" },
	{ "a byte order mark", "\xef\xbb\xbf[s]\n", 1, 1, "byte order mark", "without one" },
	{ "an editor of another system", "[s]\r\np = 1\r\n", 1, 4, "carriage return",
	    "LF line ends" },
	{ "a carriage return within", "[s]\np = 1\r2\n", 2, 6, "U+000D", "leave it out" },
	{ "a tab within a value", "[s]\np = a\tb\n", 2, 6, "tab", "write a blank" },
	{ "an escape sequence in a comment", "# \033[2J\n", 1, 3, "U+001B", "leave it out" },
	{ "a form feed is a blank for iniparser only", "[s]\np = \f1\n", 2, 5, "U+000C", "out" },
	{ "Latin-1", "[s]\np = gr\xfc\xdf\n", 2, 7, "not UTF-8", "save the file as UTF-8" },
};

static void
test_refused(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(refused); i++) {
		g_autoptr(problems) problems = problems_new();
		g_test_message("%s", refused[i].label);
		g_assert_null(parse_bytes(refused[i].text, -1, problems));
		g_assert_cmpuint(problems_total(problems), ==, 1);
		const struct problem *problem = problems_get(problems, 0);
		g_assert_cmpstr(problem->file, ==, "x.ini");
		g_assert_cmpuint(problem->line, ==, refused[i].line);
		g_assert_cmpuint(problem->column, ==, refused[i].column);
		g_assert_nonnull(strstr(problem->text, refused[i].says));
		if (refused[i].mend != NULL)
			g_assert_nonnull(strstr(problem->mend, refused[i].mend));
		else
			g_assert_null(problem->mend);
	}
}

static void
test_all_are_collected(void)
{
	g_autoptr(problems) problems = problems_new();

	g_test_message("one run shows every problem, and one mistake is one problem");
	g_assert_null(
	    parse_bytes("[Bad]\nid = 1\nid = 2;3\n[ok]\nid = 1\nx\r\ny\r\n", -1, problems));
	static const guint lines[] = { 1, 3, 6, 6, 7 };
	g_assert_cmpuint(problems_total(problems), ==, G_N_ELEMENTS(lines));
	for (guint i = 0; i < G_N_ELEMENTS(lines); i++)
		g_assert_cmpuint(problems_get(problems, i)->line, ==, lines[i]);
}

static void
test_borders(void)
{
	static const struct {
		const char *label;
		gsize line_bytes, file_bytes;
		bool is_right;
	} cases[] = {
		{ "the longest line", INI_LINE_MAX, 0, true },
		{ "one byte more", INI_LINE_MAX + 1, 0, false },
		{ "what iniparser would refuse as a whole", 1100, 0, false },
		{ "the largest file", 100, INI_FILE_MAX, true },
		{ "one byte more", 100, INI_FILE_MAX + 1, false },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(problems) problems = problems_new();
		GString *text = g_string_new("[s]\np = ");

		g_test_message("%s", cases[i].label);
		while (text->len < 4 + cases[i].line_bytes)
			g_string_append_c(text, 'x');
		g_string_append_c(text, '\n');
		while (text->len < cases[i].file_bytes)
			g_string_append_c(text, '\n');
		g_autoptr(ini) ini = parse_bytes(text->str, (gssize)text->len, problems);
		g_assert_cmpint(ini != NULL, ==, cases[i].is_right);
		g_assert_cmpuint(problems_total(problems), ==, cases[i].is_right ? 0 : 1);
		g_string_free(text, TRUE);
	}
	g_autoptr(problems) zero = problems_new();
	g_test_message("a zero byte hides the rest of a line from iniparser");
	g_assert_null(parse_bytes("[s]\np = 1\0;2\n", 13, zero));
	g_assert_nonnull(strstr(problems_get(zero, 0)->text, "zero byte"));
}

static void
test_many(void)
{
	for (guint n = INI_ENTRIES_MAX - 1; n <= INI_ENTRIES_MAX; n++) {
		g_autoptr(problems) problems = problems_new();
		GString *text = g_string_new("[s]\n");
		for (guint i = 0; i < n; i++)
			g_string_append_printf(text, "k%u = %u\n", i, i);
		g_autoptr(ini) ini = parse_bytes(text->str, -1, problems);
		g_test_message("%u keys in one section", n);
		g_assert_cmpint(ini != NULL, ==, n + 1 <= INI_ENTRIES_MAX);
		g_assert_cmpuint(problems_total(problems), ==, ini != NULL ? 0 : 1);
		g_string_free(text, TRUE);
	}
}

/* The guard is given other bytes than the walk: every way to differ must be seen. */
static void
test_guard(void)
{
	static const struct {
		const char *label, *text, *says;
	} cases[] = {
		{ "the same", "[s]\np = 1\nq = 2\n[t]\n", NULL },
		{ "another value", "[s]\np = 1\nq = 3\n[t]\n", "reads q as \"3\"" },
		{ "a key less", "[s]\np = 1\n[t]\n", "does not see q" },
		{ "a section less", "[s]\np = 1\nq = 2\n", "does not see [t]" },
		{ "a key more", "[s]\np = 1\nq = 2\nr = 3\n[t]\n", "5 entries in 2 sections" },
		{ "a section more", "[s]\np = 1\nq = 2\n[t]\n[u]\n", "5 entries in 3 sections" },
		{ "a file that iniparser cannot read", "[s]\np\n", "cannot read it" },
	};
	g_autoptr(ini) ini = parse_right("[s]\np = 1\nq = 2\n[t]\n");

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(problems) problems = problems_new();
		g_autoptr(GBytes) bytes = g_bytes_new_static(cases[i].text, strlen(cases[i].text));
		g_test_message("%s", cases[i].label);
		ini_guard(ini, bytes, problems);
		if (cases[i].says == NULL) {
			g_assert_cmpuint(problems_total(problems), ==, 0);
			continue;
		}
		g_assert_cmpuint(problems_count(problems, PROBLEM_ERROR), >, 0);
		g_assert_nonnull(strstr(problems_get(problems, 0)->text, cases[i].says));
	}
}

static void
test_check_keys(void)
{
	static const char *const known[] = { "type", "pattern.*", "where", NULL };
	static const struct {
		const char *label, *line, *mend;
		bool is_known;
	} cases[] = {
		{ "a known key", "type = x", NULL, true },
		{ "a numbered key", "pattern.17 = x", NULL, true },
		{ "a numbered key without its number", "pattern = x", "did you mean pattern.1?",
		    false },
		{ "a misspelt one", "  wehre = x", "did you mean where?", false },
		{ "a misspelt numbered one", "patern.2 = x", "did you mean pattern.2?", false },
		{ "nothing like it", "colour = x", NULL, false },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(problems) problems = problems_new();
		g_autofree char *text = g_strdup_printf("[s]\n%s\n", cases[i].line);
		g_autoptr(ini) ini = parse_right(text);
		g_test_message("%s", cases[i].label);
		ini_check_keys(ini_section(ini, "s"), known, problems);
		g_assert_cmpuint(problems_total(problems), ==, cases[i].is_known ? 0 : 1);
		if (cases[i].is_known)
			continue;
		const struct problem *problem = problems_get(problems, 0);
		g_assert_cmpstr(problem->mend, ==, cases[i].mend);
		g_assert_cmpuint(problem->line, ==, 2);
		g_assert_cmpuint(problem->column, ==, strspn(cases[i].line, " ") + 1);
	}
}

static void
test_read(void)
{
	g_autofree char *folder = g_dir_make_tmp("flagpost-ini-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(folder, "flagpost.ini", NULL);
	g_autofree char *link = g_build_filename(folder, "link.ini", NULL);
	g_autoptr(GError) error = NULL;

	g_test_message("a folder would load as an empty file");
	g_assert_null(ini_read(folder, &error));
	g_assert_error(error, FAULT, FAULT_CONFIG);
	g_assert_nonnull(strstr(error->message, folder));
	g_clear_error(&error);
	g_test_message("a missing file is a matter of configuration");
	g_assert_null(ini_read(path, &error));
	g_assert_error(error, FAULT, FAULT_CONFIG);
	g_clear_error(&error);
	g_assert_true(g_file_set_contents(path, "[s]\n", -1, NULL));
	g_assert_cmpint(symlink("flagpost.ini", link), ==, 0);
	g_autoptr(GBytes) bytes = ini_read(link, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(g_bytes_get_size(bytes), ==, 4);
	g_unlink(path);
	g_unlink(link);
	g_rmdir(folder);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/ini/right", test_right);
	g_test_add_func("/ini/refused", test_refused);
	g_test_add_func("/ini/all-are-collected", test_all_are_collected);
	g_test_add_func("/ini/borders", test_borders);
	g_test_add_func("/ini/many", test_many);
	g_test_add_func("/ini/guard", test_guard);
	g_test_add_func("/ini/check-keys", test_check_keys);
	g_test_add_func("/ini/read", test_read);
	return g_test_run();
}
