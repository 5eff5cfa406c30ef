/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_RULE_SOURCES_H
#define FLAGPOST_STORE_RULE_SOURCES_H
/*
 * rule_sources - what the rule set is made of, as it was recorded last, and what each change of it
 * changed: rules, detectors, lists, groups, own domains, data sets and the messages of tests.
 *
 * Only the last texts are kept, and of each change its diff, under the row of the ledger that holds
 * the diff's digest (store/rule-diff.h). Inside the caller's transaction, but for
 * rule_sources_compare and rule_sources_diff, which only read.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/database.h"
#include "store/store.h"

struct rule_changes {
	bool first;    /* nothing was kept before: no diff can be made of it */
	bool differs;  /* some source is not as it was */
	GString *diff; /* unified; RULE_DIFF_BYTES at most, then names alone */
	GString
	    *names; /* "added lists/rivals; changed groups/sales; ": rules' own files left out */
};

struct rule_changes *rule_changes_new(void);
void rule_changes_free(struct rule_changes *changes);
AUTO_DEFINE(rule_changes, rule_changes_free)

/* What is kept against what there is now. */
bool rule_sources_compare(struct database *database, const struct store_source *sources, guint n,
    struct rule_changes *changes, GError **error);
/* These count as kept from now on. */
bool rule_sources_keep(
    struct database *database, const struct store_source *sources, guint n, GError **error);

/* The diff of the ledger's last row. */
bool rule_sources_note(struct database *database, const GString *diff, GError **error);
/* The one that was noted for a row into out; *noted is false where there is none. */
bool rule_sources_diff(
    struct database *database, gint64 row, GString *out, bool *noted, GError **error);

#endif
