/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/emit.h"
#include "reports/wording.h"

#include "sample.h"

/* Characters that must not leave the report, whatever form it has. */
static void
assert_harmless(const char *text)
{
	static const char *const never[] = { "\033", "\342\200\256", "\302\205" };

	g_assert_true(g_utf8_validate(text, -1, NULL));
	for (gsize i = 0; i < G_N_ELEMENTS(never); i++)
		g_assert_null(strstr(text, never[i]));
}

static bool
is_void(const char *tag)
{
	static const char *const words[] = { "meta", "br", "wbr", "!doctype", NULL };

	return g_strv_contains(words, tag);
}

/* Walks the tags: every one closed in order, none but those that we write. */
static void
assert_nested(const char *page)
{
	static const char *const known[] = { "!doctype", "html", "head", "meta", "title", "style",
		"body", "header", "main", "nav", "section", "article", "footer", "h1", "h2", "h3",
		"h4", "p", "div", "span", "a", "b", "i", "em", "bdi", "br", "wbr", "code", "mark",
		"blockquote", "ul", "ol", "li", "dl", "dt", "dd", "details", "summary", "table",
		"thead", "tbody", "tr", "th", "td", "time", "svg", "rect", "strong", "script",
		NULL };
	g_autoptr(GPtrArray) open = g_ptr_array_new_with_free_func(g_free);

	/* The script at the end is ours, and no markup. */
	g_autofree char *markup = g_strndup(page, (gsize)(strstr(page, "<script>") - page));
	for (const char *p = markup; (p = strchr(p, '<')) != NULL;) {
		const char *end = strchr(p, '>');
		g_assert_nonnull(end);
		bool closing = p[1] == '/';
		const char *name = p + 1 + closing;
		g_autofree char *raw = g_strndup(name, strcspn(name, " />\n"));
		g_autofree char *tag = g_ascii_strdown(raw, -1);
		if (!g_strv_contains(known, tag))
			g_error("unexpected <%s>", tag);
		if (closing) {
			g_assert_cmpuint(open->len, >, 0);
			g_assert_cmpstr(g_ptr_array_index(open, open->len - 1), ==, tag);
			g_ptr_array_set_size(open, (int)open->len - 1);
		} else if (!is_void(tag) && end[-1] != '/') {
			g_ptr_array_add(open, g_steal_pointer(&tag));
		}
		p = end;
	}
	/* <html> and <body> are closed behind the script. */
	g_assert_cmpuint(open->len, ==, 2);
	g_assert_true(g_str_has_suffix(page, "</script>\n</body>\n</html>\n"));
}

/* Every link leads to an anchor of the same page. */
static void
assert_links(const char *page)
{
	const char *end = strstr(page, "<script>");

	for (const char *p = page; (p = strstr(p, "href=\"")) != NULL && p < end; p++) {
		const char *target = p + strlen("href=\"");
		g_assert_true(target[0] == '#');
		g_autofree char *anchor = g_strndup(target + 1, strcspn(target + 1, "\""));
		g_autofree char *id = g_strdup_printf(" id=\"%s\"", anchor);
		g_assert_nonnull(strstr(page, id));
	}
}

static void
test_page(void)
{
	for (guint i = 0; i < 2; i++) {
		g_autoptr(report) report = i == 0 ? sample_hostile() : sample_report();
		GString *page = sample_render(report, "html");
		g_test_message("%s", i == 0 ? "a hostile day" : "a day of nothing");
		assert_harmless(page->str);
		assert_nested(page->str);
		assert_links(page->str);
		g_test_message("no script, no request, nothing from elsewhere");
		const char *script = strstr(page->str, "<script>");
		g_assert_nonnull(script);
		g_assert_null(strstr(script + 1, "<script"));
		static const char *const never[] = { "http:", "https:", "src=", "url(", "@import",
			"javascript:", " style=", " onclick", "innerHTML", "eval(", "fetch(",
			"localStorage" };
		for (gsize j = 0; j < G_N_ELEMENTS(never); j++)
			g_assert_null(strstr(page->str, never[j]));
		g_assert_nonnull(strstr(page->str, "default-src 'none'"));
		g_string_free(page, TRUE);
	}
}

static void
test_order(void)
{
	static const char *const ids[] = { "<header", "class=\"verdict\"", "id=\"not-checked\"",
		"id=\"completeness\"", "id=\"gone\"", "id=\"decide\"", "id=\"open\"",
		"id=\"sample\"", "id=\"rules\"", "id=\"people\"", "id=\"exceptions\"",
		"id=\"changes\"", "id=\"volume\"", "id=\"all-flags\"", "id=\"reading\"" };
	g_autoptr(report) report = sample_report();
	report->people = true;
	report->totals.deleted = 1;
	sample_drawn(report, "anna@corp.example", "bob@rival.example", "a subject");
	GString *page = sample_render(report, "html");
	const char *at = page->str;

	for (gsize i = 0; i < G_N_ELEMENTS(ids); i++) {
		g_test_message("%s", ids[i]);
		at = strstr(at, ids[i]);
		g_assert_nonnull(at);
	}
	g_test_message("a quiet day says so in words");
	g_assert_nonnull(strstr(page->str, "<b>Nothing.</b>"));
	g_assert_nonnull(strstr(page->str, "No message was flagged"));
	g_string_free(page, TRUE);
}

