/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One message out of the tables: row, people, places, parts, flags, bytes.
 */
#include "store/view-inner.h"
#include "store/view-people.h"

#include <string.h>

#include "base/fault.h"

#define PREFIX_MIN 8

/* --- release; messages are counted, because rows of one list share them --- */

static void
placement_free(gpointer data)
{
	struct view_placement *placement = data;

	g_free(placement->account);
	g_free(placement->folder);
	g_free(placement->uid);
	g_free(placement->fate);
	g_free(placement->moved_to);
	g_free(placement->labels);
	g_free(placement->server_id);
	g_free(placement->thread_id);
	g_free(placement);
}

static void
message_clear(gpointer data)
{
	struct view_message *message = data;

	g_free(message->sha256);
	g_free(message->message_id);
	g_free(message->subject);
	g_free(message->from);
	g_strfreev(message->to);
	g_free(message->reason);
	g_free(message->warnings);
	g_free(message->ruleset);
	g_ptr_array_unref(message->placements);
}

void
view_message_free(struct view_message *message)
{
	if (message != NULL)
		g_rc_box_release_full(message, message_clear);
}

static void
release_message(gpointer message)
{
	view_message_free(message);
}

GHashTable *
view_cache_new(void)
{
	return g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, release_message);
}

/* --- a row --- */

static struct view_message *
message_from_row(struct query *query, int column)
{
	struct view_message *message = g_rc_box_new0(struct view_message);

	message->id = query_int(query, column);
	message->sha256 = query_dup(query, column + 1);
	message->message_id = query_dup(query, column + 2);
	message->subject = query_dup(query, column + 3);
	message->date = query_date(query, column + 4);
	message->seen = query_int(query, column + 5);
	message->size = (guint64)query_int(query, column + 6);
	message->direction = query_enum(query, column + 7, word_count(direction_words));
	message->outcome = query_enum(query, column + 8, word_count(outcome_words));
	message->facts = (guint)query_int(query, column + 9);
	message->reason = query_dup(query, column + 10);
	message->ruleset = query_dup(query, column + 11);
	message->has_copy = query_int(query, column + 12) != 0;
	message->warnings = query_dup(query, column + 13);
	message->purged = query_int(query, column + 14);
	message->from = g_strdup("");
	message->placements = g_ptr_array_new_with_free_func(placement_free);
	return message;
}

static struct view_placement *
copy_placement(const struct view_placement *placement)
{
	struct view_placement *copy = g_memdup2(placement, sizeof *placement);

	copy->account = g_strdup(placement->account);
	copy->folder = g_strdup(placement->folder);
	copy->uid = g_strdup(placement->uid);
	copy->fate = g_strdup(placement->fate);
	copy->moved_to = g_strdup(placement->moved_to);
	copy->labels = g_strdup(placement->labels);
	copy->server_id = g_strdup(placement->server_id);
	copy->thread_id = g_strdup(placement->thread_id);
	return copy;
}

struct view_message *
view_message_copy(const struct view_message *message)
{
	struct view_message *copy = g_rc_box_new(struct view_message);

	*copy = *message;
	copy->sha256 = g_strdup(message->sha256);
	copy->message_id = g_strdup(message->message_id);
	copy->subject = g_strdup(message->subject);
	copy->from = g_strdup(message->from);
	copy->to = g_strdupv(message->to);
	copy->reason = g_strdup(message->reason);
	copy->warnings = g_strdup(message->warnings);
	copy->ruleset = g_strdup(message->ruleset);
	copy->placements = g_ptr_array_new_with_free_func(placement_free);
	for (guint i = 0; i < message->placements->len; i++)
		g_ptr_array_add(copy->placements, copy_placement(message->placements->pdata[i]));
	return copy;
}

static bool
load_people(struct view *view, struct view_message *message, GError **error)
{
	static const struct query_text all = { "read addresses",
		"SELECT role, address FROM address WHERE message = ? ORDER BY position" };
	g_autoptr(GStrvBuilder) to = g_strv_builder_new();
	g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	struct query query;

	if (!query_open(&query, view->database, &all, VALUES(query_int_value(message->id)), error))
		return false;
	while (query_next(&query)) {
		struct address address = { .role = query_enum(
					       &query, 0, word_count(address_role_words)) };
		g_autofree char *text = query_dup(&query, 1);
		if (address.role == ADDRESS_FROM && message->from[0] == '\0') {
			g_free(message->from);
			message->from = g_steal_pointer(&text);
		} else if (address_is_recipient(&address) &&
			   g_hash_table_add(known, g_strdup(text))) {
			g_strv_builder_add(to, text);
		}
	}
	message->to = g_strv_builder_end(to);
	return query_close(&query, error);
}

