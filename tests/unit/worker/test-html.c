/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test-html - what is seen, hidden, told by attributes, commented and linked in a page, and that
 * broken markup takes no text with it.
 */
#include <string.h>

#include "worker/page.h"
#include "worker/tags.h"

static bool
never(void *data)
{
	(void)data;
	return false;
}

#define URLS PAGE_STREAMS

static const struct {
	const char *label, *html;
	const char *texts[URLS + 1]; /* seen, hidden, told, comments, urls; NULL: none */
} rows[] = {
	{ "words split by inline tags and comments", "con<b></b>fid<!-- x -->en<span>ti</span>al",
	    { "confidential", NULL, NULL, "x\n" } },
	{ "blocks part words", "<p>one</p><div>two</div>three<br>four",
	    { "one\ntwo\nthree\nfour" } },
	{ "script and style are dropped", "a<script>secret1</script><style>.x{color:red}</style> b",
	    { "a b" } },
	{ "a script that nothing ends", "seen<script>var a = 'falcon'; <p>nightjar",
	    { "seen", NULL, NULL, "var a = 'falcon';\nnightjar\n" } },
	{ "a style that nothing ends", "seen<style>.x{} falcon",
	    { "seen", NULL, NULL, ".x{} falcon\n" } },
	{ "display none", "a<p style='Display : NONE !important'>falcon</p>b",
	    { "a\nb", "falcon\n" } },
	{ "a comment within the declaration", "a<i style='display:/**/none'>falcon</i>",
	    { "a", "falcon" } },
	{ "hidden words do not part those around", "con<i style='display:none'>x</i>fidential",
	    { "confidential", "x" } },
	{ "visibility, and its return",
	    "<p style='visibility:hidden'>no <b style='visibility:visible'>yes</b> no",
	    { "yes", "no no\n" } },
	{ "letters of no size, and their return",
	    "<td style='font-size:0px'>falcon<p style='font-size:14px'>seen</p></td>",
	    { "seen\n", "falcon\n" } },
	{ "letters of one pixel", "<span style='font-size: 1px'>falcon</span>",
	    { NULL, "falcon" } },
	{ "small print is seen", "<span style='font-size:7pt;line-height:0'>terms</span>",
	    { "terms" } },
	{ "opacity", "<p style='opacity:0.0'>falcon</p><p style='opacity:.5'>seen",
	    { "seen\n", "falcon\n" } },
	{ "white on white", "<p style='color:#FFF'>falcon</p><font color=white>too</font>",
	    { NULL, "falcon\ntoo" } },
	{ "white on blue is a button",
	    "<td bgcolor=navy><a style='color:#ffffff'>Order</a></td>"
	    "<p style='background:url(x.png)'><font color=white>seen",
	    { "Order\nseen\n", [URLS] = "x.png" } },
	{ "a class may have given the ground",
	    "<style>.dark{background:#000}</style><p class=dark><font color=#fff>seen",
	    { "seen\n" } },
	{ "black on black",
	    "<div style='background-color:rgb(0, 0, 0)'><p style='color:#010101'>falcon",
	    { NULL, "falcon\n" } },
	{ "the attribute", "<p hidden>falcon</p><p>seen", { "seen\n", "falcon\n" } },
	{ "a box of no size", "<div style='max-height:0;overflow:hidden'>falcon</div>x",
	    { "x", "falcon\n" } },
	{ "off the screen",
	    "<div style='position:absolute;left:-9999px'>falcon</div>"
	    "<p style='text-indent:-9999px'>too</p><p style='margin-left:-5px'>x",
	    { "x\n", "falcon\ntoo\n" } },
	{ "noscript, template", "<noscript>a</noscript><template>b</template>c", { "c", "a b" } },
	{ "a hidden field", "<input type=hidden value='falcon'><input value='seen'>",
	    { NULL, "falcon\n", "seen\n" } },
	{ "a class that is hidden",
	    "<style>/*x*/ p.a, .pre { display:none }</style>"
	    "<p class='b a'>falcon</p><p class=b>x</p>",
	    { "x\n", "falcon\n" } },
	{ "a class that small screens show",
	    "<style>.m{display:none} @media (max-width:9px){.m{display:block}}</style>"
	    "<p class=m>falcon",
	    { "falcon\n" } },
	{ "a class that small screens hide",
	    "<style>@media (max-width:9px){.m{display:none}} #x{display:none}</style>"
	    "<p class=m>seen<p id=x>falcon",
	    { "seen\n", "falcon\n" } },
	{ "a conditional comment",
	    "a<!--[if mso]><p>fal<b></b>con</p><a href='https://c.example/'>x</a><![endif]-->b",
	    { "ab", NULL, NULL, "[if mso]>\nfalcon\nx\n", [URLS] = "https://c.example/" } },
	{ "a comment that nothing ends", "seen <!-- falcon <p>night<b>jar</b> <a href=u.example>",
	    { "seen", NULL, NULL, "falcon\nnightjar", [URLS] = "u.example" } },
	{ "a comment within one that nothing ends", "seen <!-- a --> b <!-- falcon <!-- nightjar",
	    { "seen b", NULL, NULL, "a falcon nightjar" } },
	{ "a quote that nothing ends", "seen <a href=\"https://x.example>falcon <b>nightjar</b>",
	    { "seen", NULL, NULL, "https://x.example>falcon nightjar",
		[URLS] = "https://x.example>falcon <b>nightjar</b>" } },
	{ "attributes that people read",
	    "<title>Offer</title><img alt='a falcon' title=tip><p aria-label='label'>x"
	    "<input placeholder=name value=anna><meta name=description content='the plan'>",
	    { "x\n", NULL, "Offer\na falcon\ntip\nlabel\nname\nanna\nthe plan\n" } },
	{ "attributes for scripts, which nothing shows",
	    "<p data-note='a falcon'>x</p><b DATA-u=https://a.example/>y</b>",
	    { "x\ny", NULL, NULL,
		"a falcon\nhttps://a.example/\n", [URLS] = "https://a.example/" } },
	{ "machinery in meta", "<meta name=viewport content='width=device-width'>x", { "x" } },
	{ "targets",
	    "<body background=d><a href='https://a.example/?a=1&amp;copy=2'></a>"
	    "<img src=b.png><form action=c>"
	    "<q cite=e></q><object data=f></object><video poster=g></video>"
	    "<img srcset='h.png 1x, i.png 2x'><p style=\"background:url('j.png')\"></p>"
	    "<meta http-equiv=refresh content='0; URL=https://k.example/'>"
	    "<style>@import 'l.css'; .x{background:url( m.png )}</style>",
	    { [URLS] = "d\nhttps://a.example/?a=1&copy=2\nb.png\nc\ne\nf\ng\nh.png\ni.png\nj.png\n"
		       "https://k.example/\nl.css\nm.png" } },
	{ "a target with line ends in it", "<a href=' java\nscript:x '>y</a>",
	    { "y", [URLS] = "javascript:x" } },
	{ "entities", "&#78;&#x49;GHT &eacute;&euro; A&nbsp;B &lt;b&gt;",
	    { "NIGHT \u00E9\u20AC A B <b>" } },
	{ "entities without their semicolon", "caf&eacute x &#78IGHT &ampx R&D AT&T &copyright",
	    { "caf\u00E9 x NIGHT &x R&D AT&T \u00A9right" } },
	{ "entities of HTML 5", "anna&commat;rival&period;example fal&ZeroWidthSpace;con &foo;",
	    { "anna@rival.example fal\u200Bcon &foo;" } },
	{ "entities of HTML 5 in a target", "<a href='https&colon;//x.example'>y</a>",
	    { "y", [URLS] = "https://x.example" } },
	{ "tags that nothing ends", "<p>one <b>two <i>three", { "one two three\n" } },
	{ "a tag that nothing ends", "one <p two", { "one", NULL } },
	{ "a lone sign", "a < b and 3 <4", { "a < b and 3 <4" } },
	{ "an empty comment, as browsers end it", "a<!-->falcon", { "a", NULL, NULL, ">falcon" } },
	{ "nothing", "", { NULL } },
};

