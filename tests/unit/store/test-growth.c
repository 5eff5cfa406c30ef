/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixture.h"

#include <sqlite3.h>

#define STEPS 50   /* of SQLite's machine between two calls */
#define FEW   100  /* messages in the store when the work is counted first */
#define MANY  3000 /* ... and at last */

static guint64 calls;

static int
count(void *data)
{
	(void)data;
	calls++;
	return 0;
}

/* SQLite calls it for each connection that is opened. */
static int
watch(sqlite3 *handle, char **error, const void *routines)
{
	(void)error;
	(void)routines;
	sqlite3_progress_handler(handle, STEPS, count, NULL);
	return SQLITE_OK;
}

/* What recording one message more takes, in steps of SQLite's machine: no clock is asked. */
static guint64
record(struct fixture *fixture, guint number)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *uid = g_strdup_printf("%u", number + 1);
	g_autofree char *body = g_strdup_printf("body %u", number);
	struct mail mail = { .uid = uid, .body = body, .no_copy = true };
	g_autoptr(verdict) verdict = mail_verdict(&mail);
	guint64 before = calls;

	g_assert_true(put_verdict(fixture, &mail, verdict, &error));
	g_assert_no_error(error);
	return (calls - before) * STEPS;
}

static guint64
median_of_nine(struct fixture *fixture, guint *number)
{
	guint64 steps[9];

	for (guint i = 0; i < G_N_ELEMENTS(steps); i++) {
		guint64 one = record(fixture, (*number)++);
		guint at = i;
		for (; at > 0 && steps[at - 1] > one; at--)
			steps[at] = steps[at - 1];
		steps[at] = one;
	}
	return steps[G_N_ELEMENTS(steps) / 2];
}

/* A statement that walks over all that was recorded before makes each message dearer than the last.
 */
static void
test_record(void)
{
	struct fixture fixture;
	g_autoptr(GError) error = NULL;
	guint number = 0;

	fixture_start(&fixture);
	g_assert_true(store_begin(fixture.store, &error));
	while (number < FEW)
		record(&fixture, number++);
	guint64 first = median_of_nine(&fixture, &number);
	while (number < MANY)
		record(&fixture, number++);
	guint64 last = median_of_nine(&fixture, &number);
	g_test_message("%" G_GUINT64_FORMAT " steps, then %" G_GUINT64_FORMAT, first, last);
	g_assert_cmpuint(first, >, 0);
	g_assert_cmpuint(last, <, 2 * first);
	g_assert_true(store_commit(fixture.store, &error));
	fixture_end(&fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	sqlite3_auto_extension((void (*)(void))watch);
	g_test_add_func("/growth/record", test_record);
	return g_test_run();
}
