/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/filters.h"

#include <string.h>

#include "base/clock.h"
#include "base/fault.h"

static const char *const kinds[] = { "all", "any", "not", "words", "from", "to", "delivered",
	"subject", "filename", "body", "rule", "account", "folder", "has", "state", "direction",
	"outcome", "date" };

/* all(from=anna not(words=draft)) */
static void
print(GString *out, const struct search *search)
{
	g_string_append(out, kinds[search->kind]);
	if (search->kind == SEARCH_DATE) {
		g_autofree char *from =
		    search->from != G_MININT64 ? clock_iso(search->from) : g_strdup("");
		g_autofree char *to =
		    search->to != G_MAXINT64 ? clock_iso(search->to) : g_strdup("");
		g_string_append_printf(out, "=%.10s..%.10s", from, to);
	} else if (search->kind >= SEARCH_WORDS) {
		g_string_append_printf(out, "=%s", search->text);
	} else {
		g_string_append_c(out, '(');
		for (guint i = 0; i < search->children->len; i++) {
			g_string_append(out, i > 0 ? " " : "");
			print(out, search->children->pdata[i]);
		}
		g_string_append_c(out, ')');
	}
}

static const struct {
	const char *label;
	const char *words[5];
	const char *tree;
} cases[] = {
	{ "a bare word", { "offer" }, "all(words=offer)" },
	{ "a whole query in one argument",
	    { "from:anna to:@rival.example has:attachment filename:*.xlsx rule:competitor-* "
	      "state:new \"bluefin ledger\"" },
	    "all(from=anna to=@rival.example has=attachment filename=*.xlsx rule=competitor-* "
	    "state=new words=bluefin ledger)" },
	{ "days", { "after:2026-05-30", "before:2026-07-01" },
	    "all(date=2026-05-30.. date=..2026-07-01)" },
	{ "until includes its day", { "until:2026-06-30" }, "all(date=..2026-07-01)" },
	{ "a month", { "on:2026-05" }, "all(date=2026-05-01..2026-06-01)" },
	{ "a day in words", { "after:\"May 30 2025\"" }, "all(date=2025-05-30..)" },
	{ "one with a colon that is no filter", { "Re: offer" }, "all(words=Re: words=offer)" },
	{ "an address of the web is text", { "https://x.example/" },
	    "all(words=https://x.example/)" },
	{ "a colon in a value is the value's", { "subject:a:b" }, "all(subject=a:b)" },
	{ "the shell took the quotes of a value", { "from:anna", "subject:two words" },
	    "all(from=anna subject=two words)" },
	{ "and those of a phrase", { "from:anna", "bluefin ledger" },
	    "all(from=anna words=bluefin ledger)" },
	{ "blanks around an argument are nothing", { " from:anna ", "\tbluefin \n" },
	    "all(from=anna words=bluefin)" },
	{ "one argument is words", { "bluefin ledger" }, "all(words=bluefin words=ledger)" },
	{ "a filter may stand often", { "to:a", "to:b", "subject:c", "d" },
	    "all(to=a to=b subject=c words=d)" },
	{ "or binds less than and", { "a b OR c" }, "any(all(words=a words=b) all(words=c))" },
	{ "brackets bind more", { "(a OR b) c" }, "all(any(all(words=a) all(words=b)) words=c)" },
	{ "a bar is an or", { "a | b" }, "any(all(words=a) all(words=b))" },
	{ "minus and NOT", { "a -from:b NOT c" }, "all(words=a not(from=b) not(words=c))" },
	{ "minus before a letter that is not ASCII", { "a -\xC3\xA4rger -\xE6\x97\xA5" },
	    "all(words=a not(words=\xC3\xA4rger) not(words=\xE6\x97\xA5))" },
	{ "filters in any case of letters", { "From:anna SUBJECT:b -To:c" },
	    "all(from=anna subject=b not(to=c))" },
	{ "a group turned round", { "-(a b)" }, "all(not(all(words=a words=b)))" },
	{ "twice round", { "NOT -a" }, "all(words=a)" },
	{ "a hyphen within a word is its own", { "price-list" }, "all(words=price-list)" },
	{ "brackets within a word are its own", { "f(x) a)" }, "all(words=f(x) words=a))" },
	{ "a quote that stays open", { "\"a b" }, "all(words=a b)" },
	{ "a bracket that stays open", { "(a b" }, "all(all(words=a words=b))" },
	{ "nothing on one side of an or", { "OR a OR" }, "all(words=a)" },
	{ "nothing at all is every message", { "" }, "all()" },
	{ "words of FTS5 are text", { "NEAR(a b) \"x\"* ^y {z}:w" },
	    "all(words=NEAR(a words=b) words=x words=* words=^y words={z}:w)" },
	{ "words of SQL are text", { "'; DROP TABLE message; --" },
	    "all(words='; words=DROP words=TABLE words=message;)" },
	{ "what joins may be a word", { "\"OR\" -AND" }, "all(words=OR not(words=AND))" },
	{ "signs alone find nothing, which is safe", { ". \"\" -" },
	    "all(words=. words= words=-)" },
};

