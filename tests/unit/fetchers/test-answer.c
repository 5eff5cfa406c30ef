/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fetchers/answer.h"

#include <string.h>

#define HEAD "{\"access_token\":\"abc\",\"token_type\":\"Bearer\""

static void
test_tokens(void)
{
	static const struct {
		const char *label, *text;
		long status;
		enum answer_kind kind;
		guint life;       /* of a token */
		const char *says; /* of anything else */
	} cases[] = {
		{ "as it should be", HEAD ",\"expires_in\":3600}", 200, ANSWER_TOKEN, 3600, NULL },
		{ "more than we need", HEAD ",\"expires_in\":60,\"x\":[{\"y\":null}]}", 200,
		    ANSWER_TOKEN, 60, NULL },
		{ "no time said", HEAD "}", 200, ANSWER_TOKEN, ANSWER_LIFE_DEFAULT, NULL },
		{ "a time in a string, as some write it", HEAD ",\"expires_in\":\"3599\"}", 200,
		    ANSWER_TOKEN, 3599, NULL },
		{ "a huge time is a day", HEAD ",\"expires_in\":9000000000000000000}", 200,
		    ANSWER_TOKEN, ANSWER_LIFE_MAX, NULL },
		{ "and so is one beyond numbers", HEAD ",\"expires_in\":1e300}", 200, ANSWER_TOKEN,
		    ANSWER_LIFE_MAX, NULL },
		{ "no case in the type", "{\"access_token\":\"a\",\"token_type\":\"bearer\"}", 200,
		    ANSWER_TOKEN, ANSWER_LIFE_DEFAULT, NULL },
		{ "expired on arrival", HEAD ",\"expires_in\":0}", 200, ANSWER_BROKEN, 0,
		    "expires_in" },
		{ "before it", HEAD ",\"expires_in\":-1}", 200, ANSWER_BROKEN, 0, "expires_in" },
		{ "a time that is none", HEAD ",\"expires_in\":[1]}", 200, ANSWER_BROKEN, 0,
		    "expires_in" },
		{ "a time in words", HEAD ",\"expires_in\":\"soon\"}", 200, ANSWER_BROKEN, 0,
		    "expires_in" },
		{ "no token", "{\"token_type\":\"Bearer\"}", 200, ANSWER_BROKEN, 0,
		    "no access_token" },
		{ "a number for a token", "{\"access_token\":1,\"token_type\":\"Bearer\"}", 200,
		    ANSWER_BROKEN, 0, "access_token" },
		{ "an empty one", "{\"access_token\":\"\",\"token_type\":\"Bearer\"}", 200,
		    ANSWER_BROKEN, 0, "access_token" },
		{ "a control character ends a SASL message",
		    "{\"access_token\":\"a\\u0001auth=Bearer b\",\"token_type\":\"Bearer\"}", 200,
		    ANSWER_BROKEN, 0, "access_token" },
		{ "a line break is a command",
		    "{\"access_token\":\"a\\r\\nA1 DELETE x\",\"token_type\":\"Bearer\"}", 200,
		    ANSWER_BROKEN, 0, "access_token" },
		{ "another kind of token", "{\"access_token\":\"a\",\"token_type\":\"mac\"}", 200,
		    ANSWER_BROKEN, 0, "token_type" },
		{ "no kind of token", "{\"access_token\":\"a\"}", 200, ANSWER_BROKEN, 0,
		    "token_type" },
		{ "a refresh token with a line break", HEAD ",\"refresh_token\":\"a\\nb\"}", 200,
		    ANSWER_BROKEN, 0, "refresh_token" },
		{ "the same key twice: which one?", HEAD ",\"access_token\":\"def\"}", 200,
		    ANSWER_BROKEN, 0, "JSON object" },
		{ "text behind it", HEAD "} x", 200, ANSWER_BROKEN, 0, "JSON object" },
		{ "a list", "[]", 200, ANSWER_BROKEN, 0, "JSON object" },
		{ "a page of a proxy", "<html>login</html>", 200, ANSWER_BROKEN, 0, "JSON object" },
		{ "nothing", "", 200, ANSWER_BROKEN, 0, "JSON object" },
		{ "an error with a token beside it", "{\"error\":\"x\",\"access_token\":\"abc\"}",
		    200, ANSWER_REFUSED, 0, "" },
		{ "a redirection", "", 302, ANSWER_BROKEN, 0, "JSON object" },
		{ "a refusal without a reason", "{}", 400, ANSWER_BROKEN, 0, "no error" },
		{ "revoked", "{\"error\":\"invalid_grant\",\"error_description\":\"gone\"}", 400,
		    ANSWER_REVOKED, 0, "gone" },
		{ "not let in", "{\"error\":\"invalid_client\"}", 401, ANSWER_CLIENT, 0, "" },
		{ "another error", "{\"error\":\"invalid_scope\"}", 400, ANSWER_REFUSED, 0, "" },
		{ "an error that is no word", "{\"error\":{\"a\":1}}", 400, ANSWER_BROKEN, 0,
		    "no error" },
		{ "too many requests", "slow down", 429, ANSWER_WAIT, 0, "" },
		{ "too busy", "{}", 503, ANSWER_WAIT, 0, "" },
		{ "too busy, in words", "{\"error\":\"temporarily_unavailable\"}", 400, ANSWER_WAIT,
		    0, "" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(answer) answer =
		    answer_parse(cases[i].status, cases[i].text, strlen(cases[i].text));
		g_test_message("%s: %s", cases[i].label, answer->text);
		g_assert_cmpint(answer->kind, ==, cases[i].kind);
		if (answer->kind == ANSWER_TOKEN)
			g_assert_cmpuint(answer->life_seconds, ==, cases[i].life);
		else
			g_assert_nonnull(strstr(answer->text, cases[i].says));
	}
}

static void
test_bounds(void)
{
	g_autofree char *token = g_strnfill(ANSWER_TOKEN_MAX + 1, 'a');
	g_autofree char *text =
	    g_strdup_printf("{\"access_token\":\"%s\",\"token_type\":\"Bearer\"}", token);
	g_autofree char *huge = g_strnfill(ANSWER_BYTES_MAX + 1, ' ');
	g_autofree char *deep = g_strnfill(ANSWER_BYTES_MAX, '[');
	g_autoptr(answer) long_token = answer_parse(200, text, strlen(text));
	g_autoptr(answer) long_answer = answer_parse(200, huge, strlen(huge));
	g_autoptr(answer) deep_answer = answer_parse(200, deep, strlen(deep));

	g_assert_cmpint(long_token->kind, ==, ANSWER_BROKEN);
	g_assert_cmpint(long_answer->kind, ==, ANSWER_BROKEN);
	g_assert_cmpint(deep_answer->kind, ==, ANSWER_BROKEN);
}

static void
test_status(void)
{
	const char *text = "{\"status\":\"401\",\"schemes\":\"bearer\"}";
	g_autofree char *status = answer_status(text, strlen(text));
	g_autofree char *none = answer_status("[]", 2);

	g_assert_cmpstr(status, ==, "401");
	g_assert_null(none);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/answer/tokens", test_tokens);
	g_test_add_func("/answer/bounds", test_bounds);
	g_test_add_func("/answer/status", test_status);
	return g_test_run();
}
