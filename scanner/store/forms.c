/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/forms.h"

#include <string.h>

#include "store/query.h"
#include "store/vault.h"

bool
forms_put(struct database *database, gint64 volume, const char *form, GError **error)
{
	static const struct query_text put = { "record a form of copies",
		"INSERT INTO volume_form (volume, form) VALUES (?, ?) ON CONFLICT DO NOTHING" };

	return query_run(
	    database, &put, VALUES(query_int_value(volume), query_text_value(form)), error);
}

GPtrArray *
forms_keys(struct database *database, GError **error)
{
	static const struct query_text all = { "list keys of copies",
		"SELECT DISTINCT substr(form, ?1 + 1) FROM volume_form WHERE substr(form, 1, ?1) = "
		"?2"
		" ORDER BY 1" };
	g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
	struct query query;

	if (!query_open(&query, database, &all,
		VALUES(
		    query_int_value((gint64)strlen(VAULT_SEALED)), query_text_value(VAULT_SEALED)),
		error))
		return NULL;
	while (query_next(&query))
		g_ptr_array_add(keys, query_dup(&query, 0));
	return query_close(&query, error) ? g_steal_pointer(&keys) : NULL;
}
