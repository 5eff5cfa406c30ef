/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_COPIES_H
#define FLAGPOST_CMD_COPIES_H
/*
 * copies - the exact messages of a report's flags, laid beside it for officers:
 *
 *	REPORTS/2026/11/2026-11-22.copies/090205 anna@corp.example - Price list - 3f9a01bc5d6e.eml
 *	REPORTS/2026/11/2026-11-22.copies/SHA256SUMS
 *
 * They are mail in clear. The caller has asked for the role and a reason, and noted both.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/digest.h"
#include "reports/report.h"

struct copies {
	guint written, missing;  /* messages */
	char digest[DIGEST_HEX]; /* of SHA256SUMS */
};

/*
 * Each flagged message of the report once, into its folder (0700, files 0600) below `reports`; the
 * cards of the report link to them from then on. What an earlier run of the same report laid there
 * goes, as its own SHA256SUMS names it. Copies that were not kept, stand in an archive or were
 * altered are named on stderr and counted as missing. Where four eyes are demanded and one message
 * may not be opened, nothing is written (FAULT_DENIED).
 */
bool copies_put(
    struct report *report, const char *reports, bool quiet, struct copies *out, GError **error);

#endif
