/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What other programs read: that text from mail can end no line, begin no field and forge no
 * second event. Whether members have the types of their schemas is T292's.
 */
#include <string.h>

#include "sample.h"

static struct report *
report_of(const char *text)
{
	struct report *report = sample_report();
	struct view_flag *row =
	    sample_flag(report->flags, "r", SEVERITY_HIGH, sample_message(text, text, text));

	sample_set(&row->flag->title, text);
	sample_hit(row->flag, COMPONENT_BODY, text, "match", text);
	return report;
}

static guint
count(const char *text, const char *what)
{
	guint n = 0;

	for (const char *p = text; (p = strstr(p, what)) != NULL; p += strlen(what))
		n++;
	return n;
}

static void
test_one_line(void)
{
	static const char *const formats[] = { "jsonl", "ecs", "ocsf", "cef" };
	static const char *const texts[] = { "two\nlines", "\r\nCEF:0|Forged|x|1|r|t|10|", "a\0b",
		"\342\200\250separator", "\033[2J", SAMPLE_HOSTILE };

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		for (gsize j = 0; j < G_N_ELEMENTS(formats); j++) {
			g_autoptr(report) report = report_of(texts[i]);
			GString *out = sample_render(report, formats[j]);
			g_test_message("text %zu as %s: one event, one line", i, formats[j]);
			g_assert_cmpuint(count(out->str, "\n"), ==, 1);
			g_assert_cmpint(out->str[out->len - 1], ==, '\n');
			g_assert_null(strpbrk(out->str, "\r\033"));
			g_string_free(out, TRUE);
		}
	}
}

static void
test_cef_fields(void)
{
	static const struct {
		const char *label, *text, *head, *value;
	} cases[] = {
		{ "a bar ends no field of the head", "a|b", "|a\\|b|8|", "msg=a|b " },
		{ "an equals sign begins no name", "dst=10.0.0.1", "|dst=10.0.0.1|8|",
		    "msg=dst\\=10.0.0.1 " },
		{ "a backslash stands for itself", "c:\\d", "|c:\\\\d|8|", "msg=c:\\\\d " },
		{ "a line break is shown", "a\nb", "|a\\\\u{A}b|8|", "msg=a\\\\u{A}b " },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(report) report = report_of(cases[i].text);
		GString *out = sample_render(report, "cef");
		g_test_message("%s: %s", cases[i].label, out->str);
		g_assert_true(g_str_has_prefix(out->str, "CEF:0|Flagpost|Flagpost|"));
		g_assert_nonnull(strstr(out->str, cases[i].head));
		g_assert_nonnull(strstr(out->str, cases[i].value));
		g_string_free(out, TRUE);
	}
}

/* A label's value that ended its quotes could make up metrics. */
static void
test_prometheus(void)
{
	g_autoptr(report) report = sample_report();

	sample_account(report, "h\"q\\\nflagpost_flags 9", "imap");
	report->totals.flags[SEVERITY_HIGH] = 3;
	GString *out = sample_render(report, "prometheus");
	g_assert_nonnull(strstr(out->str, "flagpost_flags{severity=\"high\"} 3\n"));
	g_assert_nonnull(strstr(out->str, "{account=\"h\\\"q\\\\\\nflagpost_flags 9\"} "));
	g_assert_null(strstr(out->str, "\nflagpost_flags 9"));
	/* Each metric is described once, before its values. */
	g_assert_cmpuint(count(out->str, "# HELP flagpost_flags "), ==, 1);
	g_assert_cmpuint(count(out->str, "# HELP "), ==, count(out->str, "# TYPE "));
	g_string_free(out, TRUE);
}

/* The three objects speak of the same flag. */
static void
test_same_flag(void)
{
	static const char *const wanted[][2] = {
		{ "ecs", "\"@timestamp\":\"2026-11-22T" },
		{ "ecs", "\"email\":{\"from\":{\"address\":[\"a@b.example\"]}" },
		{ "ecs", "\"rule\":{\"id\":\"r\"" },
		{ "ocsf", "\"class_uid\":2004" },
		{ "ocsf", "\"type_uid\":200401" },
		{ "ocsf", "\"email\":{\"from\":\"a@b.example\",\"to\":[\"c@d.example\"]" },
		{ "cef", " suser=a@b.example duser=c@d.example " },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++) {
		g_autoptr(report) report = sample_report();
		sample_flag(report->flags, "r", SEVERITY_LOW,
		    sample_message("a@b.example", "c@d.example", "Offer"));
		GString *out = sample_render(report, wanted[i][0]);
		g_test_message("%s: %s", wanted[i][0], out->str);
		g_assert_nonnull(strstr(out->str, wanted[i][1]));
		g_string_free(out, TRUE);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/machine/one-line", test_one_line);
	g_test_add_func("/machine/cef-fields", test_cef_fields);
	g_test_add_func("/machine/prometheus", test_prometheus);
	g_test_add_func("/machine/same-flag", test_same_flag);
	return g_test_run();
}
