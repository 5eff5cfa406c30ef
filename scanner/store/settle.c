/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never takes away a block before all of it stands in another: what there is of that counts for
 * nothing until then, since a block of no messages is not listed.
 */
#include "store/settle.h"

#include "base/fault.h"
#include "base/log.h"
#include "store/new-words.h"
#include "store/query.h"
#include "store/settle-inner.h"
#include "store/vocabulary.h"

#define PAUSE_US   2000  /* between slices: who waits for the writer's lock has it then */
#define DROP_PAGES "400" /* of unfinished blocks, in a slice */

#define MERGE_BLOCKS 16 /* of one level: of so many messages at least, to the power of it */
#define MERGE_LEVELS 3  /* above: until there are SETTLE_DOCS messages */
#define MERGE_MOST   (2 * MERGE_BLOCKS)

/* --- slices --- */

static bool
read_purges(struct database *database, gint64 *purges, GError **error)
{
	static const struct query_text count = { "ask how often words were purged",
		"SELECT purges FROM search_state" };

	return query_number(database, &count, NO_VALUES, purges, error);
}

bool
settle_begin(struct settle_run *run, struct database *database, bool slices, GError **error)
{
	*run = (struct settle_run){ .reader = database, .database = database, .slices = slices };
	return read_purges(database, &run->purges, error);
}

/* Nobody else adds words, but another process may have taken some out. */
bool
settle_is_unchanged(struct settle_run *run, GError **error)
{
	gint64 purges = -1;

	if (!read_purges(run->database, &purges, error))
		return false;
	if (purges == run->purges)
		return true;
	g_set_error(error, FAULT, FAULT_RETRY, "words were purged while the index was settled");
	return false;
}

bool
settle_slice(struct settle_run *run, settle_work *work, void *user, GError **error)
{
	if (run->post != NULL)
		return run->post(run, work, user, error);
	if (!run->slices)
		return work(user, error);
	if (!database_begin(run->database, error))
		return false;
	if (!settle_is_unchanged(run, error) || !work(user, error) ||
	    !database_commit(run->database, error)) {
		database_rollback(run->database);
		return false;
	}
	g_usleep(PAUSE_US);
	return true;
}

/* --- what is left of one that did not end --- */

/* Of their words some may be purged by now: they are overwritten. */
static bool
drop_pages(struct database *database, bool *more, GError **error)
{
	static const struct query_text some = { "remove pages of an unfinished block",
		"DELETE FROM term_page WHERE id IN (SELECT p.id FROM term_block b"
		" JOIN term_page p ON p.block = b.id WHERE b.count = 0 LIMIT " DROP_PAGES ")" };
	static const struct query_text blocks = { "remove unfinished blocks",
		"DELETE FROM term_block WHERE count = 0" };

	if (!query_run(database, &some, NO_VALUES, error))
		return false;
	*more = sqlite3_changes(database->handle) > 0;
	return *more || query_run(database, &blocks, NO_VALUES, error);
}

bool
settle_drop_unfinished(struct database *database, GError **error)
{
	for (bool more = true; more;) {
		if (!drop_pages(database, &more, error))
			return false;
	}
	return true;
}

struct drop {
	struct database *database;
	bool more;
};

static bool
drop_some(void *user, GError **error)
{
	struct drop *drop = user;

	return drop_pages(drop->database, &drop->more, error);
}

bool
settle_drop(struct settle_run *run, GError **error)
{
	struct drop drop = { run->database, true };

	while (drop.more) {
		if (!settle_slice(run, drop_some, &drop, error))
			return false;
	}
	return true;
}

/* --- new words --- */

struct learn {
	struct database *database;
	struct new_words *words;
	bool more;
};

static bool
learn_some(void *user, GError **error)
{
	struct learn *learn = user;

	return vocabulary_learn(learn->database, learn->words, &learn->more, error) &&
	       (learn->more || new_words_empty(learn->database, error));
}