/* What is passed over is told; what is left is looked for. */
static const struct {
	const char *label, *query, *tree;
	const char *notes; /* a line each */
} passed[] = {
	{ "nothing is", "a AND (b OR -c) NOT d",
	    "all(words=a any(all(words=b) all(not(words=c))) not(words=d))", "" },
	{ "an empty query", " \t\n", "all()", "" },
	{ "OR behind all", "a OR", "all(words=a)", "'OR' has nothing on one side" },
	{ "OR before all", "OR a", "all(words=a)", "'OR' has nothing on one side" },
	{ "OR twice", "a OR | b", "any(all(words=a) all(words=b))",
	    "'OR' has nothing on one side" },
	{ "OR behind all of a bracket", "(a OR) b", "all(all(words=a) words=b)",
	    "'OR' has nothing on one side" },
	{ "AND before all", "AND a", "all(words=a)", "'AND' has nothing on one side" },
	{ "AND behind all", "a AND", "all(words=a)", "'AND' has nothing on one side" },
	{ "AND behind OR", "a OR AND b", "any(all(words=a) all(words=b))",
	    "'AND' has nothing on one side" },
	{ "brackets", "a ()", "all(words=a)", "'( )' has nothing in it" },
	{ "brackets are no side of an OR", "( ) OR a", "all(words=a)",
	    "'( )' has nothing in it\n'OR' has nothing on one side" },
	{ "what leaves nothing out", "a -\"\"", "all(words=a)", "'-\"\"' leaves no message out" },
	{ "what leaves nothing out is no side of an OR", "a OR -.", "all(words=a)",
	    "'-.' leaves no message out\n'OR' has nothing on one side" },
	{ "a filter that leaves nothing out", "a NOT from:@", "all(words=a)",
	    "'NOT from:@' leaves no message out" },
	{ "a list that finds nothing turned round", "a -(b .)", "all(words=a)",
	    "'-(b .)' leaves no message out" },
	{ "a list that finds something turned round", "a -(b OR .)",
	    "all(words=a not(any(all(words=b) all(words=.))))", "" },
	{ "NOT behind all", "a NOT", "all(words=a)", "'NOT' leaves no message out" },
	{ "NOT behind all of a bracket", "(a NOT)", "all(all(words=a))",
	    "'NOT' leaves no message out" },
};

/* Of these nothing would be left, and all messages found. */
static const char *const vain[] = { "OR", "AND", "NOT", "|", "(", "()", "( )", "((", "OR OR",
	"AND OR", "OR ()", "(OR)", "( ) ( )", "-\"\"", "-\"", "-.", "--", "-()", "-(", "-(.)",
	"-(a .)", "NOT ( )", "-from:.", "-subject:\"...\"", "-. OR -\"\"" };

static void
test_trees(void)
{
	g_autoptr(GTimeZone) zone = g_time_zone_new_utc();

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GString) out = g_string_new(NULL);
		g_test_message("%s", cases[i].label);
		g_autoptr(filters) filters = filters_new(cases[i].words, zone, &error);
		g_assert_no_error(error);
		print(out, filters->search);
		g_assert_cmpstr(out->str, ==, cases[i].tree);
	}
}

static void
test_passed_over(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(passed); i++) {
		const char *words[] = { passed[i].query, NULL };
		g_autoptr(GError) error = NULL;
		g_autoptr(GString) out = g_string_new(NULL);
		g_auto(GStrv) notes = g_strsplit(passed[i].notes, "\n", -1);
		g_test_message("%s", passed[i].label);
		g_autoptr(filters) filters = filters_new(words, NULL, &error);
		g_assert_no_error(error);
		print(out, filters->search);
		g_assert_cmpstr(out->str, ==, passed[i].tree);
		g_assert_cmpuint(filters->notes->len, ==, g_strv_length(notes));
		for (guint j = 0; j < filters->notes->len; j++)
			g_assert_nonnull(strstr(filters->notes->pdata[j], notes[j]));
	}
}

