/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What may name somebody is hidden, however it is written; what cannot is left.
 */
#include "reports/names.h"

static const struct {
	const char *label, *text;
	bool named;
} rows[] = {
	{ "a name as it is", "Offer for Anna", true },
	{ "in capitals", "OFFER FOR ANNA", true },
	{ "a genitive", "Annas plan", true },
	{ "within a longer word", "annaschmidt_final.pdf", true },
	{ "in camel case", "planAnnaSchmidt", true },
	{ "a family name alone", "re: schmidt", true },
	{ "with a digit behind it", "anna2.txt", true },
	{ "without its accents", "Kuhn agrees", true },
	{ "accents apart from their letters", "Ku\314\210hn", true },
	{ "full-width letters", "\357\274\241\357\275\216\357\275\216\357\275\201", true },
	{ "with an invisible character within", "An\342\200\213na", true },
	{ "with a soft hyphen within", "Sch\302\255midt", true },
	{ "behind a turn of direction", "\342\200\256Anna", true },
	{ "a Cyrillic letter among Latin ones names anybody", "P\320\260ul", true },
	{ "a word without end names anybody",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	    true },
	{ "a short name as a word", "ask Jo", true },
	{ "a short name within another word is none", "joint venture", false },
	{ "invalid bytes part no word", "An\377na Schmidt", true },
	{ "an office is nobody", "mail to sales, info and support", false },
	{ "other words", "Quarterly figures 2026", false },
	{ "nothing", "", false },
	{ "digits", "4111 1111 1111 1111", false },
	{ "another language", "\320\277\320\273\320\260\320\275", false },
};

static void
test_table(void)
{
	g_autoptr(names) names = names_new();

	names_add(names, "Anna Schmidt");
	names_add(names, "anna.schmidt");
	names_add(names, "K\303\274hn, Jo");
	names_add(names, "Sales Team");
	names_add(names, "info");
	names_add(names, "\033[31m<script>42</script>");
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_test_message("%s", rows[i].label);
		g_assert_cmpint(names_stand_in(names, rows[i].text), ==, rows[i].named);
	}
}

/* Of more people than are kept apart, every text may name one. */
static void
test_full(void)
{
	g_autoptr(names) names = names_new();

	for (guint i = 0; i < NAMES_MAX; i++) {
		char name[] = "xaaaaa";
		for (guint n = 1, rest = i; n < 6; n++, rest /= 26)
			name[n] = (char)('a' + rest % 26);
		names_add(names, name);
	}
	g_assert_true(names_stand_in(names, "quarterly figures"));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/names/table", test_table);
	g_test_add_func("/names/full", test_full);
	return g_test_run();
}
