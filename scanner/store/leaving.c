/* SPDX-License-Identifier: GPL-3.0-or-later */
/* leaving - see leaving.h. Never touches a file that a row of `volume` names. */
#include "store/leaving.h"

#include "store/query.h"
#include "store/vault-rewrite.h"
#include "store/view-inner.h"

/* Orders to overwrite single copies in it are carried out with the whole. */
bool
leaving_forget(struct database *database, const char *volume, GError **error)
{
	static const struct query_text orders = { "end orders to overwrite copies",
		"DELETE FROM purging WHERE volume = (SELECT id FROM volume WHERE name = ?)" };
	static const struct query_text remove = { "forget a volume",
		"DELETE FROM volume WHERE name = ?" };
	static const struct query_text put = { "order a volume's end",
		"INSERT INTO leaving (name) VALUES (?) ON CONFLICT DO NOTHING" };

	return query_run(database, &orders, VALUES(query_text_value(volume)), error) &&
	       query_run(database, &remove, VALUES(query_text_value(volume)), error) &&
	       query_run(database, &put, VALUES(query_text_value(volume)), error);
}

GPtrArray *
leaving_list(struct database *database, GError **error)
{
	static const struct query_text all = { "list volumes that are to go",
		"SELECT name FROM leaving ORDER BY name" };
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
	struct query query;

	if (!query_open(&query, database, &all, NO_VALUES, error))
		return NULL;
	while (query_next(&query))
		g_ptr_array_add(list, query_dup(&query, 0));
	return query_close(&query, error) ? g_steal_pointer(&list) : NULL;
}

bool
leaving_gone(struct database *database, GError **error)
{
	static const struct query_text remove = { "record that volumes are gone",
		"DELETE FROM leaving" };

	return query_run(database, &remove, NO_VALUES, error);
}

/* A view only reads but for this. */
static bool
record_gone(struct database *database, GError **error)
{
	if (!database_script(database, "leaving", "PRAGMA query_only = OFF", error))
		return false;
	bool right = leaving_gone(database, error);
	return database_script(
		   database, "leaving", "PRAGMA query_only = ON", right ? error : NULL) &&
	       right;
}

bool
leaving_end(struct view *view, GError **error)
{
	g_autoptr(GPtrArray) names = leaving_list(view->database, error);
	bool right = names != NULL;

	for (guint i = 0; right && i < names->len; i++)
		right = vault_shred(view->vault, names->pdata[i], error);
	return right && (names->len == 0 || record_gone(view->database, error));
}

bool
leaving_settle(struct view *view, GError **error)
{
	int lock = vault_lock(view->vault, error);
	bool right = lock >= 0 && leaving_end(view, error);

	vault_unlock(&lock);
	return right;
}
