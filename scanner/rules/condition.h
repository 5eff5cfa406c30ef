/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_CONDITION_H
#define FLAGPOST_RULES_CONDITION_H
/*
 * condition - flag_if and escalate: sections of a rule joined by and, or, not.
 *
 *	condition = term { "or" term }
 *	term      = factor { "and" factor }
 *	factor    = "not" factor | "(" condition ")" | count "of" names | section
 *	count     = "all" | a number from 1
 *	names     = beginning of section names and "*": content.*
 *
 * Truth is three-valued (Kleene): a section that could not be decided never turns a rule into
 * a silent "no".
 */
#include <glib.h>
#include <stdbool.h>

#include "base/ini.h"
#include "base/problem.h"
#include "mail/verdict.h"

#define CONDITION_DEPTH_MAX 64

struct condition;

/* names: of the sections that may be used, NULL-terminated. NULL after a problem. */
struct condition *condition_parse(const struct ini_section *section, const struct ini_entry *entry,
    const char *const *names, struct problems *problems);
/* The one without flag_if: all sections, 0 to n - 1, must hold. */
struct condition *condition_all(guint n);
void condition_free(struct condition *condition);

/* Asks for sections by their index in names, from left to right, and for no more than needed. */
typedef enum truth (*condition_ask)(guint section, gpointer data);
enum truth condition_check(const struct condition *condition, condition_ask ask, gpointer data);

/*
 * The tree in reading order, each node with its truth. words: "all of these", "not", or NULL for a
 * section. holds of n: how many of the operands of a group are true. The root has depth 0.
 */
struct condition_node {
	guint depth, section; /* section: meant when words is NULL */
	const char *words;
	enum truth truth;
	guint holds, n;
};
typedef void condition_visit(const struct condition_node *node, gpointer visit_data);
void condition_walk(const struct condition *condition, condition_ask ask, gpointer data,
    condition_visit *visit, gpointer visit_data);

/* Sets used[i] for each section that the condition names. */
void condition_mark(const struct condition *condition, bool *used);

#endif
