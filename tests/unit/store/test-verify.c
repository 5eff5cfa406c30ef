/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixture.h"

#include "store/database.h"
#include "store/verify.h"

#define LETTERS 5

static void
start(struct fixture *fixture)
{
	fixture_start(fixture);
	for (guint i = 0; i < LETTERS; i++) {
		g_autofree char *uid = g_strdup_printf("%u", i + 1);
		g_autofree char *body = g_strdup_printf("this is the letter %c", 'a' + i);
		keep(fixture, &(struct mail){ .uid = uid, .body = body });
	}
	g_autoptr(view) view = fixture_view(fixture);
	g_assert_true(view_note_access(view, "show", "abcdef0123", NULL));
}

/* "word word": what is found, in its order. */
static char *
verified(const struct fixture *fixture, const struct verify_share *share, guint64 *copies)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(view) view = fixture_view(fixture);
	g_autoptr(verify) verify = verify_new(view, fixture->data, share, &error);
	enum verify_state state;
	GString *out = g_string_new(NULL);

	g_assert_no_error(error);
	/* One copy a slice. */
	while ((state = verify_step(verify, 1, &error)) == VERIFY_MORE)
		;
	g_assert_no_error(error);
	g_assert_cmpint(state, ==, VERIFY_DONE);
	for (guint i = 0; i < verify_found(verify)->len; i++) {
		const struct verify_deviation *one = g_ptr_array_index(verify_found(verify), i);
		g_test_message("  %s %s: %s", one->word, one->what, one->text);
		g_string_append_printf(out, "%s%s", i > 0 ? " " : "", one->word);
	}
	g_assert_cmpuint(verify_counts(verify)->deviations, ==, verify_found(verify)->len);
	g_assert_cmpuint(verify_counts(verify)->copies, ==, verify_counts(verify)->all_copies);
	if (copies != NULL)
		*copies = verify_counts(verify)->copies;
	return g_string_free(out, FALSE);
}

static void
put_bytes(const struct fixture *fixture, guint64 offset, const char *bytes)
{
	g_autofree char *path = volume_path(fixture);
	int fd = open(path, O_RDWR | O_CLOEXEC);

	g_assert_true(io_pwrite_all(fd, bytes, strlen(bytes), offset, NULL));
	io_close(&fd);
}

static void
untouched(const struct fixture *fixture)
{
	(void)fixture;
}

static void
one_byte(const struct fixture *fixture)
{
	put_bytes(fixture, 512 + 3, "S");
}

/* The name in an entry's header, and so its sum. */
static void
one_name(const struct fixture *fixture)
{
	put_bytes(fixture, 1024 + 10, "0000");
}

static void
cut_short(const struct fixture *fixture)
{
	g_autofree char *path = volume_path(fixture);

	/* In the middle of the last copy. */
	g_assert_cmpint(truncate(path, 4 * 1024 + 512 + 10), ==, 0);
}

static void
taken_away(const struct fixture *fixture)
{
	g_autofree char *path = volume_path(fixture);

	g_assert_cmpint(g_unlink(path), ==, 0);
}

static void
bytes_behind(const struct fixture *fixture)
{
	g_autofree char *path = volume_path(fixture);

	put_bytes(fixture, file_size(path), "more");
}

static void
bytes_in_the_end(const struct fixture *fixture)
{
	g_autofree char *path = volume_path(fixture);

	put_bytes(fixture, file_size(path) - 100, "more");
}

static void
a_file_beside(const struct fixture *fixture)
{
	g_autofree char *path = g_build_filename(fixture->data, "copies/2026/note.txt", NULL);

	g_assert_true(g_file_set_contents(path, "x", 1, NULL));
}

static void
change(const struct fixture *fixture, const char *sql)
{
	g_autofree char *path = g_build_filename(fixture->data, STORE_FILE, NULL);
	g_autoptr(database) raw = database_open(path, false, NULL);

	g_assert_true(database_script(raw, "change", sql, NULL));
}

static void
a_message_forgotten(const struct fixture *fixture)
{
	change(fixture, "UPDATE message SET volume = NULL WHERE id = 3");
}

static void
a_row_of_the_ledger(const struct fixture *fixture)
{
	change(fixture, "DROP TRIGGER ledger_no_update; UPDATE ledger SET who = 'x' WHERE id = 1");
}

static const struct {
	const char *label;
	void (*harm)(const struct fixture *fixture);
	const char *found;
} harms[] = {
	{ "nothing", untouched, "" },
	{ "one byte of a copy", one_byte, "altered" },
	{ "the name of an entry", one_name, "renamed" },
	{ "a volume cut short", cut_short, "shortened shortened" },
	{ "a volume taken away", taken_away, "missing missing missing missing missing missing" },
	{ "bytes behind its end", bytes_behind, "extra" },
	{ "bytes in the zeros that end it", bytes_in_the_end, "extra" },
	{ "a file beside", a_file_beside, "stranger" },
	{ "bytes that belong to no message", a_message_forgotten, "extra" },
	{ "a row of the ledger", a_row_of_the_ledger, "ledger" },
};

