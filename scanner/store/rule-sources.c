/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/rule-sources.h"

#include <string.h>

#include "base/diff.h"
#include "base/digest.h"
#include "store/query.h"
#include "store/rule-diff.h"

#define CHANGES_NAMED 50 /* of one kind of change; more are counted */

/* A source as it was and as it is; one of them may be absent. */
struct pair {
	const char *name; /* borrowed from either */
	char *was;        /* the kept text; owned */
	char *was_digest;
	const struct store_source *is;
};

struct rule_changes *
rule_changes_new(void)
{
	struct rule_changes *changes = g_new0(struct rule_changes, 1);

	changes->diff = g_string_new(NULL);
	changes->names = g_string_new(NULL);
	return changes;
}

void
rule_changes_free(struct rule_changes *changes)
{
	if (changes == NULL)
		return;
	g_string_free(changes->diff, TRUE);
	g_string_free(changes->names, TRUE);
	g_free(changes);
}

static void
pair_free(gpointer data)
{
	struct pair *pair = data;

	g_free(pair->was);
	g_free(pair->was_digest);
	g_free(pair);
}

static gint
by_name(gconstpointer a, gconstpointer b)
{
	const struct pair *left = *(const struct pair *const *)a;
	const struct pair *right = *(const struct pair *const *)b;

	return strcmp(left->name, right->name);
}

static void
digest_of(GBytes *text, char hex[DIGEST_HEX])
{
	gsize size;
	const void *data = g_bytes_get_data(text, &size);

	digest_bytes(data, size, hex);
}

static struct pair *
pair_of(GHashTable *known, char *name)
{
	struct pair *pair = g_hash_table_lookup(known, name);

	if (pair == NULL) {
		pair = g_new0(struct pair, 1);
		pair->name = name;
		g_hash_table_insert(known, name, pair);
	} else {
		g_free(name);
	}
	return pair;
}

/* char * name -> struct pair; NULL after an error. */
static GHashTable *
pairs_of(struct database *database, const struct store_source *sources, guint n, bool *any,
    GError **error)
{
	static const struct query_text all = { "read the sources of rules",
		"SELECT name, digest, text FROM rule_source" };
	g_autoptr(GHashTable) pairs =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, pair_free);
	struct query query;

	if (!query_open(&query, database, &all, NO_VALUES, error))
		return NULL;
	while (query_next(&query)) {
		struct pair *pair = pair_of(pairs, query_dup(&query, 0));
		pair->was_digest = query_dup(&query, 1);
		pair->was = query_dup(&query, 2);
		*any = true;
	}
	if (!query_close(&query, error))
		return NULL;
	for (guint i = 0; i < n; i++)
		pair_of(pairs, g_strdup(sources[i].name))->is = &sources[i];
	return g_steal_pointer(&pairs);
}

static bool
is_alike(const struct pair *pair)
{
	char hex[DIGEST_HEX];

	if (pair->was == NULL || pair->is == NULL)
		return false;
	digest_of(pair->is->text, hex);
	return strcmp(hex, pair->was_digest) == 0;
}

static void
put_diff(const struct pair *pair, GString *out)
{
	g_autofree char *old_name = g_strconcat("a/", pair->name, NULL);
	g_autofree char *new_name = g_strconcat("b/", pair->name, NULL);
	g_autoptr(GBytes) was =
	    pair->was != NULL ? g_bytes_new_static(pair->was, strlen(pair->was)) : NULL;

	if (out->len >= RULE_DIFF_BYTES)
		g_string_append_printf(out, "# %s changed as well\n", pair->name);
	else
		diff_unified(pair->was != NULL ? old_name : "/dev/null",
		    pair->is != NULL ? new_name : "/dev/null", was,
		    pair->is != NULL ? pair->is->text : NULL, out);
}

/* Those of one kind of change; what a rule stands in is named by its rule (sqlite-rulesets.c). */
static void
put_names(const GPtrArray *unlike, bool was, bool is, const char *word, GString *out)
{
	guint named = 0;

	for (guint i = 0; i < unlike->len; i++) {
		const struct pair *pair = unlike->pdata[i];
		bool is_rule = pair->is != NULL ? pair->is->is_rule
						: g_str_has_suffix(pair->name, ".ini") &&
						      strstr(pair->name, "detectors/") == NULL;
		if (is_rule || (pair->was != NULL) != was || (pair->is != NULL) != is)
			continue;
		if (named < CHANGES_NAMED)
			g_string_append_printf(out, "%s%s", named == 0 ? word : ", ", pair->name);
		named++;
	}
	if (named > CHANGES_NAMED)
		g_string_append_printf(out, " and %u more", named - CHANGES_NAMED);
	g_string_append(out, named > 0 ? "; " : "");
}

bool
rule_sources_compare(struct database *database, const struct store_source *sources, guint n,
    struct rule_changes *changes, GError **error)
{
	g_autoptr(GPtrArray) unlike = g_ptr_array_new();
	GHashTableIter iter;
	gpointer pair;
	bool any = false;
	g_autoptr(GHashTable) pairs = pairs_of(database, sources, n, &any, error);

	if (pairs == NULL)
		return false;
	changes->first = !any;
	g_hash_table_iter_init(&iter, pairs);
	while (any && g_hash_table_iter_next(&iter, NULL, &pair)) {
		if (!is_alike(pair))
			g_ptr_array_add(unlike, pair);
	}
	g_ptr_array_sort(unlike, by_name);
	changes->differs = unlike->len > 0;
	for (guint i = 0; i < unlike->len; i++)
		put_diff(unlike->pdata[i], changes->diff);
	put_names(unlike, false, true, "added ", changes->names);
	put_names(unlike, true, true, "changed ", changes->names);
	put_names(unlike, true, false, "removed ", changes->names);
	return true;
}

bool
rule_sources_keep(
    struct database *database, const struct store_source *sources, guint n, GError **error)
{
	static const struct query_text clear = { "forget the sources of rules",
		"DELETE FROM rule_source" };
	static const struct query_text keep = { "keep a source of rules",
		"INSERT INTO rule_source (name, digest, text) VALUES (?, ?, ?)" };

	if (!query_run(database, &clear, NO_VALUES, error))
		return false;
	for (guint i = 0; i < n; i++) {
		char hex[DIGEST_HEX];
		digest_of(sources[i].text, hex);
		if (!query_run(database, &keep,
			VALUES(query_text_value(sources[i].name), query_text_value(hex),
			    query_bytes_value(sources[i].text)),
			error))
			return false;
	}
	return true;
}

bool
rule_sources_note(struct database *database, const GString *diff, GError **error)
{
	static const struct query_text note = { "keep a diff of rules",
		"INSERT INTO rule_change (row, diff) SELECT max(id), ?1 FROM ledger" };
	g_autoptr(GBytes) bytes = g_bytes_new(diff->str, diff->len);

	return query_run(database, &note, VALUES(query_bytes_value(bytes)), error);
}

bool
rule_sources_diff(struct database *database, gint64 row, GString *out, bool *noted, GError **error)
{
	static const struct query_text find = { "read a diff of rules",
		"SELECT diff FROM rule_change WHERE row = ?" };
	struct query query;

	if (!query_open(&query, database, &find, VALUES(query_int_value(row)), error))
		return false;
	*noted = query_next(&query);
	if (*noted) {
		g_autofree char *text = query_dup(&query, 0);
		g_string_append(out, text);
	}
	return query_close(&query, error);
}
