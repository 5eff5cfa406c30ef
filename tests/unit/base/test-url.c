/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/fault.h"
#include "base/url.h"

static const struct url_scheme schemes[] = { { "smtps", 465 }, { "smtp", 587 }, { "x", 1 },
	{ NULL, 0 } };

static void
test_taken(void)
{
	static const struct {
		const char *label, *text, *back;
		guint scheme;
	} cases[] = {
		{ "the port of the scheme", "smtps://mail.example", "smtps://mail.example:465/",
		    0 },
		{ "its own port", "SMTP://mail.example:25", "smtp://mail.example:25/", 1 },
		{ "an address with brackets, which go and come back", "smtps://[::1]:99",
		    "smtps://[::1]:99/", 0 },
		{ "an international name as the resolver wants it", "smtp://b\303\274ro.example",
		    "smtp://xn--bro-hoa.example:587/", 1 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *host = NULL;
		guint scheme, port;
		g_test_message("%s", cases[i].label);
		g_assert_true(url_parse(cases[i].text, schemes, "", &scheme, &host, &port, &error));
		g_assert_no_error(error);
		g_assert_cmpuint(scheme, ==, cases[i].scheme);
		g_autofree char *back = url_make(schemes[scheme].name, host, port);
		g_assert_cmpstr(back, ==, cases[i].back);
	}
}

static void
test_refused(void)
{
	static const struct {
		const char *label, *text, *says;
	} cases[] = {
		{ "another protocol: all schemes are named", "http://mail.example",
		    "begins with smtps://, smtp:// or x://" },
		{ "no scheme", "mail.example", "begins with" },
		{ "a password, which must not stand here", "smtp://a:b@mail.example",
		    "password_file" },
		{ "a path, with its mend", "smtp://mail.example/x", "holds a path; go away" },
		{ "options of libcurl", "smtp://mail.example;AUTH=*", "query" },
		{ "no host", "smtp://:25", "host is missing" },
		{ "a line break in the host", "smtp://mail\r\nRCPT.example", "not a host name" },
		{ "a port that is none", "smtp://mail.example:70000", "65535" },
		{ "an address without brackets", "smtp://::1:25", "host is missing" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		char *host = NULL;
		guint scheme, port;
		g_test_message("%s", cases[i].label);
		g_assert_false(
		    url_parse(cases[i].text, schemes, "go away", &scheme, &host, &port, &error));
		g_assert_error(error, FAULT, FAULT_CONFIG);
		g_test_message("  %s", error->message);
		g_assert_nonnull(strstr(error->message, cases[i].says));
		g_assert_null(host);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/url/taken", test_taken);
	g_test_add_func("/url/refused", test_refused);
	return g_test_run();
}
