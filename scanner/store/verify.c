/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tables first, since all else is read from them, then volumes, then the ledger, then copy by copy
 * in the order of recording, which is that of the volumes. Holds no transaction between two slices,
 * so that the writer's log can shrink.
 */
#include "store/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "store/damage.h"
#include "store/leaving.h"
#include "store/ledger.h"
#include "store/vault-aside.h"
#include "store/vault-rewrite.h"
#include "store/view-inner.h"

#define ROWS_AT_ONCE 256

struct copy {
	gint64 id;
	char sha256[65];
	struct vault_place place;
};

struct verify {
	struct view *view;
	char *data_dir;
	struct verify_share share;
	struct verify_counts counts;
	GPtrArray *found;
	GPtrArray *tables; /* not looked at, the next one last */
	GArray *copies;    /* of struct copy: read, not looked at */
	guint next;        /* of copies */
	gint64 last;       /* number of the last message read */
	bool begun;
};

struct verify_share
verify_share_of(gint64 time)
{
	gint64 day = MAX(time, 0) / G_TIME_SPAN_DAY;

	return (struct verify_share){ VERIFY_DAYS, (guint)(day % VERIFY_DAYS) };
}

static void
deviation_free(gpointer data)
{
	struct verify_deviation *deviation = data;

	g_free(deviation->what);
	g_free(deviation->text);
	g_free(deviation);
}

static void deviate(struct verify *verify, const char *word, const char *what, const char *format,
    ...) G_GNUC_PRINTF(4, 5);

static void
deviate(struct verify *verify, const char *word, const char *what, const char *format, ...)
{
	struct verify_deviation *deviation;
	va_list list;

	if (++verify->counts.deviations > VERIFY_FOUND_MAX)
		return;
	deviation = g_new0(struct verify_deviation, 1);
	deviation->word = word;
	deviation->what = g_strdup(what);
	va_start(list, format);
	deviation->text = g_strdup_vprintf(format, list);
	va_end(list);
	g_ptr_array_add(verify->found, deviation);
}

/* --- tables --- */

static bool
list_tables(struct verify *verify, GError **error)
{
	verify->tables = verify->share.parts == 1 ? damage_tables(verify->view->database, error)
						  : g_ptr_array_new();
	return verify->tables != NULL;
}

static void
check_table(struct verify *verify)
{
	g_autofree char *name = g_ptr_array_steal_index(verify->tables, verify->tables->len - 1);
	g_autofree char *trouble = damage_of(verify->view->database, name);
	g_autofree char *what = g_strdup_printf("table %s", name);

	verify->counts.tables++;
	if (trouble != NULL)
		deviate(verify, "damaged", what, "%s", trouble);
}

/* --- volumes --- */

/* A poll has the lock of the store as long as it may write. */
static bool
is_writing(const struct verify *verify)
{
	g_autofree char *path = g_build_filename(verify->data_dir, "lock", NULL);
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return false;
	bool held = fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
	io_close(&fd);
	return held;
}

struct volume {
	char name[sizeof((struct vault_place *)NULL)->volume];
	guint64 end, known; /* bytes committed; bytes of its copies */
	bool last;
};

/* Asked again: others make, archive and rewrite volumes meanwhile. */
static bool
is_volume(const struct verify *verify, const char *name, bool otherwise)
{
	static const struct query_text find = { "find a volume",
		"SELECT count(*) FROM volume WHERE name = ?" };
	gint64 count = 0;

	return query_number(
		   verify->view->database, &find, VALUES(query_text_value(name)), &count, NULL)
		   ? count > 0
		   : otherwise;
}

