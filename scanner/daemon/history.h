/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_HISTORY_H
#define FLAGPOST_DAEMON_HISTORY_H
/*
 * history - what rules ask of a message that only earlier mail can answer: is an address new, did
 * somebody outside join a thread, was something encrypted sent shortly before.
 *
 * Asked in the order in which messages are recorded, so that the answer is the same however they
 * fall into batches. What was recorded is read once; what is asked is remembered.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "mail/verdict.h"
#include "rules/ruleset.h"

#define HISTORY_ADDRESSES_MAX 2000000 /* known ones; with more, none is called new */
#define HISTORY_AFTER_HOURS   24      /* so long after something encrypted */

struct history;

/* own_domains is borrowed. Opens the store of data_dir for reading. */
struct history *history_new(const char *data_dir, const struct ruleset *ruleset,
    const char *const *own_domains, GError **error);
void history_free(struct history *history);
AUTO_DEFINE(history, history_free)

struct history_found {
	guint facts;      /* FACT_OUTSIDER_JOINED, FACT_AFTER_ENCRYPTED */
	GStrv first_seen; /* folded (rules/list.h); NULL: none */
};
void history_found_clear(struct history_found *found);

/*
 * The same for an intake: nothing where no rule asks. *history is opened when it is NULL; the store
 * is there then.
 */
struct intake_setup;
bool history_look_back(struct history **history, const struct intake_setup *setup,
    const struct verdict *verdict, gint64 seen, struct history_found *out, GError **error);

/* seen: when the message came, for one without a date. Not for drafts: nobody got them. */
bool history_look(struct history *history, const struct verdict *verdict, gint64 seen,
    struct history_found *out, GError **error);

#endif
