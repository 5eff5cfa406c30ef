/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command line: strict, since an option that is misspelt and ignored is a wrong answer.
 */
#include <string.h>

#include "base/fault.h"
#include "base/text.h"
#include "cmd/cmd-common.h"

const char *const cmd_global_names[] = { "as", "config", "json", "quiet", "verbose", "help",
	"version", NULL };

int
cmd_usage_error(const char *name, const char *hint, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *text = g_strdup_vprintf(format, args);
	va_end(args);
	g_autofree char *safe = text_printable(text, 0);
	fprintf(
	    stderr, "flagpost%s%s: %s\n", name != NULL ? " " : "", name != NULL ? name : "", safe);
	if (hint != NULL) {
		g_autofree char *safe_hint = text_printable(hint, 0);
		fprintf(stderr, "  %s\n", safe_hint);
	}
	return FAULT_USAGE;
}

/* Moves argument i (and n - 1 behind it) out of argv. */
static void
drop(int *argc, char **argv, int i, int n)
{
	memmove(argv + i, argv + i + n, sizeof(*argv) * (gsize)(*argc - i - n + 1));
	*argc -= n;
}

/* Behind `review`, which comes first once other options are taken, --as names a state. */
static bool
is_as(const char *word, int i, char **argv)
{
	return (strcmp(word, "--as") == 0 || g_str_has_prefix(word, "--as=")) &&
	       (i == 1 || strcmp(argv[1], "review") != 0);
}

bool
cmd_globals_take(int *argc, char **argv, struct cmd_globals *globals)
{
	int i = 1;

	while (i < *argc && strcmp(argv[i], "--") != 0) {
		const char *word = argv[i];
		int n = 1;
		if (strcmp(word, "--json") == 0) {
			globals->json = true;
		} else if (strcmp(word, "--quiet") == 0 || strcmp(word, "-q") == 0) {
			globals->quiet = true;
		} else if (strcmp(word, "--verbose") == 0 || strcmp(word, "-v") == 0) {
			globals->verbose = true;
		} else if (g_str_has_prefix(word, "--config=")) {
			globals->config_path = word + strlen("--config=");
		} else if (strcmp(word, "--config") == 0 && i + 1 < *argc) {
			globals->config_path = argv[i + 1];
			n = 2;
		} else if (is_as(word, i, argv)) {
			globals->as = word[4] == '=' ? word + 5 : i + 1 < *argc ? argv[i + 1] : "";
			n = word[4] == '=' || i + 1 == *argc ? 1 : 2;
		} else if (strcmp(word, "--config") == 0) {
			cmd_usage_error(NULL, "write --config FILE", "--config names no file");
			return false;
		} else {
			i++;
			continue;
		}
		drop(argc, argv, i, n);
	}
	if (globals->as != NULL && globals->as[0] == '\0') {
		cmd_usage_error(NULL, "write --as PERSON", "--as names nobody");
		return false;
	}
	if (globals->config_path != NULL && globals->config_path[0] == '\0') {
		cmd_usage_error(NULL, "write --config FILE", "--config names no file");
		return false;
	}
	return true;
}

/* The long option nearest to a misspelt one, as a hint. */
static char *
option_hint(const struct cmd_usage *usage, const GOptionEntry *entries, int argc, char **argv)
{
	g_autoptr(GPtrArray) known = g_ptr_array_new();

	for (; entries->long_name != NULL; entries++)
		g_ptr_array_add(known, (gpointer)entries->long_name);
	for (guint i = 0; cmd_global_names[i] != NULL; i++)
		g_ptr_array_add(known, (gpointer)cmd_global_names[i]);
	g_ptr_array_add(known, NULL);
	const char *const *names = (const char *const *)known->pdata;
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (!g_str_has_prefix(argv[i], "--"))
			continue;
		g_auto(GStrv) halves = g_strsplit(argv[i] + 2, "=", 2);
		const char *near = problem_did_you_mean(halves[0], names);
		if (near != NULL && !g_strv_contains(names, halves[0]))
			return g_strdup_printf("did you mean --%s?", near);
	}
	return g_strdup_printf("see: flagpost %s --help", usage->name);
}

static bool
parse_options(const struct cmd_usage *usage, const GOptionEntry *entries, int *argc, char **argv,
    gboolean *help)
{
	const GOptionEntry own[] = { { "help", 'h', 0, G_OPTION_ARG_NONE, help, NULL, NULL },
		G_OPTION_ENTRY_NULL };
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	g_autoptr(GError) error = NULL;
	g_autofree char *hint = option_hint(usage, entries, *argc, argv);

	g_option_context_set_help_enabled(context, FALSE);
	g_option_context_add_main_entries(context, entries, NULL);
	g_option_context_add_main_entries(context, own, NULL);
	if (g_option_context_parse(context, argc, &argv, &error))
		return true;
	error->message[0] = g_ascii_tolower(error->message[0]);
	cmd_usage_error(usage->name, hint, "%s", error->message);
	return false;
}

/* Said by name, and without what stands behind it: the terminal and its history have it already. */
static bool
has_password(const struct cmd_usage *usage, int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (!g_str_has_prefix(argv[i], "--pass"))
			continue;
		cmd_usage_error(usage->name,
		    "write password_file = or credential = into the account",
		    "a password on the command line is refused: every user can read it there");
		return true;
	}
	return false;
}

static bool
check_arguments(const struct cmd_usage *usage, int argc, char **argv)
{
	g_autofree char *hint = g_strdup_printf("see: flagpost %s --help", usage->name);

	if (argc - 1 < usage->min)
		cmd_usage_error(usage->name, hint, "an argument is missing");
	else if (usage->max >= 0 && argc - 1 > usage->max)
		cmd_usage_error(
		    usage->name, hint, "'%s' is one argument too many", argv[1 + usage->max]);
	else
		return true;
	return false;
}

bool
cmd_parse(const struct cmd_usage *usage, const GOptionEntry *entries,
    const struct cmd_globals *globals, int *argc, char **argv, int *exit_code)
{
	gboolean help = FALSE;

	*exit_code = FAULT_USAGE;
	if (has_password(usage, *argc, argv) || !parse_options(usage, entries, argc, argv, &help))
		return false;
	if (help) {
		fputs(usage->help, stdout);
		*exit_code = cmd_finish(usage->name, CMD_OK);
		return false;
	}
	/* Behind "--" everything is an argument; the mark itself is none. */
	for (int i = 1; i < *argc; i++) {
		if (strcmp(argv[i], "--") == 0) {
			drop(argc, argv, i, 1);
			break;
		}
	}
	if (globals->json && !usage->json) {
		cmd_usage_error(usage->name, NULL, "--json means nothing here");
		return false;
	}
	return check_arguments(usage, *argc, argv);
}