static void
test_harms(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(harms); i++) {
		const struct verify_share all = { 1, 0 };
		struct fixture fixture;
		g_test_message("%s", harms[i].label);
		start(&fixture);
		/* Nobody writes. */
		fixture_close(&fixture);
		harms[i].harm(&fixture);
		g_autofree char *found = verified(&fixture, &all, NULL);
		g_assert_cmpstr(found, ==, harms[i].found);
		fixture_end(&fixture);
	}
}

/* --- pages of the database --- */

static char *
pages_verified(const struct fixture *fixture)
{
	const struct verify_share all = { 1, 0 };
	g_autoptr(GError) error = NULL;
	g_autoptr(view) view = view_open(fixture->data, "officer", &error);
	g_autoptr(verify) verify =
	    view != NULL ? verify_new(view, fixture->data, &all, &error) : NULL;
	enum verify_state state = verify != NULL ? VERIFY_MORE : VERIFY_FAILED;

	while (state == VERIFY_MORE)
		state = verify_step(verify, G_MAXUINT64, &error);
	for (guint i = 0; verify != NULL && i < verify_found(verify)->len; i++) {
		const struct verify_deviation *one = g_ptr_array_index(verify_found(verify), i);
		if (strcmp(one->word, "damaged") == 0)
			return g_strdup_printf("%s: %s", one->what, one->text);
	}
	return state == VERIFY_FAILED ? g_strdup(error->message) : NULL;
}

static guint
page_size(const char *database)
{
	const guint8 *bytes = (const guint8 *)database;
	guint size = (guint)bytes[16] << 8 | bytes[17];

	return size == 1 ? 65536 : size;
}

#define MAP_OF_PAGES 1 /* from 0: of pages that are not there it says nothing that counts */

/* Each page once is other bytes: none of them in silence. */
static void
test_pages(void)
{
	struct fixture fixture;
	g_autoptr(GError) error = NULL;
	gsize size;

	start(&fixture);
	fixture_close(&fixture);
	g_autofree char *path = g_build_filename(fixture.data, STORE_FILE, NULL);
	g_autofree char *whole = NULL;
	g_assert_true(g_file_get_contents(path, &whole, &size, &error));
	guint length = page_size(whole), silent = 0;
	g_assert_cmpuint(size, >, 50 * length);
	g_autofree char *clean = pages_verified(&fixture);
	g_assert_null(clean);
	for (gsize at = 0; at < size; at += length) {
		g_autofree char *harmed = g_memdup2(whole, size);
		memset(harmed + at, 0xA5, length);
		g_assert_true(io_replace_file(path, harmed, size, 0600, &error));
		g_autofree char *found = pages_verified(&fixture);
		g_test_message("page %" G_GSIZE_FORMAT ": %s", at / length + 1,
		    found != NULL ? found : "nothing");
		silent += found == NULL && at / length != MAP_OF_PAGES;
	}
	g_assert_cmpuint(silent, ==, 0);
	fixture_end(&fixture);
}

/* While a poll writes, what lies behind the last commit is its own. */
static void
test_writing(void)
{
	const struct verify_share all = { 1, 0 };
	struct fixture fixture;
	g_autoptr(GError) error = NULL;

	start(&fixture);
	g_assert_true(store_begin(fixture.store, &error));
	put(&fixture, &(struct mail){ .uid = "9", .body = "not committed yet" }, &error);
	g_assert_no_error(error);
	g_autofree char *found = verified(&fixture, &all, NULL);
	g_assert_cmpstr(found, ==, "");
	store_rollback(fixture.store);
	fixture_end(&fixture);
}

/* A month of days has every copy once. */
static void
test_shares(void)
{
	struct fixture fixture;
	guint64 sum = 0;

	start(&fixture);
	fixture_close(&fixture);
	for (guint day = 0; day < VERIFY_DAYS; day++) {
		struct verify_share share = verify_share_of(MORNING + day * DAY);
		guint64 copies;
		g_autofree char *found = verified(&fixture, &share, &copies);
		g_assert_cmpstr(found, ==, "");
		sum += copies;
	}
	g_assert_cmpuint(sum, ==, LETTERS);
	fixture_end(&fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/verify/harms", test_harms);
	g_test_add_func("/verify/pages", test_pages);
	g_test_add_func("/verify/writing", test_writing);
	g_test_add_func("/verify/shares", test_shares);
	return g_test_run();
}
