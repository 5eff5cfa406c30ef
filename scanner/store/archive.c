/* SPDX-License-Identifier: GPL-3.0-or-later */
/* archive - see archive.h. Removes a volume only when no message has its copy there alone. */
#include "store/archive.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "store/forms.h"
#include "store/leaving.h"
#include "store/ledger.h"
#include "store/vault-rewrite.h"
#include "store/view-inner.h"

#define NAMES_OF_MONTH 99
#define VERB           "archive"

void
archive_free(struct archive *archive)
{
	if (archive == NULL)
		return;
	g_free(archive->name);
	g_free(archive->file);
	g_free(archive->form);
	g_free(archive->sha256);
	g_free(archive);
}

static void
copy_free(void *data)
{
	struct archive_copy *copy = data;

	g_free(copy->sha256);
	g_free(copy);
}

bool
archive_is_month(const char *month)
{
	if (strlen(month) != 7 || month[4] != '-')
		return false;
	for (gsize i = 0; i < 7; i++)
		if (i != 4 && !g_ascii_isdigit(month[i]))
			return false;
	guint64 number = g_ascii_strtoull(month + 5, NULL, 10);
	return number >= 1 && number <= 12;
}

/* "2026/2026-10-" */
static char *
volumes_of(const char *month)
{
	return g_strdup_printf("%.4s/%s-", month, month);
}

GPtrArray *
archive_months(struct view *view, const char *current, GError **error)
{
	static const struct query_text months = { "list months of volumes",
		"SELECT DISTINCT substr(v.name, 6, 7) FROM volume v WHERE substr(v.name, 6, 7) < ?"
		" AND EXISTS (SELECT 1 FROM message m WHERE m.volume = v.id AND m.archive IS NULL)"
		" ORDER BY 1" };
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
	struct query query;

	if (!query_open(&query, view->database, &months, VALUES(query_text_value(current)), error))
		return NULL;
	while (query_next(&query))
		g_ptr_array_add(list, query_dup(&query, 0));
	return query_close(&query, error) ? g_steal_pointer(&list) : NULL;
}

GPtrArray *
archive_copies(struct view *view, const char *month, GError **error)
{
	static const struct query_text copies = { "list copies of a month",
		"SELECT m.id, m.copied, m.sha256, v.name, m.offset, m.length, m.size FROM volume v"
		" JOIN message m ON m.volume = v.id WHERE substr(v.name, 1, ?1) = ?2"
		" AND m.archive IS NULL ORDER BY v.name, m.offset" };
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(copy_free);
	g_autofree char *volumes = volumes_of(month);
	struct query query;

	if (!query_open(&query, view->database, &copies,
		VALUES(query_int_value((gint64)strlen(volumes)), query_text_value(volumes)), error))
		return NULL;
	while (query_next(&query)) {
		struct archive_copy *copy = g_new0(struct archive_copy, 1);
		copy->message = query_int(&query, 0);
		copy->copied = query_int(&query, 1);
		copy->sha256 = query_dup(&query, 2);
		g_strlcpy(copy->place.volume, query_text(&query, 3), sizeof copy->place.volume);
		copy->place.offset = (guint64)query_int(&query, 4);
		copy->place.length = (guint64)query_int(&query, 5);
		copy->place.size = (guint64)query_int(&query, 6);
		g_ptr_array_add(list, copy);
	}
	return query_close(&query, error) ? g_steal_pointer(&list) : NULL;
}

GBytes *
archive_read(struct view *view, const struct archive_copy *copy, GError **error)
{
	return vault_read(view->vault, &copy->place, copy->sha256, error);
}

char *
archive_of(struct view *view, gint64 message, GError **error)
{
	static const struct query_text find = { "find a message's archive",
		"SELECT archive FROM message WHERE id = ? AND volume IS NULL" };
	struct query query;

	if (!query_open(&query, view->database, &find, VALUES(query_int_value(message)), error))
		return NULL;
	g_autofree char *name = g_strdup(query_next(&query) ? query_text(&query, 0) : "");
	return query_close(&query, error) ? g_steal_pointer(&name) : NULL;
}

static struct archive *
load(struct query *query)
{
	struct archive *archive = g_new0(struct archive, 1);

	archive->name = query_dup(query, 0);
	archive->file = query_dup(query, 1);
	archive->form = query_dup(query, 2);
	archive->sha256 = query_dup(query, 3);
	archive->size = (guint64)query_int(query, 4);
	archive->messages = (guint64)query_int(query, 5);
	archive->bytes = (guint64)query_int(query, 6);
	archive->made = query_int(query, 7);
	archive->restored = query_int(query, 8);
	return archive;
}

