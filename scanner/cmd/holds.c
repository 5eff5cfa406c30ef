/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never goes on when one query cannot be asked: what it would have held would be purged.
 */
#include "cmd/holds.h"

#include "base/fault.h"
#include "cmd/filters.h"
#include "store/hold.h"

/* A hold by a query of which less was looked for than it says would hold less, and later too. */
static bool
asked_as_written(const struct filters *filters, GError **error)
{
	if (filters->notes->len == 0)
		return true;
	g_set_error(error, FAULT, FAULT_USAGE, "its query cannot be asked as it is written: %s",
	    (const char *)filters->notes->pdata[0]);
	return false;
}

GArray *
holds_find(struct view *view, const char *query, GTimeZone *zone, GError **error)
{
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
	g_autoptr(filters) filters = filters_of_query(query, zone, error);
	if (filters == NULL)
		return NULL;
	g_autoptr(GPtrArray) found = view_search(view, &filters->query, error);
	if (found == NULL || !asked_as_written(filters, error))
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
		if (hold->query[0] == '\0')
			continue; /* by flags */
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