static void
check_volume(struct verify *verify, const struct volume *volume)
{
	const char *name = volume->name;
	g_autoptr(GError) trouble = NULL;
	guint64 size;
	bool ends;
	enum vault_finding state =
	    vault_measure(verify->view->vault, name, volume->end, &size, &ends, &trouble);

	verify->counts.volumes++;
	if (state != VAULT_EXACT && !is_volume(verify, name, true))
		return;
	switch (state) {
	case VAULT_ABSENT:
		deviate(verify, "missing", name, "the volume is missing");
		return;
	case VAULT_CUT:
		deviate(verify, "shortened", name,
		    "the volume has %" G_GUINT64_FORMAT " bytes, %" G_GUINT64_FORMAT
		    " were committed",
		    size, volume->end);
		return;
	case VAULT_BROKEN:
		deviate(
		    verify, "unreadable", name, "the volume cannot be read: %s", trouble->message);
		return;
	default:
		break;
	}
	if (volume->known < volume->end)
		deviate(verify, "extra", name,
		    "%" G_GUINT64_FORMAT " bytes within the volume belong to no message",
		    volume->end - volume->known);
	if (ends)
		return;
	if (volume->last && is_writing(verify))
		verify->counts.writing = true;
	else
		deviate(verify, "extra", name,
		    "unknown bytes stand behind the %" G_GUINT64_FORMAT " that were committed",
		    volume->end);
}

static bool
read_volumes(struct verify *verify, GArray *volumes, GError **error)
{
	static const struct query_text all = { "read volumes",
		"SELECT v.name, v.end, coalesce(x.known, 0) + v.purged,"
		" substr(v.name, 1, 15) = (SELECT substr(max(name), 1, 15) FROM volume)"
		" FROM volume v LEFT JOIN (SELECT volume,"
		" sum(512 + (length + 511) / 512 * 512) AS known FROM message"
		" WHERE volume IS NOT NULL GROUP BY volume) x ON x.volume = v.id"
		" ORDER BY v.name" };
	struct query query;

	if (!query_open(&query, verify->view->database, &all, NO_VALUES, error))
		return false;
	while (query_next(&query)) {
		struct volume volume = { .end = (guint64)query_int(&query, 1),
			.known = (guint64)query_int(&query, 2),
			.last = query_int(&query, 3) != 0 };
		g_strlcpy(volume.name, query_text(&query, 0), sizeof volume.name);
		g_array_append_val(volumes, volume);
	}
	return query_close(&query, error);
}

static bool
check_volumes(struct verify *verify, GPtrArray *names, GError **error)
{
	g_autoptr(GArray) volumes = g_array_new(FALSE, FALSE, sizeof(struct volume));

	if (!read_volumes(verify, volumes, error))
		return false;
	for (guint i = 0; i < volumes->len; i++) {
		const struct volume *volume = &g_array_index(volumes, struct volume, i);
		g_ptr_array_add(names, g_strdup(volume->name));
		check_volume(verify, volume);
	}
	return true;
}

/* Whoever overwrites it holds the vault. */
static void
check_leaving(struct verify *verify, const char *name)
{
	g_autoptr(GPtrArray) still = vault_is_locked(verify->view->vault)
					 ? NULL
					 : leaving_list(verify->view->database, NULL);

	if (still == NULL || !g_ptr_array_find_with_equal_func(still, name, g_str_equal, NULL))
		return;
	deviate(verify, "leaving", name,
	    "its copies stand elsewhere, and it is still to be overwritten, which the next poll, "
	    "purge or archive create does");
}

static bool
check_strangers(struct verify *verify, GPtrArray *names, GError **error)
{
	g_ptr_array_add(names, NULL);
	g_autoptr(GPtrArray) strangers =
	    vault_strangers(verify->view->vault, (const char *const *)names->pdata, error);
	g_autoptr(GPtrArray) leaving = leaving_list(verify->view->database, error);

	if (strangers == NULL || leaving == NULL)
		return false;
	/* The volume of a first batch lies there before any commit names it. */
	bool writing = strangers->len > 0 && is_writing(verify);
	for (guint i = 0; i < strangers->len; i++) {
		const char *name = strangers->pdata[i];
		if (is_volume(verify, name, false))
			continue;
		if (g_str_has_prefix(name, VAULT_ASIDE "/"))
			deviate(verify, "aside", name, "copies that the database does not know");
		else if (g_ptr_array_find_with_equal_func(leaving, name, g_str_equal, NULL))
			check_leaving(verify, name);
		else if (writing && i + 1 == strangers->len && g_str_has_suffix(name, ".tar"))
			verify->counts.writing = true;
		else
			deviate(verify, "stranger", name, "a file that no message belongs to");
	}
	return true;
}

