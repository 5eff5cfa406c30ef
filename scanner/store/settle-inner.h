/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_SETTLE_INNER_H
#define FLAGPOST_STORE_SETTLE_INNER_H
/*
 * settle_inner - what settle.c has its parts do: settle-merge.c makes one block of several;
 * settle-old.c and settle-walk.c make blocks of what a store of an older program has in FTS5. Seen
 * by these alone.
 */
#include "store/block-write.h"
#include "store/settle.h"

#define SETTLE_SLICE (2u << 20) /* bytes of pages that are written at once */

struct settler;
typedef bool settle_work(void *user, GError **error);

struct settle_run {
	struct database *reader;   /* by which blocks are read */
	struct database *database; /* by which they are written: another one beside an adder */
	bool slices;               /* each a transaction; else the caller's is open */
	gint64 purges;             /* how many there had been when it began */
	/* Beside an adder: in place of a transaction. */
	bool (*post)(struct settle_run *run, settle_work *work, void *user, GError **error);
	struct settler *beside;
};

bool settle_begin(struct settle_run *run, struct database *database, bool slices, GError **error);
/* All that is due. */
bool settle_due(struct settle_run *run, guint least, GError **error);
/* Within a write transaction: FAULT_RETRY where words were purged since the run began. */
bool settle_is_unchanged(struct settle_run *run, GError **error);

/* Within a write transaction. FAULT_RETRY: words were purged since the run began. */
bool settle_slice(struct settle_run *run, settle_work *work, void *user, GError **error);
/* As settle_drop_unfinished, in slices. */
bool settle_drop(struct settle_run *run, GError **error);

/* One block of these (struct block), which are gone then. */
bool settle_merge(struct settle_run *run, const GPtrArray *blocks, GError **error);

struct settle_builder {
	struct block_writer writer;
	guint from;                                  /* the first of its docs */
	struct posting *postings[INDEX_COLUMNS + 1]; /* of the word at hand */
	bool touched;                                /* it has some */
};

struct settle {
	struct settle_run *run;
	GArray *docs;                   /* gint64, rising */
	GArray *lengths[BLOCK_LENGTHS]; /* guint32 of each */
	GPtrArray *builders;            /* each has `share` docs, the last one what is left */
	guint share;
	guint at;      /* the doc that was looked for last */
	guint64 words; /* places that were walked over, but for those of people */
	GString *term; /* the word at hand */
};

void settle_start(struct settle *settle, struct settle_run *run);
void settle_end(struct settle *settle);
/* The docs, and builders of their blocks, which have no id yet. */
bool settle_read(struct settle *settle, GError **error);

/*
 * Over words behind settle->term, or tokens of people, up to the end of one behind which pages
 * are to be written: *more then.
 */
bool settle_walk(struct settle *settle, bool people, bool *more, GError **error);
/* Behind the last one: FAULT_DATA where there are other than so many as messages are long. */
bool settle_has_all(const struct settle *settle, GError **error);
/* The same: pages that are not full. */
void settle_last_pages(struct settle *settle);

#endif
