/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixture.h"

#include "store/database.h"
#include "store/query.h"
#include "store/drawn.h"
#include "store/view-scope.h"

#define TODAY (MORNING - MORNING % DAY)

/* One mail on the day, drawn with that rank; rank -1: it may be drawn, and is not. */
static void
keep_drawn(struct fixture *fixture, guint number, gint64 rank, guint at_most, const char *rule)
{
	g_autofree char *uid = g_strdup_printf("%u", number);
	g_autofree char *body = g_strdup_printf("bytes of %u", number);

	keep(fixture, &(struct mail){ .uid = uid,
			  .body = body,
			  .rule = rule,
			  .account = number % 2 == 1 ? "hq" : "lab",
			  .draw = { .eligible = true,
			      .drawn = rank >= 0,
			      .day = TODAY,
			      .rank = rank,
			      .at_most = at_most } });
}

static char *
digest_of(guint number)
{
	g_autofree char *body = g_strdup_printf("bytes of %u", number);
	char sha256[DIGEST_HEX];

	digest_bytes(body, strlen(body), sha256);
	return g_strdup(sha256);
}

/* "rank-order: first digits" of what is listed, as the numbers of the mails. */
static char *
listed(struct view *view, bool open)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) rows = drawn_list(view, 0, G_MAXINT64, open, 0, &error);
	GString *out = g_string_new(NULL);

	g_assert_no_error(error);
	for (guint i = 0; i < rows->len; i++) {
		const struct drawn *row = rows->pdata[i];
		for (guint number = 1; number < 20; number++) {
			g_autofree char *digest = digest_of(number);
			if (strcmp(digest, row->message->sha256) == 0)
				g_string_append_printf(
				    out, "%s%u", out->len > 0 ? " " : "", number);
		}
	}
	return g_string_free(out, FALSE);
}

static void
set(struct view *view, guint number, const struct drawn_order *order)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *digest = digest_of(number);

	drawn_set(view, digest, order, &error);
	g_assert_no_error(error);
}

static void
assert_sums(struct view *view, const char *wanted)
{
	g_autoptr(GError) error = NULL;
	struct drawn_sums sums;

	g_assert_true(drawn_sums(view, TODAY, TODAY + DAY, &sums, &error));
	g_autofree char *said =
	    g_strdup_printf("%u eligible, %u cut, %u open, %u nothing, %u missed",
		(guint)sums.eligible, (guint)sums.cut, (guint)sums.states[DRAWN_OPEN],
		(guint)sums.states[DRAWN_NOTHING], (guint)sums.states[DRAWN_MISSED]);
	g_assert_cmpstr(said, ==, wanted);
}

/* The lowest draws stay, in whatever order the mail comes. */
static void
test_limit(void)
{
	static const gint64 orders[][5] = { { 10, 20, 30, 40, 50 }, { 50, 40, 30, 20, 10 },
		{ 30, 10, 50, 20, 40 } };

	for (gsize i = 0; i < G_N_ELEMENTS(orders); i++) {
		struct fixture fixture;
		fixture_start(&fixture);
		for (guint j = 0; j < 5; j++)
			keep_drawn(&fixture, (guint)orders[i][j] / 10, orders[i][j], 3, NULL);
		g_autoptr(view) view = fixture_view(&fixture);
		g_autofree char *numbers = listed(view, false);
		g_assert_cmpstr(numbers, ==, "1 2 3");
		assert_sums(view, "5 eligible, 2 cut, 3 open, 0 nothing, 0 missed");
		g_clear_pointer(&view, view_close);
		fixture_end(&fixture);
	}
}

/* What has a flag, is known already or was not drawn is not in it; what gets a flag later leaves.
 */
static void
test_who_is_in(void)
{
	struct fixture fixture;

	fixture_start(&fixture);
	keep_drawn(&fixture, 1, 10, 9, NULL);
	keep_drawn(&fixture, 2, 20, 9, "codename");
	keep_drawn(&fixture, 3, -1, 9, NULL);
	keep(&fixture, &(struct mail){ .uid = "1",
			   .folder = "Sent",
			   .body = "bytes of 1",
			   .draw = { true, true, TODAY, 5, 9 } });
	g_autoptr(view) view = fixture_view(&fixture);
	g_autofree char *numbers = listed(view, false);
	g_assert_cmpstr(numbers, ==, "1");
	assert_sums(view, "2 eligible, 0 cut, 1 open, 0 nothing, 0 missed");
	keep(&fixture,
	    &(struct mail){
		.uid = "2", .folder = "Archive", .body = "bytes of 1", .rule = "codename" });
	g_autofree char *later = listed(view, false);
	g_assert_cmpstr(later, ==, "");
	assert_sums(view, "2 eligible, 0 cut, 0 open, 0 nothing, 0 missed");
	g_clear_pointer(&view, view_close);
	fixture_end(&fixture);
}

static gint64
ledger_rows(struct fixture *fixture, const char *object)
{
	g_autofree char *path = g_build_filename(fixture->data, STORE_FILE, NULL);
	g_autoptr(database) database = database_open(path, false, NULL);
	static const struct query_text find = { "ledger",
		"SELECT count(*) FROM ledger WHERE verb = 'review' AND object GLOB ?" };
	gint64 rows = 0;

	g_assert_true(query_number(database, &find, VALUES(query_text_value(object)), &rows, NULL));
	return rows;
}

