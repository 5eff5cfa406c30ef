/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixture.h"

#include "mail/terms.h"
#include "store/database.h"
#include "store/hold.h"
#include "store/ledger.h"
#include "store/purge.h"
#include "store/query.h"
#include "store/settle.h"
#include "store/verify.h"

/* What nobody may find anywhere after the mail with it was purged. */
#define SECRET "nightjarquill"

static const struct mail secret_mail = { .uid = "1",
	.body = "From: anna@corp.example\r\n\r\nthe " SECRET " flies\r\n",
	.subject = "About the " SECRET,
	.message_id = SECRET "@corp.example",
	.in_reply_to = SECRET "-before@corp.example",
	.rule = "codename" };
static const struct mail other_mail = { .uid = "2",
	.body = "From: anna@corp.example\r\n\r\nan ordinary bird\r\n",
	.subject = "Ordinary",
	.message_id = "two@corp.example",
	.rule = "bird" };

/* As a scan would have given it, with words for the search. */
static void
keep_words(struct fixture *fixture, const struct mail *mail)
{
	g_autoptr(verdict) verdict = mail_verdict(mail);
	g_autoptr(GError) error = NULL;
	GString *terms = g_string_new(NULL);
	const struct flag *flag = verdict->flags->len > 0 ? verdict->flags->pdata[0] : NULL;

	terms_append(terms, mail->body, strlen(mail->body), 1 << 16);
	g_free(verdict->terms.body);
	verdict->terms.body = g_string_free(terms, FALSE);
	verdict->terms.given = true;
	struct part *part = g_ptr_array_index(verdict->parts, 1);
	if (strstr(mail->body, SECRET) != NULL) {
		verdict_text(&part->name, SECRET ".pdf");
		if (flag != NULL) {
			struct hit *hit = flag->hits->pdata[0];
			verdict_text(&hit->excerpt, "the " SECRET " flies");
		}
	}
	store_begin(fixture->store, &error);
	g_assert_no_error(error);
	put_verdict(fixture, mail, verdict, &error);
	g_assert_no_error(error);
	store_commit(fixture->store, &error);
	g_assert_no_error(error);
}

static gint64
id_of(struct view *view, const struct mail *mail)
{
	char sha256[DIGEST_HEX];
	g_autoptr(GError) error = NULL;

	digest_bytes(mail->body, strlen(mail->body), sha256);
	g_autoptr(view_message) message = view_find(view, sha256, &error);
	g_assert_no_error(error);
	return message->id;
}

static struct purge_counts
purge_mail(struct fixture *fixture, const struct mail *mail)
{
	g_autoptr(view) view = fixture_view(fixture);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) items =
	    g_ptr_array_new_with_free_func((GDestroyNotify)purge_item_free);

	if (mail != NULL)
		g_ptr_array_add(items,
		    purge_of_message(view, id_of(view, mail), "a person asked for it", &error));
	g_autoptr(purge) purge = purge_new(view, items, &error);
	g_assert_no_error(error);
	enum purge_state state;
	do
		state = purge_step(purge, &error);
	while (state == PURGE_MORE);
	g_assert_no_error(error);
	return *purge_counts(purge);
}

static guint
find_words(struct fixture *fixture, const char *text)
{
	g_autoptr(view) view = fixture_view(fixture);
	struct search *search = search_new(SEARCH_WORDS, text);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) rows =
	    view_search(view, &(struct view_query){ .search = search }, &error);

	g_assert_no_error(error);
	search_free(search);
	return rows->len;
}

static bool
file_has(const char *path, const char *text)
{
	g_autoptr(GBytes) bytes = io_read_file(path, 256 << 20, NULL);
	gsize size = 0;
	const void *data = bytes != NULL ? g_bytes_get_data(bytes, &size) : NULL;

	return data != NULL && memmem(data, size, text, strlen(text)) != NULL;
}

/* In any file under the folder. */
static bool
folder_has(const char *path, const char *text)
{
	g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
	const char *name;
	bool found = false;

	while (!found && folder != NULL && (name = g_dir_read_name(folder)) != NULL) {
		g_autofree char *entry = g_build_filename(path, name, NULL);
		found = g_file_test(entry, G_FILE_TEST_IS_DIR) ? folder_has(entry, text)
							       : file_has(entry, text);
		if (found)
			g_test_message("%s has it", entry);
	}
	return found;
}

