/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_RULE_DIFF_H
#define FLAGPOST_STORE_RULE_DIFF_H
/*
 * rule_diff - what changed from one recorded rule set to another, as a unified diff of the rules'
 * files, made of the rules' texts that the store keeps. For rows that are older than the diffs of
 * all sources (rule-sources.h), and for a store that is recorded in for the first time since.
 *
 * The ledger holds a diff's digest in the row of the change: what is shown later is what was
 * recorded, or is known not to be.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/database.h"

#define RULE_DIFF_BYTES (1024 * 1024) /* beyond them the rest is told and left out */
#define RULE_DIFF_WORDS "diff of "    /* "diff of 12 lines, sha256 ..." in the row */

/* Of the sets with these digests. */
bool rule_diff_make(
    struct database *database, const char *before, const char *after, GString *out, GError **error);

/* "diff of 12 lines, sha256 ...": what the row of the ledger says of it. Owned. */
char *rule_diff_words(const GString *diff);

#endif
