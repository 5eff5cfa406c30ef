/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-addresses - address headers: what is read without GMime is what GMime makes of it. */
#include <gmime/gmime.h>

#include "worker/addresses.h"

static const struct {
	const char *label, *raw, *found; /* "name <address>; " each */
} cases[] = {
	{ "one", " bob@rival.example\r\n", " <bob@rival.example>; " },
	{ "brackets alone", "<bob@rival.example>", " <bob@rival.example>; " },
	{ "a name", "Bob Berg <bob@rival.example>", "Bob Berg <bob@rival.example>; " },
	{ "a name in quotes", "\"Berg, Bob & O'Neil\" <b.b+c@rival.example>",
	    "Berg, Bob & O'Neil <b.b+c@rival.example>; " },
	{ "several, folded", "a@corp.example,\r\n\tBob <b@rival.example> , c@corp.example\r\n",
	    " <a@corp.example>; Bob <b@rival.example>;  <c@corp.example>; " },
	{ "the second is none of the plain", "a@corp.example, \"B \\\"x\\\"\" <b@rival.example>",
	    " <a@corp.example>; B \"x\" <b@rival.example>; " },
	{ "an encoded word", "=?utf-8?Q?B=C3=B6b?= <bob@rival.example>",
	    "B\xC3\xB6"
	    "b <bob@rival.example>; " },
	{ "a comment", "bob@rival.example (Bob)", "Bob <bob@rival.example>; " },
	{ "a comma at the end", "bob@rival.example,", " <bob@rival.example>; " },
};

static char *
read_list(struct charset *charset, const char *raw, guint64 max, bool whole)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)address_free);
	GString *found = g_string_new(NULL);

	g_assert_true(addresses_add(charset, ADDRESS_TO, raw, max, list) == whole);
	for (guint i = 0; i < list->len; i++) {
		const struct address *one = list->pdata[i];
		g_string_append_printf(found, "%s <%s>; ", one->name, one->address);
	}
	return g_string_free(found, FALSE);
}

static void
test_cases(void)
{
	g_autoptr(charset) charset = charset_new();

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *group = g_strdup_printf("team: %s;", cases[i].raw);
		g_autofree char *alone = read_list(charset, cases[i].raw, 10, true);
		g_test_message("%s", cases[i].label);
		g_assert_cmpstr(alone, ==, cases[i].found);
		/* A group is for GMime, always. */
		g_autofree char *grouped = read_list(charset, group, 10, true);
		g_assert_cmpstr(grouped, ==, cases[i].found);
	}
}

/* One below, at and above what may be listed; what is over is said. */
static void
test_limit(void)
{
	g_autoptr(charset) charset = charset_new();
	static const char raw[] = "a@corp.example, b@corp.example";

	for (guint64 max = 1; max <= 3; max++) {
		g_autofree char *found = read_list(charset, raw, max, max >= 2);
		g_assert_cmpstr(found, ==,
		    max < 2 ? " <a@corp.example>; " : " <a@corp.example>;  <b@corp.example>; ");
	}
}

/* Whom a mail was handed to, whatever To: says; servers have many names for it. */
static void
test_real_recipients(void)
{
	static const char *const headers[] = { "Delivered-To", "X-Original-To", "X-Envelope-To",
		"X-Clear-Delivered-To", "Envelope-to" };
	enum address_role role;

	for (guint i = 0; i < G_N_ELEMENTS(headers); i++) {
		g_test_message("%s", headers[i]);
		g_assert_true(addresses_role(headers[i], &role));
		g_assert_cmpint(role, ==, ADDRESS_DELIVERED);
	}
	g_assert_false(addresses_role("X-Delivered", &role));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_mime_init();
	g_test_add_func("/addresses/cases", test_cases);
	g_test_add_func("/addresses/limit", test_limit);
	g_test_add_func("/addresses/real-recipients", test_real_recipients);
	return g_test_run();
}
