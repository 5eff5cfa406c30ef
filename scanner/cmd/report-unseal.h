/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_REPORT_UNSEAL_H
#define FLAGPOST_CMD_REPORT_UNSEAL_H
/*
 * report-unseal - whom the names of a pseudonymised report stand for: `flagpost report unseal`.
 */
#include "cmd/cmd.h"

/* argv[0] is the verb. Returns the exit code. */
int report_unseal_run(const struct cmd_globals *globals, int argc, char **argv);

#endif
