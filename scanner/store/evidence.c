/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/evidence.h"

#include <string.h>

#include "base/digest.h"
#include "base/fault.h"
#include "store/view-inner.h"

static GArray *
read_numbers(struct view *view, const struct query_text *text, gint64 of, GError **error)
{
	g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(gint64));
	struct query query;

	if (!query_open(&query, view->database, text, VALUES(query_int_value(of)), error))
		return NULL;
	while (query_next(&query)) {
		gint64 number = query_int(&query, 0);
		g_array_append_val(numbers, number);
	}
	return query_close(&query, error) ? g_steal_pointer(&numbers) : NULL;
}

GPtrArray *
evidence_flags(struct view *view, gint64 message, GError **error)
{
	static const struct query_text of_message = { "find a message's flags",
		"SELECT id FROM flag WHERE message = ? AND exception = '' ORDER BY id" };
	g_autoptr(GArray) numbers = read_numbers(view, &of_message, message, error);
	g_autoptr(GPtrArray) flags = g_ptr_array_new_with_free_func((GDestroyNotify)view_flag_free);

	for (guint i = 0; numbers != NULL && i < numbers->len; i++) {
		struct view_flag *flag =
		    view_flag_one(view, g_array_index(numbers, gint64, i), error);
		if (flag == NULL)
			return NULL;
		g_ptr_array_add(flags, flag);
	}
	return numbers != NULL ? g_steal_pointer(&flags) : NULL;
}

GBytes *
evidence_rule(struct view *view, const char *rule, const char *digest, GError **error)
{
	static const struct query_text find = { "read a rule's text",
		"SELECT text FROM rule_text WHERE digest = ? AND rule = ? AND text IS NOT NULL" };
	g_autofree char *text = NULL;
	char found[DIGEST_HEX] = "";
	struct query query;

	if (!query_open(&query, view->database, &find,
		VALUES(query_text_value(digest), query_text_value(rule)), error))
		return NULL;
	if (query_next(&query)) {
		text = g_strdup(query_text(&query, 0));
		digest_bytes(text, strlen(text), found);
	}
	if (!query_close(&query, error))
		return NULL;
	if (text != NULL && strcmp(found, digest) == 0)
		return g_bytes_new(text, strlen(text));
	g_set_error(error, FAULT, FAULT_DATA, "rule %s: its text of that day %s", rule,
	    text == NULL ? "is not known" : "was altered");
	return NULL;
}

static gint
compare_numbers(gconstpointer a, gconstpointer b)
{
	gint64 one = *(const gint64 *)a, other = *(const gint64 *)b;

	return one < other ? -1 : one > other;
}

GArray *
evidence_messages(struct view *view, const GArray *flags, GError **error)
{
	static const struct query_text find = { "find a flag's message",
		"SELECT message FROM flag WHERE id = ?" };
	g_autoptr(GArray) messages = g_array_new(FALSE, FALSE, sizeof(gint64));
	guint n = 0;

	for (guint i = 0; i < flags->len; i++) {
		gint64 message = 0;
		if (!query_number(view->database, &find,
			VALUES(query_int_value(g_array_index(flags, gint64, i))), &message, error))
			return NULL;
		if (message != 0)
			g_array_append_val(messages, message);
	}
	g_array_sort(messages, compare_numbers);
	for (guint i = 0; i < messages->len; i++) {
		gint64 message = g_array_index(messages, gint64, i);
		if (n == 0 || g_array_index(messages, gint64, n - 1) != message)
			g_array_index(messages, gint64, n++) = message;
	}
	g_array_set_size(messages, n);
	return g_steal_pointer(&messages);
}

struct view_message *
evidence_message(struct view *view, gint64 id, GError **error)
{
	static const struct query_text find = { "read a message",
		"SELECT " MESSAGE_COLUMNS " FROM message m WHERE m.id = ?" };
	struct view_message *message = NULL;
	struct query query;
	bool right = true;

	if (!query_open(&query, view->database, &find, VALUES(query_int_value(id)), error))
		return NULL;
	if (query_next(&query)) {
		message = view_message_load(view, &query, 0, NULL, error);
		right = message != NULL;
	}
	right = query_close(&query, right ? error : NULL) && right;
	if (right && message == NULL)
		g_set_error(
		    error, FAULT, FAULT_USAGE, "message %" G_GINT64_FORMAT ": there is none", id);
	return message;
}
