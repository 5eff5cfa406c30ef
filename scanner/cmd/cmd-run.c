/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * run: the service. All of it lies in daemon/; here stands what must be right before it starts.
 */
#include "base/fault.h"
#include "cmd/cmd-common.h"
#include "daemon/daemon.h"

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
    "Exit codes: 0 stopped as asked, 74 I/O, 75 another one is running, 78 configuration.\n";

static int
run_service(const struct cmd_globals *globals)
{
	g_autoptr(GError) error = NULL;
	struct cmd_rules rules;
	g_autoptr(config) config = cmd_load_polled(globals, &rules);

	if (config == NULL)
		return FAULT_CONFIG;
	int code = daemon_run(config, rules.sources, rules.ruleset, &error);
	cmd_rules_clear(&rules);
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
