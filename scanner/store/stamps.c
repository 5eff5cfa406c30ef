/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/stamps.h"

#include <string.h>

#include "base/digest.h"
#include "base/fault.h"
#include "store/audit.h"
#include "store/view-inner.h"

#define VERB "stamp"

static void
stamp_free(gpointer data)
{
	struct stamp *stamp = data;

	g_free(stamp->hash);
	g_free(stamp->sha256);
	g_free(stamp);
}

/* "row 12 HASH answer SHA256 TIME by SIGNER" */
static struct stamp *
read_row(const struct audit_row *row)
{
	g_auto(GStrv) words = g_strsplit(row->object, " ", 6);

	if (g_strv_length(words) < 5 || strcmp(words[0], "row") != 0 ||
	    strcmp(words[3], "answer") != 0)
		return NULL;
	struct stamp *stamp = g_new0(struct stamp, 1);
	stamp->id = row->id;
	stamp->seen = row->seen;
	stamp->row = g_ascii_strtoll(words[1], NULL, 10);
	stamp->hash = g_strndup(words[2], DIGEST_HEX - 1);
	stamp->sha256 = g_strndup(words[4], DIGEST_HEX - 1);
	if (stamp->row > 0 && stamp->row < stamp->id && digest_is_hex(stamp->hash) &&
	    digest_is_hex(stamp->sha256))
		return stamp;
	stamp_free(stamp);
	return NULL;
}

static bool
find_row(struct view *view, struct stamp *stamp, GError **error)
{
	static const struct query_text one = { "look for a row that was stamped",
		"SELECT count(*) FROM ledger WHERE id = ?1 AND hash = ?2" };
	gint64 count = 0;

	if (!query_number(view->database, &one,
		VALUES(query_int_value(stamp->row), query_text_value(stamp->hash)), &count, error))
		return false;
	stamp->in_chain = count == 1;
	return true;
}

GPtrArray *
stamps_list(struct view *view, GError **error)
{
	const struct audit_query query = { .verb = VERB };
	g_autoptr(GPtrArray) rows = audit_rows(view, &query, error);
	g_autoptr(GPtrArray) stamps = g_ptr_array_new_with_free_func(stamp_free);

	for (guint i = 0; rows != NULL && i < rows->len; i++) {
		const struct audit_row *row = g_ptr_array_index(rows, i);
		struct stamp *stamp = read_row(row);
		if (stamp == NULL) {
			g_set_error(error, FAULT, FAULT_DATA,
			    "ledger row %" G_GINT64_FORMAT ": it names no time stamp", row->id);
			return NULL;
		}
		g_ptr_array_add(stamps, stamp);
		if (!find_row(view, stamp, error))
			return NULL;
	}
	return rows != NULL ? g_steal_pointer(&stamps) : NULL;
}

bool
stamps_note(struct view *view, gint64 row, const char *hash, const char *sha256, const char *by,
    GError **error)
{
	g_autofree char *object =
	    g_strdup_printf("row %" G_GINT64_FORMAT " %s answer %s %s", row, hash, sha256, by);

	return view_note_access(view, VERB, object, error);
}
