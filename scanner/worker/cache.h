/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_CACHE_H
#define FLAGPOST_WORKER_CACHE_H
/*
 * cache - what readers made of the parts of earlier messages, so that an attachment which goes
 * round is read once.
 *
 * Known by the SHA-256 of the decoded bytes and all else that decides a reading: types, name,
 * charset, place, reader. What comes back is what the reader left in the message: outcome, facts,
 * detail, texts and their normalised twins, members and theirs. Only whole readings are
 * kept: none that a limit or the clock cut short. One a worker, for one set of limits and one set
 * of reading options; the least recently used go first.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "worker/extract.h"
#include "worker/normalise.h"

#define CACHE_LEAST 512 /* bytes of a part; a smaller one is read faster than found */

struct cache;

struct cache *cache_new(guint64 max); /* bytes kept, about; 0: nothing is */
void cache_free(struct cache *cache);
AUTO_DEFINE(cache, cache_free)

/* A new message begins: what is known of the texts of the last one is no more. */
void cache_begin(struct cache *cache);

/* Has the item's reader read it, or puts into the message what it read before. */
void cache_read(struct item *item);

/*
 * The twin of the text with that index in the message at hand, as it was kept; false when nothing
 * is known. What is put into out is the caller's.
 */
bool cache_get_twin(struct cache *cache, guint index, const struct text *text,
    enum normalise_result *result, struct normalised *out);
void cache_put_twin(struct cache *cache, guint index, const struct text *text,
    enum normalise_result result, const struct normalised *twin);

struct cache_counts {
	guint64 readings; /* that readers made of parts as large as CACHE_LEAST */
	guint64 recalled; /* that came from here */
	guint64 bytes;    /* held now */
};

void cache_count(const struct cache *cache, struct cache_counts *counts);

#endif
