/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "cmd/cmd-common.h"

static const struct {
	const char *label;
	const char *line; /* split at blanks */
	bool ok;
	const char *rest, *config;
	bool json, quiet, verbose;
} globals_cases[] = {
	{ "before the command", "flagpost --config x.ini --json scan a.eml", true,
	    "flagpost scan a.eml", "x.ini", true, false, false },
	{ "behind it", "flagpost scan a.eml -q --config=x.ini", true, "flagpost scan a.eml",
	    "x.ini", false, true, false },
	{ "among its options", "flagpost scan --rules r -v a.eml", true,
	    "flagpost scan --rules r a.eml", NULL, false, false, true },
	{ "not behind the end of options", "flagpost scan -- --json", true,
	    "flagpost scan -- --json", NULL, false, false, false },
	{ "a file that is not named", "flagpost scan --config", false, NULL, NULL, false, false,
	    false },
	{ "a file without a name", "flagpost --config= scan", false, NULL, NULL, false, false,
	    false },
};

static void
test_globals(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(globals_cases); i++) {
		g_auto(GStrv) owned = g_strsplit(globals_cases[i].line, " ", -1);
		g_autofree char **argv =
		    g_memdup2(owned, sizeof(char *) * (g_strv_length(owned) + 1));
		int argc = (int)g_strv_length(owned);
		struct cmd_globals globals = { 0 };

		g_test_message("%s", globals_cases[i].label);
		g_assert_cmpint(cmd_globals_take(&argc, argv, &globals), ==, globals_cases[i].ok);
		if (!globals_cases[i].ok)
			continue;
		g_autofree char *rest = g_strjoinv(" ", argv);
		g_assert_cmpstr(rest, ==, globals_cases[i].rest);
		g_assert_cmpint(argc, ==, (int)g_strv_length(argv));
		g_assert_cmpstr(globals.config_path, ==, globals_cases[i].config);
		g_assert_cmpint(globals.json, ==, globals_cases[i].json);
		g_assert_cmpint(globals.quiet, ==, globals_cases[i].quiet);
		g_assert_cmpint(globals.verbose, ==, globals_cases[i].verbose);
	}
}

/* A person before the command, a state behind `review`; a word that is sought is no command. */
static void
test_as(void)
{
	static const struct {
		const char *label, *line, *as, *rest;
	} cases[] = {
		{ "before a command", "flagpost --as dora search x", "dora", "flagpost search x" },
		{ "behind it", "flagpost search x --as dora", "dora", "flagpost search x" },
		{ "a word that is sought", "flagpost --as dora search review", "dora",
		    "flagpost search review" },
		{ "also behind it", "flagpost search review --as=dora", "dora",
		    "flagpost search review" },
		{ "a state", "flagpost --quiet review I-4 --as resolved", NULL,
		    "flagpost review I-4 --as resolved" },
		{ "a person and a state", "flagpost --as dora review I-4 --as resolved", "dora",
		    "flagpost review I-4 --as resolved" },
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(GStrv) words = g_strsplit(cases[i].line, " ", -1);
		int argc = (int)g_strv_length(words);
		/* The words stay the vector's. */
		g_autofree char **argv = g_memdup2(words, sizeof *words * ((gsize)argc + 1));
		struct cmd_globals globals = { 0 };
		g_test_message("%s", cases[i].label);
		g_assert_true(cmd_globals_take(&argc, argv, &globals));
		g_autofree char *rest = g_strjoinv(" ", argv);
		g_assert_cmpstr(rest, ==, cases[i].rest);
		g_assert_cmpstr(globals.as, ==, cases[i].as);
	}
}

static const struct {
	const char *label, *line;
	bool json;
	int min, max;
	int exit_code;   /* -1: goes on */
	const char *err; /* what stderr says */
	const char *out; /* what stdout says */
} parse_cases[] = {
	{ "options and arguments in any order", "scan a --draft b --rules r", true, 1, -1, -1, "",
	    "" },
	{ "a misspelt option", "scan --ruels r a", false, 1, -1, 64, "did you mean --rules?", "" },
	{ "an option that nothing resembles", "scan --frobnicate a", false, 1, -1, 64,
	    "see: flagpost scan --help", "" },
	{ "an argument is missing", "scan", false, 1, -1, 64, "an argument is missing", "" },
	{ "one too many", "scan a b", false, 0, 1, 64, "'b' is one argument too many", "" },
	{ "records of a command that has none", "scan a", true, 0, 0, 64, "--json means nothing",
	    "" },
	{ "help is data", "scan --help", false, 1, -1, 0, "", "Examples:" },
	{ "an option that lacks its value", "scan a --rules", false, 1, -1, 64, "rules", "" },
	{ "behind the mark everything is an argument", "scan -- --draft", false, 1, 1, -1, "", "" },
};

/* Runs cmd_parse with stdout and stderr in files. */
static int
parse(gsize i, char **out, char **err)
{
	g_auto(GStrv) owned = g_strsplit(parse_cases[i].line, " ", -1);
	g_autofree char **argv = g_memdup2(owned, sizeof(char *) * (g_strv_length(owned) + 1));
	int argc = (int)g_strv_length(owned), code = -1;
	const struct cmd_globals globals = { .json = parse_cases[i].json };
	const struct cmd_usage usage = { "scan", "Examples:\n", parse_cases[i].min,
		parse_cases[i].max, i == 0 };
	g_autofree char *rules = NULL;
	gboolean draft = FALSE;
	const GOptionEntry entries[] = { { "rules", 0, 0, G_OPTION_ARG_FILENAME, &rules, NULL,
					     NULL },
		{ "draft", 0, 0, G_OPTION_ARG_NONE, &draft, NULL, NULL }, G_OPTION_ENTRY_NULL };
	int kept[2] = { dup(STDOUT_FILENO), dup(STDERR_FILENO) };
	FILE *files[2] = { tmpfile(), tmpfile() };

	fflush(NULL);
	for (int k = 0; k < 2; k++)
		g_assert_cmpint(dup2(fileno(files[k]), STDOUT_FILENO + k), >=, 0);
	bool on = cmd_parse(&usage, entries, &globals, &argc, argv, &code);
	fflush(NULL);
	for (int k = 0; k < 2; k++) {
		char buffer[1000] = "";
		rewind(files[k]);
		g_assert_cmpuint(fread(buffer, 1, sizeof(buffer) - 1, files[k]), <, 999);
		*(k == 0 ? out : err) = g_strdup(buffer);
		g_assert_cmpint(dup2(kept[k], STDOUT_FILENO + k), >=, 0);
		close(kept[k]);
		fclose(files[k]);
	}
	return on ? -1 : code;
}

static void
test_parse(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(parse_cases); i++) {
		g_autofree char *out = NULL, *err = NULL;
		int code = parse(i, &out, &err);

		g_test_message("%s", parse_cases[i].label);
		g_test_message("  %s", err);
		g_assert_cmpint(code, ==, parse_cases[i].exit_code);
		g_assert_nonnull(strstr(err, parse_cases[i].err));
		g_assert_nonnull(strstr(out, parse_cases[i].out));
		g_assert_true(code != FAULT_USAGE || out[0] == '\0');
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/options/globals", test_globals);
	g_test_add_func("/options/as", test_as);
	g_test_add_func("/options/parse", test_parse);
	return g_test_run();
}
