/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The patterns of a rule set, and the prefilter over them.
 */
#include "rules/ruleset-inside.h"

char *
ruleset_prefilter_key(const struct ruleset *ruleset)
{
	return prefilter_key(ruleset->patterns);
}

GBytes *
ruleset_prefilter_build(const struct ruleset *ruleset, GError **error)
{
	return prefilter_build(ruleset->patterns, error);
}

bool
ruleset_prefilter_use(struct ruleset *ruleset, GBytes *bytes, GError **error)
{
	g_autofree char *key = prefilter_key(ruleset->patterns);
	struct prefilter *prefilter = prefilter_load(bytes, key, error);

	if (prefilter == NULL)
		return false;
	prefilter_free(ruleset->prefilter);
	ruleset->prefilter = prefilter;
	return true;
}

bool
ruleset_is_prefiltered(const struct ruleset *ruleset)
{
	return ruleset->prefilter != NULL;
}

guint
ruleset_pattern_count(const struct ruleset *ruleset)
{
	return ruleset->patterns->len;
}

struct pattern_info
ruleset_pattern(const struct ruleset *ruleset, guint index)
{
	const struct pattern *pattern = g_ptr_array_index(ruleset->patterns, index);
	struct pattern_info info = { pattern_file(pattern), pattern_line(pattern),
		pattern_key(pattern), pattern_text(pattern), NULL };

	if (ruleset->prefilter != NULL)
		info.alone = prefilter_alone(ruleset->prefilter, index);
	return info;
}