/* The shell may have taken its quotes, or there were none. */
static const struct {
	const char *label, *words[3];
	const char *hint; /* NULL: none */
} hinted[] = {
	{ "one value, or two filters", { "from:anna bluefin ledger" },
	    "'from:anna bluefin ledger' was taken as one value with its blanks, "
	    "from:\"anna bluefin ledger\"; quotes end a value before: from:\"anna\" bluefin "
	    "ledger" },
	{ "the way out of it", { "from:\"anna\" bluefin ledger" }, NULL },
	{ "one value in quotes", { "from:\"anna bluefin\"" }, NULL },
	{ "one value beside others", { "from:anna bluefin", "has:copy" }, NULL },
	{ "a day", { "after:May 30" }, NULL },
	{ "no blank but at the end", { "from:anna " }, NULL },
	{ "two filters", { "from:anna to:bob" }, NULL },
};

static void
test_hints(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(hinted); i++) {
		g_autoptr(GError) error = NULL;
		g_test_message("%s", hinted[i].label);
		g_autoptr(filters) filters = filters_new(hinted[i].words, NULL, &error);
		g_assert_no_error(error);
		g_assert_cmpuint(filters->notes->len, ==, 0);
		g_assert_cmpuint(filters->hints->len, ==, hinted[i].hint != NULL ? 1 : 0);
		if (hinted[i].hint != NULL)
			g_assert_cmpstr(filters->hints->pdata[0], ==, hinted[i].hint);
	}
}

static void
test_vain(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(vain); i++) {
		const char *words[] = { vain[i], NULL };
		g_autofree char *named = g_strdup_printf("nothing to look for in '%s'", vain[i]);
		g_autoptr(GError) error = NULL;
		g_test_message("%s", vain[i]);
		g_autoptr(filters) filters = filters_new(words, NULL, &error);
		g_assert_null(filters);
		g_assert_error(error, FAULT, FAULT_USAGE);
		g_assert_nonnull(strstr(error->message, named));
	}
}

static const struct {
	const char *label, *word, *says;
} wrong[] = {
	{ "a misspelt filter is not taken for text", "form:anna", "did you mean" },
	{ "an unknown filter names the known ones", "attachment:pdf", "known: from:" },
	{ "a filter without a value", "from:", "nothing behind the colon" },
	{ "a day that is none", "before:2026-02-30", "before: " },
	{ "a day that may be two", "before:1/2/2026", "may be two days" },
	{ "only yes can be asked", "flagged:no", "flagged:yes" },
	{ "a state that is none", "state:open", "known: new, in-review" },
	{ "a fact that is none", "has:virus", "known: attachment, copy" },
	{ "bytes that are no text", "from:\xff", "UTF-8" },
};

static void
test_wrong(void)
{
	g_autoptr(GTimeZone) zone = g_time_zone_new_utc();

	for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
		const char *words[] = { wrong[i].word, NULL };
		g_autoptr(GError) error = NULL;
		g_test_message("%s", wrong[i].label);
		g_autoptr(filters) filters = filters_new(words, zone, &error);
		g_assert_null(filters);
		g_assert_error(error, FAULT, FAULT_USAGE);
		g_test_message("  %s", error->message);
		g_assert_nonnull(strstr(error->message, wrong[i].says));
	}
}

static void
test_bounds(void)
{
	g_autofree char *deep = g_strnfill(5000, '(');
	g_autofree char *turned = g_strnfill(5000, '-');
	g_autoptr(GString) many = g_string_new(NULL);

	for (guint i = 0; i < 5000; i++)
		g_string_append(many, "a ");
	const char *const hostile[] = { deep, many->str };
	for (guint i = 0; i < G_N_ELEMENTS(hostile); i++) {
		const char *words[] = { hostile[i], NULL };
		g_autoptr(GError) error = NULL;
		g_assert_null(filters_new(words, NULL, &error));
		g_assert_error(error, FAULT, FAULT_USAGE);
		g_assert_nonnull(strstr(error->message, "at most"));
	}
	g_autofree char *many_turned = g_strconcat(turned, "a", NULL);
	const char *words[] = { many_turned, NULL };
	g_autoptr(filters) filters = filters_new(words, NULL, NULL);
	g_assert_nonnull(filters);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/filters/trees", test_trees);
	g_test_add_func("/filters/passed-over", test_passed_over);
	g_test_add_func("/filters/hints", test_hints);
	g_test_add_func("/filters/vain", test_vain);
	g_test_add_func("/filters/wrong", test_wrong);
	g_test_add_func("/filters/bounds", test_bounds);
	return g_test_run();
}
