/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reload: has the service read configuration and rules again, once they are right. All is loaded
 * and tested here first, so that what is wrong is shown to who asked, and the service is let be.
 */
#include "base/fault.h"
#include "cmd/cmd-common.h"
#include "cmd/setup.h"
#include "daemon/reloads.h"

#define SECONDS 120 /* passes are ended first, and the rules' own tests run */

static const char help[] =
    "Examples:\n"
    "  flagpost reload                              after a change of rules, lists or accounts\n"
    "  flagpost --config /etc/flagpost/flagpost.ini reload\n"
    "\n"
    "Usage: flagpost reload\n"
    "\n"
    "Checks configuration, rules and lists and runs the rules' own tests, as `check` does. When\n"
    "all is right, the service (`flagpost run`) that works in data_dir is told to read them\n"
    "again, and what came of it is printed. When anything is wrong, that is printed, and the\n"
    "service goes on as it was. What changed in the rules stands in the ledger.\n"
    "\n"
    "Exit codes: 0 the service works by the new ones, 65 a rule fails its own test or the service\n"
    "refused, 69 no service runs, 75 it does not answer, 77 it is not yours, 78 an error.\n";

static int
reload(const struct cmd_globals *globals)
{
	g_autoptr(daemon_setup) setup = cmd_load_setup(globals);
	struct setup_tests tests = { .failed = cmd_test_failed };
	g_autoptr(GError) error = NULL;
	struct reloads answer;

	if (setup == NULL)
		return FAULT_CONFIG;
	setup_run_tests(setup, &tests);
	if (tests.failed_count > 0) {
		fputs("flagpost reload: not asked for; the service goes on as it is\n", stderr);
		return FAULT_DATA;
	}
	if (!reloads_ask(setup->config->data_dir, SECONDS, &answer, &error))
		return cmd_fail("reload", error);
	int code = answer.taken ? CMD_OK : FAULT_DATA;
	if (!answer.taken || !globals->quiet)
		fprintf(answer.taken ? stdout : stderr, "%s\n", answer.text);
	reloads_clear(&answer);
	return cmd_finish("reload", code);
}

static int
run(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { "reload", help, 0, 0, false };
	const GOptionEntry entries[] = { G_OPTION_ENTRY_NULL };
	int code;

	if (cmd_parse(&usage, entries, globals, &argc, argv, &code))
		code = reload(globals);
	return code;
}

const struct cmd cmd_reload = { "reload", "has the service read its rules and configuration again",
	run };
