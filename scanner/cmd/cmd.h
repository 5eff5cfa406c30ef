/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_CMD_H
#define FLAGPOST_CMD_CMD_H
/*
 * cmd - the subcommands: one file a verb, one row a file in main.c's table.
 *
 * A command parses its own options with GOption, prints data on stdout and messages on stderr,
 * and returns an exit code of DESIGN section 7.
 */
#include <glib.h>
#include <stdbool.h>

#include "daemon/config.h"

/* The global options. */
struct cmd_globals {
	const char *config_path; /* NULL: not given */
	const char *as;          /* the same: who acts */
	bool json, quiet, verbose;
};

struct cmd {
	const char *name;
	const char *summary; /* one line for `flagpost --help` */
	int (*run)(
	    const struct cmd_globals *globals, int argc, char **argv); /* argv[0] is the name */
};

extern const struct cmd cmd_audit, cmd_poll, cmd_run, cmd_scan, cmd_check, cmd_consent, cmd_explain,
    cmd_export, cmd_hold, cmd_import, cmd_purge, cmd_reload, cmd_replay, cmd_report, cmd_review,
    cmd_rules, cmd_search, cmd_show, cmd_status, cmd_verify, cmd_redeliver, cmd_archive, cmd_copies,
    cmd_dkim, cmd_index;

#endif
