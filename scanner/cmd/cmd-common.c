/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/cmd-common.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/io.h"
#include "base/text.h"
#include "base/when.h"
#include "cmd/setup.h"

int
cmd_fail(const char *name, const GError *error)
{
	g_autofree char *safe = text_printable(error->message, 0);

	fprintf(stderr, "flagpost %s: %s\n", name, safe);
	return fault_exit_code(error);
}

bool
cmd_colour(FILE *out)
{
	const char *no_colour = g_getenv("NO_COLOR"), *terminal = g_getenv("TERM");

	return isatty(fileno(out)) == 1 && (no_colour == NULL || no_colour[0] == '\0') &&
	       (terminal == NULL || strcmp(terminal, "dumb") != 0);
}

int
cmd_print_problems(const struct cmd_globals *globals, const struct problems *problems)
{
	bool failed = problems_count(problems, PROBLEM_ERROR) > 0;

	if (failed || !globals->quiet)
		problems_print(problems, stderr, cmd_colour(stderr));
	return failed ? FAULT_CONFIG : CMD_OK;
}

struct config *
cmd_load_config(const struct cmd_globals *globals)
{
	g_autoptr(problems) problems = problems_new();
	struct config *config = config_load(globals->config_path, problems);

	cmd_print_problems(globals, problems);
	if (config != NULL)
		config->as = g_strdup(globals->as);
	return config;
}

struct config *
cmd_load_config_or_builtin(const struct cmd_globals *globals)
{
	if (globals->config_path != NULL || g_file_test(CONFIG_DEFAULT_PATH, G_FILE_TEST_EXISTS) ||
	    g_file_test("flagpost.ini", G_FILE_TEST_EXISTS))
		return cmd_load_config(globals);
	return config_new();
}

bool
cmd_load_rules(const struct cmd_globals *globals, const struct config *config, const char *only_dir,
    struct cmd_rules *out)
{
	g_autoptr(problems) problems = problems_new();

	memset(out, 0, sizeof(*out));
	out->sources = config_sources(config, only_dir, problems);
	if (out->sources != NULL)
		out->ruleset = ruleset_read(out->sources, &config->limits, problems);
	if (cmd_print_problems(globals, problems) == CMD_OK && out->ruleset != NULL)
		return true;
	cmd_rules_clear(out);
	return false;
}

void
cmd_rules_clear(struct cmd_rules *rules)
{
	g_clear_pointer(&rules->ruleset, ruleset_free);
	g_clear_pointer(&rules->sources, sources_free);
}

struct daemon_setup *
cmd_load_setup(const struct cmd_globals *globals)
{
	g_autoptr(problems) problems = problems_new();
	g_autoptr(daemon_setup) setup = setup_load(globals->config_path, NULL, true, problems);

	if (cmd_print_problems(globals, problems) != CMD_OK || setup->ruleset == NULL)
		return NULL;
	return g_steal_pointer(&setup);
}

void
cmd_test_failed(const struct rule_test *test, const char *text, G_GNUC_UNUSED void *data)
{
	g_autofree char *safe = text_printable(text, 0);

	fprintf(stderr, "%s:%u: failed: %s of %s: %s\n", test->rule->path, test->line, test->name,
	    test->rule->id, safe);
}

bool
cmd_spool(GBytes *bytes, int *fd, GError **error)
{
	struct io_spool *spool = io_spool_new(g_get_tmp_dir());
	gsize size;
	const void *data = g_bytes_get_data(bytes, &size);

	*fd = -1;
	if (io_spool_write(spool, data, size, error))
		*fd = io_spool_finish(&spool, error);
	io_spool_free(spool);
	return *fd >= 0;
}

static void
day_before(gint64 time, GTimeZone *zone, guint days, gint64 *out)
{
	gint64 from, to;

	clock_day(time, zone, &from, &to);
	/* One microsecond before a day's start lies in the day before, also when clocks change. */
	for (; days > 0; days--)
		clock_day(from - 1, zone, &from, &to);
	*out = from;
}

bool
cmd_moment(const char *name, const char *option, const char *text, GTimeZone *zone, gint64 *out)
{
	g_autoptr(GError) error = NULL;

	if (strcmp(text, "today") == 0 || strcmp(text, "yesterday") == 0) {
		day_before(clock_now(), zone, strcmp(text, "today") == 0 ? 0 : 1, out);
		return true;
	}
	if (clock_parse(text, zone, out, &error))
		return true;
	cmd_usage_error(name, NULL, "%s: %s", option, error->message);
	return false;
}

bool
cmd_window(
    const char *name, const char *from, const char *to, GTimeZone *zone, gint64 *begin, gint64 *end)
{
	const struct {
		const char *option, *text;
	} sides[] = { { "--from", from }, { "--to", to } };

	for (gsize i = 0; i < G_N_ELEMENTS(sides); i++) {
		g_autoptr(GError) error = NULL;
		gint64 ignored;
		if (sides[i].text == NULL ||
		    when_parse(sides[i].text, zone, i == 0 ? begin : &ignored,
			i == 0 ? &ignored : end, &error))
			continue;
		cmd_usage_error(name, NULL, "%s: %s", sides[i].option, error->message);
		return false;
	}
	if (from == NULL || to == NULL || *begin < *end)
		return true;
	cmd_usage_error(name, NULL, "--to lies before --from");
	return false;
}

void
cmd_put(FILE *out, const char *text, gsize max_chars)
{
	g_autofree char *safe = text_printable(text, max_chars);

	fputs(safe, out);
}

int
cmd_finish(const char *name, int exit_code)
{
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return exit_code;
	/* A reader that saw enough (`| head`) is no failure of ours to talk about. */
	if (errno != EPIPE)
		fprintf(stderr, "flagpost %s: standard output: %s\n", name, g_strerror(errno));
	return FAULT_IO;
}
