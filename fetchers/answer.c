/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fetchers/answer.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define WORD_MAX 80
#define TEXT_MAX 1000

static json_t *
parse_object(const char *text, gsize size)
{
	json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);

	if (json_is_object(root))
		return root;
	json_decref(root);
	return NULL;
}

static char *
short_string(const json_t *object, const char *key, gsize max)
{
	const char *text = json_string_value(json_object_get(object, key));

	return g_strndup(text != NULL ? text : "", max);
}

/* What RFC 6750 section 2.1 allows, no more: a blank or a control character ends a SASL message. */
static bool
is_token(const char *text, gsize size)
{
	for (gsize i = 0; i < size; i++) {
		if (!g_ascii_isgraph(text[i]) || strchr("\"\\,;", text[i]) != NULL)
			return false;
	}
	return size > 0 && size <= ANSWER_TOKEN_MAX;
}

/* False when it is there and wrong. */
static bool
take_token(const json_t *object, const char *key, char **out)
{
	const json_t *value = json_object_get(object, key);

	if (value == NULL)
		return true;
	if (!json_is_string(value) ||
	    !is_token(json_string_value(value), json_string_length(value)))
		return false;
	*out = g_strdup(json_string_value(value));
	return true;
}

/* Some write the number as a string. */
static bool
take_life(const json_t *object, guint *out)
{
	const json_t *value = json_object_get(object, "expires_in");
	guint64 seconds = ANSWER_LIFE_DEFAULT;

	if (json_is_integer(value) && json_integer_value(value) > 0)
		seconds = (guint64)json_integer_value(value);
	else if (json_is_real(value) && json_real_value(value) > ANSWER_LIFE_MAX)
		seconds = ANSWER_LIFE_MAX;
	else if (json_is_string(value)) {
		if (!g_ascii_string_to_unsigned(
			json_string_value(value), 10, 1, G_MAXUINT32, &seconds, NULL))
			return false;
	} else if (value != NULL && !json_is_integer(value))
		return false;
	else if (value != NULL && json_integer_value(value) <= 0)
		return false;
	*out = (guint)MIN(seconds, ANSWER_LIFE_MAX);
	return true;
}

static const char *
wrong_with_token(struct answer *answer, const json_t *object)
{
	const json_t *type = json_object_get(object, "token_type");

	if (!take_token(object, "access_token", &answer->token))
		return "its access_token is not a token";
	if (answer->token == NULL)
		return "it holds no access_token";
	if (!json_is_string(type) || g_ascii_strcasecmp(json_string_value(type), "Bearer") != 0)
		return "its token_type is not Bearer";
	if (!take_token(object, "refresh_token", &answer->refresh_token))
		return "its refresh_token is not a token";
	if (!take_life(object, &answer->life_seconds))
		return "its expires_in is not a time to come";
	return NULL;
}

static enum answer_kind
kind_of(const char *word, long status)
{
	static const struct {
		const char *word;
		enum answer_kind kind;
	} kinds[] = {
		{ "invalid_grant", ANSWER_REVOKED },
		{ "invalid_client", ANSWER_CLIENT },
		{ "unauthorized_client", ANSWER_CLIENT },
		{ "temporarily_unavailable", ANSWER_WAIT },
		{ "server_error", ANSWER_WAIT },
		{ "slow_down", ANSWER_WAIT },
	};

	if (status == 429 || status >= 500)
		return ANSWER_WAIT;
	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
		if (g_str_equal(word, kinds[i].word))
			return kinds[i].kind;
	}
	return ANSWER_REFUSED;
}

struct answer *
answer_parse(long status, const char *text, gsize size)
{
	struct answer *answer = g_new0(struct answer, 1);
	json_t *object = size <= ANSWER_BYTES_MAX ? parse_object(text, size) : NULL;
	const char *wrong = object == NULL ? "it is not one JSON object" : NULL;

	answer->word = short_string(object, "error", WORD_MAX);
	answer->text = short_string(object, "error_description", TEXT_MAX);
	if (status == 429 || status >= 500 || (answer->word[0] != '\0' && object != NULL)) {
		answer->kind = kind_of(answer->word, status);
	} else {
		answer->kind = ANSWER_TOKEN;
		if (wrong == NULL && status != 200)
			wrong = "it holds no error";
		if (wrong == NULL)
			wrong = wrong_with_token(answer, object);
	}
	if (wrong != NULL && answer->kind == ANSWER_TOKEN) {
		answer->kind = ANSWER_BROKEN;
		g_free(answer->text);
		answer->text = g_strdup(wrong);
	}
	json_decref(object);
	return answer;
}

static void
wipe(char *text)
{
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	g_free(text);
}

void
answer_free(struct answer *answer)
{
	if (answer == NULL)
		return;
	wipe(answer->token);
	wipe(answer->refresh_token);
	g_free(answer->word);
	g_free(answer->text);
	g_free(answer);
}

char *
answer_status(const char *text, gsize size)
{
	json_t *object = size <= ANSWER_BYTES_MAX ? parse_object(text, size) : NULL;
	char *status = object != NULL ? short_string(object, "status", WORD_MAX) : NULL;

	json_decref(object);
	return status;
}
