/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_LIST_H
#define FLAGPOST_RULES_LIST_H
/*
 * list - entries, one a line: domains, addresses, digests or words. Also the values that stand
 * in a rule itself, the members of a group and the own domains: all are asked in one way.
 *
 * Entries are compared folded. A leading "@" or "*." of a domain does not matter.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "base/problem.h"
#include "rules/phrases.h"

#define LIST_ENTRY_MAX 1000 /* bytes */

struct list_entry {
	char *text;   /* as written, trimmed */
	char *folded; /* without a leading "@" or "*." */
	guint line;   /* from 1 */
};

struct list;

/*
 * Reads a list file: UTF-8, `#` comments, blank lines. path is what problems call it. Broken
 * lines are problems; the list is returned without them.
 */
struct list *list_parse(
    const char *name, const char *path, GBytes *text, struct problems *problems);
/* title is how people know it: "group sales"; "" when its entries speak for themselves. */
struct list *list_from_lines(const char *title, const char *const *lines);
void list_free(struct list *list);
AUTO_DEFINE(list, list_free)

const GPtrArray *list_entries(const struct list *list); /* of struct list_entry, in file order */

/* A domain as entries are compared: folded, and in ASCII form (RFC 5890) where it has one. */
char *domain_fold(const char *domain);

/* A whole address likewise: its domain in ASCII form, so that both ways to write it are one. */
char *address_fold(const char *address);

/* The entry that covers something, or NULL. What is given must be folded already. */
const struct list_entry *list_find(const struct list *list, const char *folded);
/* The domain itself or, with subdomains, one above it. */
const struct list_entry *list_find_domain(
    const struct list *list, const char *domain, bool subdomains);
/* The whole address, or its domain: a list may hold both kinds. */
const struct list_entry *list_find_address(
    const struct list *list, const char *address, const char *domain, bool subdomains);

/* "list competitors, line 4", "group sales", "own domains" */
char *list_describe(const struct list *list, const struct list_entry *entry);

/* Numbers the words of all entries; needed once before list_phrases. */
void list_make_phrases(struct list *list, struct vocabulary *vocabulary);
const struct phrases *list_phrases(const struct list *list); /* NULL before list_make_phrases */

#endif
