/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_SEARCH_H
#define FLAGPOST_STORE_SEARCH_H
/*
 * search - what is looked for, as a tree. cmd/filters.h makes one of what people type; view_search
 * answers it. Every text is text: nothing in it means anything to SQL or FTS5.
 *
 *	SEARCH_WORDS      text, in subject, body, attachments, file names and people; a phrase when
 *	                  it has several words. word* begins so, *word* has it within.
 *	SEARCH_FROM, _TO  people, by any part of a name or an address; @x.example: that domain and
 *	                  what lies below it. TO has the real recipients too, DELIVERED them alone.
 *	SEARCH_SUBJECT    any part of a word, or several in a row
 *	SEARCH_FILENAME   the same, or a glob over the whole name when there is a * or ? in it
 *	SEARCH_BODY       words of body and attachments
 *	SEARCH_RULE, _ACCOUNT, _FOLDER   an id or name, or a glob
 *	SEARCH_HAS        "attachment", "copy", "gone", "flag", or a word of facts
 *	SEARCH_STATE, _DIRECTION, _OUTCOME   a word of mail/words.h
 *	SEARCH_DATE       from <= time < to, by the Date header, else when it was first seen
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"

#define SEARCH_NODES_MAX 500 /* of one tree */
#define SEARCH_DEPTH_MAX 32
/* Of one phrase (mail/terms-once knows none longer); what is beyond is not looked for, and told. */
#define SEARCH_WORDS_MAX 40
#define SEARCH_EXPAND    200  /* words that a part of one may stand for */
#define SEARCH_RANKED    1000 /* newest hits that are ranked */
#define SEARCH_SECONDS   30
#define SEARCH_COUNT_US  40000 /* processor time of a count that need not be exact */

enum search_kind {
	SEARCH_ALL_OF, /* all children; none: every message */
	SEARCH_ANY_OF, /* one of them; none: no message */
	SEARCH_NOT,    /* not its one child */
	SEARCH_WORDS,
	SEARCH_FROM,
	SEARCH_TO,
	SEARCH_DELIVERED,
	SEARCH_SUBJECT,
	SEARCH_FILENAME,
	SEARCH_BODY,
	SEARCH_RULE,
	SEARCH_ACCOUNT,
	SEARCH_FOLDER,
	SEARCH_HAS,
	SEARCH_STATE,
	SEARCH_DIRECTION,
	SEARCH_OUTCOME,
	SEARCH_DATE,
};

struct search {
	enum search_kind kind;
	char *text;          /* valid UTF-8; "" for kinds without */
	gint64 from, to;     /* SEARCH_DATE: microseconds; G_MININT64 and G_MAXINT64: open */
	GPtrArray *children; /* of struct search */
};

struct search *search_new(enum search_kind kind, const char *text);
struct search *search_date(gint64 from, gint64 to);
/* Takes child. */
void search_add(struct search *search, struct search *child);
void search_free(struct search *search);
AUTO_DEFINE(search, search_free)

/*
 * Whether no message whatever is found by it, since texts that it needs have no letter and no
 * digit. What is not such a thing is every message, which nobody means.
 */
bool search_is_vain(const struct search *search);
guint search_size(const struct search *search);

#endif