static bool
load_placements(struct view *view, struct view_message *message, GError **error)
{
	static const struct query_text all = { "read placements",
		"SELECT a.name, f.name, p.uid, p.uidvalidity, p.seen, p.gone, p.labels,"
		" p.server_id, p.thread_id, p.last_seen, p.fate, t.name FROM placement p"
		" JOIN folder f ON f.id = p.folder JOIN account a ON a.id = f.account"
		" LEFT JOIN folder t ON t.id = p.moved_to"
		" WHERE p.message = ? ORDER BY p.seen, a.name, f.name, p.uidvalidity, p.uid" };
	struct query query;

	if (!query_open(&query, view->database, &all, VALUES(query_int_value(message->id)), error))
		return false;
	while (query_next(&query)) {
		struct view_placement *placement = g_new0(struct view_placement, 1);
		placement->account = query_dup(&query, 0);
		placement->folder = query_dup(&query, 1);
		placement->uid = query_dup(&query, 2);
		placement->uidvalidity = (guint32)query_int(&query, 3);
		placement->first_seen = query_int(&query, 4);
		placement->gone = query_int(&query, 5);
		placement->labels = query_dup(&query, 6);
		placement->server_id = query_dup(&query, 7);
		placement->thread_id = query_dup(&query, 8);
		placement->last_seen = query_int(&query, 9);
		placement->fate = query_dup(&query, 10);
		placement->moved_to = query_dup(&query, 11);
		g_ptr_array_add(message->placements, placement);
	}
	return query_close(&query, error);
}

static bool
load_flag_count(struct view *view, struct view_message *message, GError **error)
{
	static const struct query_text count = { "count flags",
		"SELECT count(*) FROM flag WHERE message = ? AND exception = ''" };
	gint64 flags = 0;

	if (!query_number(
		view->database, &count, VALUES(query_int_value(message->id)), &flags, error))
		return false;
	message->flags = (guint)flags;
	return true;
}

struct view_message *
view_message_load(
    struct view *view, struct query *query, int column, GHashTable *cache, GError **error)
{
	gint64 id = query_int(query, column);
	struct view_message *known = cache != NULL ? g_hash_table_lookup(cache, &id) : NULL;

	if (known != NULL)
		return g_rc_box_acquire(known);
	g_autoptr(view_message) message = message_from_row(query, column);
	if (!load_people(view, message, error) || !load_placements(view, message, error) ||
	    !load_flag_count(view, message, error))
		return NULL;
	if (cache != NULL)
		g_hash_table_insert(cache, &message->id, g_rc_box_acquire(message));
	return g_steal_pointer(&message);
}

/* --- by digest --- */

static bool
check_prefix(const char *prefix, GError **error)
{
	gsize length = strlen(prefix);

	if (length >= PREFIX_MIN && length <= 64 &&
	    strspn(prefix, "0123456789abcdefABCDEF") == length)
		return true;
	g_set_error(error, FAULT, FAULT_USAGE,
	    "%.70s: a message is named by %d to 64 digits of its SHA-256", prefix, PREFIX_MIN);
	return false;
}

struct view_message *
view_find(struct view *view, const char *prefix, GError **error)
{
	/* 'g' comes right after the last hex digit. */
	static const struct query_text find = { "find a message",
		"SELECT " MESSAGE_COLUMNS " FROM message m"
		" WHERE m.sha256 >= ?1 AND m.sha256 < ?1 || 'g' ORDER BY m.sha256 LIMIT 2" };
	g_autoptr(view_message) first = NULL;
	g_autoptr(view_message) second = NULL;
	struct query query;
	bool right = true;

	if (!check_prefix(prefix, error))
		return NULL;
	g_autofree char *lower = g_ascii_strdown(prefix, -1);
	if (!query_open(&query, view->database, &find, VALUES(query_text_value(lower)), error))
		return NULL;
	while (right && query_next(&query)) {
		struct view_message **at = first == NULL ? &first : &second;
		*at = view_message_load(view, &query, 0, NULL, error);
		right = *at != NULL;
	}
	if (!query_close(&query, right ? error : NULL) || !right)
		return NULL;
	if (first == NULL)
		g_set_error(error, FAULT, FAULT_USAGE, "%s: no message has this digest", lower);
	else if (second != NULL)
		g_set_error(error, FAULT, FAULT_USAGE,
		    "%s: more than one message begins so: %.16s, %.16s", lower, first->sha256,
		    second->sha256);
	return second == NULL ? g_steal_pointer(&first) : NULL;
}

