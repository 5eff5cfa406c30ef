/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The bytes of one message. Never hands them out where a second officer has to agree first.
 */
#include "store/archive.h"
#include "store/view-inner.h"

#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "store/consent.h"

void
view_take_keys(struct view *view, struct cipher_keys *keys)
{
	vault_take_keys(view->vault, keys);
}

bool
view_place(struct view *view, gint64 id, struct view_place *out, GError **error)
{
	static const struct query_text find = { "find a copy",
		"SELECT m.sha256, v.name, m.offset, m.length, m.purged, m.size FROM message m"
		" LEFT JOIN volume v ON v.id = m.volume WHERE m.id = ?"
		" AND (v.id IS NOT NULL OR m.purged IS NOT NULL)" };
	struct query query;

	*out = (struct view_place){ 0 };
	if (!query_open(&query, view->database, &find, VALUES(query_int_value(id)), error))
		return false;
	if (query_next(&query)) {
		g_strlcpy(out->sha256, query_text(&query, 0), sizeof out->sha256);
		g_strlcpy(out->at.volume, query_text(&query, 1), sizeof out->at.volume);
		out->at.offset = (guint64)query_int(&query, 2);
		out->at.length = (guint64)query_int(&query, 3);
		out->purged = query_int(&query, 4);
		out->at.size = (guint64)query_int(&query, 5);
	}
	return query_close(&query, error);
}

bool
view_place_moved(
    struct view *view, gint64 id, const struct vault_place *was, struct view_place *out)
{
	if (!view_place(view, id, out, NULL)) {
		out->at = *was;
		return false;
	}
	return out->at.volume[0] != '\0' &&
	       (strcmp(out->at.volume, was->volume) != 0 || out->at.offset != was->offset);
}

static void
say_why_not(struct view *view, gint64 id, GError **error)
{
	g_autofree char *archive = archive_of(view, id, error);

	if (archive == NULL)
		return;
	if (archive[0] != '\0')
		g_set_error(error, FAULT, FAULT_DATA,
		    "its copy stands in archive %s alone; flagpost archive restore %s "
		    "brings it back",
		    archive, archive);
	else
		g_set_error(error, FAULT, FAULT_DATA,
		    "message %" G_GINT64_FORMAT ": no copy of it was kept", id);
}

/* False after an error, which says why there is none. */
static bool
has_copy(struct view *view, gint64 id, const struct view_place *place, GError **error)
{
	if (place->purged != 0) {
		g_autofree char *when = clock_iso(place->purged);
		g_set_error(
		    error, FAULT, FAULT_DATA, "%s: it was purged at %s", place->sha256, when);
		return false;
	}
	if (place->sha256[0] != '\0')
		return true;
	say_why_not(view, id, error);
	return false;
}

/* A volume that is rewritten or archived meanwhile is gone; its copies stand elsewhere then. */
static GBytes *
read_copy(struct view *view, gint64 id, struct view_place *place, GError **error)
{
	const struct vault_place was = place->at;
	g_autoptr(GError) trouble = NULL;
	GBytes *bytes = vault_read(view->vault, &was, place->sha256, &trouble);

	if (bytes != NULL)
		return bytes;
	if (view_place_moved(view, id, &was, place))
		return vault_read(view->vault, &place->at, place->sha256, error);
	if (has_copy(view, id, place, error))
		g_propagate_error(error, g_steal_pointer(&trouble));
	return NULL;
}

GBytes *
view_copy(struct view *view, gint64 id, GError **error)
{
	struct view_place place;

	return view_place(view, id, &place, error) && has_copy(view, id, &place, error) &&
		       consent_check(view, place.sha256, clock_now(), error)
		   ? read_copy(view, id, &place, error)
		   : NULL;
}