static void
test_masks(void)
{
	for (gsize i = 0; report_formats[i] != NULL; i++) {
		/* Sums alone: nothing from mail stands there, masked or not. */
		bool sums = strcmp(report_formats[i], "prometheus") == 0;
		g_autoptr(report) report = sample_report();
		struct view_flag *row = sample_flag(report->flags, "r", SEVERITY_LOW,
		    sample_message("a@b.example", "c@d.example", "about NIGHTJAR-77"));
		sample_hit(row->flag, COMPONENT_SUBJECT, "about ", "NIGHTJAR-77", "");
		sample_hit(row->flag, COMPONENT_BODY, "NIGHTJAR-77, ", "NIGHTJAR-77", " NIGHTJ…");
		/* Another rule's row of the same mail, which matched elsewhere. */
		struct view_flag *other = sample_flag(report->flags, "other", SEVERITY_LOW,
		    sample_message("a@b.example", "c@d.example", "about NIGHTJAR-77"));
		sample_hit(other->flag, COMPONENT_BODY,
		    "a card for NIGHTJAR-77: ", "4111111111111111", "");
		other->flag->matches = g_ptr_array_new();
		g_ptr_array_add(other->flag->matches, (char *)"NIGHTJAR-77");
		g_test_message("%s: masked unless asked", report_formats[i]);
		GString *masked = sample_render(report, report_formats[i]);
		g_assert_null(strstr(masked->str, "GHTJ"));
		g_assert_cmpint(strstr(masked->str, "NI*******77") == NULL, ==, sums);
		report->clear = true;
		GString *clear = sample_render(report, report_formats[i]);
		g_assert_cmpint(strstr(clear->str, "NIGHTJAR-77") == NULL, ==, sums);
		g_string_free(masked, TRUE);
		g_string_free(clear, TRUE);
	}
}

/* The figures of the random sample, with people and without a subject; nothing where none is drawn.
 */
