/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/history.h"

#include "store/view-inner.h"

void
history_mail_free(struct history_mail *mail)
{
	g_free(mail->message_id);
	g_ptr_array_unref(mail->addresses);
	g_free(mail);
}

static void
free_mail(gpointer data)
{
	history_mail_free(data);
}

static void
free_address(gpointer data)
{
	address_free(data);
}

bool
history_addresses(struct view *view, history_address *each, void *data, GError **error)
{
	static const struct query_text all = { "read all addresses",
		"SELECT a.address FROM message m JOIN address a ON a.message = m.id"
		" WHERE m.direction <> ?" };
	struct query query;

	if (!query_open(
		&query, view->database, &all, VALUES(query_int_value(DIRECTION_DRAFT)), error))
		return false;
	while (query_next(&query) && each(query_text(&query, 0), data))
		continue;
	return query_close(&query, error);
}

static bool
read_addresses(struct view *view, gint64 message, GPtrArray *out, GError **error)
{
	static const struct query_text all = { "read who took part in a mail",
		"SELECT role, name, address FROM address WHERE message = ? ORDER BY position" };
	struct query query;

	if (!query_open(&query, view->database, &all, VALUES(query_int_value(message)), error))
		return false;
	while (query_next(&query)) {
		guint role = query_enum(&query, 0, ADDRESS_DELIVERED + 1);
		g_ptr_array_add(
		    out, address_new(role, query_text(&query, 1), query_text(&query, 2)));
	}
	return query_close(&query, error);
}

/* Of rows (id, message_id, date). */
static GPtrArray *
read_mails(struct view *view, const struct query_text *text, const struct query_value *values,
    GError **error)
{
	g_autoptr(GPtrArray) mails = g_ptr_array_new_with_free_func(free_mail);
	struct query query;
	bool right = true;

	if (!query_open(&query, view->database, text, values, error))
		return NULL;
	while (right && query_next(&query)) {
		struct history_mail *mail = g_new0(struct history_mail, 1);
		mail->message_id = query_dup(&query, 1);
		mail->date = query_int(&query, 2);
		mail->addresses = g_ptr_array_new_with_free_func(free_address);
		g_ptr_array_add(mails, mail);
		right = read_addresses(view, query_int(&query, 0), mail->addresses, error);
	}
	right = query_close(&query, right ? error : NULL) && right;
	return right ? g_steal_pointer(&mails) : NULL;
}

GPtrArray *
history_by_message_id(struct view *view, const char *message_id, GError **error)
{
	static const struct query_text find = { "find the mail that one answers",
		"SELECT id, message_id, coalesce(date, seen) FROM message"
		" WHERE message_id = ?1 AND message_id <> '' AND direction <> ?2 LIMIT ?3" };

	return read_mails(view, &find,
	    VALUES(query_text_value(message_id), query_int_value(DIRECTION_DRAFT),
		query_int_value(HISTORY_MAILS_MAX)),
	    error);
}

GPtrArray *
history_encrypted(struct view *view, GError **error)
{
	static const struct query_text find = { "find what was sent encrypted",
		"SELECT m.id, m.message_id, coalesce(m.date, m.seen) FROM tag t"
		" JOIN tagged g ON g.tag = t.id JOIN message m ON m.doc = g.doc"
		" WHERE t.kind = 'has' AND t.name = ?1 AND m.direction <> ?2"
		" ORDER BY g.doc DESC LIMIT ?3" };

	return read_mails(view, &find,
	    VALUES(query_text_value("encrypted-attachment"), query_int_value(DIRECTION_DRAFT),
		query_int_value(HISTORY_MAILS_MAX)),
	    error);
}
