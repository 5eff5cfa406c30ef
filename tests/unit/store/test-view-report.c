/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What only a report asks of a store: how flags went by days, how old is what is open, how much
 * lies there.
 */
#include "fixture.h"

#include "base/clock.h"
#include "store/review.h"
#include "store/view-report.h"

#define HOUR (G_GINT64_CONSTANT(3600) * G_USEC_PER_SEC)

/* A flagged mail of its own: another author, another subject, so another incident. */
static void
keep_leak(struct fixture *fixture, guint number, gint64 seen, const char *exception)
{
	g_autofree char *uid = g_strdup_printf("%u", number + 1);
	g_autofree char *body = g_strdup_printf("body %u", number);
	g_autofree char *subject = g_strdup_printf("Subject %u", number);
	struct mail mail = { .uid = uid,
		.body = body,
		.subject = subject,
		.rule = "codename",
		.exception = exception,
		.seen = seen };

	keep(fixture, &mail);
}

static void
begin_run(struct fixture *fixture, gint64 begun)
{
	g_autoptr(GError) error = NULL;
	gint64 run;

	g_assert_true(store_run_begin(fixture->store, "poll", RULES, begun, &run, &error));
	g_assert_no_error(error);
}

/* The fixture's own run begins in the morning of 22 November, UTC. */
static void
test_trend(void)
{
	static const struct {
		const char *label, *zone;
		gint64 flags[4]; /* hours from that morning; 0: no more */
		const char *exception;
		gint64 run, now; /* likewise */
		const char *last;
		guint64 newest, before, all, most;
	} cases[] = {
		{ "nothing but a run", "UTC", { 0 }, "", 0, 24, "2026-11-22", 0, 0, 0, 0 },
		{ "flags of the day and of the day before", "UTC", { -1, -2, -12 }, "", 0, 24,
		    "2026-11-22", 2, 1, 3, 2 },
		{ "a day is that of the zone", "Asia/Tokyo", { -1, -12, -19 }, "", 0, 24,
		    "2026-11-22", 2, 1, 3, 2 },
		{ "what an exception swallowed is no flag", "UTC", { -1 }, "partner", 0, 24,
		    "2026-11-22", 0, 0, 0, 0 },
		{ "a quiet week moves it on", "UTC", { -1 }, "", 7 * 24, 8 * 24, "2026-11-29", 0, 0,
		    1, 1 },
		{ "the first of thirty days counts, the day before it does not", "UTC",
		    { -29 * 24, -30 * 24 }, "", 0, 24, "2026-11-22", 0, 0, 1, 1 },
		{ "a day of 25 hours moves nothing", "Europe/Berlin",
		    { -28 * 24 + 12, -28 * 24 - 11 }, "", 0, 24, "2026-11-22", 0, 0, 2, 2 },
		{ "a clock that stood ahead", "UTC", { -1, 9000 }, "", 0, 24, "2026-11-23", 0, 1, 1,
		    1 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct fixture fixture;
		struct view_trend trend;
		g_autoptr(GError) error = NULL;
		g_autoptr(GTimeZone) zone = g_time_zone_new_identifier(cases[i].zone);
		guint64 all = 0, most = 0;

		g_test_message("%s", cases[i].label);
		fixture_start(&fixture);
		for (guint j = 0; j < 4 && cases[i].flags[j] != 0; j++)
			keep_leak(
			    &fixture, j, MORNING + cases[i].flags[j] * HOUR, cases[i].exception);
		if (cases[i].run != 0)
			begin_run(&fixture, MORNING + cases[i].run * HOUR);
		g_autoptr(view) view = fixture_view(&fixture);
		g_assert_true(
		    view_trend(view, zone, MORNING + cases[i].now * HOUR, &trend, &error));
		g_assert_no_error(error);
		g_autofree char *last = clock_local(trend.last, zone);
		g_assert_true(g_str_has_prefix(last, cases[i].last));
		g_assert_true(g_str_has_suffix(last, " 00:00"));
		for (guint j = 0; j < VIEW_DAYS; j++) {
			all += trend.flags[j];
			most = MAX(most, trend.flags[j]);
		}
		g_assert_cmpuint(trend.flags[VIEW_DAYS - 1], ==, cases[i].newest);
		g_assert_cmpuint(trend.flags[VIEW_DAYS - 2], ==, cases[i].before);
		g_assert_cmpuint(all, ==, cases[i].all);
		g_assert_cmpuint(most, ==, cases[i].most);
		fixture_end(&fixture);
	}
}

/* Each case one flag of the fixture's rule (medium), seen so many hours before now. */
static void
test_ages(void)
{
	static const struct {
		const char *label;
		gint64 hours;
		int age; /* -1: not counted */
		enum review_state state;
		const char *exception;
	} cases[] = {
		{ "of this very period: it is decided today", 1, -1, REVIEW_NEW, "" },
		{ "a day to the hour", 24, 0, REVIEW_NEW, "" },
		{ "a day and an hour", 25, 1, REVIEW_NEW, "" },
		{ "somebody looks at it, and nobody has decided", 30, 1, REVIEW_IN_REVIEW, "" },
		{ "it was handed on", 31, 1, REVIEW_ESCALATED, "" },
		{ "a week to the hour", 7 * 24, 1, REVIEW_NEW, "" },
		{ "a week and an hour", 7 * 24 + 1, 2, REVIEW_NEW, "" },
		{ "thirty days to the hour", 30 * 24, 2, REVIEW_NEW, "" },
		{ "a year", 365 * 24, 3, REVIEW_NEW, "" },
		{ "it was none", 400 * 24, -1, REVIEW_FALSE_POSITIVE, "" },
		{ "it was dealt with", 401 * 24, -1, REVIEW_RESOLVED, "" },
		{ "an exception swallowed it", 402 * 24, -1, REVIEW_NEW, "partner" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct fixture fixture;
		struct view_open open;
		g_autoptr(GError) error = NULL;
		g_autoptr(GArray) flags = g_array_new(FALSE, FALSE, sizeof(gint64));
		struct review_order order = { .state = (int)cases[i].state };

		g_test_message("%s", cases[i].label);
		fixture_start(&fixture);
		keep_leak(&fixture, 0, MORNING - cases[i].hours * HOUR, cases[i].exception);
		g_autoptr(view) view = fixture_view(&fixture);
		if (cases[i].state != REVIEW_NEW) {
			g_assert_true(review_find(view, "1", flags, &error));
			g_autoptr(GPtrArray) done = review_set(view, flags, &order, &error);
			g_assert_no_error(error);
			g_assert_cmpuint(done->len, ==, 1);
		}
		g_assert_true(
		    view_open_sums(view, MORNING - 24 * HOUR + 1, MORNING, &open, &error));
		g_assert_no_error(error);
		g_assert_cmpuint(open.total, ==, cases[i].age >= 0 ? 1 : 0);
		for (int age = 0; age < VIEW_AGES; age++) {
			g_assert_cmpuint(open.incidents[age][SEVERITY_LOW], ==, 0);
			g_assert_cmpuint(
			    open.incidents[age][SEVERITY_MEDIUM], ==, age == cases[i].age ? 1 : 0);
			g_assert_cmpuint(open.incidents[age][SEVERITY_HIGH], ==, 0);
		}
		fixture_end(&fixture);
	}
}

/* An incident is as old as its first open flag there, and as severe as the worst. */
static void
test_oldest(void)
{
	struct fixture fixture;
	g_autoptr(GError) error = NULL;

	fixture_start(&fixture);
	for (guint i = 0; i < 5; i++)
		keep_leak(&fixture, i, MORNING - (10 + (i * 7) % 5) * DAY, "");
	g_autoptr(view) view = fixture_view(&fixture);
	g_autoptr(GPtrArray) rows = view_oldest_open(view, MORNING, 3, &error);
	g_assert_no_error(error);
	g_test_message("no more than were asked for, the oldest first");
	g_assert_cmpuint(rows->len, ==, 3);
	for (guint i = 0; i < rows->len; i++) {
		const struct view_flag *row = g_ptr_array_index(rows, i);
		g_assert_cmpint(row->seen, ==, MORNING - (14 - i) * DAY);
	}
	fixture_end(&fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/view-report/trend", test_trend);
	g_test_add_func("/view-report/ages", test_ages);
	g_test_add_func("/view-report/oldest", test_oldest);
	return g_test_run();
}
