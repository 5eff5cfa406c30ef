/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json.h"
#include "reports/emit.h"

#include "sample.h"

/* Whatever a text holds, no form of the report may come out with it as it was. */
static const struct {
	const char *label;
	const char *text;
	const char *never; /* must not stand in any form */
} cases[] = {
	{ "markup", "<script>alert(1)</script>", "<script>alert" },
	{ "an image that asks for something", "<img src=https://rival.example/x.png>", "<img" },
	{ "the end of the page", "</body></html>", "</body></html><" },
	{ "the end of the style sheet", "</style><style>*{display:none}", "</style><style>*" },
	{ "an attribute", "\" onclick=\"alert(1)", "\" onclick=" },
	{ "an entity", "&lt;b&gt;", NULL },
	{ "a turn of direction", "\342\200\256gpj.exe", "\342\200\256" },
	{ "an isolate", "\342\201\246x\342\201\251", "\342\201\246" },
	{ "colour for a terminal", "\033[31mred\033[0m", "\033" },
	{ "the title of a terminal", "\033]0;owned\007", "\007" },
	{ "an eight-bit escape", "\302\2331m", "\302\233" },
	{ "a formula", "=HYPERLINK(\"http://rival.example\",\"x\")", ",\"=HYPERLINK" },
	{ "a command", "@SUM(1+1)*cmd|' /C calc'!A0", ",\"@SUM" },
	{ "a line of its own", "x\r\nFrom: forged@corp.example", "\nFrom: forged" },
	{ "a row of its own", "x\"\r\n\"3\",\"99\"", "\n\"3\",\"99\"" },
	{ "a line separator", "x\342\200\250y", "\342\200\250" },
	{ "a NUL that is none", "x\300\200y", "\300\200" },
	{ "half a character", "x\342\200", NULL },
	{ "bytes that are no text", "\377\376\201", "\377" },
	{ "a surrogate", "\355\240\200", "\355\240\200" },
};

/* Every text that a mail decides. */
static struct report *
report_of(const char *text)
{
	struct report *report = sample_report();
	struct view_message *message = sample_message(text, "a@b.example", text);
	struct view_flag *row = sample_flag(report->flags, "rule", SEVERITY_HIGH, message);
	struct view_placement *placement = g_ptr_array_index(message->placements, 0);
	struct part *part = sample_part(row, "1", text);

	sample_set(&message->to[0], text);
	sample_set(&message->message_id, text);
	sample_set(&message->warnings, text);
	sample_set(&placement->folder, text);
	sample_set(&part->declared_type, text);
	sample_set(&part->true_type, text);
	struct hit *hit = sample_hit(row->flag, COMPONENT_ATTACHMENTS, text, "match", text);
	sample_set(&hit->name, text);
	struct view_gap *gap = sample_gap(report, "part", "encrypted", text);
	sample_set(&gap->detail, text);
	sample_set(&gap->folder, text);
	gap->message = sample_message(text, text, text);
	sample_drawn(report, text, text, text);
	report->totals.flags[SEVERITY_HIGH] = 1;
	return report;
}

static void
test_table(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		for (gsize j = 0; report_formats[j] != NULL; j++) {
			g_autoptr(report) report = report_of(cases[i].text);
			GString *out = sample_render(report, report_formats[j]);
			g_test_message("%s, as %s", cases[i].label, report_formats[j]);
			g_assert_true(g_utf8_validate_len(out->str, out->len, NULL));
			g_assert_cmpuint(strlen(out->str), ==, out->len);
			/* JSON may hold markup: what reads it is no browser. */
			static const char *const objects[] = { "json", "jsonl", "ecs", "ocsf",
				NULL };
			static const char *const lines[] = { "text", "cef", NULL };
			bool json = g_strv_contains(objects, report_formats[j]);
			bool text = g_strv_contains(lines, report_formats[j]);
			bool plain = (guchar)(cases[i].text[0]) == '<' ||
				     g_str_has_prefix(cases[i].text, "\" on");
			if (cases[i].never != NULL && !((json || text || j == 1) && plain))
				g_assert_null(strstr(out->str, cases[i].never));
			g_string_free(out, TRUE);
		}
	}
}

/* 10,000 characters in every place: nothing grows beyond what a reader can use. */
static void
test_long(void)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < 10000; i++)
		g_string_append(text, "\303\244");
	for (gsize j = 0; report_formats[j] != NULL; j++) {
		g_autoptr(report) report = report_of(text->str);
		GString *out = sample_render(report, report_formats[j]);
		g_test_message("%s", report_formats[j]);
		if (strcmp(report_formats[j], "html") == 0)
			g_assert_cmpuint(out->len, <, 128 * 1024);
		g_assert_true(g_utf8_validate_len(out->str, out->len, NULL));
		g_string_free(out, TRUE);
	}
}

/* Cells of a CSV row; quotes undone. */
static GPtrArray *
cells_of(const char **at)
{
	GPtrArray *cells = g_ptr_array_new_with_free_func(g_free);
	const char *p = *at;

	for (;;) {
		g_autoptr(GString) cell = g_string_new(NULL);
		g_assert_cmpint(*p++, ==, '"');
		for (; *p != '"' || p[1] == '"'; p++) {
			p += *p == '"';
			g_string_append_c(cell, *p);
		}
		p++;
		g_ptr_array_add(cells, g_strdup(cell->str));
		if (*p != ',')
			break;
		p++;
	}
	g_assert_true(g_str_has_prefix(p, "\r\n"));
	*at = p + 2;
	return cells;
}