/* At once: more of them come between slices. */
static bool
learn_all(void *user, GError **error)
{
	struct database *database = user;
	g_autoptr(new_words) words = new_words_read(database, error);
	struct learn learn = { database, words, true };

	while (words != NULL && learn.more) {
		if (!learn_some(&learn, error))
			return false;
	}
	return words != NULL;
}

static bool
move_words(struct settle_run *run, GError **error)
{
	if (run->post != NULL)
		return settle_slice(run, learn_all, run->database, error);
	g_autoptr(new_words) words = new_words_read(run->database, error);
	struct learn learn = { run->database, words, true };

	if (words == NULL)
		return false;
	while (learn.more) {
		if (!settle_slice(run, learn_some, &learn, error))
			return false;
	}
	return true;
}

/* --- blocks --- */

static guint
level_of(const struct block *block)
{
	guint level = 0;

	for (guint32 count = block->count; count >= MERGE_BLOCKS; count /= MERGE_BLOCKS)
		level++;
	return level;
}

/* Those of a level, or with G_MAXUINT all that are not large. */
static GPtrArray *
small_blocks(const GPtrArray *blocks, guint level, guint64 *docs)
{
	GPtrArray *out = g_ptr_array_new();

	*docs = 0;
	for (guint i = 0; i < blocks->len; i++) {
		struct block *block = blocks->pdata[i];
		if (block->count >= SETTLE_DOCS / 2 ||
		    (level != G_MAXUINT && level_of(block) != level))
			continue;
		g_ptr_array_add(out, block);
		*docs += block->count;
	}
	return out;
}

/* Where they have half of what a large one has they wait for it, and are not merged twice. */
static bool
is_level_due(guint blocks, guint64 docs)
{
	return blocks >= MERGE_BLOCKS && (docs < SETTLE_DOCS / 2 || blocks >= MERGE_MOST);
}

/* Blocks that are to be one; none: nothing is due. *large: they are all that are small. */
static GPtrArray *
due_blocks(struct database *database, guint least, bool *large, GError **error)
{
	g_autoptr(GPtrArray) blocks = block_list(database, error);
	guint64 docs = 0;

	if (blocks == NULL)
		return NULL;
	GPtrArray *due = small_blocks(blocks, G_MAXUINT, &docs);
	*large = docs > 0 && docs >= least;
	if (*large)
		return due;
	for (guint level = 0; level < MERGE_LEVELS; level++) {
		g_ptr_array_unref(due);
		due = small_blocks(blocks, level, &docs);
		if (is_level_due(due->len, docs))
			return due;
	}
	g_ptr_array_set_size(due, 0);
	return due;
}

bool
settle_due(struct settle_run *run, guint least, GError **error)
{
	bool large = false;

	while (!large) {
		g_autoptr(GPtrArray) due = due_blocks(run->reader, least, &large, error);
		if (due == NULL)
			return false;
		if (due->len == 0)
			return true;
		if (!settle_merge(run, due, error))
			return false;
	}
	return move_words(run, error);
}

/* --- all of it --- */

static bool
settle_in(struct database *database, guint least, bool slices, GError **error)
{
	struct settle_run run;

	return settle_begin(&run, database, slices, error) && settle_due(&run, least, error);
}

bool
settle_young(struct database *database, guint least, GError **error)
{
	return settle_in(database, least, false, error);
}

bool
settle_slices(struct database *database, guint least, GError **error)
{
	return settle_in(database, least, true, error);
}

bool
settle_try(struct database *database, guint least, bool *stays, GError **error)
{
	g_autoptr(GError) trouble = NULL;

	*stays = false;
	if (settle_slices(database, least, &trouble) ||
	    g_error_matches(trouble, FAULT, FAULT_RETRY))
		return true;
	if (!g_error_matches(trouble, FAULT, FAULT_DATA)) {
		g_propagate_error(error, g_steal_pointer(&trouble));
		return false;
	}
	*stays = true;
	log_warning("%s; the search goes on with it", trouble->message);
	return true;
}
