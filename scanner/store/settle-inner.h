/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_SETTLE_INNER_H
#define FLAGPOST_STORE_SETTLE_INNER_H
/*
 * settle_inner - the young part of the index on its way into blocks: what settle-walk.c gathers and
 * settle.c writes. Seen by these two alone.
 */
#include "store/block-page.h"
#include "store/block.h"
#include "store/settle.h"

#define SETTLE_SLICE (2u << 20) /* bytes of pages that are written at once */

struct settle_builder {
	struct block block;
	guint from;                                  /* the first of its docs */
	struct posting *postings[INDEX_COLUMNS + 1]; /* of the word at hand */
	struct block_page *page;
	bool touched; /* it has some */
};

/* One to write. */
struct settle_page {
	gint64 block;
	char *first;
	GBytes *data;
};

struct settle {
	struct database *database;
	GArray *docs;                   /* gint64, rising */
	GArray *lengths[BLOCK_LENGTHS]; /* guint32 of each */
	GPtrArray *builders;            /* each has `share` docs, the last one what is left */
	guint share;
	guint at;      /* the doc that was looked for last */
	GString *term; /* the word at hand */
	GByteArray *bytes;
	GString *key;
	GPtrArray *pages; /* of struct settle_page: full ones */
	gsize page_bytes;
	struct new_words *words; /* on their way into the vocabulary; NULL before that */
	bool more_words;
	bool slices;   /* each a transaction; else the caller's is open */
	gint64 purges; /* how many there had been when docs were read */
};

void settle_start(struct settle *settle, struct database *database, bool slices);
void settle_end(struct settle *settle);
/* The docs, and builders of their blocks, which have no id yet. */
bool settle_read(struct settle *settle, GError **error);
/* As term_block.docs has them. */
GBytes *settle_docs(const struct settle *settle, const struct settle_builder *builder);

/*
 * Over words behind settle->term, or tokens of people, up to the end of one behind which pages
 * are to be written: *more then.
 */
bool settle_walk(struct settle *settle, bool people, bool *more, GError **error);
/* Behind the last one: pages that are not full. */
void settle_last_pages(struct settle *settle);

#endif
