/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of subcommands and the global options; nothing else.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/fault.h"
#include "base/log.h"
#include "cmd/cmd-common.h"
#include "cmd/cmd.h"
#include "deliver/mailer.h"
#include "fetchers/directory.h"
#include "fetchers/fetch.h"
#include "worker/worker.h"

static const struct cmd *const commands[] = { &cmd_archive, &cmd_audit, &cmd_poll, &cmd_run,
	&cmd_scan, &cmd_check, &cmd_consent, &cmd_copies, &cmd_dkim, &cmd_explain, &cmd_export,
	&cmd_hold, &cmd_import, &cmd_index, &cmd_purge, &cmd_redeliver, &cmd_reload, &cmd_replay,
	&cmd_report, &cmd_review, &cmd_rules, &cmd_search, &cmd_show, &cmd_status, &cmd_verify };

static void
print_help(void)
{
	fputs("Examples:\n"
	      "  flagpost check                       is the configuration right?\n"
	      "  flagpost poll                        read what is new in all accounts\n"
	      "  flagpost report                      write today's flag report\n"
	      "  flagpost scan message.eml            try the rules on a file; stores nothing\n"
	      "  flagpost scan --json inbox.mbox | jq .flags\n"
	      "\n"
	      "Usage: flagpost [--config FILE] COMMAND [OPTION...] [ARGUMENT...]\n"
	      "\n"
	      "Commands:\n",
	    stdout);
	for (gsize i = 0; i < G_N_ELEMENTS(commands); i++)
		printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
	fputs(
	    "\n"
	    "Global options, before or behind the command:\n"
	    "  --config FILE   default " CONFIG_DEFAULT_PATH ", else ./flagpost.ini\n"
	    "  --as PERSON     see what [person.PERSON] may see; the ledger names both\n"
	    "  --json          one JSON object a line, where a command prints records\n"
	    "  -q, --quiet     no summary and no warnings\n"
	    "  -v, --verbose   say more on stderr\n"
	    "  -h, --help      this text; behind a command: that command's\n"
	    "  --version       the version\n"
	    "\n"
	    "Exit codes: 0 done, 1 flags found (scan), 2 done with gaps, 64 usage, 65 bad input "
	    "or\n"
	    "failed rule test, 69 server away, 70 internal, 74 I/O, 75 try again, 77 permission,\n"
	    "78 configuration.\n",
	    stdout);
}

static int
unknown_command(const char *word)
{
	const char *names[G_N_ELEMENTS(commands) + 1] = { NULL };
	g_autofree char *hint = NULL;

	for (gsize i = 0; i < G_N_ELEMENTS(commands); i++)
		names[i] = commands[i]->name;
	const char *near = problem_did_you_mean(word, names);
	if (near != NULL)
		hint = g_strdup_printf("did you mean: flagpost %s", near);
	if (word[0] == '-')
		return cmd_usage_error(
		    NULL, "see: flagpost --help", "unknown global option '%s'", word);
	return cmd_usage_error(
	    NULL, hint != NULL ? hint : "see: flagpost --help", "unknown command '%s'", word);
}

/* `help` and `help COMMAND` are read as `--help` and `COMMAND --help`. */
static int
dispatch(const struct cmd_globals *globals, int argc, char **argv)
{
	if (argc < 2)
		return cmd_usage_error(NULL, "see: flagpost --help", "a command is missing");
	const char *word = argv[1];
	if (strcmp(word, "--version") == 0) {
		puts("flagpost " FLAGPOST_VERSION);
		return cmd_finish("--version", CMD_OK);
	}
	bool help = strcmp(word, "help") == 0;
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || (help && argc == 2)) {
		print_help();
		return cmd_finish("--help", CMD_OK);
	}
	char *swapped[] = { argv[help ? 2 : 1], (char *)"--help", NULL };
	for (gsize i = 0; i < G_N_ELEMENTS(commands); i++) {
		if (strcmp(commands[i]->name, swapped[0]) != 0)
			continue;
		if (help)
			return commands[i]->run(globals, 2, swapped);
		return commands[i]->run(globals, argc - 1, argv + 1);
	}
	return unknown_command(swapped[0]);
}

/* The service tells the journal of its passes; one-shot commands print what they did. */
static enum log_level
threshold(const struct cmd_globals *globals, const char *command)
{
	if (globals->verbose)
		return LOG_LEVEL_DEBUG;
	if (globals->quiet)
		return LOG_LEVEL_ERROR;
	return strcmp(command, "run") == 0 ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING;
}

int
main(int argc, char **argv)
{
	struct cmd_globals globals = { 0 };

	/* The processes that the parent starts anew: DESIGN section 2. Not for people. */
	if (argc == 2 && strcmp(argv[1], WORKER_ZYGOTE) == 0)
		return worker_exec();
	if (argc == 4 &&
	    (strcmp(argv[1], WORKER_UNPACK) == 0 || strcmp(argv[1], WORKER_PACK) == 0 ||
		strcmp(argv[1], WORKER_ATTACHMENTS) == 0 ||
		strcmp(argv[1], WORKER_SIGNATURES) == 0))
		return worker_unpack_exec(argv);
	if (argc == 2 && strcmp(argv[1], "fetcher") == 0)
		return fetcher_main(argc - 1, argv + 1);
	if (argc == 2 && strcmp(argv[1], "mailer") == 0)
		return mailer_main(argc - 1, argv + 1);
	if (argc == 2 && strcmp(argv[1], "directory") == 0)
		return directory_main(argc - 1, argv + 1);

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a limit on files is an error like a full disk */
	if (!cmd_globals_take(&argc, argv, &globals))
		return FAULT_USAGE;
	log_open("", threshold(&globals, argc > 1 ? argv[1] : ""));
	return dispatch(&globals, argc, argv);
}