static guint
deviations(struct fixture *fixture)
{
	g_autoptr(view) view = fixture_view(fixture);
	g_autoptr(verify) verify =
	    verify_new(view, fixture->data, &(struct verify_share){ 1, 0 }, NULL);

	while (verify_step(verify, 1 << 20, NULL) == VERIFY_MORE)
		continue;
	const GPtrArray *found = verify_found(verify);
	for (guint i = 0; i < found->len; i++)
		g_test_message("%s", ((struct verify_deviation *)found->pdata[i])->text);
	return found->len;
}

static gint64
number(const struct fixture *fixture, const char *sql)
{
	g_autofree char *path = g_build_filename(fixture->data, STORE_FILE, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(database) database = database_open(path, false, &error);
	const struct query_text text = { "count", sql };
	struct query query;
	gint64 out = -1;

	g_assert_true(query_open_once(&query, database, &text, NO_VALUES, &error));
	if (query_next(&query))
		out = query_int(&query, 0);
	g_assert_true(query_close(&query, &error));
	return out;
}

static void
check_index(const struct fixture *fixture)
{
	g_autofree char *path = g_build_filename(fixture->data, STORE_FILE, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(database) database = database_open(path, false, &error);

	g_assert_true(database_script(database, "check the index",
	    "INSERT INTO term_index (term_index) VALUES ('integrity-check');"
	    "INSERT INTO word_index (word_index) VALUES ('integrity-check');"
	    "INSERT INTO party_index (party_index) VALUES ('integrity-check')",
	    &error));
	g_assert_no_error(error);
}

static void
test_nothing_is_left(void)
{
	struct fixture fixture;

	fixture_start(&fixture);
	keep_words(&fixture, &secret_mail);
	keep_words(&fixture, &other_mail);
	g_assert_cmpuint(find_words(&fixture, SECRET), ==, 1);
	g_assert_cmpuint(find_words(&fixture, "*htjarqui*"), ==, 1);

	g_test_message("beside a writer that has the store open");
	struct purge_counts counts = purge_mail(&fixture, &secret_mail);
	g_assert_cmpuint(counts.messages, ==, 1);
	g_assert_cmpuint(counts.bytes, ==, strlen(secret_mail.body));
	g_assert_false(counts.log_stays);
	g_assert_cmpuint(find_words(&fixture, SECRET), ==, 0);
	g_assert_cmpuint(find_words(&fixture, "*htjarqui*"), ==, 0);
	g_assert_cmpuint(find_words(&fixture, "ordinary"), ==, 1);
	check_index(&fixture);
	g_assert_false(folder_has(fixture.data, SECRET));
	g_assert_true(folder_has(fixture.data, "ordinary"));
	g_assert_cmpint(number(&fixture, "PRAGMA auto_vacuum"), ==, 2);
	g_assert_cmpint(number(&fixture, "PRAGMA freelist_count"), ==, 0);
	g_assert_cmpuint(deviations(&fixture), ==, 0);

	g_test_message("a tombstone stays, in the ledger and where it is asked for");
	g_autoptr(view) view = fixture_view(&fixture);
	char sha256[DIGEST_HEX];
	g_autoptr(GError) error = NULL;
	digest_bytes(secret_mail.body, strlen(secret_mail.body), sha256);
	g_autofree char *sql = g_strdup_printf(
	    "SELECT count(*) FROM ledger WHERE verb = 'purge' AND object LIKE '%s, %%a person%%'",
	    sha256);
	g_assert_cmpint(number(&fixture, sql), ==, 1);
	g_autoptr(view_message) message = view_find(view, sha256, &error);
	g_assert_no_error(error);
	g_assert_cmpint(message->purged, >, 0);
	g_assert_false(message->has_copy);
	g_assert_cmpuint(message->size, ==, strlen(secret_mail.body));
	g_assert_null(view_copy(view, message->id, &error));
	assert_fault(error, FAULT_DATA, "was purged at 20");
	fixture_end(&fixture);
}

static void
settle(const struct fixture *fixture)
{
	g_autofree char *path = g_build_filename(fixture->data, STORE_FILE, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(database) database = database_open(path, false, &error);

	g_assert_true(database_begin(database, &error));
	g_assert_true(settle_young(database, 1, &error));
	g_assert_true(database_commit(database, &error));
	g_assert_no_error(error);
}

static void
test_nothing_is_left_in_blocks(void)
{
	struct fixture fixture;

	fixture_start(&fixture);
	keep_words(&fixture, &secret_mail);
	keep_words(&fixture, &other_mail);
	settle(&fixture);
	g_assert_true(folder_has(fixture.data, SECRET));
	g_assert_cmpuint(find_words(&fixture, SECRET), ==, 1);
	g_assert_cmpuint(find_words(&fixture, "*htjarqui*"), ==, 1);

	g_assert_cmpuint(purge_mail(&fixture, &secret_mail).messages, ==, 1);
	g_assert_cmpuint(find_words(&fixture, SECRET), ==, 0);
	g_assert_cmpuint(find_words(&fixture, "*htjarqui*"), ==, 0);
	g_assert_cmpuint(find_words(&fixture, "ordinary"), ==, 1);
	g_assert_cmpuint(find_words(&fixture, "an ordinary bird"), ==, 1);
	check_index(&fixture);
	g_assert_false(folder_has(fixture.data, SECRET));
	g_assert_true(folder_has(fixture.data, "ordinary"));
	g_assert_cmpint(number(&fixture, "PRAGMA freelist_count"), ==, 0);
	g_assert_cmpuint(deviations(&fixture), ==, 0);
	fixture_end(&fixture);
}

/* Whoever ends a purge between two of its steps: the next one ends it, also in index and log. */
static void
test_ended_between_steps(void)
{
	enum purge_state state = PURGE_MORE;

	for (guint steps = 1; state == PURGE_MORE; steps++) {
		struct fixture fixture;
		g_autoptr(GError) error = NULL;
		fixture_start(&fixture);
		keep_words(&fixture, &secret_mail);
		keep_words(&fixture, &other_mail);
		g_test_message("ended behind step %u", steps);
		g_autoptr(view) view = fixture_view(&fixture);
		g_autoptr(GPtrArray) items =
		    g_ptr_array_new_with_free_func((GDestroyNotify)purge_item_free);
		g_ptr_array_add(
		    items, purge_of_message(view, id_of(view, &secret_mail), "asked", &error));
		g_autoptr(purge) purge = purge_new(view, items, &error);
		for (guint i = 0; i < steps && state == PURGE_MORE; i++)
			state = purge_step(purge, &error);
		g_assert_no_error(error);
		bool removed = purge_counts(purge)->messages > 0;
		g_clear_pointer(&purge, purge_free);
		g_clear_pointer(&view, view_close);

		purge_mail(&fixture, removed ? NULL : &secret_mail);
		g_assert_false(folder_has(fixture.data, SECRET));
		g_assert_cmpint(number(&fixture, "PRAGMA freelist_count"), ==, 0);
		g_assert_cmpint(
		    number(&fixture, "SELECT purges - cleaned FROM search_state"), ==, 0);
		check_index(&fixture);
		g_assert_cmpuint(deviations(&fixture), ==, 0);
		fixture_end(&fixture);
	}
	g_assert_cmpint(state, ==, PURGE_DONE);
}

/* A reader keeps the log: the next purge empties it, though nothing is left to remove. */
static void
test_reader_in_between(void)
{
	struct fixture fixture;
	static const struct query_text all = { "read", "SELECT id FROM message" };
	g_autoptr(GError) error = NULL;
	struct query query;

	fixture_start(&fixture);
	keep_words(&fixture, &secret_mail);
	keep_words(&fixture, &other_mail);
	g_autofree char *path = g_build_filename(fixture.data, STORE_FILE, NULL);
	g_autoptr(database) reader = database_open(path, false, &error);
	g_assert_true(query_open(&query, reader, &all, NO_VALUES, &error));
	g_assert_true(query_next(&query));
	g_assert_true(purge_mail(&fixture, &secret_mail).log_stays);
	g_assert_true(query_close(&query, &error));
	g_assert_false(purge_mail(&fixture, NULL).log_stays);
	g_assert_false(folder_has(fixture.data, SECRET));
	g_clear_pointer(&reader, database_close);
	fixture_end(&fixture);
}

/* Every table that belongs to a message is empty of it, also those that come to be later. */
static void
test_every_table(void)
{
	struct fixture fixture;

	fixture_start(&fixture);
	keep_words(&fixture, &secret_mail);
	purge_mail(&fixture, &secret_mail);
	g_autofree char *path = g_build_filename(fixture.data, STORE_FILE, NULL);
	g_autoptr(database) database = database_open(path, false, NULL);
	const struct query_text tables = { "tables",
		"SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c"
		" WHERE m.type = 'table' AND c.name IN ('message', 'flag', 'doc') AND m.name NOT IN"
		" ('message', 'placement', 'held', 'revision', 'purging', 'search_state')" };
	struct query query;
	guint n = 0;
	g_assert_true(query_open(&query, database, &tables, NO_VALUES, NULL));
	while (query_next(&query)) {
		g_autofree char *sql =
		    g_strdup_printf("SELECT count(*) FROM \"%s\"", query_text(&query, 0));
		g_test_message("%s", query_text(&query, 0));
		g_assert_cmpint(number(&fixture, sql), ==, 0);
		n++;
	}
	g_assert_true(query_close(&query, NULL));
	g_assert_cmpuint(n, >, 6);
	g_clear_pointer(&database, database_close);
	fixture_end(&fixture);
}

/* The same bytes at another place: they are known, and are not kept again. */
static void
test_met_again(void)
{
	struct fixture fixture;
	struct mail again = secret_mail;

	fixture_start(&fixture);
	keep_words(&fixture, &secret_mail);
	purge_mail(&fixture, &secret_mail);
	again.folder = "Archive";
	again.uid = "7";
	keep_words(&fixture, &again);
	g_assert_false(folder_has(fixture.data, SECRET));
	g_assert_cmpuint(deviations(&fixture), ==, 0);
	g_assert_cmpint(number(&fixture, "SELECT count(*) FROM placement"), ==, 2);
	g_assert_cmpint(number(&fixture, "SELECT count(*) FROM flag"), ==, 0);

	g_autoptr(view) view = fixture_view(&fixture);
	struct view_space space;
	g_assert_true(view_space(view, &space, NULL));
	g_assert_cmpuint(space.messages, ==, 1);
	g_assert_cmpuint(space.purged, ==, 1);
	g_assert_cmpuint(space.places, ==, 2);
	g_assert_cmpuint(space.seen_bytes, ==, 2 * strlen(secret_mail.body));
	g_assert_cmpuint(space.copies, ==, 0);

	g_test_message("a word that was purged is found in mail that comes later");
	keep_words(
	    &fixture, &(struct mail){ .uid = "3", .body = "another " SECRET, .message_id = "3@x" });
	g_assert_cmpuint(find_words(&fixture, SECRET), ==, 1);
	g_assert_cmpuint(find_words(&fixture, "*htjarqui*"), ==, 1);
	g_test_message("and twice is once");
	g_assert_cmpuint(purge_mail(&fixture, &secret_mail).messages, ==, 0);
	fixture_end(&fixture);
}

static void
test_holds(void)
{
	struct fixture fixture;
	g_autoptr(GError) error = NULL;

	fixture_start(&fixture);
	keep_words(&fixture, &secret_mail);
	keep_words(&fixture, &other_mail);
	g_autoptr(view) view = fixture_view(&fixture);
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
	gint64 id = id_of(view, &secret_mail);
	g_array_append_val(ids, id);
	g_assert_true(hold_add(view, "case-7", "", "a court asked", ids, &error));
	g_assert_false(hold_add(view, "case-7", "", "", ids, &error));
	assert_fault(error, FAULT_USAGE, "case-7");
	g_assert_false(hold_add(view, "", "", "", ids, &error));
	assert_fault(error, FAULT_USAGE, "name");

	g_test_message("what is held stays, whoever asks");
	struct purge_counts counts = purge_mail(&fixture, &secret_mail);
	g_assert_cmpuint(counts.held, ==, 1);
	g_assert_cmpuint(counts.messages, ==, 0);
	g_assert_cmpuint(find_words(&fixture, SECRET), ==, 1);
	g_assert_cmpuint(purge_mail(&fixture, &other_mail).messages, ==, 1);

	g_test_message("until it is released");
	g_autoptr(GPtrArray) holds = hold_list(view, false, &error);
	g_assert_cmpuint(holds->len, ==, 1);
	g_assert_cmpuint(((struct hold *)holds->pdata[0])->messages, ==, 1);
	g_assert_true(hold_release(view, "case-7", "it is over", &error));
	g_assert_false(hold_release(view, "case-7", "", &error));
	assert_fault(error, FAULT_USAGE, "case-7");
	g_assert_cmpuint(purge_mail(&fixture, &secret_mail).messages, ==, 1);
	g_assert_cmpint(number(&fixture, "SELECT count(*) FROM ledger WHERE verb = 'hold'"), ==, 2);
	g_autoptr(GPtrArray) all = hold_list(view, true, &error);
	g_assert_cmpint(((struct hold *)all->pdata[0])->released, >, 0);
	fixture_end(&fixture);
}

/* A volume that is away keeps its order; verify says so, and the next purge carries it out. */
static void
test_volume_away(void)
{
	struct fixture fixture;

	fixture_start(&fixture);
	keep_words(&fixture, &secret_mail);
	g_autofree char *path = volume_path(&fixture);
	g_autofree char *away = g_strconcat(path, ".away", NULL);
	g_assert_cmpint(g_rename(path, away), ==, 0);
	g_assert_cmpuint(purge_mail(&fixture, &secret_mail).waiting, ==, 1);
	g_assert_cmpint(g_rename(away, path), ==, 0);
	g_assert_true(file_has(path, SECRET));
	g_assert_cmpuint(deviations(&fixture), ==, 1);
	g_assert_cmpuint(purge_mail(&fixture, NULL).resumed, ==, 1);
	g_assert_false(file_has(path, SECRET));
	g_assert_cmpuint(deviations(&fixture), ==, 0);
	fixture_end(&fixture);
}

/* What stands there is another's: nothing is overwritten. */
static void
test_other_entry(void)
{
	struct fixture fixture;
	char other[DIGEST_HEX];
	g_autoptr(GError) error = NULL;

	fixture_start(&fixture);
	keep_words(&fixture, &secret_mail);
	digest_bytes("x", 1, other);
	struct vault_place place = {
		.volume = "2026/2026-11-22.tar", .offset = 512, .length = strlen(secret_mail.body)
	};
	g_assert_false(vault_overwrite(store_vault(fixture.store), &place, other, &error));
	assert_fault(error, FAULT_DATA, "nothing is overwritten");
	place.offset = 1 << 20;
	g_assert_false(vault_overwrite(store_vault(fixture.store), &place, other, &error));
	assert_fault(error, FAULT_DATA, "ends before");
	g_assert_cmpuint(deviations(&fixture), ==, 0);
	fixture_end(&fixture);
}

/* People by their whole address. */
static void
test_person(void)
{
	struct fixture fixture;
	g_autoptr(GError) error = NULL;

	fixture_start(&fixture);
	keep_words(&fixture, &secret_mail);
	keep_words(&fixture, &other_mail);
	g_autoptr(view) view = fixture_view(&fixture);
	static const struct {
		const char *address;
		guint found;
	} cases[] = { { "Anna@corp.example", 2 }, { "bob@rival.example", 2 },
		{ "nna@corp.example", 0 }, { "%", 0 } };
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GPtrArray) items =
		    purge_of_person(view, cases[i].address, "asked", &error);
		g_assert_no_error(error);
		g_assert_cmpuint(items->len, ==, cases[i].found);
	}
	fixture_end(&fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/purge/nothing-is-left", test_nothing_is_left);
	g_test_add_func("/purge/nothing-is-left-in-blocks", test_nothing_is_left_in_blocks);
	g_test_add_func("/purge/ended-between-steps", test_ended_between_steps);
	g_test_add_func("/purge/reader-in-between", test_reader_in_between);
	g_test_add_func("/purge/every-table", test_every_table);
	g_test_add_func("/purge/met-again", test_met_again);
	g_test_add_func("/purge/holds", test_holds);
	g_test_add_func("/purge/volume-away", test_volume_away);
	g_test_add_func("/purge/other-entry", test_other_entry);
	g_test_add_func("/purge/person", test_person);
	return g_test_run();
}
