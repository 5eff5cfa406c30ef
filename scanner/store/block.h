/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_BLOCK_H
#define FLAGPOST_STORE_BLOCK_H
/*
 * block - a part of the search's index: messages, one or some ten thousands, numbered by ranks in
 * the order of their docs, and a sorted list of all words in them.
 *
 * term_block has a block's docs and the lengths of their texts; term_page the list of its keys,
 * packed into pages: each key is a word, BLOCK_END and the letter of its column (block_letter);
 * behind it the postings of store/posting.h. Each batch of messages is a block, and blocks are
 * merged (store/settle.h). They are never changed but by a purge or a late copy, which leave docs
 * and ranks as they are: a doc may be of two blocks, and has its words in one of them.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "store/database.h"
#include "store/index.h"
#include "store/posting.h"

#define BLOCK_END     "\t"
#define BLOCK_PEOPLE  "\x02" /* before tokens of store/party.h, whose column is INDEX_COLUMNS */
#define BLOCK_KEY_MAX 256

enum block_length { BLOCK_BODY, BLOCK_FILES, BLOCK_ALL, BLOCK_LENGTHS };

struct block {
	gint64 id, first, last; /* docs */
	guint32 count;
	/* With block_load: */
	gint64 *docs;
	guint32 *lengths[BLOCK_LENGTHS];
};

/*
 * Of struct block, the newest docs first; they live as long as the connection lists them: those of
 * another transaction may be gone. NULL: error.
 */
GPtrArray *block_list(struct database *database, GError **error);
bool block_load(struct database *database, struct block *block, GError **error);
/* After block_load. The largest rank whose doc is at or below doc; -1: none. */
gint64 block_rank(const struct block *block, gint64 doc);

/* False, and says so: what was read of it is nothing that was written. */
bool block_damaged(const struct block *block, GError **error);

/* A bit for each rank: in how many words they are, and so many without one set; g_free. */
gsize block_words(const struct block *block);
guint64 *block_bits_new(const struct block *block);

/* Postings of a key; false where they are damaged, which ends the walk. */
typedef bool block_visit(const char *key, const guint8 *data, gsize size, void *user);
/* --- block-scan.c: over all keys that begin so, in their order --- */

/* With all of their postings. */
bool block_scan(struct database *database, const struct block *block, const char *beginning,
    block_visit *visit, void *user, GError **error);
/*
 * The same, but that visit gets of long postings what they begin with, and as long as it returns
 * false, once more with more of them, up to all: ranks stand before counts, and both before places.
 */
bool block_scan_heads(struct database *database, const struct block *block, const char *beginning,
    block_visit *visit, void *user, GError **error);

struct block_entry {
	const char *key;
	const guint8 *data; /* postings */
	gsize size, whole;  /* of them: what is at hand, and in all */
	gint64 page;        /* where they stand, */
	gsize at;           /* and at which byte of it */
};
typedef bool block_visit_entry(const struct block_entry *entry, void *user);
/* As block_scan_heads; more of the postings can be read later. */
bool block_scan_entries(struct database *database, const struct block *block, const char *beginning,
    block_visit_entry *visit, void *user, GError **error);

/* Bytes of a page, while nothing is written in the same connection. NULL: error. */
struct block_reader;
struct block_reader *block_reader_open(struct database *database, gint64 page, GError **error);
bool block_reader_get(
    struct block_reader *reader, gsize at, guint8 *out, gsize size, GError **error);
void block_reader_close(struct block_reader *reader);
AUTO_DEFINE(block_reader, block_reader_close)

/* The first of the entries of one page. Stops behind the last key that begins so. */
bool block_scan_page(const guint8 *data, gsize size, const char *beginning, block_visit *visit,
    void *user, bool *over);

/*
 * Where the postings of an entry of a page begin, and how many bytes they have, which may be too
 * many; NULL: the page is damaged. key (BLOCK_KEY_MAX bytes) is that of the entry before, "" at
 * first, and becomes its own.
 */
const guint8 *block_next_entry(const guint8 *at, const guint8 *end, char *key, guint64 *bytes);

/* The column of a key; INDEX_COLUMNS for people's. */
guint block_column(const char *key);
void block_append_key(GString *out, const char *word, guint column);
/* What posting_... needs to know of a column. */
struct posting_frame block_frame(const struct block *block, guint column);

#endif
