/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * run: the service. All of it lies in daemon/; here stands what must be right before it starts,
 * and before it goes on by something new.
 */
#include "base/fault.h"
#include "base/log.h"
#include "cmd/cmd-common.h"
#include "cmd/setup.h"

static const char help[] =
    "Examples:\n"
    "  flagpost run                                 as a service does, in the foreground\n"
    "  flagpost --config /etc/flagpost/flagpost.ini run\n"
    "\n"
    "Usage: flagpost run\n"
    "\n"
    "Polls each account at its interval until SIGTERM or SIGINT; passes never overlap. Messages\n"
    "go to stderr, for the journal. Ends at once, with nothing started, when the configuration,\n"
    "the rules or the permissions are wrong.\n"
    "\n"
    "SIGHUP reads configuration, rules and lists again and runs the rules' own tests, as `check`\n"
    "does. When all is right the service goes on by the new ones; when anything is wrong, the log\n"
    "says what and where, and the service goes on as it was.\n"
    "\n"
    "Exit codes: 0 stopped as asked, 74 I/O, 75 another one is running, 78 configuration.\n";

static void
log_problems(const struct problems *problems)
{
	for (guint i = 0; i < problems_total(problems); i++) {
		const struct problem *problem = problems_get(problems, i);
		bool failed = problem->level == PROBLEM_ERROR;
		g_autoptr(GString) text = g_string_new(problem->file);
		if (problem->line > 0)
			g_string_append_printf(text, ":%u", problem->line);
		if (problem->line > 0 && problem->column > 0)
			g_string_append_printf(text, ":%u", problem->column);
		g_string_append_printf(text, ": %s", problem->text);
		if (problem->mend != NULL)
			g_string_append_printf(text, " (%s)", problem->mend);
		if (failed)
			log_error("%s", text->str);
		else
			log_warning("%s", text->str);
	}
}

static void
log_failed_test(const struct rule_test *test, const char *text, G_GNUC_UNUSED void *data)
{
	log_error("%s:%u: %s of %s failed: %s", test->rule->path, test->line, test->name,
	    test->rule->id, text);
}

/* Nothing of it touches what runs: all is loaded beside it and tested first. */
static struct daemon_setup *
load_anew(void *data)
{
	const struct cmd_globals *globals = data;
	g_autoptr(problems) problems = problems_new();
	g_autoptr(daemon_setup) setup = setup_load(globals->config_path, NULL, true, problems);
	struct setup_tests tests = { .failed = log_failed_test };

	log_problems(problems);
	if (problems_count(problems, PROBLEM_ERROR) > 0 || setup->ruleset == NULL)
		return NULL;
	setup_run_tests(setup, &tests);
	return tests.failed_count == 0 ? g_steal_pointer(&setup) : NULL;
}

static int
run_service(const struct cmd_globals *globals)
{
	g_autoptr(GError) error = NULL;
	struct cmd_globals again = *globals;
	struct daemon_setup *setup = cmd_load_setup(globals);

	if (setup == NULL)
		return FAULT_CONFIG;
	setup_try_tests(setup, log_failed_test);
	int code = daemon_run(setup, load_anew, &again, &error);
	return error != NULL ? cmd_fail("run", error) : code;
}

static int
run(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { "run", help, 0, 0, false };
	const GOptionEntry entries[] = { G_OPTION_ENTRY_NULL };
	int code;

	if (cmd_parse(&usage, entries, globals, &argc, argv, &code))
		code = run_service(globals);
	return code;
}

const struct cmd cmd_run = { "run", "the service: polls each account at its interval", run };
