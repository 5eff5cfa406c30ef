/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_LOOK_ALIKE_H
#define FLAGPOST_RULES_LOOK_ALIKE_H
/*
 * look_alike - domains that are made to be taken for another: rlval.example, riva1.example.
 */
#include <glib.h>
#include <stdbool.h>

#include "rules/list.h"

/*
 * The entry of list that domain imitates without being it or lying below it, or NULL. Two
 * domains are alike when they differ by one character (put in, left out, changed, or two
 * swapped; in names of five characters or more), or when they are the same to the eye: 0 and
 * o, 1 and l, rn and m, accents, Cyrillic or Greek letters. Of both the registrable domains are
 * compared (the Public Suffix List). And a domain that begins with the listed one and is somebody
 * else's imitates it: rival.example.login.example. domain is folded.
 */
const struct list_entry *look_alike_find(const struct list *list, const char *domain);

#endif
