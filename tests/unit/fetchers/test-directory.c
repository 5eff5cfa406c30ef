/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a directory may be asked, which of its values are addresses, and what crosses to the
 * process that asks.
 */
#include "fetchers/directory-inside.h"

static const struct {
	const char *label, *value, *address; /* NULL: none */
} values[] = {
	{ "a mail attribute", "Anna@corp.example", "Anna@corp.example" },
	{ "the main address of Exchange", "SMTP:anna@corp.example", "anna@corp.example" },
	{ "a further one", "smtp:a@corp.example", "a@corp.example" },
	{ "telephony", "sip:anna@corp.example", NULL },
	{ "X.500", "X500:/o=Corp/ou=x@y", NULL },
	{ "a name", "Anna Muster <anna@corp.example>", NULL },
	{ "two addresses", "a@corp.example,b@corp.example", NULL },
	{ "a line end, which would forge a member in the copy", "a@corp.example\nb@rival.example",
	    NULL },
	{ "no name", "@corp.example", NULL },
	{ "no domain", "smtp:anna@", NULL },
	{ "nothing", "", NULL },
	{ "not UTF-8", "\xff@corp.example", NULL },
};

static const struct {
	const char *label, *text;
	bool right;
} filters[] = {
	{ "one condition", "(l=Berlin)", true },
	{ "several", "(&(objectClass=person)(|(l=Berlin)(l=Bonn)))", true },
	{ "without brackets", "l=Berlin", false },
	{ "an open one", "(&(l=Berlin)", false },
	{ "two filters", "(l=Berlin)(l=Bonn)", false },
	{ "a closing one first", ")(", false },
	{ "text behind it, which would end ours early", "(l=Berlin))", false },
	{ "a control character", "(l=\n)", false },
}, names[] = {
	{ "a group", "CN=Board,OU=Groups,DC=corp,DC=example", true },
	{ "a name alone", "Board", false },
	{ "nothing", "", false },
	{ "no attribute", "=Board", false },
	{ "a control character", "CN=Bo\ard", false },
};

static void
test_words(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
		g_test_message("%s", values[i].label);
		g_assert_cmpstr(directory_address(values[i].value), ==, values[i].address);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(filters); i++) {
		g_test_message("%s", filters[i].label);
		g_assert_true(
		    (directory_wrong_with_filter(filters[i].text) == NULL) == filters[i].right);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_test_message("%s", names[i].label);
		g_assert_true((directory_wrong_with_name(names[i].text) == NULL) == names[i].right);
	}
}

static struct directory *
example(void)
{
	struct directory *directory = directory_new();

	g_assert_true(directory_set_url(directory, "ldap://dc.corp.example", NULL));
	g_free(directory->base);
	directory->base = g_strdup("DC=corp,DC=example");
	return directory;
}

static void
test_wire(void)
{
	g_autoptr(directory) asked = example();
	g_autoptr(GVariant) wire = g_variant_ref_sink(directory_put(asked));
	g_autoptr(directory) taken = directory_get(wire, NULL);
	g_autofree char *before = directory_digest(asked);
	g_autofree char *after = directory_digest(taken);

	g_assert_cmpuint(taken->port, ==, 389);
	g_assert_true(taken->starttls);
	g_assert_cmpstr(before, ==, after);
	g_test_message("another filter is another question");
	g_free(taken->filter);
	taken->filter = g_strdup("(l=Berlin)");
	g_autofree char *other = directory_digest(taken);
	g_assert_cmpstr(before, !=, other);
	g_test_message("a control character ends up in no request");
	g_free(asked->base);
	asked->base = g_strdup("DC=corp\n");
	g_autoptr(GVariant) bad = g_variant_ref_sink(directory_put(asked));
	g_autoptr(GError) error = NULL;
	g_assert_null(directory_get(bad, &error));
	g_assert_nonnull(error);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/directory/words", test_words);
	g_test_add_func("/directory/wire", test_wire);
	return g_test_run();
}