/* A purge that was killed: the next one goes on with it. */
static bool
check_purging(struct verify *verify, GError **error)
{
	static const struct query_text all = { "read what is to be overwritten",
		"SELECT m.sha256, v.name, p.offset FROM purging p JOIN message m ON m.id = "
		"p.message"
		" JOIN volume v ON v.id = p.volume ORDER BY v.name, p.offset" };
	struct query query;

	if (!query_open(&query, verify->view->database, &all, NO_VALUES, error))
		return false;
	while (query_next(&query))
		deviate(verify, "purging", query_text(&query, 0),
		    "%s, at byte %" G_GINT64_FORMAT
		    ": it was purged, and its bytes are still to be overwritten: flagpost purge",
		    query_text(&query, 1), query_int(&query, 2));
	return query_close(&query, error);
}

static bool
check_ledger(struct verify *verify, GError **error)
{
	g_autoptr(GError) trouble = NULL;

	if (ledger_verify(verify->view->database, &verify->counts.rows, NULL, &trouble))
		return true;
	if (!g_error_matches(trouble, FAULT, FAULT_DATA)) {
		g_propagate_error(error, g_steal_pointer(&trouble));
		return false;
	}
	deviate(verify, "ledger", "ledger", "%s", trouble->message);
	return true;
}

static bool
begin(struct verify *verify, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

	verify->begun = true;
	return check_volumes(verify, names, error) && check_strangers(verify, names, error) &&
	       check_purging(verify, error) && check_ledger(verify, error);
}

/* --- copies --- */

static bool
read_copies(struct verify *verify, GError **error)
{
	static const struct query_text some = { "read copies",
		"SELECT m.id, m.sha256, v.name, m.offset, m.length, m.size FROM message m JOIN "
		"volume v"
		" ON v.id = m.volume WHERE m.id > ?1 AND m.id % ?2 = ?3 ORDER BY m.id LIMIT ?4" };
	struct query query;

	g_array_set_size(verify->copies, 0);
	verify->next = 0;
	if (!query_open(&query, verify->view->database, &some,
		VALUES(query_int_value(verify->last), query_int_value(verify->share.parts),
		    query_int_value(verify->share.rest), query_int_value(ROWS_AT_ONCE)),
		error))
		return false;
	while (query_next(&query)) {
		struct copy copy = { .id = query_int(&query, 0) };
		g_strlcpy(copy.sha256, query_text(&query, 1), sizeof copy.sha256);
		g_strlcpy(copy.place.volume, query_text(&query, 2), sizeof copy.place.volume);
		copy.place.offset = (guint64)query_int(&query, 3);
		copy.place.length = (guint64)query_int(&query, 4);
		copy.place.size = (guint64)query_int(&query, 5);
		g_array_append_val(verify->copies, copy);
		verify->last = copy.id;
	}
	return query_close(&query, error);
}

