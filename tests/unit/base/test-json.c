/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json.h"

static void
test_strings(void)
{
	static const struct {
		const char *label, *value, *expected;
	} cases[] = {
		{ "plain text", "abc", "\"abc\"" },
		{ "nothing known", NULL, "null" },
		{ "a quote must not end the string", "a\"b", "\"a\\\"b\"" },
		{ "a backslash", "C:\\", "\"C:\\\\\"" },
		{ "a line break must not break the line", "a\nb\rc\td", "\"a\\nb\\u000dc\\td\"" },
		{ "a terminal's escape", "\033[2J\x7f", "\"\\u001b[2J\\u007f\"" },
		{ "a C1 control", "\xc2\x9b", "\"\\u009b\"" },
		{ "other scripts stay", "日本 😀", "\"日本 😀\"" },
		{ "broken UTF-8, byte for byte", "a\xff\xc3", "\"a\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "an encoded surrogate is broken", "\xed\xa0\x80",
		    "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) out = g_string_new(NULL);
		struct json json;
		g_test_message("%s", cases[i].label);
		json_init(&json, out);
		json_string(&json, cases[i].value);
		g_assert_cmpstr(out->str, ==, cases[i].expected);
	}
}

static void
test_structure(void)
{
	static const char *const to[] = { "a@x.example", "b@x.example", NULL };
	static const char *const none[] = { NULL };
	g_autoptr(GString) out = g_string_new(NULL);
	struct json json;

	json_init(&json, out);
	json_begin(&json, '{');
	json_put(&json, "file", "a.eml");
	json_put_int(&json, "size", G_MININT64);
	json_put_bool(&json, "hidden", false);
	json_put_strings(&json, "to", to);
	json_put_strings(&json, "cc", none);
	json_put_strings(&json, "bcc", NULL);
	json_key(&json, "flags");
	json_begin(&json, '[');
	for (guint i = 0; i < 2; i++) {
		json_begin(&json, '{');
		json_put(&json, "id", NULL);
		json_end(&json);
	}
	json_begin(&json, '[');
	json_end(&json);
	json_int(&json, 7);
	json_bool(&json, true);
	json_end(&json);
	json_put(&json, "end", "");
	json_end(&json);
	g_assert_cmpstr(out->str, ==,
	    "{\"file\":\"a.eml\",\"size\":-9223372036854775808,\"hidden\":false,"
	    "\"to\":[\"a@x.example\",\"b@x.example\"],\"cc\":[],\"bcc\":[],"
	    "\"flags\":[{\"id\":null},{\"id\":null},[],7,true],\"end\":\"\"}");
	g_assert_cmpuint(json.depth, ==, 0);

	g_test_message("one writer serves one object a line");
	g_string_assign(out, "");
	for (guint i = 0; i < 2; i++) {
		json_begin(&json, '{');
		json_put_int(&json, "n", i);
		json_end(&json);
		g_string_append_c(out, '\n');
	}
	g_assert_cmpstr(out->str, ==, "{\"n\":0}\n{\"n\":1}\n");
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/json/strings", test_strings);
	g_test_add_func("/json/structure", test_structure);
	return g_test_run();
}
