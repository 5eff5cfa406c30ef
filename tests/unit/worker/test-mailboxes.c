/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-mailboxes - address headers by our own code alone: no address is lost. */
#include <string.h>

#include "worker/mailboxes.h"

static const struct {
	const char *label, *raw, *found; /* "name <address>; " each */
} cases[] = {
	{ "one", " bob@rival.example\r\n", " <bob@rival.example>; " },
	{ "a name", " Bob <bob@rival.example>", "Bob <bob@rival.example>; " },
	{ "a comma in quotes", "\"Rival, Bob\" <bob@rival.example>, ann@corp.example",
	    "Rival, Bob <bob@rival.example>;  <ann@corp.example>; " },
	{ "an encoded word with a comma in it", "=?utf-8?Q?Rival=2C_Bob?= <bob@rival.example>",
	    "Rival, Bob <bob@rival.example>; " },
	{ "a comment", "bob@rival.example (at, home)", "at, home <bob@rival.example>; " },
	{ "a group", "Team: bob@rival.example, Ann <ann@corp.example>;",
	    " <bob@rival.example>; Ann <ann@corp.example>; " },
	{ "a quote that never ends", "\"Bob <bob@rival.example>, ann@corp.example",
	    "\"Bob <bob@rival.example>;  <ann@corp.example>; " },
	{ "a bracket that never ends", "Bob <bob@rival.example", " <<bob@rival.example>; " },
	{ "folded", "Bob\r\n\t<bob@rival.example>", "Bob <bob@rival.example>; " },
	{ "an address as its own name", "\"bob@rival.example\" <x@corp.example>",
	    "bob@rival.example <x@corp.example>; " },
	{ "a name alone", "undisclosed recipients", "undisclosed recipients <>; " },
	{ "blank", " \r\n", "" },
	{ "commas alone", " ,,; ,", "" },
};

static void
test_cases(void)
{
	struct charset *charset = charset_new();

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GPtrArray) list =
		    g_ptr_array_new_with_free_func((GDestroyNotify)address_free);
		g_autoptr(GString) found = g_string_new(NULL);
		g_test_message("%s", cases[i].label);
		g_assert_true(mailboxes_add(charset, ADDRESS_TO, cases[i].raw, 10, list));
		for (guint k = 0; k < list->len; k++) {
			const struct address *one = list->pdata[k];
			g_string_append_printf(found, "%s <%s>; ", one->name, one->address);
		}
		g_assert_cmpstr(found->str, ==, cases[i].found);
	}
	charset_free(charset);
}

/* More than may be looked at is said; and what is long is not slow. */
static void
test_limits(void)
{
	struct charset *charset = charset_new();
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)address_free);
	static const char *const fill[] = { "<", "(", "\"", "=?", ":", "((<\"", "=?a?q?" };

	g_assert_true(mailboxes_add(charset, ADDRESS_TO, "a@b.example, c@d.example,", 2, list));
	g_assert_false(mailboxes_add(charset, ADDRESS_TO, "e@f.example", 2, list));
	g_assert_cmpuint(list->len, ==, 2);
	for (gsize i = 0; i < G_N_ELEMENTS(fill); i++) {
		g_autoptr(GString) raw = g_string_new(NULL);
		while (raw->len < 32 * 1024)
			g_string_append(raw, fill[i]);
		g_ptr_array_set_size(list, 0);
		g_assert_true(mailboxes_add(charset, ADDRESS_TO, raw->str, 10, list));
	}
	charset_free(charset);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/worker/mailboxes/cases", test_cases);
	g_test_add_func("/worker/mailboxes/limits", test_limits);
	return g_test_run();
}
