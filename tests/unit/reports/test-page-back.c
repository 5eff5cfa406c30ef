/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The back of the page: what is still open, how much there is, how to read it; and lists that fold.
 */
#include "reports/emit.h"
#include "reports/page.h"

#include "sample.h"

/* The section of an id, as text. */
static char *
section_of(const char *page, const char *id)
{
	g_autofree char *begin = g_strdup_printf("<section id=\"%s\"", id);
	const char *from = strstr(page, begin);

	g_assert_nonnull(from);
	const char *to = strstr(from, "</section>");
	g_assert_nonnull(to);
	return g_strndup(from, (gsize)(to - from));
}

static char *
render_section(struct report *report, const char *id)
{
	GString *page = sample_render(report, "html");
	char *section = section_of(page->str, id);

	g_string_free(page, TRUE);
	return section;
}

static void
assert_says(const char *section, const char *label, const char *text, bool said)
{
	g_test_message("%s", label);
	if ((strstr(section, text) != NULL) != said)
		g_error("%s: '%s' %s in: %s", label, text, said ? "is not" : "is", section);
}

static void
fill_volume(struct report *report)
{
	report->totals.messages = 1204;
	report->totals.bytes = 3400000;
	report->totals.copies = 907;
	report->volume = (struct view_volume){ .database = 5600000,
		.copies = 7800000000,
		.volumes = 31,
		.purged = 12,
		.purged_bytes = 45000 };
	report->volume.messages[0] = 500;
	report->volume.messages[VIEW_DAYS - 1] = 1204;
	report->ledger_row = 4711;
	sample_set(&report->ledger_head, "cccccccccccccccccccccccc");
	sample_set(&report->previous, "dddddddddddddddddddddddd");
	sample_run(report, SAMPLE_DAY + 11 * SAMPLE_HOUR);
	sample_run(report, 0);
	((struct view_run *)g_ptr_array_index(report->runs, 0))->exit_code = 2;
}

static void
test_volume(void)
{
	static const struct {
		const char *label, *text;
		bool on_a_quiet_day;
	} cases[] = {
		{ "messages", "<dt>New messages</dt><dd>1,204, 3.4 MB in all", false },
		{ "and of how many copies are kept", "copies kept of 907</dd>", false },
		{ "thirty days, in words",
		    "Messages a day over 30 days: 1,704 in all, 1,204 at most", false },
		{ "the database", "<dt>Database</dt><dd>5.6 MB</dd>", false },
		{ "the copies", "<dt>Copies</dt><dd>7.8 GB</dd>", false },
		{ "their volumes", "<dt>Volumes of copies</dt><dd>31</dd>", false },
		{ "what was purged", "<dt>Purged in this period</dt><dd>12 messages, 45.0 kB</dd>",
		    false },
		{ "rows of the ledger", "<dt>Ledger</dt><dd>4,711 rows up to the end", false },
		{ "its head, whole", "cccccccccccccccccccccccc</code>", false },
		{ "the report before, whole", "dddddddddddddddddddddddd</code>", false },
		{ "what that proves", "Each row of the ledger holds the digest", true },
		{ "runs", "2 runs of Flagpost in this period", false },
		{ "how one ended", "<td class=\"num\">2</td>", false },
		{ "that one has not", "still running, or cut off", false },
		{ "under which rules", "<td><code>9f86d081884c</code>", false },
		{ "nothing was purged: no line of it", "Purged", false },
	};
	g_autoptr(report) report = sample_report(), quiet = sample_report();

	fill_volume(report);
	g_autofree char *section = render_section(report, "volume");
	g_autofree char *bare = render_section(quiet, "volume");
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		assert_says(section, cases[i].label, cases[i].text, true);
		assert_says(bare, cases[i].label, cases[i].text, cases[i].on_a_quiet_day);
	}
}

