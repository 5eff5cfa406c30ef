/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/filters.h"

#include <string.h>

#include "base/fault.h"

static void
test_all(void)
{
	static const char *const words[] = { "from:anna", "to:rival.example",
		"subject:\"two words\"", "before:2026-11-02", "after:2026-11-01", "rule:codename",
		"account:hq", "folder:Sent", "flagged:yes", NULL };
	g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
	g_autoptr(GError) error = NULL;
	g_autoptr(filters) filters = filters_new(words, zone, &error);

	g_assert_no_error(error);
	g_assert_cmpstr(filters->query.from, ==, "anna");
	g_assert_cmpstr(filters->query.to, ==, "rival.example");
	g_assert_cmpstr(filters->query.subject, ==, "two words");
	g_assert_cmpstr(filters->query.rule, ==, "codename");
	g_assert_cmpstr(filters->query.account, ==, "hq");
	g_assert_cmpstr(filters->query.folder, ==, "Sent");
	g_assert_true(filters->query.flagged);
	g_assert_cmpint(filters->query.before - filters->query.after, ==, G_TIME_SPAN_DAY);
}

static const struct {
	const char *label;
	const char *words[3];
	const char *subject; /* NULL: refused */
	const char *says;
} cases[] = {
	{ "a bare word looks in the subject", { "offer" }, "offer", NULL },
	{ "so does one with a colon that is no filter", { "Re: offer" }, "Re: offer", NULL },
	{ "a colon in a value is the value's", { "subject:a:b" }, "a:b", NULL },
	{ "a misspelt filter is not taken for a subject", { "form:anna" }, NULL, "did you mean" },
	{ "an unknown filter names the known ones", { "attachment:pdf" }, NULL, "known: from:" },
	{ "a filter without a value", { "from:" }, NULL, "nothing behind the colon" },
	{ "two subjects contradict", { "subject:a", "b" }, NULL, "stands twice" },
	{ "a day that is none", { "before:2026-02-30" }, NULL, "before: " },
	{ "only yes can be asked", { "flagged:no" }, NULL, "flagged:yes" },
	{ "bytes that are no text", { "from:\xff" }, NULL, "UTF-8" },
};

static void
test_words(void)
{
	g_autoptr(GTimeZone) zone = g_time_zone_new_utc();

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(filters) filters = filters_new(cases[i].words, zone, &error);
		g_test_message("%s", cases[i].label);
		if (cases[i].subject != NULL) {
			g_assert_no_error(error);
			g_assert_cmpstr(filters->query.subject, ==, cases[i].subject);
			continue;
		}
		g_assert_null(filters);
		g_assert_error(error, FAULT, FAULT_USAGE);
		g_test_message("  %s", error->message);
		g_assert_nonnull(strstr(error->message, cases[i].says));
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/filters/all", test_all);
	g_test_add_func("/filters/words", test_words);
	return g_test_run();
}
