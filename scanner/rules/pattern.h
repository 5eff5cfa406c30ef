/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_PATTERN_H
#define FLAGPOST_RULES_PATTERN_H
/*
 * pattern - a regular expression of a rule, over valid UTF-8. The only file that sees PCRE2.
 *
 * PCRE2 with UTF and UCP, JIT-compiled when the rule set is loaded (in a sandbox that is too
 * late). Every end of a search but "found" and "none" is PATTERN_GAVE_UP with a reason:
 * PCRE2's limits hold for one start of the match only, so a clock is looked at as well.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "base/ini.h"
#include "base/problem.h"

struct span {
	gsize start, end; /* bytes; end is behind the last one */
};

enum pattern_result { PATTERN_NONE, PATTERN_FOUND, PATTERN_GAVE_UP };

/* What all searches of one rule set share: limits, JIT stack, result block. One thread at a time.
 */
struct pattern_engine;
struct pattern_engine *pattern_engine_new(void);
void pattern_engine_free(struct pattern_engine *engine);
bool pattern_engine_is_jit(const struct pattern_engine *engine);

struct pattern;

/* NULL after a problem at the column inside the value. */
struct pattern *pattern_compile(const struct ini_section *section, const struct ini_entry *entry,
    bool ignore_case, struct problems *problems);
/* Machine code, where PCRE2 makes some: it costs as much as all else of a load, so those who search
 * ask for it. */
void pattern_make_fast(struct pattern *pattern);
void pattern_free(struct pattern *pattern);
const char *pattern_key(const struct pattern *pattern); /* "pattern.1" */
const char *pattern_text(const struct pattern *pattern);
const char *pattern_file(const struct pattern *pattern); /* path */
guint pattern_line(const struct pattern *pattern);
guint pattern_column(const struct pattern *pattern);
/* True when some text that nearly matches costs it far more than its length: (a+)+$ over a's. */
bool pattern_runs_away(const struct pattern *pattern);
bool pattern_ignores_case(const struct pattern *pattern);

/*
 * Its number among the patterns of a rule set, from 0, and the texts in which it is searched, as
 * bits of enum component: 0 until a section that uses it says so.
 */
guint pattern_number(const struct pattern *pattern);
guint pattern_components(const struct pattern *pattern);
void pattern_add_use(struct pattern *pattern, guint components);
void pattern_set_number(struct pattern *pattern, guint number);

/*
 * The first match that starts at from or later. text must be valid UTF-8 and from at a
 * character. deadline_us is of g_get_monotonic_time. *reason is static.
 */
enum pattern_result pattern_next(struct pattern_engine *engine, const struct pattern *pattern,
    const char *text, gsize size, gsize from, gint64 deadline_us, struct span *out,
    const char **reason);

const char *pattern_version(void); /* of PCRE2 */

/* The characters of a text that an expression of our own for one character matches: gunichar. */
GArray *pattern_characters(const char *expression, bool ignore_case, const char *text, gsize size);

#endif