/* --- the verdict --- */

GPtrArray *
view_parts_load(struct view *view, gint64 message, bool attachments_only, GError **error)
{
	static const struct query_text all = { "read parts",
		"SELECT path, name, declared_type, true_type, size, sha256, outcome, facts, depth,"
		" attachment, detail FROM part WHERE message = ? AND attachment >= ?"
		" ORDER BY position" };
	g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func((GDestroyNotify)part_free);
	struct query query;

	if (!query_open(&query, view->database, &all,
		VALUES(query_int_value(message), query_int_value(attachments_only)), error))
		return NULL;
	while (query_next(&query)) {
		struct part *part = g_new0(struct part, 1);
		part->path = query_dup(&query, 0);
		part->name = query_dup(&query, 1);
		part->declared_type = query_dup(&query, 2);
		part->true_type = query_dup(&query, 3);
		part->size = (guint64)query_int(&query, 4);
		g_strlcpy(part->sha256, query_text(&query, 5), sizeof part->sha256);
		part->outcome = query_enum(&query, 6, word_count(part_outcome_words));
		part->facts = (guint)query_int(&query, 7);
		part->depth = (guint)query_int(&query, 8);
		part->attachment = query_int(&query, 9) != 0;
		part->detail = query_dup(&query, 10);
		g_ptr_array_add(parts, part);
	}
	return query_close(&query, error) ? g_steal_pointer(&parts) : NULL;
}

static bool
load_hits(struct view *view, gint64 id, guint most, struct flag *flag, GError **error)
{
	static const struct query_text all = { "read hits",
		"SELECT section, component, header, part, name, offset, length, excerpt, "
		"excerpt_start,"
		" excerpt_length, hidden FROM hit WHERE flag = ? ORDER BY position LIMIT ?" };
	struct query query;

	if (!query_open(&query, view->database, &all,
		VALUES(query_int_value(id), query_int_value(most > 0 ? (gint64)most : -1)), error))
		return false;
	while (query_next(&query)) {
		struct hit *hit = g_new0(struct hit, 1);
		hit->section = query_dup(&query, 0);
		hit->component = query_enum(&query, 1, word_count(component_words));
		hit->header = query_dup(&query, 2);
		hit->part = query_dup(&query, 3);
		hit->name = query_dup(&query, 4);
		hit->offset = (guint64)query_int(&query, 5);
		hit->length = (guint64)query_int(&query, 6);
		hit->excerpt = query_dup(&query, 7);
		hit->excerpt_start = (guint64)query_int(&query, 8);
		hit->excerpt_length = (guint64)query_int(&query, 9);
		hit->hidden = query_int(&query, 10) != 0;
		g_ptr_array_add(flag->hits, hit);
	}
	return query_close(&query, error);
}

struct flag *
view_flag_load(struct view *view, struct query *query, int column, guint hits, GError **error)
{
	struct flag *flag = g_new0(struct flag, 1);

	flag->rule = query_dup(query, column + 1);
	flag->title = query_dup(query, column + 2);
	flag->rule_digest = query_dup(query, column + 3);
	flag->severity = query_enum(query, column + 4, word_count(severity_words));
	flag->escalated_by = query_dup(query, column + 5);
	flag->exception = query_dup(query, column + 6);
	flag->except_reason = query_dup(query, column + 7);
	flag->hits_total = (guint64)query_int(query, column + 8);
	flag->hits = g_ptr_array_new_with_free_func((GDestroyNotify)hit_free);
	if (load_hits(view, query_int(query, column), hits, flag, error))
		return flag;
	flag_free(flag);
	return NULL;
}