static void
test_reading(void)
{
	static const struct {
		const char *label, *text;
		bool when_clear;
	} cases[] = {
		{ "which day a message counts on", "in which Flagpost first saw it", true },
		{ "why what was not checked comes first", "says little when much went unread",
		    true },
		{ "what is marked", "<mark>marked</mark>", true },
		{ "that it is masked", "and masked: the first and the last characters stay",
		    false },
		{ "what codes stand for", "<code>\\u{202E}</code>", true },
		{ "who is outside", "Domains that are not our own are", true },
		{ "what an incident is", "is one leak, however often it was found", true },
		{ "until when it stays", "until it is decided", true },
		{ "which command shows a message", "<code>flagpost show</code>", true },
		{ "which says why", "<code>flagpost explain</code>", true },
		{ "what the digest is of", "exact bytes that the server sent", true },
		{ "where copies lie", "<code>/var/lib/flagpost/copies</code>", true },
		{ "where reports lie", "<code>/var/lib/flagpost/reports</code>", true },
		{ "who made it", "Made by Flagpost " FLAGPOST_VERSION, true },
		{ "who may have it", "This page holds personal data", true },
	};

	for (guint clear = 0; clear < 2; clear++) {
		g_autoptr(report) report = sample_report();
		report->clear = clear != 0;
		g_autofree char *section = render_section(report, "reading");
		for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
			assert_says(section, cases[i].label, cases[i].text,
			    clear == 0 || cases[i].when_clear);
		assert_says(section, "or in clear", "and shown in clear.", clear != 0);
	}
}

static void
test_open(void)
{
	static const struct {
		const char *label, *text;
	} said[] = {
		{ "how many", "6 incidents from before this period" },
		{ "a day", "up to a day</th><td class=\"num\">1</td>" },
		{ "a week", "up to a week</th><td class=\"num\">0</td><td class=\"num\">2</td>" },
		{ "a month", "up to 30 days</th><td class=\"num\">0</td><td class=\"num\">0</td>"
			     "<td class=\"num\">3</td><td class=\"num\"><b>3</b></td>" },
		{ "more", "older</th><td class=\"num\">0</td><td class=\"num\">0</td>"
			  "<td class=\"num\">0</td><td class=\"num\"><b>0</b></td>" },
		{ "the oldest, by number", "<code>I-17</code></th><td class=\"num\">8</td>" },
		{ "what it is about", "Joint stand" },
		{ "whose it is", "<td>legal</td>" },
	};
	g_autoptr(report) report = sample_report();
	struct view_message *message =
	    sample_message("anna@corp.example", "bob@rival.example", "Joint stand");
	struct view_flag *row = sample_flag(report->open, "codename", SEVERITY_HIGH, message);

	row->seen = report->to - 8 * 24 * SAMPLE_HOUR;
	report->made = report->to;
	sample_set(&row->assignee, "legal");
	report->ages.total = 6;
	report->ages.incidents[0][SEVERITY_HIGH] = 1;
	report->ages.incidents[1][SEVERITY_MEDIUM] = 2;
	report->ages.incidents[2][SEVERITY_LOW] = 3;
	g_autofree char *section = render_section(report, "open");
	for (gsize i = 0; i < G_N_ELEMENTS(said); i++)
		assert_says(section, said[i].label, said[i].text, true);
	g_autoptr(report) quiet = sample_report();
	g_autofree char *bare = render_section(quiet, "open");
	assert_says(bare, "nothing", "Nothing from before this period is open.", true);
}

static void
test_folds(void)
{
	static const struct {
		const char *label;
		guint64 rows, open;
		const char *opening;
		bool missing; /* on paper, and said there */
	} cases[] = {
		{ "a short list", 12, 12, "<details open>", false },
		{ "a longer one", 13, 12, "<details>", false },
		{ "one that is always folded", 1, 0, "<details>", false },
		{ "the longest that is printed", PAGE_PRINTED, 12, "<details>", false },
		{ "a longer one", PAGE_PRINTED + 1, 12, "<details class=\"long\">", true },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) out = g_string_new(NULL);
		page_fold_begin(out, cases[i].rows, cases[i].open);
		page_fold_end(out, cases[i].rows, "; the CSV file has them");
		g_test_message("%s", cases[i].label);
		g_assert_true(g_str_has_prefix(out->str, cases[i].opening));
		g_assert_cmpint(strstr(out->str, "rows of this list are not printed; the CSV file "
						 "has them.") != NULL,
		    ==, cases[i].missing);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/page-back/open", test_open);
	g_test_add_func("/page-back/volume", test_volume);
	g_test_add_func("/page-back/reading", test_reading);
	g_test_add_func("/page-back/folds", test_folds);
	return g_test_run();
}
