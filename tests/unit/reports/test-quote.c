/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "reports/quote.h"

#include "sample.h"

static void
test_neighbours(void)
{
	static const struct {
		const char *label;
		const char *before, *match, *after; /* of the hit that is shown */
		const char *other;                  /* another match of the same flag */
		const char *masked;
	} cases[] = {
		{ "the match", "card ", "4111111111111111", " paid", "x",
		    "card 41************11 paid" },
		{ "the neighbour, whole", "", "4111111111111111", " 5500005555555559 x",
		    "5500005555555559", "41************11 55************59 x" },
		{ "the neighbour, cut at the end", "", "4111111111111111", " 55000055…",
		    "5500005555555559", "41************11 ********…" },
		{ "the neighbour, cut at the beginning", "…55555559 ", "4111111111111111", "",
		    "5500005555555559", "…******** 41************11" },
		{ "the match again in its own context", "NIGHTJAR-77 and ", "NIGHTJAR-77", "", "x",
		    "NI*******77 and NI*******77" },
		{ "characters, not bytes", "\303\244 ", "\303\274\303\274\303\274", " \303\244",
		    "\303\274\303\274\303\274", "\303\244 *** \303\244" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(flag) flag = flag_new("r");
		struct hit *hit = sample_hit(
		    flag, COMPONENT_BODY, cases[i].before, cases[i].match, cases[i].after);
		sample_hit(flag, COMPONENT_BODY, "", cases[i].other, "");
		g_autofree char *plain = g_strdup(hit->excerpt);
		g_autofree char *masked = quote_text(flag, hit, QUOTE_MASKED);
		g_autofree char *clear = quote_text(flag, hit, QUOTE_CLEAR);
		g_test_message("%s", cases[i].label);
		g_assert_cmpstr(masked, ==, cases[i].masked);
		g_assert_cmpstr(clear, ==, plain);
	}
}

static void
test_subject(void)
{
	g_autoptr(flag) flag = flag_new("r");

	sample_hit(flag, COMPONENT_SUBJECT, "Re: ", "NIGHTJAR-77", "");
	g_autofree char *masked = quote_subject(flag, "Re: NIGHTJAR-77", QUOTE_MASKED);
	g_autofree char *clear = quote_subject(flag, "Re: NIGHTJAR-77", QUOTE_CLEAR);
	g_assert_cmpstr(masked, ==, "Re: NI*******77");
	g_assert_cmpstr(clear, ==, "Re: NIGHTJAR-77");
}

/* Rows of one mail: what one rule matched is hidden in the row of another. */
static void
test_other_flags(void)
{
	static const struct {
		const char *label, *subject, *masked;
	} cases[] = {
		{ "another flag's match", "Re: NIGHTJAR-77", "Re: NI*******77" },
		{ "one within another: no end of the longer one is left", "NIGHTJAR-77-B",
		    "NI*********-B" },
		{ "what nobody matched", "Re: lunch", "Re: lunch" },
		{ "twice", "NIGHTJAR-77 NIGHTJAR-77", "NI*******77 NI*******77" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(flag) flag = flag_new("other");
		g_autoptr(GPtrArray) matches = g_ptr_array_new();
		struct hit *hit =
		    sample_hit(flag, COMPONENT_BODY, "by ", "4111111111111111", " for NIGHTJAR-77");
		g_ptr_array_add(matches, (char *)"NIGHTJAR");
		g_ptr_array_add(matches, (char *)"NIGHTJAR-77");
		g_ptr_array_add(matches, (char *)"NIGHTJAR-77-B");
		g_ptr_array_add(matches, (char *)"");
		flag->matches = g_ptr_array_ref(matches);
		g_autofree char *masked = quote_subject(flag, cases[i].subject, QUOTE_MASKED);
		g_autofree char *clear = quote_subject(flag, cases[i].subject, QUOTE_CLEAR);
		g_autofree char *listed = quote_among(matches, cases[i].subject, QUOTE_MASKED);
		g_autofree char *excerpt = quote_text(flag, hit, QUOTE_MASKED);
		g_test_message("%s", cases[i].label);
		g_assert_cmpstr(masked, ==, cases[i].masked);
		g_assert_cmpstr(listed, ==, cases[i].masked);
		g_assert_cmpstr(clear, ==, cases[i].subject);
		g_assert_cmpstr(excerpt, ==, "by 41************11 for ***********");
	}
}

static void
test_where(void)
{
	g_autoptr(flag) flag = flag_new("r");
	struct hit *hit = sample_hit(flag, COMPONENT_ATTACHMENTS, "", "x", "");
	g_autofree char *bare = quote_where(hit);
	sample_set(&hit->part, "1.2");
	g_autofree char *part = quote_where(hit);
	sample_set(&hit->name, "plan.docx");
	g_autofree char *file = quote_where(hit);

	g_assert_cmpstr(bare, ==, "attachments");
	g_assert_cmpstr(part, ==, "attachments (part 1.2)");
	g_assert_cmpstr(file, ==, "attachments: plan.docx (part 1.2)");
}

/* An organisation decides how much of a match its officers see. */
static void
test_share(void)
{
	static const struct {
		const char *label;
		int mask;
		const char *wanted;
	} cases[] = {
		{ "as usual", QUOTE_MASKED, "NI*******77" },
		{ "half", 50, "NIG******77" },
		{ "four of five", 80, "N*********7" },
		{ "all", 100, "***********" },
		{ "none", QUOTE_CLEAR, "NIGHTJAR-77" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct flag *flag = flag_new("r");
		struct hit *hit = hit_new("content.a");
		g_free(hit->excerpt);
		hit->excerpt = g_strdup("NIGHTJAR-77, NIGHTJAR-77");
		hit->excerpt_length = strlen("NIGHTJAR-77");
		g_ptr_array_add(flag->hits, hit);
		g_autofree char *text = quote_text(flag, hit, cases[i].mask);
		g_autofree char *both = g_strconcat(cases[i].wanted, ", ", cases[i].wanted, NULL);
		g_test_message(
		    "%s: the match, and where it stands again beside it", cases[i].label);
		g_assert_cmpstr(text, ==, both);
		flag_free(flag);
	}
}

/* The third time it stands there, it is compared with what the second time left behind. */
static void
test_same_match(void)
{
	struct flag *flag = flag_new("r");

	for (guint i = 0; i < 4; i++) {
		struct hit *hit = hit_new("content.a");
		g_free(hit->excerpt);
		hit->excerpt = g_strdup("NIGHTJAR-77");
		hit->excerpt_length = strlen("NIGHTJAR-77");
		g_ptr_array_add(flag->hits, hit);
	}
	g_autofree char *subject = quote_subject(flag, "Re: NIGHTJAR-77", QUOTE_MASKED);
	g_assert_cmpstr(subject, ==, "Re: NI*******77");
	flag_free(flag);
}

/* A mail that hundreds of rules flag: of its thousands of matches those that stand there are
 * hidden. */
static void
test_thousands(void)
{
	struct flag *flag = flag_new("r");
	struct hit *hit = hit_new("content.a");

	flag->matches = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < 15000; i++)
		g_ptr_array_add(flag->matches, g_strdup_printf("FALCON-%05u", i));
	g_free(hit->excerpt);
	hit->excerpt =
	    g_strdup("…ON-00007 then FALCON-14999 and NIGHTJAR-77 and FALCON-00000, FALCON-0…");
	hit->excerpt_start = (guint)(strstr(hit->excerpt, "NIGHTJAR") - hit->excerpt);
	hit->excerpt_length = strlen("NIGHTJAR-77");
	g_ptr_array_add(flag->hits, hit);
	g_autofree char *text = quote_text(flag, hit, QUOTE_MASKED);
	g_assert_cmpstr(
	    text, ==, "…******** then FA********99 and NI*******77 and FA********00, ********…");
	g_autofree char *subject = quote_subject(flag, "FALCON-12345 flies", QUOTE_MASKED);
	g_assert_cmpstr(subject, ==, "FA********45 flies");
	flag_free(flag);
}

/* Of a message with many flags one quoter is made; it must mask as one of each flag's own would. */
static void
test_shared(void)
{
	g_autoptr(GPtrArray) matches = g_ptr_array_new();
	g_autoptr(flag) first = flag_new("first");
	g_autoptr(flag) second = flag_new("second");
	g_autoptr(flag) changed = flag_new("changed");
	g_autoptr(flag) other = flag_new("other");
	struct hit *hit = sample_hit(second, COMPONENT_BODY, "a ", "KESTREL-78", " NIGHTJAR-77 b");

	sample_hit(first, COMPONENT_BODY, "", "NIGHTJAR-77", "");
	sample_hit(changed, COMPONENT_BODY, "", "PERSON-1", "");
	g_ptr_array_add(matches, (char *)"NIGHTJAR-77");
	g_ptr_array_add(matches, (char *)"KESTREL-78");
	first->matches = g_ptr_array_ref(matches);
	second->matches = g_ptr_array_ref(matches);
	changed->matches = g_ptr_array_ref(matches);
	struct quoter *made = quoter_next(NULL, first, QUOTE_MASKED);
	struct quoter *again = quoter_next(made, second, QUOTE_MASKED);
	g_assert_true(again == made);
	g_autofree char *shared = quoter_text(again, hit);
	g_autofree char *own = quote_text(second, hit, QUOTE_MASKED);
	g_assert_cmpstr(shared, ==, own);
	g_assert_null(strstr(shared, "NIGHTJAR-77"));

	g_test_message("a flag with a match of its own gets one of its own, and keeps it");
	again = quoter_next(again, changed, QUOTE_MASKED);
	g_autofree char *masked = quoter_subject(again, "PERSON-1");
	g_assert_cmpstr(masked, ==, "PE****-1");
	again = quoter_next(again, second, QUOTE_MASKED);
	g_autofree char *plain = quoter_subject(again, "PERSON-1");
	g_assert_cmpstr(plain, ==, "PERSON-1");

	g_test_message("what is masked in one message is none of another's business");
	again = quoter_next(again, other, QUOTE_MASKED);
	g_autofree char *clear = quoter_subject(again, "NIGHTJAR-77");
	g_assert_cmpstr(clear, ==, "NIGHTJAR-77");
	quoter_free(again);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/quote/neighbours", test_neighbours);
	g_test_add_func("/quote/subject", test_subject);
	g_test_add_func("/quote/other-flags", test_other_flags);
	g_test_add_func("/quote/share", test_share);
	g_test_add_func("/quote/same-match", test_same_match);
	g_test_add_func("/quote/thousands", test_thousands);
	g_test_add_func("/quote/where", test_where);
	g_test_add_func("/quote/shared", test_shared);
	return g_test_run();
}
