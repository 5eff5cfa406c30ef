/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test-index-late - a copy comes late, and the block that has its message is damaged: message and
 * copy are kept, nothing is found twice, and whoever asks for words hears that some may be missing.
 */
#include "spoil.h"

#include "store/rebuild.h"

#define LATE "late"

static const struct mail first_mail = {
	.uid = "1", .body = LATE " heron", .subject = "Early", .no_copy = true
};
static const struct mail late_mail = {
	.account = "branch", .uid = "7", .body = LATE " heron", .subject = "Early"
};
static const struct mail new_mail = { .uid = "2", .body = "new heron", .subject = "New" };

static struct database *
open_store(const struct fixture *fixture)
{
	g_autofree char *path = g_build_filename(fixture->data, STORE_FILE, NULL);
	g_autoptr(GError) error = NULL;
	struct database *database = database_open(path, false, &error);

	g_assert_no_error(error);
	sqlite3_db_config(database->handle, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
	return database;
}

static void
run(const struct fixture *fixture, const char *sql)
{
	g_autoptr(database) database = open_store(fixture);
	g_autoptr(GError) error = NULL;

	database_script(database, "change", sql, &error);
	g_assert_no_error(error);
}

static struct view_query
query_of(const struct search *search, GPtrArray *notes)
{
	return (struct view_query){ .search = search, .notes = notes };
}

/* How many, by who shows notes; *noted: the damage is one. */
static guint64
count_noted(const struct fixture *fixture, enum search_kind kind, const char *text, bool *noted)
{
	g_autoptr(view) view = fixture_view(fixture);
	g_autoptr(search) search = search_new(kind, text);
	g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
	const struct view_query query = query_of(search, notes);
	g_autoptr(GError) error = NULL;
	guint64 count = 0;

	g_assert_true(view_count(view, &query, &count, &error));
	g_assert_no_error(error);
	*noted = notes->len == 1 && strstr(notes->pdata[0], "the index is damaged") != NULL;
	g_assert_true(*noted || notes->len == 0);
	return count;
}

static bool
is_refused(const struct fixture *fixture, enum search_kind kind, const char *text)
{
	g_autoptr(view) view = fixture_view(fixture);
	g_autoptr(search) search = search_new(kind, text);
	const struct view_query query = query_of(search, NULL);
	g_autoptr(GError) error = NULL;
	guint64 count = 0;
	bool refused = !view_count(view, &query, &count, &error);

	if (refused)
		assert_fault(error, FAULT_RETRY, "the index is damaged");
	return refused;
}

static guint64
notes_of(const struct fixture *fixture)
{
	return (guint64)number(fixture, "SELECT count(*) FROM note WHERE word = 'index-damaged'");
}

static void
assert_purge_fails(const struct fixture *fixture, const struct mail *mail)
{
	g_autoptr(view) view = fixture_view(fixture);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) items =
	    g_ptr_array_new_with_free_func((GDestroyNotify)purge_item_free);
	enum purge_state state;

	g_ptr_array_add(items, purge_of_message(view, id_of(view, mail), "a request", &error));
	g_autoptr(purge) purge = purge_new(view, items, &error);
	do
		state = purge_step(purge, &error);
	while (state == PURGE_MORE);
	g_assert_cmpint(state, ==, PURGE_FAILED);
	assert_fault(error, FAULT_IO, "the index is damaged");
}

/* As a worker reads them: every body is the text itself. */
static void
rebuild_all(struct fixture *fixture)
{
	static const struct mail *const mails[] = { &first_mail, &new_mail };
	g_autoptr(view) view = fixture_view(fixture);
	g_autoptr(GError) error = NULL;
	guint64 left;
	bool resumed;

	g_autoptr(rebuild) rebuild = rebuild_open(view, fixture->data, &error);
	g_assert_no_error(error);
	g_assert_true(rebuild_begin(rebuild, false, &resumed, &left, &error));
	g_assert_false(resumed);
	g_autoptr(GArray) messages = rebuild_next(rebuild, 50, &error);
	g_autoptr(GPtrArray) verdicts =
	    g_ptr_array_new_with_free_func((GDestroyNotify)verdict_free);
	for (guint i = 0; i < messages->len; i++) {
		const struct rebuild_message *message =
		    &g_array_index(messages, struct rebuild_message, i);
		struct verdict *verdict = verdict_new();
		guint which = id_of(view, mails[0]) == message->id ? 0 : 1;
		verdict_text(&verdict->terms.body, mails[which]->body);
		verdict->terms.given = true;
		g_assert_true(message->copy);
		g_ptr_array_add(verdicts, verdict);
	}
	g_assert_cmpuint(messages->len, ==, G_N_ELEMENTS(mails));
	g_assert_true(rebuild_put(rebuild, messages, verdicts, &error));
	g_autoptr(GArray) rest = rebuild_next(rebuild, 50, &error);
	g_assert_cmpuint(rest->len, ==, 0);
	g_assert_no_error(error);
}

