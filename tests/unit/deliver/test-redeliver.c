/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "deliver/redeliver.h"

#include <string.h>

#include "base/fault.h"

#define DIGEST "0123456789abcdef"
#define HEAD                                                                                       \
	"Resent-Date: Sun, 22 Nov 2026 09:02:05 +0000\r\n"                                         \
	"Resent-From: flagpost@corp.example\r\n"                                                   \
	"Resent-To: anna@corp.example\r\n"                                                         \
	"Resent-Message-ID: <redelivered.77@corp.example>\r\n" REDELIVER_MARK ": " DIGEST "\r\n"

static const struct {
	const char *label, *copy, *wanted;
	bool changed;
} cases[] = {
	{ "exact bytes behind the fields", "Subject: a\r\n\r\nbody\r\n",
	    "Subject: a\r\n\r\nbody\r\n", false },
	{ "dots are the transport's affair", "S: a\r\n\r\n.\r\n..x\r\n", "S: a\r\n\r\n.\r\n..x\r\n",
	    false },
	{ "no end of line at the end stays so", "S: a\r\n\r\nx", "S: a\r\n\r\nx", false },
	{ "SMTP knows no bare LF", "S: a\n\nx\n.\ny\n", "S: a\r\n\r\nx\r\n.\r\ny\r\n", true },
	{ "a bare CR is no line end", "S: a\r\n\r\nx\ry\r\n", "S: a\r\n\r\nx\ry\r\n", false },
};

static const char *const anna[] = { "anna@corp.example", NULL };

static GBytes *
make(const char *copy, const char *const *to, bool *changed, GError **error)
{
	const struct redeliver redeliver = { "flagpost@corp.example", to, DIGEST, "77",
		G_GINT64_CONSTANT(1795338125) * G_USEC_PER_SEC };
	g_autoptr(GBytes) bytes = g_bytes_new_static(copy, strlen(copy));

	return redeliver_message(&redeliver, bytes, changed, error);
}

static void
test_bytes(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *wanted = g_strconcat(HEAD, cases[i].wanted, NULL);
		bool changed = false;
		g_autoptr(GBytes) got = make(cases[i].copy, anna, &changed, NULL);
		gsize size;
		const char *data = g_bytes_get_data(got, &size);
		g_autofree char *text = g_strndup(data, size);
		g_test_message("%s", cases[i].label);
		g_assert_cmpstr(text, ==, wanted);
		g_assert_true(changed == cases[i].changed);
	}
}

static void
test_addresses(void)
{
	static const char *const wrong[] = { "a@x.example\r\nBcc: b@x.example", "a@x.example\nRSET",
		"<a@x.example>", "a b@x.example", "no-domain@", "\xC3\xA4@x.example" };

	for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
		const char *const to[] = { "anna@corp.example", wrong[i], NULL };
		g_autoptr(GError) error = NULL;
		bool changed;
		g_assert_null(make("S: a\r\n\r\n", to, &changed, &error));
		g_assert_error(error, FAULT, FAULT_CONFIG);
		g_assert_null(strpbrk(error->message, "\r\n"));
	}
}

static void
test_mark(void)
{
	static const struct {
		const char *label, *copy;
		bool marked;
	} marks[] = {
		{ "ours", HEAD "S: a\r\n\r\n", true },
		{ "in any case of letters", "x-flagpost-redelivered: y\n\n", true },
		{ "in the body it is text", "S: a\r\n\r\n" REDELIVER_MARK ": x\r\n", false },
		{ "in another field's value too", "S: " REDELIVER_MARK ": x\r\n\r\n", false },
		{ "nothing at all", "", false },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(marks); i++) {
		g_autoptr(GBytes) copy = g_bytes_new_static(marks[i].copy, strlen(marks[i].copy));
		g_test_message("%s", marks[i].label);
		g_assert_true(redeliver_is_marked(copy) == marks[i].marked);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/deliver/redeliver/bytes", test_bytes);
	g_test_add_func("/deliver/redeliver/addresses", test_addresses);
	g_test_add_func("/deliver/redeliver/mark", test_mark);
	return g_test_run();
}