static void
check_copy(struct verify *verify, const struct copy *copy)
{
	static const struct {
		const char *word, *text;
	} says[] = {
		[VAULT_ABSENT] = { "missing", "its volume is missing" },
		[VAULT_CUT] = { "shortened", "its volume ends before it does" },
		[VAULT_ALTERED] = { "altered", "other bytes stand in its place" },
		[VAULT_RENAMED] = { "renamed", "its bytes are exact, its entry has another name" },
		[VAULT_LOCKED] = { "locked", "it cannot be opened" },
		[VAULT_BROKEN] = { "unreadable", "it cannot be read" },
	};
	g_autoptr(GError) trouble = NULL;
	struct vault_place place = copy->place;
	struct view_place now;
	enum vault_finding state = vault_check(verify->view->vault, &place, copy->sha256, &trouble);

	/* Its volume may have been rewritten, archived or purged since the rows were read. */
	if (state != VAULT_EXACT && view_place_moved(verify->view, copy->id, &place, &now)) {
		place = now.at;
		g_clear_error(&trouble);
		state = vault_check(verify->view->vault, &place, copy->sha256, &trouble);
	} else if (state != VAULT_EXACT && now.at.volume[0] == '\0') {
		return;
	}
	verify->counts.copies++;
	verify->counts.bytes += copy->place.length;
	if (state != VAULT_EXACT)
		deviate(verify, says[state].word, copy->sha256,
		    "%s, at byte %" G_GUINT64_FORMAT ": %s%s%s", place.volume, place.offset,
		    says[state].text, trouble != NULL ? ": " : "",
		    trouble != NULL ? trouble->message : "");
}

enum verify_state
verify_step(struct verify *verify, guint64 bytes, GError **error)
{
	if (verify->tables == NULL)
		return list_tables(verify, error) ? VERIFY_MORE : VERIFY_FAILED;
	if (verify->tables->len > 0) {
		check_table(verify);
		return VERIFY_MORE;
	}
	if (!verify->begun)
		return begin(verify, error) ? VERIFY_MORE : VERIFY_FAILED;
	for (guint64 done = 0; done < bytes; verify->next++) {
		if (verify->next == verify->copies->len) {
			if (!read_copies(verify, error))
				return VERIFY_FAILED;
			if (verify->copies->len == 0)
				return VERIFY_DONE;
		}
		const struct copy *copy = &g_array_index(verify->copies, struct copy, verify->next);
		check_copy(verify, copy);
		done += copy->place.length + 1;
	}
	return VERIFY_MORE;
}

/* --- its life --- */

static bool
count_all(struct verify *verify, GError **error)
{
	static const struct query_text sums = { "count copies",
		"SELECT count(*), coalesce(sum(length), 0) FROM message WHERE volume IS NOT NULL"
		" AND id % ? = ?" };
	struct query query;

	if (!query_open(&query, verify->view->database, &sums,
		VALUES(query_int_value(verify->share.parts), query_int_value(verify->share.rest)),
		error))
		return false;
	if (query_next(&query)) {
		verify->counts.all_copies = (guint64)query_int(&query, 0);
		verify->counts.all_bytes = (guint64)query_int(&query, 1);
	}
	return query_close(&query, error);
}

struct verify *
verify_new(
    struct view *view, const char *data_dir, const struct verify_share *share, GError **error)
{
	if (view->reach != VIEW_ALL) {
		g_set_error(error, FAULT, FAULT_DENIED,
		    "who does not see all mail cannot tell whether it is all there");
		return NULL;
	}
	g_autoptr(verify) verify = g_new0(struct verify, 1);
	verify->view = view;
	verify->data_dir = g_strdup(data_dir);
	verify->share = *share;
	verify->found = g_ptr_array_new_with_free_func(deviation_free);
	verify->copies = g_array_new(FALSE, FALSE, sizeof(struct copy));
	return count_all(verify, error) ? g_steal_pointer(&verify) : NULL;
}

const struct verify_counts *
verify_counts(const struct verify *verify)
{
	return &verify->counts;
}

const GPtrArray *
verify_found(const struct verify *verify)
{
	return verify->found;
}

void
verify_free(struct verify *verify)
{
	if (verify == NULL)
		return;
	g_ptr_array_unref(verify->found);
	g_array_unref(verify->copies);
	g_clear_pointer(&verify->tables, g_ptr_array_unref);
	g_free(verify->data_dir);
	g_free(verify);
}
