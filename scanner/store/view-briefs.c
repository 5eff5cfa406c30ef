/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Flags as somebody sees them who only decides whether to tell of them.
 */
#include "store/view-inner.h"
#include "store/view-report.h"

#define OF_AN_INCIDENT 1000

static void
brief_free(struct view_brief *brief)
{
	g_free(brief->rule);
	g_free(brief->message_id);
	g_free(brief->sha256);
	g_free(brief);
}

static GPtrArray *
take_briefs(struct query *query, GError **error)
{
	g_autoptr(GPtrArray) briefs = g_ptr_array_new_with_free_func((GDestroyNotify)brief_free);

	while (query_next(query)) {
		struct view_brief *brief = g_new0(struct view_brief, 1);
		brief->flag = query_int(query, 0);
		brief->incident = query_int(query, 1);
		brief->severity = (enum severity)query_enum(query, 2, word_count(severity_words));
		brief->rule = query_dup(query, 3);
		brief->message_id = query_dup(query, 4);
		brief->sha256 = query_dup(query, 5);
		g_ptr_array_add(briefs, brief);
	}
	return query_close(query, error) ? g_steal_pointer(&briefs) : NULL;
}

#define COLUMNS                                                                                    \
	"SELECT g.id, g.incident, g.severity, g.rule, m.message_id, m.sha256 FROM flag g"          \
	" JOIN message m ON m.id = g.message WHERE g.exception = '' AND g.id > ?"

GPtrArray *
view_briefs(struct view *view, gint64 after, guint limit, GError **error)
{
	static const struct query_text some = { "find new flags in brief",
		COLUMNS " ORDER BY g.id LIMIT ?" };
	struct query query;

	if (!query_open(&query, view->database, &some,
		VALUES(query_int_value(after), query_int_value(limit)), error))
		return NULL;
	return take_briefs(&query, error);
}

GPtrArray *
view_incident_briefs(
    struct view *view, gint64 incident, gint64 after, gint64 before, GError **error)
{
	static const struct query_text some = { "find flags of an incident in brief",
		COLUMNS " AND g.incident = ? AND g.id < ? ORDER BY g.id LIMIT ?" };
	struct query query;

	if (!query_open(&query, view->database, &some,
		VALUES(query_int_value(after), query_int_value(incident), query_int_value(before),
		    query_int_value(OF_AN_INCIDENT)),
		error))
		return NULL;
	return take_briefs(&query, error);
}

bool
view_is_noted(struct view *view, const char *word, const char *text, bool *noted, GError **error)
{
	static const struct query_text find = { "find a note",
		"SELECT count(*) FROM note WHERE word = ? AND instr(text, ?) > 0" };
	gint64 count = 0;

	if (!query_number(view->database, &find,
		VALUES(query_text_value(word), query_text_value(text)), &count, error))
		return false;
	*noted = count > 0;
	return true;
}
