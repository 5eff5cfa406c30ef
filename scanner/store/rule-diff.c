/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/rule-diff.h"

#include <string.h>

#include "base/diff.h"
#include "base/digest.h"
#include "store/query.h"

/* Rules that are not alike in the two sets, each with both texts; by name, so always the same. */
static const struct query_text unlike = { "compare the texts of rules",
	"SELECT r.rule, coalesce(o.file, ''), coalesce(n.file, ''), ot.text, nt.text"
	" FROM (SELECT DISTINCT rule FROM ruleset_rule WHERE ruleset IN (?1, ?2)) r"
	" LEFT JOIN ruleset_rule o ON o.ruleset = ?1 AND o.rule = r.rule"
	" LEFT JOIN ruleset_rule n ON n.ruleset = ?2 AND n.rule = r.rule"
	" LEFT JOIN rule_text ot ON ot.digest = o.digest AND ot.rule = r.rule"
	" LEFT JOIN rule_text nt ON nt.digest = n.digest AND nt.rule = r.rule"
	" WHERE coalesce(o.digest, '') <> coalesce(n.digest, '') ORDER BY r.rule" };

static void
put_rule(struct query *query, GString *out)
{
	const char *old_file = query_text(query, 1), *new_file = query_text(query, 2);
	g_autofree char *old_name = *old_file != '\0' ? g_strconcat("a/", old_file, NULL) : NULL;
	g_autofree char *new_name = *new_file != '\0' ? g_strconcat("b/", new_file, NULL) : NULL;
	/* Rule files hold no NUL: base/ini refuses them. */
	g_autofree char *was = query_dup(query, 3), *is = query_dup(query, 4);
	g_autoptr(GBytes) old_text = g_bytes_new_static(was, strlen(was));
	g_autoptr(GBytes) new_text = g_bytes_new_static(is, strlen(is));
	const char *none = "/dev/null";

	diff_unified(old_name != NULL ? old_name : none, new_name != NULL ? new_name : none,
	    old_text, new_text, out);
}

bool
rule_diff_make(
    struct database *database, const char *before, const char *after, GString *out, GError **error)
{
	struct query query;

	if (!query_open(&query, database, &unlike,
		VALUES(query_text_value(before), query_text_value(after)), error))
		return false;
	while (query_next(&query)) {
		if (out->len < RULE_DIFF_BYTES)
			put_rule(&query, out);
		else
			g_string_append_printf(
			    out, "# %s changed as well\n", query_text(&query, 0));
	}
	return query_close(&query, error);
}

char *
rule_diff_words(const GString *diff)
{
	char hex[DIGEST_HEX];
	guint lines = 0;

	digest_bytes(diff->str, diff->len, hex);
	for (gsize i = 0; i < diff->len; i++)
		lines += diff->str[i] == '\n';
	return g_strdup_printf(RULE_DIFF_WORDS "%u lines, sha256 %s", lines, hex);
}
