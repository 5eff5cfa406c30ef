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
			schedule_ended(schedule, 0, start + cases[i].took * SECOND, false, 0);
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
	schedule_ended(schedule, first, 10 * SECOND, false, 0);
	g_assert_true(schedule_due(schedule, 20 * SECOND, &second));
	g_assert_cmpuint(first, !=, second);
}

static void
test_back_off(void)
{
	static const struct {
		const char *label;
		gint64 interval;
		guint failures;
		gint64 alone, from, to; /* seconds; from and to after the start of the last pass */
	} cases[] = {
		{ "one failure may be chance: the next pass comes as ever", 100, 1, 0, 90, 110 },
		{ "the second one doubles the interval", 100, 2, 0, 180, 220 },
		{ "the third one doubles it again", 100, 3, 0, 360, 440 },
		{ "a server that is away for days is asked about once an hour", 100, 2000, 0, 3240,
		    3960 },
		{ "who is polled every day is not asked more often because of failures", 86400, 9,
		    0, 77760, 95040 },
		{ "the server's own time holds, and a tenth at most is added", 100, 0, 600, 601,
		    661 },
		{ "a shorter time of the server's does not bring the pass forward", 100, 0, 5, 90,
		    110 },
		{ "the longer of the two counts: the server's", 100, 2, 86400, 86401, 95041 },
		{ "the longer of the two counts: ours", 100, 3, 60, 360, 440 },
	};

	for (guint32 seed = 0; seed < 50; seed++) {
		for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
			gint64 interval = cases[i].interval * SECOND, start = 10 * SECOND;
			g_autoptr(schedule) schedule = schedule_new(&interval, 1, 0, seed);
			guint passes = MAX(cases[i].failures, 1);

			for (guint n = 1; n <= passes; n++) {
				schedule_started(schedule, 0, start);
				/* Each pass takes a second; the last one hears what the server
				 * says. */
				schedule_ended(schedule, 0, start + SECOND, cases[i].failures > 0,
				    n == passes ? cases[i].alone * SECOND : 0);
			}
			gint64 due = schedule_when(schedule, 0);
			g_test_message("%s: %f s", cases[i].label, (double)(due - start) / SECOND);
			g_assert_cmpint(due, >=, start + cases[i].from * SECOND);
			g_assert_cmpint(due, <=, start + cases[i].to * SECOND);
		}
	}
}

static void
test_recovery(void)
{
	const gint64 interval = 100 * SECOND;
	g_autoptr(schedule) schedule = schedule_new(&interval, 1, 0, 5);

	g_test_message("one success ends the back-off");
	for (guint n = 0; n < 10; n++) {
		schedule_started(schedule, 0, 0);
		schedule_ended(schedule, 0, SECOND, n < 9, 0);
	}
	g_assert_cmpint(schedule_when(schedule, 0), <=, 110 * SECOND);
}

static void
test_wanted(void)
{
	static const struct {
		const char *label;
		bool failed;
		gint64 alone, at, due; /* seconds after the start; the pass ends after 5 s */
	} cases[] = {
		{ "what came is fetched at once", false, 0, 20, 20 },
		{ "what came during a pass is fetched right after it", false, 0, 3, 5 },
		{ "one failure does not make it wait", true, 0, 20, 20 },
		{ "but a server that wants to be left alone is left alone", false, 60, 20, 65 },
		{ "also by what came during the pass", false, 60, 3, 65 },
	};
	const gint64 interval = G_GINT64_CONSTANT(3600) * SECOND;

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(schedule) schedule = schedule_new(&interval, 1, 0, 1);

		schedule_started(schedule, 0, 0);
		if (cases[i].at < 5)
			schedule_wanted(schedule, 0, cases[i].at * SECOND);
		schedule_ended(schedule, 0, 5 * SECOND, cases[i].failed, cases[i].alone * SECOND);
		if (cases[i].at >= 5)
			schedule_wanted(schedule, 0, cases[i].at * SECOND);
		gint64 due = schedule_when(schedule, 0);
		g_test_message("%s: %f s", cases[i].label, (double)due / SECOND);
		g_assert_cmpint(due, >=, cases[i].due * SECOND);
		g_assert_cmpint(due, <=, (cases[i].due + cases[i].alone / 10) * SECOND);
	}
}

static void
test_flood(void)
{
	const gint64 interval = G_GINT64_CONSTANT(3600) * SECOND;
	g_autoptr(schedule) schedule = schedule_new(&interval, 1, 0, 1);

	g_test_message("a server that tells news all the time does not keep us at it");
	schedule_started(schedule, 0, 10 * SECOND);
	schedule_wanted(schedule, 0, 10 * SECOND);
	schedule_ended(schedule, 0, 10 * SECOND + 1, false, 0);
	g_assert_cmpint(schedule_when(schedule, 0), ==, 10 * SECOND + SCHEDULE_WANTED_US);
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
	g_test_add_func("/schedule/back-off", test_back_off);
	g_test_add_func("/schedule/recovery", test_recovery);
	g_test_add_func("/schedule/wanted", test_wanted);
	g_test_add_func("/schedule/flood", test_flood);
	g_test_add_func("/schedule/none", test_none);
	return g_test_run();
}
