/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_POLL_PLAN_H
#define FLAGPOST_CMD_POLL_PLAN_H
/*
 * poll-plan - `poll --plan`: what a pass has before it, as a table or as JSON. Nothing is fetched.
 */
#include "cmd/cmd.h"
#include "daemon/config.h"

/*
 * names: NULL-terminated; none: all. assume: how much lies in each account, "20G"; then nobody is
 * asked. NULL: the servers are. Returns the exit code.
 */
int poll_plan(const struct cmd_globals *globals, const struct config *config,
    const char *const *names, const char *assume);

#endif
