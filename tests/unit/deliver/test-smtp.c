/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/fault.h"
#include "deliver/smtp.h"

static void
test_addresses(void)
{
	g_autofree char *long_name = g_strnfill(SMTP_ADDRESS_MAX, 'x');
	g_autofree char *long_address = g_strconcat(long_name, "@x.example", NULL);
	const struct {
		const char *label, *address, *says; /* NULL: it is one */
	} cases[] = {
		{ "a plain one", "officer1@corp.example", NULL },
		{ "tags, hyphens, a domain in A-labels", "o.b+tag_1@xn--bro-hoa.example", NULL },
		{ "a line break: a command of its own", "o@x.example\r\nRCPT TO:<t@evil>",
		    "control" },
		{ "a line feed alone", "o@x.example\n", "control" },
		{ "a tab", "o\t@x.example", "control" },
		{ "DEL", "o\177@x.example", "control" },
		{ "a blank: parameters of the command", "o@x.example SIZE=1", "blank" },
		{ "the end of the path", "o@x.example>", "bracket" },
		{ "two addresses", "o@x.example,p@x.example", "sign" },
		{ "a quoted name", "\"o p\"@x.example", "sign" },
		{ "beyond ASCII", "\303\266@x.example", "ASCII" },
		{ "no domain", "o@", "NAME@DOMAIN" },
		{ "no name", "@x.example", "NAME@DOMAIN" },
		{ "a route", "a@b@x.example", "NAME@DOMAIN" },
		{ "no at all", "officer", "NAME@DOMAIN" },
		{ "empty", "", "NAME@DOMAIN" },
		{ "endless", long_address, "254" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const char *wrong = smtp_check_address(cases[i].address);
		g_test_message("%s: %s", cases[i].label, wrong != NULL ? wrong : "fine");
		if (cases[i].says == NULL)
			g_assert_null(wrong);
		else
			g_assert_true(wrong != NULL && strstr(wrong, cases[i].says) != NULL);
	}
}

static struct smtp *
sample(void)
{
	struct smtp *smtp = smtp_new();

	g_assert_true(smtp_set_url(smtp, "smtp://mail.corp.example", NULL));
	g_free(smtp->from);
	smtp->from = g_strdup("flagpost@corp.example");
	g_free(smtp->user);
	smtp->user = g_strdup("flagpost");
	g_free(smtp->credential);
	smtp->credential = g_strdup("mail");
	return smtp;
}

static void
test_url(void)
{
	static const struct {
		const char *label, *url;
		guint port; /* 0: refused */
		bool starttls;
	} cases[] = {
		{ "TLS from the first byte", "smtps://mail.corp.example", 465, false },
		{ "STARTTLS", "smtp://mail.corp.example", 587, true },
		{ "a port of its own", "smtp://localhost:2525", 2525, true },
		{ "another protocol", "imaps://mail.corp.example", 0, false },
		{ "a path, which libcurl would greet with", "smtp://mail.corp.example/evil", 0,
		    false },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(smtp) smtp = smtp_new();
		bool taken = smtp_set_url(smtp, cases[i].url, &error);
		g_test_message("%s", cases[i].label);
		g_assert_cmpint(taken, ==, cases[i].port != 0);
		g_assert_cmpuint(smtp->port, ==, cases[i].port);
		g_assert_cmpint(smtp->starttls, ==, cases[i].starttls);
		if (!taken)
			g_assert_error(error, FAULT, FAULT_CONFIG);
	}
}

static void
test_wire(void)
{
	g_autoptr(smtp) smtp = sample();
	g_autoptr(GVariant) variant = g_variant_ref_sink(smtp_put(smtp));
	g_autoptr(smtp) back = smtp_get(variant, NULL);

	g_assert_nonnull(back);
	g_assert_cmpstr(back->url, ==, smtp->url);
	g_assert_cmpstr(back->host, ==, smtp->host);
	g_assert_cmpuint(back->port, ==, 587);
	g_assert_true(back->starttls);
	g_assert_cmpstr(back->from, ==, smtp->from);
	g_assert_cmpstr(back->user, ==, smtp->user);
	g_assert_cmpstr(back->credential, ==, "mail");
	g_assert_cmpstr(back->password_file, ==, "");
}

static void
test_distrust(void)
{
	static const struct {
		const char *label;
		gsize field;
		const char *value;
	} cases[] = {
		{ "a user with a line break", G_STRUCT_OFFSET(struct smtp, user), "x\r\nQUIT" },
		{ "a sender with a line break", G_STRUCT_OFFSET(struct smtp, from),
		    "a@x.example\r\nDATA" },
		{ "no sender", G_STRUCT_OFFSET(struct smtp, from), "" },
		{ "no host", G_STRUCT_OFFSET(struct smtp, host), "" },
		{ "a path with a line break", G_STRUCT_OFFSET(struct smtp, ca_file), "/x\ny" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(smtp) smtp = sample();
		char **field = G_STRUCT_MEMBER_P(smtp, cases[i].field);
		g_test_message("%s", cases[i].label);
		g_free(*field);
		*field = g_strdup(cases[i].value);
		g_autoptr(GVariant) variant = g_variant_ref_sink(smtp_put(smtp));
		g_assert_null(smtp_get(variant, &error));
		g_assert_error(error, FAULT, FAULT_DATA);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/smtp/addresses", test_addresses);
	g_test_add_func("/smtp/url", test_url);
	g_test_add_func("/smtp/wire", test_wire);
	g_test_add_func("/smtp/distrust", test_distrust);
	return g_test_run();
}