/* The same flags in the same order in page, table, document and lines. */
static void
test_same_rows(void)
{
	g_autoptr(report) report = sample_report();

	for (guint i = 0; i < 7; i++) {
		struct view_message *message =
		    sample_message("anna@corp.example", "bob@rival.example", "Offer");
		struct view_flag *row = sample_flag(report->flags, "rule",
		    (enum severity)(SEVERITY_HIGH - (i > 2) - (i > 4)), message);
		sample_hit(row->flag, COMPONENT_BODY, "about ", "NIGHTJAR-77", "");
		row->state = (enum review_state)(i % 5);
		message->id = 100 + i;
	}
	GString *page = sample_render(report, "html"), *csv = sample_render(report, "csv");
	GString *json = sample_render(report, "json"), *lines = sample_render(report, "jsonl");
	g_auto(GStrv) objects = g_strsplit(lines->str, "\n", -1);
	const char *at = csv->str + 3, *in_page = strstr(page->str, "id=\"all-flags\"");
	const char *in_json = strstr(json->str, "\"flags\":[");
	g_autoptr(GPtrArray) heads = cells_of(&at);
	for (guint i = 0; i < report->flags->len; i++) {
		const struct view_flag *row = g_ptr_array_index(report->flags, i);
		g_autoptr(GPtrArray) cells = cells_of(&at);
		g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, row->id);
		g_autofree char *anchor = g_strdup_printf(" id=\"flag-%s\"", number);
		g_test_message("flag %s", number);
		g_assert_cmpuint(cells->len, ==, heads->len);
		g_assert_cmpstr(cells->pdata[1], ==, number);
		g_assert_cmpstr(cells->pdata[3], ==, severity_words[row->flag->severity]);
		g_assert_cmpstr(cells->pdata[30], ==, review_state_words[row->state]);
		in_page = strstr(in_page, anchor);
		g_assert_nonnull(in_page);
		/* The document's list is the lines, joined by commas. */
		in_json = strstr(in_json, objects[i]);
		g_assert_nonnull(in_json);
		g_autofree char *id = g_strdup_printf("{\"id\":%s,", number);
		g_assert_true(g_str_has_prefix(objects[i], id));
		g_assert_nonnull(strstr(objects[i], cells->pdata[19]));
	}
	g_assert_cmpstr(at, ==, "");
	g_assert_cmpstr(objects[report->flags->len], ==, "");
	g_assert_null(strstr(in_page + 1, " id=\"flag-"));
	g_string_free(page, TRUE);
	g_string_free(csv, TRUE);
	g_string_free(json, TRUE);
	g_string_free(lines, TRUE);
}

/* Made twice of the same, byte for byte. */
static void
test_same_bytes(void)
{
	for (gsize j = 0; report_formats[j] != NULL; j++) {
		g_autoptr(report) one = sample_hostile();
		g_autoptr(report) other = sample_hostile();
		GString *first = sample_render(one, report_formats[j]);
		GString *second = sample_render(other, report_formats[j]);
		g_test_message("%s", report_formats[j]);
		g_assert_cmpstr(first->str, ==, second->str);
		g_string_free(first, TRUE);
		g_string_free(second, TRUE);
	}
}

/* The same mail in Sent and in five inboxes, flagged by two rules: one card, six places. */
static void
test_one_card(void)
{
	g_autoptr(report) report = sample_report();

	for (guint i = 0; i < 12; i++) {
		struct view_message *message =
		    sample_message("anna@corp.example", "bob@rival.example", "Offer");
		struct view_placement *placement = g_ptr_array_index(message->placements, 0);
		struct view_flag *row = sample_flag(
		    report->flags, i < 6 ? "codename" : "competitor", SEVERITY_HIGH, message);
		g_autofree char *box = g_strdup_printf("box%u", i % 6);
		sample_set(&placement->account, box);
		row->incident = 4;
		message->id = 100 + i % 6;
	}
	GString *page = sample_render(report, "html");
	const char *first = strstr(page->str, "<article");
	g_assert_nonnull(first);
	g_assert_null(strstr(first + 1, "<article"));
	g_assert_nonnull(strstr(page->str, "id=\"I-4\""));
	for (guint i = 0; i < 6; i++) {
		g_autofree char *box = g_strdup_printf(">box%u <", i);
		g_test_message("%s", box);
		g_assert_nonnull(strstr(first, box));
	}
	g_test_message("decided: no card");
	for (guint i = 0; i < 12; i++)
		((struct view_flag *)g_ptr_array_index(report->flags, i))->state =
		    i < 11 ? REVIEW_RESOLVED : REVIEW_FALSE_POSITIVE;
	GString *decided = sample_render(report, "html");
	g_assert_null(strstr(decided->str, "<article"));
	g_assert_nonnull(strstr(decided->str, "All is decided"));
	g_test_message("but for one that is open");
	((struct view_flag *)g_ptr_array_index(report->flags, 7))->state = REVIEW_ESCALATED;
	GString *open = sample_render(report, "html");
	g_assert_nonnull(strstr(open->str, "<article"));
	g_string_free(page, TRUE);
	g_string_free(decided, TRUE);
	g_string_free(open, TRUE);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/hostile/table", test_table);
	g_test_add_func("/hostile/long", test_long);
	g_test_add_func("/hostile/same-rows", test_same_rows);
	g_test_add_func("/hostile/same-bytes", test_same_bytes);
	g_test_add_func("/hostile/one-card", test_one_card);
	return g_test_run();
}
