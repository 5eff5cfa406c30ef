/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_PREFILTER_H
#define FLAGPOST_RULES_PREFILTER_H
/*
 * prefilter - which patterns of a rule set can match a text at all, told in one pass over it.
 * The only file that sees Hyperscan.
 *
 * Made of the patterns' factors (factor.h), so it may name a pattern that does not match, and
 * never leaves one out that does: PCRE2 decides. Without Hyperscan (the build option
 * FLAGPOST_HYPERSCAN, another processor, a library that is not 5.4.0 to 5.4.2) there is none,
 * and every pattern is asked: the flags are the same.
 *
 *	prefilter_build -> bytes, which may be kept -> prefilter_load -> prefilter_scan ...
 *
 * What is loaded must come from prefilter_build: the library trusts it.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "mail/message.h"
#include "rules/pattern.h"

#define PREFILTER_BYTES_MAX (256u * 1024 * 1024)

struct prefilter;

/* NULL when Hyperscan can be used; else why not. */
const char *prefilter_lacking(void);

/*
 * What the bytes depend on, as SHA-256 hex: the patterns, in order of their numbers, the versions
 * of the libraries and of this program, the processor.
 */
char *prefilter_key(const GPtrArray *patterns);

/* Compiles: seconds for thousands of patterns. NULL with an error where there is no Hyperscan. */
GBytes *prefilter_build(const GPtrArray *patterns, GError **error);

/* NULL with an error when the bytes are not of this key or not whole. Copies them. */
struct prefilter *prefilter_load(GBytes *bytes, const char *key, GError **error);
void prefilter_free(struct prefilter *prefilter);
AUTO_DEFINE(prefilter, prefilter_free)

/* NULL when the prefilter knows the pattern; else why PCRE2 is asked on every text. */
const char *prefilter_alone(const struct prefilter *prefilter, guint pattern);

/*
 * Sets the bits of the patterns that may match a text of a component (enum component), those
 * among them that it does not know. fired has room for all patterns of the rule set. One thread
 * at a time.
 */
void prefilter_scan(
    struct prefilter *prefilter, guint component, const char *text, gsize size, guint32 *fired);

/*
 * The same for a text without line ends (mail/message.h: seams). fired holds the bits of the text
 * that it was made of: between two seams nothing can stand that is not there too, so only
 * what reaches over a seam is looked for.
 */
void prefilter_scan_seams(struct prefilter *prefilter, const struct text *text, guint32 *fired);

#endif
