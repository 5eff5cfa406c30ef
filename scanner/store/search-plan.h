/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_SEARCH_PLAN_H
#define FLAGPOST_STORE_SEARCH_PLAN_H
/*
 * search_plan - a tree of store/search.h as streams, with as much as can be in expressions of
 * store/block-expr.h, since blocks are fastest at words.
 */
#include "store/search-stream.h"
#include "store/search.h"

struct plan {
	struct stream_context *context;
	GPtrArray *notes; /* of char *: what was looked for otherwise than it was asked */
	GString *words;   /* an expression of all words that are looked for; "" for none */
	bool narrow;      /* the view shows less than all: tags tell of all places */
	bool texts;       /* bodies and attachments are looked into */
	gint64 spill;
};

/* Of what has all children; more may be added to it. NULL after an error in the context. */
struct stream *plan_make(struct plan *plan, const struct search *search);

/* --- search-words.c: one text as an expression of store/block-expr.h --- */

/* NULL where there is nothing to look for, which a note says, or after an error. */
char *plan_words(struct plan *plan, const char *text);
/* columns: "{sender}"; kinds: enum word_kind. Any part of a word will do where there is one. */
char *plan_field(struct plan *plan, const char *columns, guint kinds, const char *text);
/* What each stretch of a glob between wild cards asks of the words of columns; "": nothing. */
char *plan_glob(struct plan *plan, const char *columns, guint kinds, const char *glob);

void plan_note(struct plan *plan, const char *format, ...) G_GNUC_PRINTF(2, 3);

#endif
