/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_STAMPING_H
#define FLAGPOST_DAEMON_STAMPING_H
/*
 * stamping - the head of the ledger, time-stamped by an authority outside ([ledger] tsa, RFC 3161):
 * from then on nobody can write the rows up to it anew, not even who holds this machine.
 *
 *	DATA_DIR/stamps/00004711-3f9a01bc5d6e7f80.tsr     the answer on row 4711, as it came
 */
#include <glib.h>
#include <stdbool.h>

#include "base/timestamp.h"
#include "daemon/config.h"
#include "store/view.h"

/*
 * Has the head stamped, verifies the answer, keeps it and notes it in the ledger. only_new: does
 * nothing, and *row is 0, when there was a stamp on this day. FAULT_CONFIG: no authority is
 * configured; else as stamper_ask.
 */
bool stamping_make(const struct config *config, struct view *view, bool only_new, gint64 *row,
    struct timestamp *out, GError **error);

/* One stamp, as it is now. */
struct stamping {
	gint64 row;
	char *hash, *name; /* of its file */
	GBytes *answer;    /* NULL: it is missing */
	char *wrong;       /* what does not hold; NULL: all that could be looked at does */
	bool proved;       /* by the certificates of [ledger] tsa_ca_file */
	struct timestamp stamp;
};
void stamping_free(struct stamping *stamping);

/* Of struct stamping, the oldest first. */
GPtrArray *stamping_list(const struct config *config, struct view *view, GError **error);

#endif
