/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_SECTION_H
#define FLAGPOST_RULES_SECTION_H
/*
 * section - the family of sections that say yes or no to a message: parties, attachment,
 * content, message. One file a member: section-parties.c and so on.
 *
 * A member is loaded once with the rule, and checked for each message. What it finds goes
 * into a finding: a truth, hits as evidence, and a line for `explain`.
 */
#include <glib.h>
#include <stdbool.h>

#include "mail/verdict.h"
#include "rules/builder.h"
#include "rules/run.h"

struct finding {
	bool is_asked; /* the rest was filled */
	enum truth truth;
	guint64 total;     /* matches; hits holds the first limits.hits of them */
	GPtrArray *hits;   /* of struct hit; NULL: none */
	char *detail;      /* of the first match, or NULL */
	bool is_hidden;    /* some match stands in hidden or only in normalised text */
	const char *stuck; /* reason of the last place that could not be looked at, or NULL */
};

/* What a check is told of its place. */
struct section_place {
	const char *rule; /* id */
	const char *name; /* "content.codename" */
};

struct section_kind {
	const char *word; /* "content" */
	/* NULL or an unfit object after problems: then the rule set is not used. */
	void *(*load)(const struct builder *builder, const struct ini_section *section);
	void (*free)(void *self);
	void (*check)(const void *self, struct run *run, const struct section_place *place,
	    struct finding *out);
	/* Bits of enum component: the texts that it reads. NULL: none. */
	guint (*components)(const void *self);
	/*
	 * Adds the numbers (guint) of patterns: where none matches in any text, check would find
	 * nothing and leave nothing behind. False, as NULL: there may be more to find.
	 */
	bool (*patterns)(const void *self, GArray *numbers);
};

extern const struct section_kind section_parties, section_attachment, section_content,
    section_message;

/* What a section asks of earlier mail: bits of enum ruleset_history. */
guint section_history(const struct section_kind *kind, const void *self);
/* Of the kinds that may ask. */
guint section_parties_history(const void *self);
guint section_message_history(const void *self);

/* The kind of a section by the first word of its name, or NULL. */
const struct section_kind *section_kind_of(const char *name);

/* Sets everything that check fills to "no match". */
void finding_begin(struct finding *finding);
void finding_clear(struct finding *finding);
guint finding_hit_count(const struct finding *finding); /* of those that are kept */
/* Counts a match; takes hit, which is dropped when there are enough. */
void finding_add(struct finding *finding, const struct run *run, struct hit *hit);
/* Why it does not hold, in words, for `explain` (run->explaining). Takes words. */
void finding_say(struct finding *finding, char *words);
/* Some place could not be looked at: recorded in the verdict, and the truth is open. */
void finding_stuck(struct finding *finding, struct run *run, const struct section_place *place,
    const char *part, const char *reason);

#endif
