/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_INDEX_H
#define FLAGPOST_STORE_INDEX_H
/*
 * index - what the search knows of messages; written within the transaction that records them.
 *
 * Header fields and file names of every message are in it as far as the database holds them;
 * the words of bodies and attachments of those alone whose copy is kept. Rows of a batch are
 * put off until its end, when they become a block of the index (store/block.h).
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "mail/verdict.h"
#include "store/database.h"

/* How much of a message can be searched; message.indexed. */
enum index_level {
	INDEX_NOTHING,
	INDEX_FIELDS, /* people, subject, file names */
	INDEX_CUT,    /* its texts too, but not all of them */
	INDEX_WHOLE,
};

/* What is amiss with it; bits of search_state.rebuild. */
enum index_amiss {
	INDEX_UNFINISHED = 1 << 0, /* it is made anew, and not all is back */
	INDEX_DAMAGED = 1 << 1,    /* it is to be made anew: texts could not be put into it */
};

/* Where a word stands, among the words in which parts are looked for; bits of word.kinds. */
enum word_kind {
	WORD_PEOPLE = 1 << 0,
	WORD_SUBJECT = 1 << 1,
	WORD_NAMES = 1 << 2,
	WORD_TEXT = 1 << 3,
};

/* Columns of the index. */
enum index_column {
	INDEX_BODY,
	INDEX_FILES,
	INDEX_SUBJECT,
	INDEX_NAMES,
	INDEX_SENDER,
	INDEX_RECIPIENTS,
	INDEX_DELIVERED,
	INDEX_COLUMNS,
};

/* Their names. */
extern const char *const index_columns[INDEX_COLUMNS];

/* Docs of one second: those of the second s are s * INDEX_PER_SECOND + 1 and the next. */
#define INDEX_PER_SECOND 16

struct index;

struct index *index_new(struct database *database);
void index_free(struct index *index);
AUTO_DEFINE(index, index_free)

/* The first doc that a message of this time (microseconds) can have. */
gint64 index_first_doc(gint64 time);
/* A free one for a message of this time: that one, or one behind it. */
bool index_doc(struct database *database, gint64 time, gint64 *doc, GError **error);

/*
 * A message that is recorded right now, with that doc; copy: one of it is kept. *level is for its
 * row.
 */
bool index_new_message(struct index *index, gint64 doc, const struct verdict *verdict, bool copy,
    enum index_level *level, GError **error);
/*
 * One that was recorded, and may have a copy now: what is not in the index yet goes there. terms:
 * the verdict's at hand.
 */
bool index_message(
    struct index *index, gint64 message, const struct verdict_terms *terms, GError **error);
/* Messages that are older than the search get their doc; at most n. *left: there are more. */
bool index_backfill(struct index *index, guint n, bool *left, GError **error);

/* Before a commit: what was put off. */
bool index_flush(struct index *index, GError **error);
/* Behind a commit: settles what is due (store/settle.h), in transactions of its own, */
bool index_settle(struct index *index, GError **error);
/* or beside what follows: within the transactions of index_flush. */
void index_settle_beside(struct index *index);
/* Outside of transactions: waits until that has ended. */
bool index_finish(struct index *index, GError **error);
/* After a rollback. */
void index_forget(struct index *index);

/* Within a write transaction: all messages are out of it, and to be indexed anew. Docs stay. */
bool index_empty(struct database *database, GError **error);

#endif