GPtrArray *
archive_list(struct view *view, GError **error)
{
	static const struct query_text all = { "list archives",
		"SELECT name, file, form, sha256, size, messages, bytes, made, restored FROM "
		"archive"
		" ORDER BY name" };
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)archive_free);
	struct query query;

	if (!query_open(&query, view->database, &all, NO_VALUES, error))
		return NULL;
	while (query_next(&query))
		g_ptr_array_add(list, load(&query));
	return query_close(&query, error) ? g_steal_pointer(&list) : NULL;
}

struct archive *
archive_find(struct view *view, const char *name, GError **error)
{
	g_autoptr(GPtrArray) all = archive_list(view, error);

	for (guint i = 0; all != NULL && i < all->len; i++) {
		struct archive *archive = g_ptr_array_index(all, i);
		if (strcmp(archive->name, name) == 0) {
			all->pdata[i] = NULL;
			return archive;
		}
	}
	if (all != NULL)
		g_set_error(error, FAULT, FAULT_USAGE, "there is no archive '%s'", name);
	return NULL;
}

char *
archive_free_name(struct view *view, const char *month, GError **error)
{
	g_autoptr(GPtrArray) all = archive_list(view, error);

	for (guint n = 1; all != NULL && n <= NAMES_OF_MONTH; n++) {
		g_autofree char *name =
		    n == 1 ? g_strdup(month) : g_strdup_printf("%s-%u", month, n);
		bool taken = false;
		for (guint i = 0; i < all->len; i++)
			taken |= strcmp(((struct archive *)all->pdata[i])->name, name) == 0;
		if (!taken)
			return g_steal_pointer(&name);
	}
	if (all != NULL)
		g_set_error(error, FAULT, FAULT_DATA, "%s: %d archives of one month", month,
		    NAMES_OF_MONTH);
	return NULL;
}

/* --- writing --- */

/* A view only reads but for what is between these two. */
static bool
begin(struct database *database, GError **error)
{
	if (!database_script(database, "archive", "PRAGMA query_only = OFF", error))
		return false;
	if (database_begin(database, error))
		return true;
	database_script(database, "archive", "PRAGMA query_only = ON", NULL);
	return false;
}

static bool
settle(struct database *database, bool right, GError **error)
{
	right = right && database_commit(database, error);
	if (!right)
		database_rollback(database);
	return database_script(
		   database, "archive", "PRAGMA query_only = ON", right ? error : NULL) &&
	       right;
}

/* What the ledger says of it, to be found again word for word. */
static char *
ledger_object(const struct archive *archive)
{
	return g_strdup_printf("%s sha256 %s: %" G_GUINT64_FORMAT " messages, %" G_GUINT64_FORMAT
			       " bytes, %s",
	    archive->file, archive->sha256, archive->messages, archive->bytes, archive->form);
}

bool
archive_tell(struct view *view, const struct archive *archive, GError **error)
{
	g_autofree char *object = ledger_object(archive);

	return ledger_append(view->database, view->person, VERB, object, archive->made, error);
}

static bool
record_all(
    struct view *view, const struct archive *archive, const GPtrArray *copies, GError **error)
{
	static const struct query_text insert = { "record an archive",
		"INSERT INTO archive (name, file, form, sha256, size, messages, bytes, made)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?)" };
	static const struct query_text mark = { "record where a message stands",
		"UPDATE message SET archive = ? WHERE id = ? AND volume IS NOT NULL" };
	if (!query_run(view->database, &insert,
		VALUES(query_text_value(archive->name), query_text_value(archive->file),
		    query_text_value(archive->form), query_text_value(archive->sha256),
		    query_int_value((gint64)archive->size),
		    query_int_value((gint64)archive->messages),
		    query_int_value((gint64)archive->bytes), query_int_value(archive->made)),
		error))
		return false;
	for (guint i = 0; i < copies->len; i++) {
		const struct archive_copy *copy = copies->pdata[i];
		if (!query_run(view->database, &mark,
			VALUES(query_text_value(archive->name), query_int_value(copy->message)),
			error))
			return false;
	}
	return archive_tell(view, archive, error);
}

bool
archive_record(
    struct view *view, const struct archive *archive, const GPtrArray *copies, GError **error)
{
	return begin(view->database, error) &&
	       settle(view->database, record_all(view, archive, copies, error), error);
}

/*
 * Volumes of its month of which every copy stands in an archive; of char *. A message that is met
 * again is kept anew, in a volume that is being written: that one is none of these.
 */
static GPtrArray *
list_spare(struct view *view, const char *name, GError **error)
{
	static const struct query_text spare = {
		"list volumes that are archived",
		"SELECT v.name FROM volume v WHERE substr(v.name, 6, 7) = substr(?1, 1, 7)"
		" AND v.id IN (SELECT volume FROM message WHERE archive = ?1) AND NOT EXISTS"
		" (SELECT 1 FROM message m WHERE m.volume = v.id AND m.archive IS NULL) ORDER BY 1"
	};
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
	struct query query;

	if (!query_open(&query, view->database, &spare, VALUES(query_text_value(name)), error))
		return NULL;
	while (query_next(&query))
		g_ptr_array_add(list, query_dup(&query, 0));
	return query_close(&query, error) ? g_steal_pointer(&list) : NULL;
}

