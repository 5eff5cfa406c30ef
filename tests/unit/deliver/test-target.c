/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "deliver/target.h"

#include <string.h>

#include "base/fault.h"

static void
test_urls(void)
{
	static const struct {
		const char *label, *url;
		enum target_kind kind;
		const char *host;
		guint port;
		const char *refused;
	} cases[] = {
		{ "a collector, over TLS", "syslogs://logs.corp.example", TARGET_SYSLOG_TLS,
		    "logs.corp.example", 6514, NULL },
		{ "one on this machine", "syslog://localhost", TARGET_SYSLOG, "localhost", 601,
		    NULL },
		{ "by address", "syslog://[::1]:10514", TARGET_SYSLOG, "::1", 10514, NULL },
		{ "who wrote to whom crosses no network in clear", "syslog://logs.corp.example", 0,
		    NULL, 0, "write syslogs://" },
		{ "a webhook", "https://siem.corp.example/in?source=mail", TARGET_WEBHOOK,
		    "siem.corp.example", 443, NULL },
		{ "a webhook at a port", "https://siem.corp.example:8443/in", TARGET_WEBHOOK,
		    "siem.corp.example", 8443, NULL },
		{ "a webhook without TLS", "http://siem.corp.example/in", 0, NULL, 0, "none of" },
		{ "a password in an address is read by all", "https://u:p@siem.corp.example/", 0,
		    NULL, 0, "has a user" },
		{ "no host", "https:///in", 0, NULL, 0, "no address" },
		{ "a file", "file:///etc/passwd", 0, NULL, 0, "none of" },
		{ "nothing", "", 0, NULL, 0, "none of" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(target) target = target_new("siem");
		g_autoptr(GError) error = NULL;
		bool right = target_set_url(target, cases[i].url, &error);
		g_test_message("%s: %s", cases[i].label, right ? "" : error->message);
		g_assert_cmpint(right, ==, cases[i].refused == NULL);
		if (!right) {
			g_assert_cmpint(error->code, ==, FAULT_CONFIG);
			g_assert_nonnull(strstr(error->message, cases[i].refused));
			continue;
		}
		g_assert_cmpint(target->kind, ==, cases[i].kind);
		g_assert_cmpstr(target->host, ==, cases[i].host);
		g_assert_cmpuint(target->port, ==, cases[i].port);
		g_autoptr(GVariant) variant = g_variant_ref_sink(target_put(target));
		g_autoptr(target) again = target_get(variant, &error);
		g_assert_no_error(error);
		g_assert_cmpstr(again->url, ==, target->url);
		g_assert_cmpint(again->kind, ==, target->kind);
	}
}

static void
test_frame(void)
{
	g_autoptr(GString) out = g_string_new(NULL);
	gint64 time = G_GINT64_CONSTANT(1795305600) * G_USEC_PER_SEC;

	target_frame(out, "CEF:0|a", 2, time, "mail host\n");
	target_frame(out, "CEF:0|b", 9, time, "");
	g_test_message("the length in front counts all that follows it; a host has no blank");
	g_assert_cmpstr(out->str, ==,
	    "62 <106>1 2026-11-22T00:00:00Z mailhost flagpost - flag - CEF:0|a"
	    "55 <111>1 2026-11-22T00:00:00Z - flagpost - flag - CEF:0|b");
}

/* RFC 4231, test case 2, has the same key; what is signed here holds the time in front. */
static void
test_signature(void)
{
	static const char body[] = "what do ya want for nothing?";
	g_autoptr(GBytes) bytes = g_bytes_new_static(body, strlen(body));
	g_autoptr(GBytes) none = g_bytes_new_static("", 0);
	g_autofree char *one = target_signature("Jefe", 1795305600, bytes);
	g_autofree char *other = target_signature("Jefe", 1795305601, bytes);
	g_autofree char *empty = target_signature("Jefe", 1795305600, none);
	g_autofree char *wanted = g_compute_hmac_for_string(G_CHECKSUM_SHA256,
	    (const guchar *)"Jefe", 4, "1795305600.what do ya want for nothing?", -1);
	g_autofree char *text = g_strconcat("t=1795305600,v1=", wanted, NULL);

	g_assert_cmpstr(one, ==, text);
	g_assert_cmpstr(strstr(one, "v1="), !=, strstr(other, "v1="));
	g_assert_cmpstr(strstr(one, "v1="), !=, strstr(empty, "v1="));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/target/urls", test_urls);
	g_test_add_func("/target/frame", test_frame);
	g_test_add_func("/target/signature", test_signature);
	return g_test_run();
}
