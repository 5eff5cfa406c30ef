/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_RULES_PARTS_H
#define FLAGPOST_CMD_RULES_PARTS_H
/*
 * rules-parts - the verbs of `flagpost rules` that have files of their own. argv[0] is the verb.
 */
#include "cmd/cmd.h"
#include "rules/data.h"

int cmd_rules_compare(const struct cmd_globals *globals, int argc, char **argv);
int cmd_rules_edm(const struct cmd_globals *globals, int argc, char **argv);
int cmd_rules_fingerprint(const struct cmd_globals *globals, int argc, char **argv);
int cmd_rules_measure(const struct cmd_globals *globals, int argc, char **argv);
int cmd_rules_new(const struct cmd_globals *globals, int argc, char **argv);

/* FOLDER/data of the rules that a command is to write to: --rules, else those of the
 * configuration. NULL after a message on stderr. Owned by the caller. */
char *cmd_rules_data_folder(
    const char *name, const struct cmd_globals *globals, const char *rules_dir, int *exit_code);

/* Names of its sets of a kind, sorted: of char *. Empty where there is no such folder. */
GPtrArray *cmd_rules_data_names(const char *folder, enum data_kind kind);

#endif