/* Where the last line ends says nothing. */
static void
check(const char *label, guint n, const char *expected, GString *found)
{
	g_autofree char *wanted = g_strchomp(g_strdup(expected != NULL ? expected : ""));
	g_autofree char *got = g_strchomp(g_strdup(found->str));

	if (strcmp(wanted, got) == 0)
		return;
	g_test_message("%s: %u\n- %s\n+ %s", label, n, wanted, got);
	g_test_fail();
}

static void
test_pages(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(page) page = page_read(rows[i].html, strlen(rows[i].html), never, NULL);
		g_test_message("%s", rows[i].label);
		g_assert_false(page->broken);
		for (guint n = 0; n < PAGE_STREAMS; n++)
			check(rows[i].label, n, rows[i].texts[n], page->texts[n]);
		check(rows[i].label, URLS, rows[i].texts[URLS], page->urls);
	}
}

/* Wherever a word stands in a page that is never finished, some stream has it. */
static void
test_nothing_is_swallowed(void)
{
	static const char *const opened[] = { "<a href=\"", "<a href='", "<p title=\"x", "<!--",
		"<!-- --> <!--", "<!", "<![CDATA[", "<?php ", "<script>", "<style>", "<title>",
		"<textarea>", "<xmp>", "<plaintext>", "<noscript>", "<svg><desc>", "<p style='",
		"<iframe>", "<select><option>", "</", "<!DOCTYPE html \"", "<!DOCTYPE " };
	guint lost = 0;

	for (gsize i = 0; i < G_N_ELEMENTS(opened); i++) {
		g_autofree char *html =
		    g_strdup_printf("<p>before %s some words <b>nightjar</b> more ", opened[i]);
		g_autoptr(page) page = page_read(html, strlen(html), never, NULL);
		bool found = strstr(page->urls->str, "nightjar") != NULL || page->broken;
		for (guint n = 0; n < PAGE_STREAMS; n++)
			found = found || strstr(page->texts[n]->str, "nightjar") != NULL;
		if (!found)
			g_test_message("lost behind %s", opened[i]);
		lost += !found;
	}
	g_assert_cmpuint(lost, ==, 0);
}

