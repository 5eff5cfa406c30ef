/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib.h>
#include <string.h>

#include "mail/fields.h"

/* What names a key goes into a question to DNS: nothing but a name may. */
static const struct {
	const char *label, *field, *selector, *domain;
} signatures[] = {
	{ "as servers write it", "DKIM-Signature: v=1; a=rsa-sha256; d=corp.example; s=one; b=AA==",
	    "one", "corp.example" },
	{ "without blanks, at the end", "DKIM-Signature:s=one;d=corp.example", "one",
	    "corp.example" },
	{ "folded within a name", "DKIM-Signature: d=corp.\r\n\texample; s= one", "one",
	    "corp.example" },
	{ "blanks before the equals sign", "DKIM-Signature: d =corp.example; s\t= one", "one",
	    "corp.example" },
	{ "letters are small in DNS", "DKIM-Signature: d=Corp.EXAMPLE; s=One", "one",
	    "corp.example" },
	{ "a selector of labels", "DKIM-Signature: d=corp.example; s=2026.mail_x-1",
	    "2026.mail_x-1", "corp.example" },
	{ "no selector", "DKIM-Signature: d=corp.example", "", "" },
	{ "no domain", "DKIM-Signature: s=one", "", "" },
	{ "a domain twice: which one holds is open",
	    "DKIM-Signature: d=a.example; s=one; d=b.example", "", "" },
	{ "an empty name", "DKIM-Signature: d=; s=one", "", "" },
	{ "an empty label", "DKIM-Signature: d=corp..example; s=one", "", "" },
	{ "a dot at the end", "DKIM-Signature: d=corp.example.; s=one", "", "" },
	{ "a dot in front", "DKIM-Signature: d=corp.example; s=.one", "", "" },
	{ "a sign that is in no name", "DKIM-Signature: d=corp.example; s=one/two", "", "" },
	{ "other letters", "DKIM-Signature: d=corp.ex\303\244mple; s=one", "", "" },
	{ "a label of 64",
	    "DKIM-Signature: d=corp.example; "
	    "s=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	    "", "" },
	{ "a part without an equals sign", "DKIM-Signature: d=corp.example; s=one; nonsense", "",
	    "" },
	{ "tags of other names hold none", "DKIM-Signature: dd=corp.example; ss=one", "", "" },
	{ "nothing", "DKIM-Signature:", "", "" },
};

static void
test_signatures(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(signatures); i++) {
		struct fields_signer signer;
		g_test_message("%s", signatures[i].label);
		fields_signer(signatures[i].field, strlen(signatures[i].field), &signer);
		g_assert_cmpstr(signer.selector, ==, signatures[i].selector);
		g_assert_cmpstr(signer.domain, ==, signatures[i].domain);
	}
}

static void
test_long_names(void)
{
	g_autoptr(GString) field = g_string_new("DKIM-Signature: s=one; d=example");
	struct fields_signer signer;

	/* 3 + 12 + 7 bytes, and labels of two with a dot: 253 are reached exactly. */
	while (3 + 12 + (field->len - strlen("DKIM-Signature: s=one; d=")) + 3 <= FIELDS_NAME_MAX)
		g_string_append(field, ".aa");
	fields_signer(field->str, field->len, &signer);
	g_assert_cmpstr(signer.selector, ==, "one");
	g_string_append(field, ".aa");
	fields_signer(field->str, field->len, &signer);
	g_assert_cmpstr(signer.selector, ==, "");
}

static void
test_block(void)
{
	static const char block[] = "From: a\r\n"
				    "dkim-signature : d=corp.example;\r\n"
				    " s=one\r\n"
				    "X-DKIM-Signature: d=other.example; s=no\r\n"
				    "DKIM-Signature: rubbish\n"
				    "\r\n"
				    "DKIM-Signature: d=body.example; s=no\r\n";
	bool more;
	g_autoptr(GArray) list = fields_signers(block, sizeof block - 1, &more);

	g_assert_cmpuint(list->len, ==, 2);
	g_assert_false(more);
	g_assert_cmpstr(g_array_index(list, struct fields_signer, 0).domain, ==, "corp.example");
	g_assert_cmpstr(g_array_index(list, struct fields_signer, 1).domain, ==, "");
	g_autofree char *name = fields_key_name("one", "corp.example");
	g_assert_cmpstr(name, ==, "one._domainkey.corp.example");
}

static void
test_many(void)
{
	g_autoptr(GString) block = g_string_new(NULL);
	bool more;

	for (guint i = 0; i <= FIELDS_SIGNERS_MAX; i++)
		g_string_append(block, "DKIM-Signature: d=corp.example; s=one\r\n");
	g_autoptr(GArray) list = fields_signers(block->str, block->len, &more);
	g_assert_cmpuint(list->len, ==, FIELDS_SIGNERS_MAX);
	g_assert_true(more);
	g_autoptr(GArray) none = fields_signers(NULL, 0, &more);
	g_assert_cmpuint(none->len, ==, 0);
	g_assert_false(more);
}

static const struct {
	const char *label, *field, *server;
} results[] = {
	{ "as servers write it", "Authentication-Results: mx.corp.example; dkim=pass",
	    "mx.corp.example" },
	{ "a name in capitals", "Authentication-Results: MX.Corp.Example;\r\n spf=pass",
	    "mx.corp.example" },
	{ "folded before the name", "Authentication-Results:\r\n\tmx.corp.example 1; none",
	    "mx.corp.example" },
	{ "a version behind it", "Authentication-Results: mx.corp.example 1; none",
	    "mx.corp.example" },
	{ "no results", "Authentication-Results: mx.corp.example", "mx.corp.example" },
	{ "a remark before it, which a filter may not know",
	    "Authentication-Results: (a) mx.corp.example; none", "" },
	{ "a remark at it", "Authentication-Results: mx.corp.example(x); none", "" },
	{ "in quotes", "Authentication-Results: \"mx.corp.example\"; none", "" },
	{ "a blank before the colon", "Authentication-Results : mx.corp.example; none", "" },
	{ "a dot at its end", "Authentication-Results: mx.corp.example.; none", "" },
	{ "another server's name that begins so",
	    "Authentication-Results: mx.corp.example.rival.example; none",
	    "mx.corp.example.rival.example" },
	{ "nothing", "Authentication-Results:", "" },
	{ "blanks alone", "Authentication-Results: \r\n ", "" },
	{ "a result alone", "Authentication-Results: dkim=pass", "" },
	{ "a name that is too long for DNS",
	    "Authentication-Results: "
	    "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggg.example; none",
	    "" },
};

static void
test_results(void)
{
	char server[FIELDS_NAME_MAX + 1];

	for (guint i = 0; i < G_N_ELEMENTS(results); i++) {
		/* A heap block of its own, so that a look behind its end is seen. */
		gsize length = strlen(results[i].field);
		g_autofree char *field = g_memdup2(results[i].field, length);
		g_test_message("%s", results[i].label);
		g_assert_cmpint(
		    fields_results_server(field, length, server), ==, results[i].server[0] != '\0');
		g_assert_cmpstr(server, ==, results[i].server);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/fields/signatures", test_signatures);
	g_test_add_func("/fields/long-names", test_long_names);
	g_test_add_func("/fields/block", test_block);
	g_test_add_func("/fields/many", test_many);
	g_test_add_func("/fields/results", test_results);
	return g_test_run();
}
