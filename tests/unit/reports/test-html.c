/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/html.h"

#include "sample.h"

static void
test_text(void)
{
	static const struct {
		const char *label;
		const char *text, *html;
	} cases[] = {
		{ "markup is text", "<script>", "&lt;script&gt;" },
		{ "an entity stays what was written", "&lt;", "&amp;lt;" },
		{ "both quotes", "\"'", "&quot;&#39;" },
		{ "a turn of direction is seen", "a\342\200\256b", "a\\u{202E}b" },
		{ "an escape sequence is seen", "\033[31m", "\\u{1B}[31m" },
		{ "a line break forges nothing", "a\r\nb", "a\\u{D}\\u{A}b" },
		{ "broken UTF-8", "a\377b", "a\357\277\275b" },
		{ "other scripts pass", "\327\251\327\234\327\225\327\235",
		    "\327\251\327\234\327\225\327\235" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) out = g_string_new(NULL);
		g_autofree char *attribute = g_strdup_printf(" title=\"%s\"", cases[i].html);
		g_test_message("%s", cases[i].label);
		html_text(out, cases[i].text);
		g_assert_cmpstr(out->str, ==, cases[i].html);
		g_string_truncate(out, 0);
		html_attribute(out, "title", cases[i].text);
		g_assert_cmpstr(out->str, ==, attribute);
	}
}

static void
test_long(void)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autofree char *text = g_strnfill(10000, 'x');

	html_text(out, text);
	g_assert_cmpuint(out->len, ==, HTML_TEXT_MAX + strlen("…"));
}

static void
test_address(void)
{
	static const struct {
		const char *label;
		const char *address, *html;
	} cases[] = {
		{ "the domain stands out", "a@b.example", "<bdi>a@<wbr><b>b.example</b></bdi>" },
		{ "the last @ decides", "\"a@b\"@c.example",
		    "<bdi>&quot;a@b&quot;@<wbr><b>c.example</b></bdi>" },
		{ "no domain", "postmaster", "<bdi>postmaster</bdi>" },
		{ "nobody", "", "<i>nobody</i>" },
		{ "markup in the domain", "a@<b>", "<bdi>a@<wbr><b>&lt;b&gt;</b></bdi>" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) out = g_string_new(NULL);
		g_test_message("%s", cases[i].label);
		html_address(out, cases[i].address);
		g_assert_cmpstr(out->str, ==, cases[i].html);
	}
}

static void
test_time(void)
{
	g_autoptr(GTimeZone) zone = g_time_zone_new_offset(3600);
	g_autoptr(GString) out = g_string_new(NULL);

	html_time(out, SAMPLE_DAY, zone);
	g_assert_cmpstr(
	    out->str, ==, "<time datetime=\"2026-11-22T00:00:00Z\">2026-11-22 01:00</time>");
	g_string_truncate(out, 0);
	html_time(out, 0, zone);
	html_time(out, MESSAGE_NO_DATE, zone);
	g_assert_cmpstr(out->str, ==, "neverunknown");
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/html/text", test_text);
	g_test_add_func("/html/long", test_long);
	g_test_add_func("/html/address", test_address);
	g_test_add_func("/html/time", test_time);
	return g_test_run();
}
