/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_EXCEPT_H
#define FLAGPOST_RULES_EXCEPT_H
/*
 * except - [except.X] of a rule: mail that was allowed by somebody, for a reason, until a day.
 *
 * A flag that an exception swallows is still recorded, with its name.
 */
#include <glib.h>
#include <stdbool.h>

#include "rules/builder.h"
#include "rules/run.h"

struct except {
	char *name; /* "except.tender" */
	char *reason, *approved_by;
	guint32 expires;       /* last day on which it applies, a Julian day number (UTC) */
	GPtrArray *senders;    /* of one struct list_ref, or NULL */
	GPtrArray *recipients; /* addresses, likewise */
	GPtrArray *recipient_domains;
};

/* An exception that has expired is a warning and never applies. now: microseconds UTC. */
struct except *except_load(
    const struct builder *builder, const struct ini_section *section, gint64 now);
void except_free(struct except *except);

/*
 * True when it has not expired and all that is given holds. recipients and recipient_domains
 * must cover every outside recipient, and somebody at all: an exception for one partner never
 * covers a message that goes to another one too.
 */
bool except_holds(const struct except *except, const struct run *run);
/* NULL when it holds; else why not, for people. */
char *except_excludes(const struct except *except, const struct run *run);

#endif
