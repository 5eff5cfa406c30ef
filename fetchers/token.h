/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_FETCHERS_TOKEN_H
#define FLAGPOST_FETCHERS_TOKEN_H
/*
 * token - the words of one IMAP answer as reader.h hands it over (RFC 3501 section 4).
 *
 *	token_start(&token, text->str, text->len); while (token_next(&token)) ...
 */
#include <glib.h>
#include <stdbool.h>

#define TOKEN_DEPTH_MAX 64

enum token_kind {
	TOKEN_END,
	TOKEN_OPEN,   /* ( */
	TOKEN_CLOSE,  /* ) */
	TOKEN_ATOM,   /* number, name, flag, NIL; BODY[...] is one atom */
	TOKEN_STRING, /* quoted or a literal that was kept; its bytes in value */
	TOKEN_STREAM, /* a literal that went by; its size in number */
	TOKEN_BROKEN, /* an open quote or bracket, a mark that is none */
};

struct token {
	enum token_kind kind;
	GString *value; /* of atoms and strings */
	guint64 number; /* of TOKEN_STREAM: bytes */
	const char *at, *end;
};

/* text is borrowed. */
void token_start(struct token *token, const char *text, gsize size);
void token_clear(struct token *token);

/* Steps on. False at the end and at broken text; kind tells which. */
bool token_next(struct token *token);

/* The token is this atom, without case. */
bool token_is(const struct token *token, const char *atom);

/* Decimal digits only, at most max. */
bool token_number(const struct token *token, guint64 max, guint64 *out);

/* With the first token of a value at hand, steps over the rest of it: a list up to its ")". */
bool token_skip(struct token *token);

#endif