/* Shapes whose cost could grow faster than their size: 1 MB of each. */
static void
test_hostile_sizes(void)
{
	static const char *const units[] = { "<div>", "<b>", "</p>", "<p></x>", "<a href=x ",
		"<!--", "<!-- --", "&amp", "&", "<p style='color:red'>", "<style>a{", "<i title=\"",
		"<", "<td></b>", "<p class=x>", "<select><option>", "\"'<a b=" };

	for (gsize i = 0; i < G_N_ELEMENTS(units); i++) {
		g_autoptr(GString) html = g_string_new("<p>nightjar ");
		while (html->len < 1024 * 1024)
			g_string_append(html, units[i]);
		gint64 start = g_get_monotonic_time();
		g_autoptr(page) page = page_read(html->str, html->len, never, NULL);
		g_test_message("%s: %d ms%s", units[i],
		    (int)((g_get_monotonic_time() - start) / 1000), page->broken ? ", broken" : "");
		g_assert_nonnull(strstr(page->texts[PAGE_SEEN]->str, "nightjar"));
	}
}

/* Behind 100 bytes of it libxml2 begins another. */
#define TWENTY    "aaaaaaaaaaaaaaaaaaaa"
#define LONG_NAME "a%u" TWENTY TWENTY TWENTY TWENTY TWENTY

