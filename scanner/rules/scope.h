/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_SCOPE_H
#define FLAGPOST_RULES_SCOPE_H
/*
 * scope - [scope] of a rule: which messages it is about at all. All keys must hold.
 *
 * What is not known never excludes: a message without a usable sender has no direction, a
 * file has no account, a message without a date has no hour. So nothing passes in silence.
 */
#include <glib.h>
#include <stdbool.h>

#include "rules/builder.h"
#include "rules/run.h"

struct scope;

/* section may be NULL: everything is in scope. */
struct scope *scope_load(const struct builder *builder, const struct ini_section *section);
void scope_free(struct scope *scope);

/* NULL when the message is in scope; else why not, for people. */
char *scope_excludes(const struct scope *scope, const struct run *run);
/* What it asks for and how the message stands to that: "direction outbound; account hq". NULL when
 * everything is in scope. */
char *scope_describe(const struct scope *scope, const struct run *run);

#endif