static bool
forget_volume(struct view *view, const char *volume, GError **error)
{
	static const struct query_text messages = { "take messages out of a volume",
		"UPDATE message SET volume = NULL, offset = NULL WHERE archive IS NOT NULL"
		" AND volume = (SELECT id FROM volume WHERE name = ?)" };

	return query_run(view->database, &messages, VALUES(query_text_value(volume)), error) &&
	       leaving_forget(view->database, volume, error);
}

bool
archive_release(struct view *view, const char *name, GError **error)
{
	g_autoptr(GPtrArray) spare = list_spare(view, name, error);
	int lock = spare != NULL ? vault_lock(view->vault, error) : -1;
	bool right = lock >= 0;

	for (guint i = 0; right && i < spare->len; i++)
		right = begin(view->database, error) &&
			settle(view->database, forget_volume(view, spare->pdata[i], error), error);
	/* Its bytes do not outlive it: the archive may be encrypted, or purged later. */
	right = right && leaving_end(view, error);
	vault_unlock(&lock);
	return right;
}

/* --- proofs --- */

GPtrArray *
archive_digests(struct view *view, const char *name, bool missing, GError **error)
{
	static const struct query_text all = { "list messages of an archive",
		"SELECT sha256 FROM message WHERE archive = ?1 AND (NOT ?2 OR (volume IS NULL"
		" AND purged IS NULL)) ORDER BY 1" };
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
	struct query query;

	if (!query_open(&query, view->database, &all,
		VALUES(query_text_value(name), query_int_value(missing)), error))
		return NULL;
	while (query_next(&query))
		g_ptr_array_add(list, query_dup(&query, 0));
	return query_close(&query, error) ? g_steal_pointer(&list) : NULL;
}

bool
archive_is_in_ledger(struct view *view, const struct archive *archive, GError **error)
{
	static const struct query_text find = { "find an archive in the ledger",
		"SELECT count(*) FROM ledger WHERE verb = '" VERB "' AND object = ?" };
	g_autofree char *object = ledger_object(archive);
	guint64 rows;
	gint64 count = 0;

	if (!ledger_verify(view->database, &rows, NULL, error) ||
	    !query_number(view->database, &find, VALUES(query_text_value(object)), &count, error))
		return false;
	if (count > 0)
		return true;
	g_set_error(error, FAULT, FAULT_DATA, "the ledger knows no such archive");
	return false;
}

/* --- back --- */

static bool
restore_copy(struct view *view, const struct archive_copy *copy, GError **error)
{
	static const struct query_text volume = { "extend a volume",
		"INSERT INTO volume (name, end) VALUES (?, ?) ON CONFLICT (name)"
		" DO UPDATE SET end = max(end, excluded.end) RETURNING id" };
	static const struct query_text message = { "put a copy back",
		"UPDATE message SET volume = ?1, offset = ?2,"
		" length = ?3, archive = NULL WHERE sha256 = ?4" };

	gint64 id = 0;

	return query_number(view->database, &volume,
		   VALUES(query_text_value(copy->place.volume),
		       query_int_value((gint64)copy->place.end)),
		   &id, error) &&
	       forms_put(view->database, id, copy->place.form, error) &&
	       query_run(view->database, &message,
		   VALUES(query_int_value(id), query_int_value((gint64)copy->place.offset),
		       query_int_value((gint64)copy->place.length), query_text_value(copy->sha256)),
		   error);
}

static bool
restore_all(
    struct view *view, const struct archive *archive, const GPtrArray *copies, GError **error)
{
	static const struct query_text mark = { "record that an archive was restored",
		"UPDATE archive SET restored = ? WHERE name = ?" };
	static const struct query_text others = { "take messages out of an archive",
		"UPDATE message SET archive = NULL WHERE archive = ? AND volume IS NOT NULL" };
	g_autofree char *object = g_strdup_printf("%s: %u messages", archive->file, copies->len);
	gint64 now = clock_now();

	for (guint i = 0; i < copies->len; i++)
		if (!restore_copy(view, copies->pdata[i], error))
			return false;
	return query_run(view->database, &others, VALUES(query_text_value(archive->name)), error) &&
	       query_run(view->database, &mark,
		   VALUES(query_int_value(now), query_text_value(archive->name)), error) &&
	       ledger_append(view->database, view->person, "archive-restore", object, now, error);
}

bool
archive_restored(
    struct view *view, const struct archive *archive, const GPtrArray *copies, GError **error)
{
	return begin(view->database, error) &&
	       settle(view->database, restore_all(view, archive, copies, error), error);
}
