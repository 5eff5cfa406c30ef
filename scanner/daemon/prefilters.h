/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_PREFILTERS_H
#define FLAGPOST_DAEMON_PREFILTERS_H
/*
 * prefilters - the compiled prefilter of a rule set (rules/prefilter.h) on its way to the workers:
 * made once, by a process of its own, and kept for the next start.
 *
 * Kept are PREFILTERS_KEPT files of 0600 in a folder of 0700 that is ours, each with its SHA-256.
 * Whatever is wrong with one, it is made anew. Without a prefilter all works alike, but slower; so
 * nothing here fails, and why there is none can be told.
 */
#include "daemon/config.h"
#include "rules/ruleset.h"

#define PREFILTERS_KEPT    8
#define PREFILTERS_SECONDS 60 /* of making one; a set that takes longer goes without */

enum prefilters_effort {
	PREFILTERS_KNOWN, /* take what is kept */
	PREFILTERS_MAKE   /* or make it; may iterate the default main context meanwhile */
};

/*
 * Gives sources the prefilter of the rule set that was compiled of them. NULL, or why there is
 * none; static.
 */
const char *prefilters_give(struct sources *sources, const struct ruleset *ruleset,
    const struct config *config, enum prefilters_effort effort);

/* Where they are kept; NULL for nowhere. Owned by the caller. */
char *prefilters_folder(const struct config *config);

#endif
