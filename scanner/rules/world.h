/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_WORLD_H
#define FLAGPOST_RULES_WORLD_H
/*
 * world - the site's lists, groups and own domains by name.
 *
 * Rules keep names and look them up when they are asked: so a rule's own test can put a small
 * world of its own over the site's.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "base/problem.h"
#include "rules/data.h"
#include "rules/list.h"
#include "rules/sources.h"
#include "rules/token.h"

#define WORLD_FREEMAIL "freemail" /* the list behind `freemail = yes` */
#define WORLD_LOCAL    "local"    /* the own domains, where a list is named */
/* Before the name of a data set that stands among the lists of a rule's own test. */
#define WORLD_EDM    "edm."
#define WORLD_PRINTS "fingerprint."

struct world;

/* The site's. Lists with broken lines are problems. */
struct world *world_new(const struct sources *sources, struct problems *problems);
/* One over another, which must outlive it. Each argument may be NULL: as in base. */
struct world *world_over(const struct world *base, const char *const *own_domains,
    GHashTable *lists, GHashTable *groups);
void world_free(struct world *world);
AUTO_DEFINE(world, world_free)

/* NULL when there is none of that name. A group falls back to the list of its name. */
const struct list *world_list(const struct world *world, const char *name);
const struct list *world_group(const struct world *world, const char *name);
/* NULL likewise. *is_test, which may be NULL: it is that of a rule's own test. */
const struct data *world_data(
    const struct world *world, enum data_kind kind, const char *name, bool *is_test);
/* All names of a kind, NULL-terminated; the array is the caller's. */
const char **world_data_names(const struct world *world, enum data_kind kind);
const struct list *world_own(const struct world *world); /* never NULL */
const char *const *world_own_domains(const struct world *world);

const struct vocabulary *world_vocabulary(const struct world *world);

/* While rules are loaded: words of rules themselves, and lists that are searched as words. */
struct vocabulary *world_words(struct world *world);
void world_need_phrases(struct world *world, const char *list);

/* All names, NULL-terminated, for "did you mean"; the array is the caller's. */
const char **world_list_names(const struct world *world);
const char **world_group_names(const struct world *world); /* groups and lists */

#endif
