/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_RULESET_H
#define FLAGPOST_RULES_RULESET_H
/*
 * ruleset - sources compiled into one immutable object with a digest.
 *
 * Compiled in the parent to check it and to describe rules, and in each worker to match. All or
 * nothing: one wrong file and there is no rule set, with every problem named. Matching uses its
 * JIT stack, so one thread at a time.
 */
#include <glib.h>
#include <stdbool.h>
#include "base/auto.h"

#include "base/limits.h"
#include "base/problem.h"
#include "mail/words.h"
#include "rules/sources.h"

struct ruleset;

/* [action] notify: whether a flag of it is mailed at once. */
enum rule_notify {
	RULE_NOTIFY_SEVERE, /* when it is severe enough for [notify]; the default */
	RULE_NOTIFY_YES,
	RULE_NOTIFY_NO,
};

/* What people are told of a rule. The strings live as long as the rule set. */
struct rule_info {
	const char *id;
	const char *file;   /* "40-competitor-attachment.ini", "packs/cards/10-x.ini" */
	const char *pack;   /* "cards"; "" for a rule of no pack */
	const char *path;   /* where that file was read */
	const char *digest; /* SHA-256 of that file */
	const char *title;
	const char *description;
	const char *false_positives; /* "" when not given */
	const char *next_step;       /* "" when not given */
	enum severity severity;
	bool keep_copy;      /* [action] keep_copy; default yes */
	const char *forward; /* [action] forward = PERSON; "" when not given */
	enum rule_notify notify;
	guint tests;
};

/* What people are told of a detector. */
struct detector_info {
	const char *id, *title;
	const char *file;      /* path where it was read */
	const char *validator; /* "" for none */
	enum confidence alone; /* of a match without one of its near words */
	guint patterns;
	bool has_near;
};

/* Keeps a reference to nothing: sources may be freed. NULL after problems of level error. */
struct ruleset *ruleset_compile(
    const struct sources *sources, const struct limits *limits, struct problems *problems);
/* The same for who asks what stands in them, and leaves searching to a worker: no machine code. */
struct ruleset *ruleset_read(
    const struct sources *sources, const struct limits *limits, struct problems *problems);
void ruleset_free(struct ruleset *ruleset);
AUTO_DEFINE(ruleset, ruleset_free)

const char *ruleset_digest(const struct ruleset *ruleset);
guint ruleset_count(const struct ruleset *ruleset);
const struct rule_info *ruleset_info(const struct ruleset *ruleset, guint index);
const struct rule_info *ruleset_find(const struct ruleset *ruleset, const char *id); /* or NULL */

/* All that were loaded, used by a rule or not, in file order. */
guint ruleset_detector_count(const struct ruleset *ruleset);
const struct detector_info *ruleset_detector(const struct ruleset *ruleset, guint index);

/* What rules ask of earlier mail: bits. */
enum ruleset_history {
	RULESET_FIRST_SEEN = 1 << 0,
	RULESET_OUTSIDER_JOINED = 1 << 1,
	RULESET_AFTER_ENCRYPTED = 1 << 2,
};
guint ruleset_history(const struct ruleset *ruleset);

/* True when some rule looks at raw: else nobody misses the message's bytes as a text. */
bool ruleset_needs_raw(const struct ruleset *ruleset);

/*
 * The prefilter (prefilter.h) of its patterns: what its bytes depend on, the bytes, which take time
 * to make and are good for every rule set of that key, and their use from now on. Without it all
 * flags are the same, and patterns cost more.
 */
char *ruleset_prefilter_key(const struct ruleset *ruleset);
GBytes *ruleset_prefilter_build(const struct ruleset *ruleset, GError **error);
bool ruleset_prefilter_use(struct ruleset *ruleset, GBytes *bytes, GError **error);
bool ruleset_is_prefiltered(const struct ruleset *ruleset);

/* The patterns that content sections look for, each once. The strings live as long as the set. */
struct pattern_info {
	const char *file; /* path */
	guint line;
	const char *key, *text;
	const char *alone; /* why it is asked on every text; NULL: it is not, or not known */
};
guint ruleset_pattern_count(const struct ruleset *ruleset);
struct pattern_info ruleset_pattern(const struct ruleset *ruleset, guint index);

/* Names of all rule ids, NULL-terminated, for "did you mean"; the array is the caller's. */
const char **ruleset_ids(const struct ruleset *ruleset);

#endif
