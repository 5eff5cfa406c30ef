/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/schedule.h"

#define SECOND G_USEC_PER_SEC

static void
test_first(void)
{
	const gint64 intervals[] = { 600 * SECOND, 10 * SECOND, 1 * SECOND };
	g_autoptr(schedule) schedule = schedule_new(intervals, 3, 1000 * SECOND, 7);
	bool seen[3] = { false };
	guint index;

	g_test_message("all accounts are due within the first seconds, each once");
	for (guint i = 0; i < 3; i++) {
		g_assert_true(schedule_due(schedule, 1000 * SECOND + SCHEDULE_FIRST_US, &index));
		g_assert_false(seen[index]);
		seen[index] = true;
		schedule_started(schedule, index, 1000 * SECOND);
	}
	g_assert_false(schedule_due(schedule, G_MAXINT64 - 1, &index));
	g_test_message("while all are under way nothing falls due, however late it is");
	g_assert_cmpint(schedule_next(schedule), ==, SCHEDULE_NEVER);
}

static void
test_interval(void)
{
	static const struct {
		const char *label;
		gint64 took, from, to; /* when it is due again, after the start */
	} cases[] = {
		{ "a quick pass: the interval, give or take a tenth", 1, 90, 110 },
		{ "a pass longer than its interval: at once, and never twice at a time", 500, 90,
		    500 },
	};
	const gint64 interval = 100 * SECOND;

	for (guint32 seed = 0; seed < 50; seed++) {
		for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
			g_autoptr(schedule) schedule = schedule_new(&interval, 1, 0, seed);
			gint64 start = 10 * SECOND;
			guint index;

			g_assert_true(schedule_due(schedule, start, &index));
			schedule_started(schedule, index, start);
			g_assert_false(
			    schedule_due(schedule, start + cases[i].took * SECOND, &index));
			schedule_ended(schedule, 0);
			gint64 due = MAX(schedule_next(schedule), start + cases[i].took * SECOND);
			g_test_message("%s: %f s", cases[i].label, (double)(due - start) / SECOND);
			g_assert_cmpint(due, >=, start + cases[i].from * SECOND);
			g_assert_cmpint(due, <=, start + cases[i].to * SECOND);
		}
	}
}

static void
test_fair(void)
{
	const gint64 intervals[] = { 1 * SECOND, 1 * SECOND };
	g_autoptr(schedule) schedule = schedule_new(intervals, 2, 0, 3);
	guint first, second;

	g_test_message("who has been due longest goes first");
	g_assert_true(schedule_due(schedule, 10 * SECOND, &first));
	schedule_started(schedule, first, 10 * SECOND);
	schedule_ended(schedule, first);
	g_assert_true(schedule_due(schedule, 20 * SECOND, &second));
	g_assert_cmpuint(first, !=, second);
}

static void
test_none(void)
{
	g_autoptr(schedule) schedule = schedule_new(NULL, 0, 0, 1);
	guint index;

	g_assert_false(schedule_due(schedule, SECOND, &index));
	g_assert_cmpint(schedule_next(schedule), ==, SCHEDULE_NEVER);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/schedule/first", test_first);
	g_test_add_func("/schedule/interval", test_interval);
	g_test_add_func("/schedule/fair", test_fair);
	g_test_add_func("/schedule/none", test_none);
	return g_test_run();
}
