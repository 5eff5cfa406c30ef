/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_BUILDER_H
#define FLAGPOST_RULES_BUILDER_H
/*
 * builder - what the readers of rule files share, and the kinds of value that only rules have.
 *
 * All report problems at the value, and go on, so that one run shows every mistake of a file.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/ini.h"
#include "base/limits.h"
#include "base/problem.h"
#include "rules/world.h"

struct builder {
	const struct limits *limits;
	struct problems *problems;
	struct world *world;
	GHashTable *detectors; /* char * id -> struct detector; borrowed from the rule set */
	GPtrArray *patterns;   /* of struct pattern, which texts are searched for; borrowed */
	bool data_may_lack;    /* the file's rules are taken without their data sets */
	bool searched;         /* texts are, for its patterns */
};

/* Where lines are looked up: in the rule itself, or by name in the world at match time. */
struct list_ref {
	char *name; /* of a list, of a group, WORLD_LOCAL; NULL: the values stand here */
	bool is_group;
	struct list *here;
};

/* `key = a, b` as a list of its own. NULL when the key is absent. */
GPtrArray *builder_values(
    const struct builder *builder, const struct ini_section *section, const char *key);
/* `key = NAME, NAME`: lists or groups, of struct list_ref. Unknown names are problems. */
GPtrArray *builder_lists(const struct builder *builder, const struct ini_section *section,
    const char *key, bool is_group);
/* `groups = NAME` of a scope: may also be groups that only accounts name, so none is refused. */
GPtrArray *builder_groups(
    const struct builder *builder, const struct ini_section *section, const char *key);
/* The same as builder_values, searched as words: its phrases are made. */
GPtrArray *builder_words(
    const struct builder *builder, const struct ini_section *section, const char *key);
/* Lists and values as one; both may be NULL and are taken. The lists' phrases are made. */
GPtrArray *builder_joined_words(const struct builder *builder, GPtrArray *lists, GPtrArray *words);
/* A list that no key names. */
GPtrArray *builder_list_named(const char *name);
/* Never NULL: an unknown name was refused when the rule was loaded. */
const struct list *list_ref_find(const struct list_ref *ref, const struct world *world);

/* `key = word, word` from a table, as bits. False when absent or wrong. */
bool builder_bits(const struct builder *builder, const struct ini_section *section, const char *key,
    const char *const *words, guint *out);

/* The byte offset of item number index of a comma separated value. */
gsize builder_item_offset(const char *value, guint index);

/* A value that people are shown: printable; a problem when it is needed and absent. */
char *builder_text(const struct builder *builder, const struct ini_section *section,
    const char *key, bool is_needed);

/* As pattern_compile. */
struct pattern *builder_pattern(const struct builder *builder, const struct ini_section *section,
    const struct ini_entry *entry, bool ignore_case);
/* The keys that begin with prefix ("pattern.") in file order, compiled: of struct pattern. */
GPtrArray *builder_patterns(const struct builder *builder, const struct ini_section *section,
    const char *prefix, bool ignore_case);

#endif
