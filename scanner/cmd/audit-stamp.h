/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_AUDIT_STAMP_H
#define FLAGPOST_CMD_AUDIT_STAMP_H
/*
 * audit-stamp - the time stamps of the ledger on the command line.
 */
#include "cmd/cmd-common.h"
#include "daemon/config.h"

/* `audit stamp`: argv[0] is the verb. An exit code. */
int audit_stamp_run(const struct cmd_globals *globals, int argc, char **argv);

/* What `audit verify` has found of the stamps. */
struct audit_stamps {
	guint stamps, wrong, unproved;
};
/* Each that does not hold on stderr. False when they cannot be listed. */
bool audit_stamp_verify(const struct config *config, struct view *view, bool quiet,
    struct audit_stamps *out, GError **error);

#endif
