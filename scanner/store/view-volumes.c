/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looks at names and sizes alone: a volume is read when a copy is asked for.
 */
#include "store/view-inner.h"

static void
volume_free(gpointer data)
{
	struct view_amiss *volume = data;

	g_free(volume->name);
	g_free(volume);
}

static bool
add_volume(struct view *view, struct query *query, GPtrArray *rows, GError **error)
{
	/* Asked for what is amiss alone: there is no index. */
	static const struct query_text count = { "count the copies of a volume",
		"SELECT count(*) FROM message WHERE volume = ?" };
	guint64 end = (guint64)query_int(query, 1), size;
	enum vault_state state = vault_look(view->vault, query_text(query, 0), end, &size);
	gint64 messages = 0;

	if (state == VAULT_WHOLE)
		return true;
	if (!query_number(view->database, &count, VALUES(query_int_value(query_int(query, 2))),
		&messages, error))
		return false;
	struct view_amiss *volume = g_new0(struct view_amiss, 1);
	volume->name = query_dup(query, 0);
	volume->missing = state == VAULT_MISSING;
	volume->size = size;
	volume->committed = end;
	volume->messages = (guint64)messages;
	g_ptr_array_add(rows, volume);
	return true;
}

GPtrArray *
view_volumes_amiss(struct view *view, GError **error)
{
	static const struct query_text all = { "list the volumes",
		"SELECT name, end, id FROM volume ORDER BY name" };
	g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(volume_free);
	struct query query;
	bool right = true;

	if (!query_open(&query, view->database, &all, NO_VALUES, error))
		return NULL;
	while (right && query_next(&query))
		right = add_volume(view, &query, rows, error);
	right = query_close(&query, right ? error : NULL) && right;
	return right ? g_steal_pointer(&rows) : NULL;
}
