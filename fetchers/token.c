/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fetchers/token.h"

#include <string.h>

#include "fetchers/reader.h"

void
token_start(struct token *token, const char *text, gsize size)
{
	*token = (struct token){ .kind = TOKEN_END, .at = text, .end = text + size };
	token->value = g_string_new(NULL);
}

void
token_clear(struct token *token)
{
	if (token->value != NULL)
		g_string_free(token->value, TRUE);
	token->value = NULL;
}

static enum token_kind
next_quoted(struct token *token)
{
	token->at++;
	for (; token->at < token->end; token->at++) {
		if (*token->at == '"') {
			token->at++;
			return TOKEN_STRING;
		}
		if (*token->at == '\\' && ++token->at == token->end)
			break;
		g_string_append_c(token->value, *token->at);
	}
	return TOKEN_BROKEN;
}

static enum token_kind
next_mark(struct token *token)
{
	gsize left = (gsize)(token->end - token->at);

	if (left < READER_MARK_BYTES)
		return TOKEN_BROKEN;
	char kind = token->at[1];
	memcpy(&token->number, token->at + 2, sizeof(token->number));
	token->at += READER_MARK_BYTES;
	if (kind == READER_STREAMED)
		return TOKEN_STREAM;
	if (kind != READER_INLINE || token->number > left - READER_MARK_BYTES)
		return TOKEN_BROKEN;
	g_string_append_len(token->value, token->at, (gssize)token->number);
	token->at += token->number;
	return TOKEN_STRING;
}

/* Brackets belong to the atom with all that stands in them: BODY[HEADER.FIELDS (TO)]. */
static enum token_kind
next_atom(struct token *token)
{
	guint brackets = 0;
	const char *start = token->at;

	for (; token->at < token->end; token->at++) {
		char c = *token->at;
		if (c == '\0' || (brackets == 0 && strchr(" ()\"", c) != NULL))
			break;
		if (c == '[')
			brackets++;
		else if (c == ']' && brackets > 0)
			brackets--;
	}
	g_string_append_len(token->value, start, token->at - start);
	return brackets > 0 ? TOKEN_BROKEN : TOKEN_ATOM;
}

bool
token_next(struct token *token)
{
	g_string_truncate(token->value, 0);
	token->number = 0;
	while (token->at < token->end && *token->at == ' ')
		token->at++;
	if (token->at == token->end) {
		token->kind = TOKEN_END;
		return false;
	}
	switch (*token->at) {
	case '(':
		token->at++;
		token->kind = TOKEN_OPEN;
		break;
	case ')':
		token->at++;
		token->kind = TOKEN_CLOSE;
		break;
	case '"':
		token->kind = next_quoted(token);
		break;
	case '\0':
		token->kind = next_mark(token);
		break;
	default:
		token->kind = next_atom(token);
	}
	if (token->kind == TOKEN_BROKEN)
		token->at = token->end;
	return token->kind != TOKEN_BROKEN;
}

bool
token_is(const struct token *token, const char *atom)
{
	return token->kind == TOKEN_ATOM && g_ascii_strcasecmp(token->value->str, atom) == 0;
}

bool
token_number(const struct token *token, guint64 max, guint64 *out)
{
	return token->kind == TOKEN_ATOM &&
	       g_ascii_string_to_unsigned(token->value->str, 10, 0, max, out, NULL);
}

bool
token_skip(struct token *token)
{
	guint depth = 0;

	do {
		if (token->kind == TOKEN_OPEN && ++depth > TOKEN_DEPTH_MAX)
			return false;
		if (token->kind == TOKEN_CLOSE && depth-- == 0)
			return false;
		if (depth == 0)
			return true;
	} while (token_next(token));
	return false;
}
