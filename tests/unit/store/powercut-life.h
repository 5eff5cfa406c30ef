/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_TESTS_STORE_POWERCUT_LIFE_H
#define FLAGPOST_TESTS_STORE_POWERCUT_LIFE_H
/*
 * powercut_life - a store whose acts on files are noted, with batches of mails that are known by
 * their numbers, and what must be true of it after a cut.
 */
#include "powercut.h"

#include "fixture.h"

#include "store/ledger.h"
#include "store/query.h"

#define EACH 3 /* messages of a batch */

static inline char *
body_of(guint batch, guint n)
{
	g_autofree char *line = g_strdup_printf("message %u of batch %u, ", n, batch);
	GString *out = g_string_new(line);

	/* From a few bytes to more than one chunk of the vault. */
	for (guint i = 0; i < (batch * EACH + n) * 37 % 200 * 20; i++)
		g_string_append(out, line);
	return g_string_free(out, FALSE);
}

/* A word that this message alone has. */
static inline char *
word_of(guint batch, guint n)
{
	return g_strdup_printf("whimbrel%uof%u", n, batch);
}

static inline void
keep_batch(struct fixture *fixture, guint batch)
{
	g_autoptr(GError) error = NULL;

	store_begin(fixture->store, &error);
	g_assert_no_error(error);
	for (guint n = 0; n < EACH; n++) {
		g_autofree char *body = body_of(batch, n);
		g_autofree char *id = g_strdup_printf("%u.%u@corp.example", batch, n);
		g_autofree char *uid = g_strdup_printf("%u", batch * EACH + n + 1);
		g_autofree char *word = word_of(batch, n);
		/* Over midnight, and back again, as when a clock is set. */
		put(fixture,
		    &(struct mail){ .uid = uid,
			.body = body,
			.message_id = id,
			.subject = word,
			.rule = n == 0 ? "codename" : NULL,
			.seen = MORNING + (batch % 7 == 3 ? DAY : 0) },
		    &error);
		g_assert_no_error(error);
	}
	store_commit(fixture->store, &error);
	g_assert_no_error(error);
}

static inline char *
make_folder(void)
{
	if (g_access("/dev/shm", W_OK) == 0) {
		char *folder = g_strdup("/dev/shm/flagpost-power-XXXXXX");
		if (g_mkdtemp(folder) != NULL)
			return folder;
		g_free(folder);
	}
	return g_dir_make_tmp("flagpost-power-XXXXXX", NULL);
}

static inline void
begin_life(struct fixture *fixture)
{
	fixture->folder = make_folder();
	fixture->data = g_build_filename(fixture->folder, "life/data", NULL);
	fixture->zone = g_time_zone_new_utc();
	g_autofree char *life = g_build_filename(fixture->folder, "life", NULL);
	g_assert_cmpint(g_mkdir(life, 0700), ==, 0);
	powercut_begin(life);
	fixture_open(fixture);
}

static inline void
end_life(struct fixture *fixture)
{
	g_time_zone_unref(fixture->zone);
	remove_tree(fixture->folder);
	g_free(fixture->folder);
	g_free(fixture->data);
}

static inline gint64
number(struct database *database, const char *name, const char *sql)
{
	const struct query_text text = { name, sql };
	g_autoptr(GError) error = NULL;
	struct query query;
	gint64 out = -1;

	g_assert_true(query_open_once(&query, database, &text, NO_VALUES, &error));
	if (query_next(&query))
		out = query_int(&query, 0);
	g_assert_true(query_close(&query, &error));
	g_assert_no_error(error);
	return out;
}

static inline void
check_database(const struct fixture *fixture, guint least, guint most)
{
	g_autofree char *path = g_build_filename(fixture->data, STORE_FILE, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(database) database = database_open(path, false, &error);
	guint64 rows;

	g_assert_no_error(error);
	g_assert_cmpint(
	    number(database, "look for damage",
		"SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"),
	    ==, 0);
	assert_index(database);
	gint64 messages = number(database, "count", "SELECT count(*) FROM message");
	g_assert_cmpint(messages % EACH, ==, 0);
	g_assert_cmpint(messages, >=, least * EACH);
	g_assert_cmpint(messages, <=, most * EACH);
	g_assert_cmpint(number(database, "count", "SELECT coalesce(max(last_uid), 0) FROM folder"),
	    ==, messages);
	g_assert_true(ledger_verify(database, &rows, NULL, &error));
	g_assert_no_error(error);
}

static inline void
check_copies(struct view *view, guint batches)
{
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i < batches * EACH; i++) {
		g_autofree char *body = body_of(i / EACH, i % EACH);
		char sha256[DIGEST_HEX];
		digest_bytes(body, strlen(body), sha256);
		g_autoptr(view_message) message = view_find(view, sha256, &error);
		g_assert_no_error(error);
		g_autoptr(GBytes) copy = view_copy(view, message->id, &error);
		g_assert_no_error(error);
		assert_bytes(copy, body, strlen(body));
	}
}

/* A disk after a cut, as the store of a fixture that is not open yet. */
static inline void
begin_after(struct fixture *after, const struct fixture *before, guint upto, guint32 seed)
{
	*after = (struct fixture){ .zone = before->zone };
	after->folder = g_build_filename(before->folder, "after", NULL);
	after->data = g_build_filename(after->folder, "data", NULL);
	g_assert_cmpint(g_mkdir(after->folder, 0700), ==, 0);
	powercut_disk(after->folder, upto, seed);
}

static inline void
end_after(struct fixture *after)
{
	fixture_close(after);
	remove_tree(after->folder);
	g_free(after->data);
	g_free(after->folder);
}

#endif
