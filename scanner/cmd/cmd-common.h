/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_COMMON_H
#define FLAGPOST_CMD_COMMON_H
/*
 * cmd-common - what all subcommands share: options, configuration, rules, colour, who asks.
 */
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/auto.h"
#include "base/problem.h"
#include "cmd/cmd.h"
#include "daemon/daemon.h"
#include "rules/match.h"
#include "rules/ruleset.h"
#include "store/view.h"

/* Exit codes beside those of base/fault.h. */
#define CMD_OK    0
#define CMD_FOUND 1 /* flags found, or not clean */
#define CMD_GAPS  2 /* done with gaps */

/* Long options of cmd_globals_take, for "did you mean". NULL-terminated. */
extern const char *const cmd_global_names[];

/*
 * Takes --config FILE, --json, --quiet, -q, --verbose and -v out of argv wherever they stand
 * before "--". False after a message on stderr (exit 64). Strings stay argv's.
 */
bool cmd_globals_take(int *argc, char **argv, struct cmd_globals *globals);

/*
 * Parses a subcommand's options. Anything unknown is refused with a hint. False when the
 * command is to end with *exit_code: help was printed on stdout, or a mistake on stderr.
 * Positional arguments stay in argv[1..argc-1].
 */
struct cmd_usage {
	const char *name; /* "scan" */
	const char *help; /* whole text of --help, examples first */
	int min, max;     /* positional arguments; max -1: any number */
	bool json;        /* --json means something here */
};
bool cmd_parse(const struct cmd_usage *usage, const GOptionEntry *entries,
    const struct cmd_globals *globals, int *argc, char **argv, int *exit_code);

/* "flagpost NAME: text" and a hint on stderr; returns 64. */
int cmd_usage_error(const char *name, const char *hint, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
/* "flagpost NAME: text" on stderr; returns the exit code of the error. */
int cmd_fail(const char *name, const GError *error);

/* True when out is a terminal that wants colour: no NO_COLOR, TERM not dumb. */
bool cmd_colour(FILE *out);

/* All problems on stderr; returns 78 when one is an error, else 0. --quiet leaves warnings out. */
int cmd_print_problems(const struct cmd_globals *globals, const struct problems *problems);

/* NULL after the problems were printed. */
struct config *cmd_load_config(const struct cmd_globals *globals);
/* That of --config, else the one at a default place, else built-in values. NULL as above. */
struct config *cmd_load_config_or_builtin(const struct cmd_globals *globals);

/* Sources, compiled. Both NULL after the problems were printed. */
struct cmd_rules {
	struct sources *sources;
	struct ruleset *ruleset;
};
bool cmd_load_rules(const struct cmd_globals *globals, const struct config *config,
    const char *only_dir, struct cmd_rules *out);
void cmd_rules_clear(struct cmd_rules *rules);

/*
 * All that a poll needs: a configuration with accounts, safe permissions, rules that compile.
 * NULL after the problems were printed.
 */
struct daemon_setup *cmd_load_setup(const struct cmd_globals *globals);

/* A test that stands in a rule and fails, on stderr. data is not used. */
void cmd_test_failed(const struct rule_test *test, const char *text, void *data);

/* Who sits here, for the ledger: the caller of sudo, else the login name of the user id. */
char *cmd_person(void);

/*
 * The store of the configuration, as far as the role of who sits here, or of --as, shows it. NULL
 * after a message on stderr; *exit_code is set.
 */
struct view *cmd_open_view(const char *name, const struct config *config, int *exit_code);

/*
 * Whether excerpts may be shown in clear: for officers alone, and with a reason, which the caller
 * writes to the ledger. False after a message; *exit_code is set.
 */
bool cmd_may_reveal(const char *name, struct view *view, const char *reason, int *exit_code);
/*
 * Whether mail may be opened with this reason (or NULL): where [roles] asks for reasons it has to
 * be one. why: what the reason is for, as help. Says so and sets *exit_code else.
 */
bool cmd_may_open(const char *name, const struct config *config, const char *reason,
    const char *why, int *exit_code);
/* The same where a reason is asked for always; demand: what is said when there is none. */
bool cmd_reason(
    const char *name, const char *reason, const char *why, const char *demand, int *exit_code);

/* The bytes of a copy as a worker takes them: *fd is read-only and the caller's. */
bool cmd_spool(GBytes *bytes, int *fd, GError **error);

/*
 * A day or moment of the command line, in the configured zone: what clock_parse reads, "today",
 * "yesterday". False after a message on stderr.
 */
bool cmd_moment(
    const char *name, const char *option, const char *text, GTimeZone *zone, gint64 *out);

/*
 * From the begin of one day to the end of the other, as when_parse reads them; what is not written
 * (NULL) is left alone. False after a message on stderr, also when nothing lies between them.
 */
bool cmd_window(const char *name, const char *from, const char *to, GTimeZone *zone, gint64 *begin,
    gint64 *end);

/* Prints text made safe for a terminal; max_chars as text_printable. */
void cmd_put(FILE *out, const char *text, gsize max_chars);

/* Flushes stdout: 0, or 74 after a message when it could not be written (a full disk, a pipe). */
int cmd_finish(const char *name, int exit_code);

#endif