static void
test_sample(void)
{
	static const struct {
		const char *format, *said;
	} forms[] = {
		{ "html", "In this period 4 of 1,000 messages without a flag were drawn: 3 looked "
			  "at, 1 missed by the rules, 1 open." },
		{ "html", "Over thirty days 3 were looked at and 1 missed by the rules: 33.3 "
			  "percent, with 95 percent certainty between 6.1 and 79.2; of 1,000 "
			  "messages without a flag that would be 61 to 793." },
		{ "html", " more messages were drawn and let go" },
		{ "html", "rival.example</b>" },
		{ "text", "Random sample\n  In this period 4 of 1,000" },
		{ "json", "\"sample\":{\"period\":{\"eligible\":1000,\"let_go\":2,\"open\":1,"
			  "\"nothing_to_see\":2,\"missed\":1,\"missed_ppm\":333333,"
			  "\"missed_ppm_low\":61400,\"missed_ppm_high\":792300}" },
		{ "prometheus", "flagpost_sample_messages{state=\"nothing-to-see\"} 2\n" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(forms); i++) {
		g_autoptr(report) report = sample_report();
		g_test_message("%s: %s", forms[i].format, forms[i].said);
		GString *none = sample_render(report, forms[i].format);
		g_assert_null(strstr(none->str, forms[i].said));
		g_assert_null(strstr(none->str, "Random sample"));
		sample_drawn(report, "anna@corp.example", "bob@rival.example", "a subject");
		GString *out = sample_render(report, forms[i].format);
		g_assert_nonnull(strstr(out->str, forms[i].said));
		g_assert_null(strstr(out->str, "a subject"));
		g_string_free(none, TRUE);
		g_string_free(out, TRUE);
	}
	g_autoptr(report) report = sample_report();
	g_autofree char *before = report_summary(report);
	g_assert_null(strstr(before, "Random sample"));
	report->drawn.first = SAMPLE_DAY;
	g_autofree char *after = report_summary(report);
	g_test_message("nobody looked: nothing is known, and that is said");
	g_assert_nonnull(strstr(after, "Random sample: 0 of 0"));
	g_autofree char *missed = wording_missed(&report->drawn);
	g_assert_nonnull(strstr(missed, "is not known"));
}

static guint
count_of(const char *text, const char *what)
{
	guint n = 0;

	for (const char *p = text; (p = strstr(p, what)) != NULL; p += strlen(what))
		n++;
	return n;
}

/* A day on which nothing could be read is a page that opens all the same. */
static void
test_gaps_bounded(void)
{
	g_autoptr(report) report = sample_report();

	for (guint i = 0; i < REPORT_GAPS_MAX + 234; i++)
		sample_gap(report, "part", "encrypted", "a.zip");
	GString *page = sample_render(report, "html");
	GString *json = sample_render(report, "json");
	g_test_message("the count is of all, the list says what it leaves out");
	g_assert_nonnull(strstr(page->str, "<b class=\"num\">1,234</b>"));
	g_assert_nonnull(strstr(page->str, "234 more are not in this list"));
	g_assert_cmpuint(count_of(page->str, ">a.zip<"), ==, REPORT_GAPS_MAX);
	g_assert_cmpuint(count_of(json->str, "a.zip"), ==, REPORT_GAPS_MAX + 234);
	g_string_free(page, TRUE);
	g_string_free(json, TRUE);
}

static void
test_csv(void)
{
	g_autoptr(report) report = sample_hostile();
	GString *csv = sample_render(report, "csv");
	guint rows = 0, columns = 0, first = 0;
	bool quoted = false;

	assert_harmless(csv->str);
	g_assert_true(g_str_has_prefix(csv->str, "\357\273\277\"schema\",\"flag\","));
	for (const char *p = csv->str + 3; *p != '\0'; p++) {
		if (*p == '"' && !quoted)
			g_assert_false(strchr("=+-@\t\r", p[1]) != NULL && p[1] != '\0');
		quoted ^= *p == '"';
		columns += *p == ',' && !quoted;
		if (quoted)
			g_assert_false(*p == '\r' || *p == '\n');
		if (*p == '\n') {
			g_assert_true(p[-1] == '\r');
			first = rows == 0 ? columns : first;
			g_assert_cmpuint(columns, ==, first);
			columns = 0;
			rows++;
		}
	}
	g_assert_false(quoted);
	g_assert_cmpuint(rows, ==, 2);
	g_test_message("the same without a mark of byte order");
	report->no_mark = true;
	GString *bare = sample_render(report, "csv");
	g_assert_cmpstr(bare->str, ==, csv->str + 3);
	g_string_free(bare, TRUE);
	g_string_free(csv, TRUE);
}

static void
test_formulas(void)
{
	static const struct {
		const char *label;
		const char *subject, *cell;
	} cases[] = {
		{ "equals", "=1+1", "\"'=1+1\"" },
		{ "plus", "+1", "\"'+1\"" },
		{ "minus", "-1", "\"'-1\"" },
		{ "at", "@SUM(A1)", "\"'@SUM(A1)\"" },
		{ "a tab before it", "\t=1", "\"'\\u{9}=1\"" },
		{ "a carriage return before it", "\r=1", "\"'\\u{D}=1\"" },
		{ "blanks before it", "  =1", "\"'  =1\"" },
		{ "its full-width form", "\357\274\2351", "\"'\357\274\2351\"" },
		{ "behind a semicolon", "a; =1", "\"a;' =1\"" },
		{ "quotes are doubled", "say \"x\"", "\"say \"\"x\"\"\"" },
		{ "an ordinary subject stays", "a = b - c", "\"a = b - c\"" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(report) report = sample_report();
		sample_flag(report->flags, "r", SEVERITY_LOW,
		    sample_message("a@b.example", "c@d.example", cases[i].subject));
		GString *csv = sample_render(report, "csv");
		g_autofree char *cell = g_strdup_printf(",%s,", cases[i].cell);
		g_test_message("%s", cases[i].label);
		g_assert_nonnull(strstr(csv->str, cell));
		g_string_free(csv, TRUE);
	}
}

static void
test_text(void)
{
	g_autoptr(report) report = sample_hostile();
	GString *text = sample_render(report, "text");
	GString *json = sample_render(report, "json");

	assert_harmless(text->str);
	g_test_message("no text from mail begins a line");
	g_assert_null(strstr(text->str, "\nFrom:"));
	g_assert_cmpint(json->str[0], ==, '{');
	g_assert_true(g_str_has_suffix(json->str, "}\n"));
	g_assert_nonnull(strstr(json->str, "\"everything_checked\":false"));
	g_string_free(text, TRUE);
	g_string_free(json, TRUE);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/emit/page", test_page);
	g_test_add_func("/emit/order", test_order);
	g_test_add_func("/emit/masks", test_masks);
	g_test_add_func("/emit/sample", test_sample);
	g_test_add_func("/emit/csv", test_csv);
	g_test_add_func("/emit/gaps-bounded", test_gaps_bounded);
	g_test_add_func("/emit/formulas", test_formulas);
	g_test_add_func("/emit/text", test_text);
	return g_test_run();
}