/* Each attribute is held against all before it, in one call that no clock ends. */
static void
test_many_attributes(void)
{
	static const struct {
		const char *label, *begin, *unit, *end;
		guint n;
		bool broken;
	} tags[] = {
		{ "as many as are looked at", "<p", " a%u", ">falcon", TAGS_ATTRIBUTES_MAX, false },
		{ "one more", "<p", " a%u", ">falcon", TAGS_ATTRIBUTES_MAX + 1, true },
		{ "values behind blanks", "<p", "\na%u = \"x y z\"", ">falcon", 40000, true },
		{ "no blanks between", "<p ", "a%u='<'", ">falcon", 40000, true },
		{ "in many tags", "", "<p a%u=1 b>", "falcon", 40000, false },
		{ "words in quotes", "<p title='", " a%u", "'>falcon", 40000, false },
		{ "words of a script", "<script>if (a <b ", " a%u", "</script>falcon", 40000,
		    false },
		{ "behind a comment that opens a quote", "<!-- <b c=\" --><p", " a%u", ">falcon",
		    40000, true },
		{ "behind a script", "<script>a</script><p", " a%u", ">falcon", 40000, true },
		{ "behind a script that opens a quote", "<script><b c=\"</script><p", " a%u",
		    ">falcon", 40000, true },
		{ "behind a style that opens a quote", "<style><b c='</style><p", " a%u", ">falcon",
		    40000, true },
		{ "behind a comment that only looks like one", "<b c='<!--'><p", " a%u", ">falcon",
		    40000, true },
		{ "behind a title that opens one", "<title><b c=\"</title></b><p", " a%u",
		    ">\">falcon", 40000, true },
		{ "behind a quote in a bare value", "<p x=y=\"", " a%u", ">falcon", 40000, true },
		{ "behind a quote without a name", "<p =\"", " a%u", ">falcon", 40000, true },
		{ "behind a quote that a slash parts", "<p /b=\"", " a%u", ">falcon", 40000, true },
		{ "behind a quote in a name", "<p b\"c=\"", " a%u", ">falcon", 40000, true },
		{ "behind a quote and a form feed", "<p \fb=\"", " a%u", ">falcon", 40000, true },
		{ "names that are cut", "<p ", LONG_NAME, ">falcon", 6000, true },
		/* It is read for tags of its own. */
		{ "words of a comment", "<!-- if (a <b ", " a%u", "-->", 40000, true },
		{ "tags of a comment", "<!-- ", "<b a%u>", "-->falcon", 40000, false },
		{ "of a style sheet", "<style>a <b ", " a%u", "</style>falcon", 40000, false },
		{ "behind words of a comment", "<!-- <b a a a --><p", " a%u", ">falcon", 40000,
		    true },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(tags); i++) {
		g_autoptr(GString) html = g_string_new("<p>nightjar</p>");
		g_string_append(html, tags[i].begin);
		for (guint k = 0; k < tags[i].n; k++) {
			g_auto(GStrv) halves = g_strsplit(tags[i].unit, "%u", 2);
			g_string_append_printf(html, "%s%u%s", halves[0], k, halves[1]);
		}
		g_string_append(html, tags[i].end);
		g_autoptr(page) page = page_read(html->str, html->len, never, NULL);
		g_test_message("%s", tags[i].label);
		g_assert_cmpint(page->broken, ==, tags[i].broken);
		g_assert_nonnull(strstr(page->texts[PAGE_SEEN]->str, "nightjar"));
		if (!tags[i].broken)
			g_assert_nonnull(strstr(page->texts[PAGE_SEEN]->str, "falcon"));
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/html/pages", test_pages);
	g_test_add_func("/html/nothing is swallowed", test_nothing_is_swallowed);
	g_test_add_func("/html/hostile sizes", test_hostile_sizes);
	g_test_add_func("/html/many attributes", test_many_attributes);
	return g_test_run();
}