static void
test_verdicts(void)
{
	struct fixture fixture;
	const struct store_rule rules[] = { { "codename", RULES, "codename.ini", "Codename", "", "",
	    "", SEVERITY_HIGH, g_bytes_new_static("x", 1) } };

	fixture_start(&fixture);
	g_assert_true(store_ruleset(
	    fixture.store, &(struct store_ruleset){ RULES, rules, 1, NULL, 0 }, MORNING, NULL));
	for (guint i = 1; i <= 4; i++)
		keep_drawn(&fixture, i, i * 10, 9, NULL);
	g_autoptr(view) view = fixture_view(&fixture);
	set(view, 1, &(struct drawn_order){ .state = DRAWN_NOTHING });
	set(view, 2,
	    &(struct drawn_order){
		.state = DRAWN_MISSED, .rule = "codename", .note = "a new word" });
	set(view, 3, &(struct drawn_order){ .state = DRAWN_MISSED });
	assert_sums(view, "4 eligible, 0 cut, 1 open, 1 nothing, 2 missed");
	g_autofree char *open = listed(view, true);
	g_assert_cmpstr(open, ==, "4");
	g_autoptr(GPtrArray) misses = drawn_misses(view, 0, G_MAXINT64, NULL);
	g_assert_cmpuint(misses->len, ==, 2);
	g_assert_cmpstr(((struct drawn_miss *)misses->pdata[1])->rule, ==, "codename");
	set(view, 3, &(struct drawn_order){ .state = DRAWN_OPEN });
	assert_sums(view, "4 eligible, 0 cut, 2 open, 1 nothing, 1 missed");
	g_test_message("each is a row of the ledger, a note's text is not in it");
	g_assert_cmpint(ledger_rows(&fixture, "sample *: nothing-to-see"), ==, 1);
	g_assert_cmpint(ledger_rows(&fixture, "sample *: missed by codename, note *"), ==, 1);
	g_assert_cmpint(ledger_rows(&fixture, "*a new word*"), ==, 0);
	g_clear_pointer(&view, view_close);
	g_bytes_unref(rules[0].text);
	fixture_end(&fixture);
}

static void
test_refusals(void)
{
	struct fixture fixture;
	g_autofree char *drawn = digest_of(1), *other = digest_of(3);
	g_autofree char *long_note = g_strnfill(2001, 'x');
	const struct {
		const char *label, *digest;
		struct drawn_order order;
		const char *said;
	} wrong[] = {
		{ "a message that was not drawn", other, { DRAWN_NOTHING, NULL, NULL },
		    "not in the random sample" },
		{ "a rule that never was", drawn, { DRAWN_MISSED, "codenam", NULL },
		    "no rule 'codenam'" },
		{ "a rule that missed nothing", drawn, { DRAWN_NOTHING, "codename", NULL },
		    "did not" },
		{ "a note that is too long", drawn, { DRAWN_MISSED, NULL, long_note }, "2000" },
		{ "a note that is no UTF-8", drawn, { DRAWN_MISSED, NULL, "\xff" }, "UTF-8" },
		{ "a prefix that is too short", "ab", { DRAWN_NOTHING, NULL, NULL }, "" },
	};

	fixture_start(&fixture);
	keep_drawn(&fixture, 1, 10, 9, NULL);
	keep_drawn(&fixture, 3, -1, 9, NULL);
	g_autoptr(view) view = fixture_view(&fixture);
	for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autoptr(GError) error = NULL;
		g_test_message("%s", wrong[i].label);
		g_assert_false(drawn_set(view, wrong[i].digest, &wrong[i].order, &error));
		assert_fault(error, FAULT_USAGE, wrong[i].said);
	}
	assert_sums(view, "2 eligible, 0 cut, 1 open, 0 nothing, 0 missed");
	g_clear_pointer(&view, view_close);
	fixture_end(&fixture);
}

/* Each role sees of the sample what it sees of mail. */
static void
test_scopes(void)
{
	static const char *const lab[] = { "lab", NULL };
	static const char *const anna[] = { "anna@corp.example", NULL };
	static const struct {
		const char *label;
		struct view_scope scope;
		const char *listed;
		bool decides;
	} views[] = {
		{ "an officer of one account", { VIEW_ACCOUNTS, lab }, "2", true },
		{ "who wrote it decides nothing", { VIEW_OWN, anna }, "1 2", false },
		{ "an administrator sees no mail", { VIEW_NO_MAIL, NULL }, "", false },
	};
	struct fixture fixture;

	fixture_start(&fixture);
	keep_drawn(&fixture, 1, 10, 9, NULL);
	keep_drawn(&fixture, 2, 20, 9, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(views); i++) {
		g_autoptr(view) view = fixture_view(&fixture);
		g_autoptr(GError) error = NULL;
		g_autofree char *second = digest_of(2);
		g_test_message("%s", views[i].label);
		g_assert_true(view_restrict(view, &views[i].scope, &error));
		g_autofree char *numbers = listed(view, false);
		g_assert_cmpstr(numbers, ==, views[i].listed);
		g_assert_cmpint(drawn_set(view, second,
				    &(struct drawn_order){ .state = DRAWN_NOTHING }, &error),
		    ==, views[i].decides);
		if (!views[i].decides)
			g_assert_nonnull(error);
	}
	fixture_end(&fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/sample/limit", test_limit);
	g_test_add_func("/sample/who-is-in", test_who_is_in);
	g_test_add_func("/sample/verdicts", test_verdicts);
	g_test_add_func("/sample/refusals", test_refusals);
	g_test_add_func("/sample/scopes", test_scopes);
	return g_test_run();
}