/* What it is damaged by, and what brings it back as it was. */
static const struct harm {
	const char *name, *harm, *heal;
} harms[] = {
	{ "a page", "UPDATE term_page SET data = zeroblob(length(data))",
	    "UPDATE term_page SET data = (SELECT a.data FROM aside a WHERE a.id = term_page.id)"
	    " WHERE id IN (SELECT id FROM aside)" },
	{ "another sum", "UPDATE term_page SET sum = sum + 1",
	    "UPDATE term_page SET sum = sum - 1 WHERE id IN (SELECT id FROM aside)" },
	{ "the list of its docs",
	    "CREATE TABLE docs_aside AS SELECT id, docs FROM term_block;"
	    "UPDATE term_block SET docs = zeroblob(3)",
	    "UPDATE term_block SET docs = (SELECT a.docs FROM docs_aside a WHERE a.id ="
	    " term_block.id) WHERE id IN (SELECT id FROM docs_aside)" },
};

static void
test_late(const void *data)
{
	const struct harm *harm = data;
	struct fixture fixture;
	bool noted;

	fixture_start(&fixture);
	keep_words(&fixture, &first_mail);
	run(&fixture, "CREATE TABLE aside AS SELECT id, data FROM term_page");
	run(&fixture, harm->harm);
	keep_words(&fixture, &late_mail);
	keep_words(&fixture, &new_mail);

	g_test_message("message and copy are there, and it is said once");
	g_assert_cmpint(number(&fixture, "SELECT count(*) FROM message"), ==, 2);
	g_assert_cmpint(number(&fixture, "SELECT count(volume) FROM message"), ==, 2);
	g_assert_cmpint(number(&fixture, "SELECT count(*) FROM placement"), ==, 3);
	g_assert_cmpuint(notes_of(&fixture), ==, 1);
	g_assert_true(is_refused(&fixture, SEARCH_WORDS, "osprey"));
	g_assert_true(is_refused(&fixture, SEARCH_BODY, "heron"));
	g_assert_false(is_refused(&fixture, SEARCH_ACCOUNT, "branch"));
	g_assert_cmpuint(count_noted(&fixture, SEARCH_ACCOUNT, "branch", &noted), ==, 1);
	g_assert_false(noted);
	assert_purge_fails(&fixture, &first_mail);

	g_test_message("whatever is found of it is found once");
	run(&fixture, harm->heal);
	check_index(&fixture);
	g_assert_cmpuint(count_noted(&fixture, SEARCH_BODY, "heron", &noted), ==, 1);
	g_assert_true(noted);
	g_assert_cmpuint(count_noted(&fixture, SEARCH_SUBJECT, "early", &noted), ==, 1);
	g_assert_false(noted);
	g_assert_cmpuint(count_noted(&fixture, SEARCH_FROM, "anna@corp.example", &noted), ==, 2);

	g_test_message("made anew it has all");
	fixture_close(&fixture);
	rebuild_all(&fixture);
	g_assert_cmpuint(count_noted(&fixture, SEARCH_BODY, "heron", &noted), ==, 2);
	g_assert_false(noted);
	g_assert_false(is_refused(&fixture, SEARCH_BODY, "heron"));
	fixture_open(&fixture);
	fixture_end(&fixture);
}

/* So much that the pages of the index are many leaves. */
static void
keep_long(struct fixture *fixture, const char *uid)
{
	g_autoptr(GString) body = g_string_new(uid);

	for (guint i = 0; i < 4000; i++)
		g_string_append_printf(body, " w%sx%u", uid, i * 7919 % 99991);
	keep_words(fixture, &(struct mail){ .uid = uid, .body = body->str, .message_id = uid });
}

/* SQLite itself cannot read it, and the batch that meets it fails: one alone. */
static void
test_page(void)
{
	struct fixture fixture;
	g_autoptr(GError) error = NULL;

	fixture_start(&fixture);
	keep_words(&fixture, &first_mail);
	keep_long(&fixture, "3");
	keep_long(&fixture, "4");
	fixture_close(&fixture);
	spoil_page(&fixture, "term_page", SPOIL_FIRST_LEAF);
	fixture_open(&fixture);
	g_autoptr(verdict) verdict = mail_verdict(&late_mail);
	verdict_text(&verdict->terms.body, late_mail.body);
	verdict->terms.given = true;
	g_assert_true(store_begin(fixture.store, &error));
	g_assert_true(put_verdict(&fixture, &late_mail, verdict, &error));
	g_assert_false(store_commit(fixture.store, &error));
	assert_fault(error, FAULT_IO, "malformed");
	keep_words(&fixture, &late_mail);
	keep_words(&fixture, &new_mail);
	g_assert_cmpint(number(&fixture, "SELECT count(volume) FROM message"), ==, 4);
	g_assert_cmpuint(notes_of(&fixture), ==, 1);
	g_assert_true(is_refused(&fixture, SEARCH_WORDS, "osprey"));
	fixture_end(&fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (guint i = 0; i < G_N_ELEMENTS(harms); i++) {
		g_autofree char *path = g_strdup_printf("/store/index-late/%u", i);
		g_test_add_data_func(path, &harms[i], test_late);
	}
	g_test_add_func("/store/index-late/page", test_page);
	return g_test_run();
}
