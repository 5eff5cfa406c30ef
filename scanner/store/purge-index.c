/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never forgets a word that some message still has.
 */
#include "store/purge-index.h"

#include "base/fault.h"
#include "store/new-words.h"
#include "store/query.h"
#include "store/settle.h"
#include "store/vocabulary.h"

/* Leaves those in gone that no message has any more, and forgets them. */
static bool
forget_words(struct database *database, GHashTable *gone, GError **error)
{
	g_autoptr(GList) all = g_hash_table_get_keys(gone);
	bool right = true, known;

	for (GList *at = all; right && at != NULL; at = at->next) {
		right = settle_has_word(database, at->data, &known, error);
		if (right && known)
			g_hash_table_remove(gone, at->data);
	}
	return right && new_words_remove(database, gone, error) &&
	       vocabulary_remove(database, gone, error);
}

bool
purge_index(struct database *database, const GArray *docs, GError **error)
{
	/* Whoever writes keeps words in memory: he looks at this number. */
	static const struct query_text count = { "count a purge",
		"UPDATE search_state SET purges = purges + 1" };
	GHashTable *gone = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GError *trouble = NULL;
	bool right = settle_drop_unfinished(database, &trouble) &&
		     settle_remove(database, docs, gone, &trouble) &&
		     query_run(database, &count, NO_VALUES, &trouble) &&
		     forget_words(database, gone, &trouble);

	g_hash_table_unref(gone);
	/* It is the store that is broken, and not what somebody wrote. */
	if (g_error_matches(trouble, FAULT, FAULT_DATA))
		trouble->code = FAULT_IO;
	if (!right)
		g_propagate_error(error, trouble);
	return right;
}