static bool
load_addresses(struct view *view, gint64 id, struct verdict *verdict, GError **error)
{
	static const struct query_text all = { "read the verdict's addresses",
		"SELECT role, name, address, domain FROM address WHERE message = ? ORDER BY "
		"position" };
	struct query query;

	if (!query_open(&query, view->database, &all, VALUES(query_int_value(id)), error))
		return false;
	while (query_next(&query)) {
		struct address *address = g_new0(struct address, 1);
		address->role = query_enum(&query, 0, word_count(address_role_words));
		address->name = query_dup(&query, 1);
		address->address = query_dup(&query, 2);
		address->domain = query_dup(&query, 3);
		g_ptr_array_add(verdict->addresses, address);
	}
	return query_close(&query, error);
}

static bool
load_flags(struct view *view, gint64 id, struct verdict *verdict, GError **error)
{
	static const struct query_text all = { "read the verdict's flags",
		"SELECT " FLAG_COLUMNS " FROM flag g WHERE g.message = ? ORDER BY g.id" };
	struct query query;
	bool right = true;

	if (!query_open(&query, view->database, &all, VALUES(query_int_value(id)), error))
		return false;
	while (right && query_next(&query)) {
		struct flag *flag = view_flag_load(view, &query, 0, 0, error);
		right = flag != NULL;
		if (right)
			g_ptr_array_add(verdict->flags, flag);
	}
	return query_close(&query, right ? error : NULL) && right;
}

static bool
load_undecided(struct view *view, gint64 id, struct verdict *verdict, GError **error)
{
	static const struct query_text all = { "read undecided rules",
		"SELECT rule, section, part, reason FROM undecided WHERE message = ?"
		" ORDER BY position" };
	struct query query;

	if (!query_open(&query, view->database, &all, VALUES(query_int_value(id)), error))
		return false;
	while (query_next(&query)) {
		g_autofree char *rule = query_dup(&query, 0);
		g_autofree char *section = query_dup(&query, 1);
		g_autofree char *part = query_dup(&query, 2);
		g_autofree char *reason = query_dup(&query, 3);
		verdict_add_undecided(verdict, rule, section, part, reason);
	}
	return query_close(&query, error);
}

static struct verdict *
load_summary(struct view *view, gint64 id, GError **error)
{
	static const struct query_text one = { "read a verdict",
		"SELECT message_id, subject, date, size, reason, direction, outcome, facts, "
		"warnings"
		" FROM message WHERE id = ?" };
	g_autoptr(verdict) verdict = NULL;
	struct query query;

	if (!query_open(&query, view->database, &one, VALUES(query_int_value(id)), error))
		return NULL;
	if (query_next(&query)) {
		verdict = verdict_unscannable(query_text(&query, 4), (guint64)query_int(&query, 3));
		g_free(verdict->message_id);
		verdict->message_id = query_dup(&query, 0);
		g_free(verdict->subject);
		verdict->subject = query_dup(&query, 1);
		verdict->date = query_date(&query, 2);
		verdict->direction = query_enum(&query, 5, word_count(direction_words));
		verdict->outcome = query_enum(&query, 6, word_count(outcome_words));
		verdict->facts = (guint)query_int(&query, 7);
		g_auto(GStrv) warnings = g_strsplit(query_text(&query, 8), "; ", -1);
		for (guint i = 0; warnings[i] != NULL; i++)
			g_ptr_array_add(verdict->warnings, g_strdup(warnings[i]));
	}
	if (!query_close(&query, error))
		return NULL;
	if (verdict == NULL)
		g_set_error(
		    error, FAULT, FAULT_USAGE, "message %" G_GINT64_FORMAT ": there is none", id);
	return g_steal_pointer(&verdict);
}

struct verdict *
view_verdict(struct view *view, gint64 id, GError **error)
{
	g_autoptr(verdict) verdict = load_summary(view, id, error);

	if (verdict == NULL)
		return NULL;
	g_autoptr(GPtrArray) parts = view_parts_load(view, id, false, error);
	if (parts == NULL || !load_addresses(view, id, verdict, error) ||
	    !load_flags(view, id, verdict, error) || !load_undecided(view, id, verdict, error))
		return NULL;
	g_ptr_array_unref(verdict->parts);
	verdict->parts = g_steal_pointer(&parts);
	return g_steal_pointer(&verdict);
}
