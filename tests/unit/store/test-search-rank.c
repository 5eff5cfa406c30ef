/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixture.h"

#include "store/database.h"
#include "store/search.h"
#include "store/settle.h"

#define MORE 30 /* than are ranked */
#define MAIL (SEARCH_RANKED + MORE)
#define PAGE 70

/* All have the word in their subjects; what is oldest has it most often, and one half of the rest
 * twice. */
static void
put_mail(struct fixture *fixture)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(store_begin(fixture->store, &error));
	for (guint i = 0; i < MAIL; i++) {
		g_autofree char *uid = g_strdup_printf("%u", i + 1);
		put(fixture,
		    &(struct mail){ .uid = uid,
			.body = uid,
			.message_id = uid,
			.subject = i == 0       ? "bluefin bluefin bluefin"
				   : i % 2 == 0 ? "bluefin bluefin"
						: "bluefin",
			.date = MORNING + i * G_USEC_PER_SEC },
		    &error);
		g_assert_no_error(error);
	}
	g_assert_true(store_commit(fixture->store, &error));
	g_assert_no_error(error);
}

/* The message ids, in their order. */
static char *
found_by(struct view *view, enum view_rank rank, guint offset, guint limit, guint *ranked)
{
	g_autoptr(search) word = search_new(SEARCH_WORDS, "bluefin");
	g_autoptr(GError) error = NULL;
	const struct view_query query = {
		.search = word, .rank = rank, .ranked = ranked, .offset = offset, .limit = limit
	};
	g_autoptr(GPtrArray) rows = view_search(view, &query, &error);
	GString *out = g_string_new(NULL);

	g_assert_no_error(error);
	for (guint i = 0; i < rows->len; i++) {
		const struct view_message *message = rows->pdata[i];
		g_string_append_printf(out, "%s ", message->message_id);
	}
	return g_string_free(out, FALSE);
}

static void
check_ranks(struct view *view)
{
	guint ranked = 7;
	g_free(found_by(view, VIEW_RANK_NONE, 0, 1, &ranked));
	g_assert_cmpuint(ranked, ==, 0);
	g_autofree char *newest = found_by(view, VIEW_RANK_NEWEST, 0, 0, &ranked);
	g_assert_cmpuint(ranked, ==, SEARCH_RANKED);
	g_autofree char *all = found_by(view, VIEW_RANK_ALL, 0, 0, &ranked);
	g_assert_cmpuint(ranked, ==, 0);
	g_autofree char *best = g_strdup_printf("1 %u ", MAIL - 1);
	g_autofree char *best_of_newest = g_strdup_printf("%u ", MAIL - 1);

	g_test_message("what is best of all is not among the newest, and there alone");
	g_assert_true(g_str_has_prefix(all, best));
	g_assert_true(g_str_has_prefix(newest, best_of_newest));
	g_assert_null(strstr(newest, " 1 "));

	g_test_message("pages side by side are the whole");
	for (guint i = 0; i < 2; i++) {
		g_autoptr(GString) pages = g_string_new(NULL);
		for (guint offset = 0; offset < MAIL; offset += PAGE) {
			g_autofree char *page = found_by(
			    view, i == 0 ? VIEW_RANK_NEWEST : VIEW_RANK_ALL, offset, PAGE, NULL);
			g_string_append(pages, page);
		}
		g_assert_cmpstr(pages->str, ==, i == 0 ? newest : all);
	}
}

/* More messages have its words than are looked at at once in a block. */
static void
check_phrase(struct view *view)
{
	g_autoptr(search) phrase = search_new(SEARCH_WORDS, "bluefin bluefin");
	const struct view_query query = { .search = phrase };
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) rows = view_search(view, &query, &error);
	guint64 count;

	g_assert_no_error(error);
	g_assert_cmpuint(rows->len, ==, MAIL / 2);
	for (guint i = 0; i < rows->len; i++) {
		const struct view_message *message = rows->pdata[i];
		g_autofree char *expected = g_strdup_printf("%u", MAIL - 1 - 2 * i);
		g_assert_cmpstr(message->message_id, ==, expected);
	}
	g_assert_true(view_count(view, &query, &count, &error));
	g_assert_cmpuint(count, ==, MAIL / 2);
}

/* The same before and after it is settled. */
static void
test_newest(void)
{
	struct fixture fixture;
	g_autoptr(GError) error = NULL;

	fixture_start(&fixture);
	put_mail(&fixture);
	for (guint round = 0; round < 2; round++) {
		g_autoptr(view) view = fixture_view(&fixture);
		check_ranks(view);
		check_phrase(view);
		g_autofree char *path = g_build_filename(fixture.data, STORE_FILE, NULL);
		g_autoptr(database) database = database_open(path, false, &error);
		g_assert_no_error(error);
		g_assert_true(database_begin(database, &error));
		settle_young(database, 1, &error);
		g_assert_no_error(error);
		g_assert_true(database_commit(database, &error));
	}
	fixture_end(&fixture);
}

/* As many as are ranked: nothing is left out, and nothing says so. */
static void
test_few(void)
{
	struct fixture fixture;
	guint ranked = 7;

	fixture_start(&fixture);
	keep(&fixture, &(struct mail){ .uid = "1", .body = "1", .subject = "bluefin" });
	g_autoptr(view) view = fixture_view(&fixture);
	g_free(found_by(view, VIEW_RANK_NEWEST, 0, 0, &ranked));
	g_assert_cmpuint(ranked, ==, 0);
	fixture_end(&fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/search-rank/newest", test_newest);
	g_test_add_func("/search-rank/few", test_few);
	return g_test_run();
}
