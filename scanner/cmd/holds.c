/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never goes on when one query cannot be asked: what it would have held would be purged.
 */
#include "cmd/holds.h"

#include "cmd/filters.h"
#include "store/hold.h"

GArray *
holds_find(struct view *view, const char *query, GTimeZone *zone, GError **error)
{
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
	g_auto(GStrv) words = g_strsplit(query, "\n", -1);

	if (query[0] == '\0')
		return g_steal_pointer(&ids);
	g_autoptr(filters) filters = filters_new((const char *const *)words, zone, error);
	if (filters == NULL)
		return NULL;
	g_autoptr(GPtrArray) found = view_search(view, &filters->query, error);
	if (found == NULL)
		return NULL;
	for (guint i = 0; i < found->len; i++) {
		const struct view_message *message = found->pdata[i];
		g_array_append_val(ids, message->id);
	}
	return g_steal_pointer(&ids);
}

bool
holds_extend(struct view *view, GTimeZone *zone, GError **error)
{
	g_autoptr(GPtrArray) holds = hold_list(view, false, error);

	for (guint i = 0; holds != NULL && i < holds->len; i++) {
		const struct hold *hold = holds->pdata[i];
		g_autoptr(GArray) found = holds_find(view, hold->query, zone, error);
		if (found == NULL) {
			g_prefix_error(error, "hold %s: ", hold->name);
			return false;
		}
		if (found->len > 0 && !hold_extend(view, hold->id, found, error))
			return false;
	}
	return holds != NULL;
}
