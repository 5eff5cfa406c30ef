/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_MATCH_H
#define FLAGPOST_RULES_MATCH_H
/*
 * match - a message against a rule set: flags with their hits, and what could not be decided.
 */
#include <glib.h>
#include <stdbool.h>
#include "base/auto.h"

#include "base/pack.h"
#include "mail/message.h"
#include "mail/verdict.h"
#include "rules/ruleset.h"

/* Facts that come with the context: no worker can know them. */
#define MATCH_PARENT_FACTS                                                                         \
	(FACT_REUSED_MESSAGE_ID | FACT_DEAD_DROP | FACT_OUTSIDER_JOINED | FACT_AFTER_ENCRYPTED)

/*
 * What the bytes alone do not say: where the message was found. And the world of a rule's own
 * test, which must not depend on a site's domains, lists and groups.
 */
struct match_context {
	char *account;      /* "" for files */
	char *group;        /* of the account; "" for none */
	char *folder;       /* "" for files */
	bool draft;         /* it lies in a Drafts folder */
	gint64 now;         /* microseconds UTC: expiry of exceptions, `hours` */
	guint facts;        /* enum message_fact bits that bytes do not show: reused-message-id */
	GStrv first_seen;   /* addresses (address_fold) that no mail had before; NULL: none known */
	GStrv own_domains;  /* NULL: those of the rule set */
	GHashTable *lists;  /* char * -> GStrv of lines, replacing lists of that name; NULL: none */
	GHashTable *groups; /* char * -> GStrv of addresses, likewise; NULL: none */
};

struct match_context *match_context_new(void); /* empty strings, now = clock_now() */
/* NULL: a new one. The tables are shared: neither of the two may alter them. */
struct match_context *match_context_copy(const struct match_context *context);
void match_context_free(struct match_context *context);
AUTO_DEFINE(match_context, match_context_free)
/* In packed form (base/pack.h), appended to out; and all that is left of in. */
void match_context_put(GByteArray *out, const struct match_context *context);
struct match_context *match_context_get(struct packed *in, GError **error);

/* Whoever is to know which rule is asked, since asking it may end the process. */
struct match_watch {
	/* A rule is asked from now on, and ought to be done by then; NULL: none is. */
	void (*at)(const char *rule, gint64 deadline_us, gpointer data);
	/* Why a rule is not asked of this message, which leaves it undecided; NULL: it is. */
	const char *(*left_out)(const char *rule, gpointer data);
	gpointer data;
};

struct match_options {
	const char *only_rule;           /* NULL: all rules */
	bool explain;                    /* fill verdict->explained, without a flag too */
	const struct match_watch *watch; /* NULL: nobody looks */
};

/*
 * Adds direction, flags, undecided and explained to verdict, whose addresses and parts were moved
 * out of message already (verdict_from_message). A rule that gave up somewhere raises the
 * outcome to partial. Flags stand in the order of severity, then rule id.
 */
void match_message(const struct ruleset *ruleset, const struct message *message,
    const struct match_context *context, const struct match_options *options,
    struct verdict *verdict);

/* The direction alone. */
enum direction match_direction(const GPtrArray *addresses, const char *const *own_domains,
    const struct match_context *context);

/*
 * Tests that stand in rule files. Those with `part` and `text` are decided here; those with a
 * message need a worker, so they are only described.
 */
struct rule_test {
	const struct rule_info *rule;
	const char *name;    /* "test.1" */
	bool expect_flag;    /* expect = flag, pass */
	const char *message; /* path, resolved beside the rule file; NULL for a text test */
	const char *part;    /* section that is to match: "content.codename"; NULL with a message */
	const char *text;
	const struct match_context *context; /* the test's own world: never NULL */
	guint line;
};

guint ruleset_test_count(const struct ruleset *ruleset);
const struct rule_test *ruleset_test(const struct ruleset *ruleset, guint index);
/* Runs a text test. True when the section matched the text; undecided counts as an error. */
bool ruleset_test_text(
    const struct ruleset *ruleset, const struct rule_test *test, bool *matched, GError **error);

#endif
