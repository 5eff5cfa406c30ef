/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never empties the young part before all that is in it stands in blocks: what there is of them
 * counts for nothing until then, since a block of no messages is not listed.
 */
#include "store/settle.h"

#include "base/fault.h"
#include "base/log.h"
#include "store/new-words.h"
#include "store/party.h"
#include "store/query.h"
#include "store/settle-inner.h"
#include "store/vocabulary.h"

#define PAUSE_US   2000  /* between slices: who waits for the writer's lock has it then */
#define DROP_PAGES "100" /* of unfinished blocks, in a slice */

/* --- slices --- */

typedef bool slice_work(struct settle *settle, GError **error);

static bool
read_purges(struct database *database, gint64 *purges, GError **error)
{
	static const struct query_text count = { "ask how often words were purged",
		"SELECT purges FROM search_state" };

	return query_number(database, &count, NO_VALUES, purges, error);
}

/* Nobody else adds words, but another process may have taken some out. */
static bool
is_unchanged(struct settle *settle, GError **error)
{
	gint64 purges = -1;

	if (!read_purges(settle->database, &purges, error))
		return false;
	if (purges == settle->purges)
		return true;
	g_set_error(error, FAULT, FAULT_RETRY, "words were purged while the index was settled");
	return false;
}

static bool
in_slice(struct settle *settle, slice_work *work, GError **error)
{
	if (!settle->slices)
		return work(settle, error);
	if (!database_begin(settle->database, error))
		return false;
	if (!is_unchanged(settle, error) || !work(settle, error) ||
	    !database_commit(settle->database, error)) {
		database_rollback(settle->database);
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

/* --- the work --- */

static bool
begin_blocks(struct settle *settle, GError **error)
{
	static const struct query_text insert = { "begin a block of the index",
		"INSERT INTO term_block (count, first, last, docs) VALUES (0, 0, 0, x'')" };

	if (!settle_drop_unfinished(settle->database, error))
		return false;
	for (guint i = 0; i < settle->builders->len; i++) {
		struct settle_builder *builder = settle->builders->pdata[i];
		if (!query_run(settle->database, &insert, NO_VALUES, error))
			return false;
		builder->block.id = sqlite3_last_insert_rowid(settle->database->handle);
	}
	return true;
}

static bool
write_pages(struct settle *settle, GError **error)
{
	static const struct query_text insert = { "write a page of the index",
		"INSERT INTO term_page (block, first, data) VALUES (?, ?, ?)" };

	for (guint i = 0; i < settle->pages->len; i++) {
		const struct settle_page *page = settle->pages->pdata[i];
		if (!query_run(settle->database, &insert,
			VALUES(query_int_value(page->block), query_text_value(page->first),
			    query_bytes_value(page->data)),
			error))
			return false;
	}
	g_ptr_array_set_size(settle->pages, 0);
	settle->page_bytes = 0;
	return true;
}

static bool
write_words(struct settle *settle, GError **error)
{
	return vocabulary_learn(settle->database, settle->words, &settle->more_words, error);
}

/* From now on the blocks count, and the young part is empty. */
static bool
turn_over(struct settle *settle, GError **error)
{
	static const struct query_text update = { "end a block of the index",
		"UPDATE term_block SET count = ?, first = ?, last = ?, docs = ? WHERE id = ?" };

	for (guint i = 0; i < settle->builders->len; i++) {
		const struct settle_builder *builder = settle->builders->pdata[i];
		const struct block *block = &builder->block;
		g_autoptr(GBytes) docs = settle_docs(settle, builder);
		if (!query_run(settle->database, &update,
			VALUES(query_int_value(block->count), query_int_value(block->first),
			    query_int_value(block->last), query_bytes_value(docs),
			    query_int_value(block->id)),
			error))
			return false;
	}
	return new_words_empty(settle->database, error) &&
	       database_script(settle->database, "empty the young part of the index",
		   "INSERT INTO term_index (term_index) VALUES ('delete-all');"
		   "INSERT INTO party_index (party_index) VALUES ('delete-all');",
		   error);
}

static bool
walk(struct settle *settle, bool people, GError **error)
{
	g_string_truncate(settle->term, 0);
	for (bool more = true; more;) {
		if (!settle_walk(settle, people, &more, error) ||
		    (more && !in_slice(settle, write_pages, error)))
			return false;
	}
	return true;
}

static bool
move_words(struct settle *settle, GError **error)
{
	settle->words = new_words_read(settle->database, error);
	if (settle->words == NULL)
		return false;
	do {
		if (!in_slice(settle, write_words, error))
			return false;
	} while (settle->more_words);
	return true;
}

static bool
build(struct settle *settle, GError **error)
{
	if (!database_script(settle->database, "look into the index",
		"CREATE VIRTUAL TABLE IF NOT EXISTS temp.term_places"
		" USING fts5vocab(main, term_index, instance);"
		"CREATE VIRTUAL TABLE IF NOT EXISTS temp.party_places"
		" USING fts5vocab(main, party_index, instance);",
		error) ||
	    !read_purges(settle->database, &settle->purges, error) || !settle_read(settle, error) ||
	    !in_slice(settle, begin_blocks, error) || !walk(settle, true, error) ||
	    !walk(settle, false, error))
		return false;
	settle_last_pages(settle);
	return in_slice(settle, write_pages, error) && move_words(settle, error) &&
	       in_slice(settle, turn_over, error);
}

static bool
is_due(struct database *database, guint least, bool *due, GError **error)
{
	static const struct query_text count = { "count the young part of the index",
		"SELECT count(*) FROM term_index_docsize" };
	gint64 young = 0;
	bool whole;

	if (!query_number(database, &count, NO_VALUES, &young, error) ||
	    !party_is_whole(database, &whole, error))
		return false;
	*due = whole && young > 0 && young >= least;
	return true;
}

static bool
settle_in(struct database *database, guint least, bool slices, GError **error)
{
	struct settle settle;
	bool due;

	if (!is_due(database, least, &due, error))
		return false;
	if (!due)
		return true;
	settle_start(&settle, database, slices);
	bool right = build(&settle, error);
	settle_end(&settle);
	return right;
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

bool
settle_is_young(struct database *database, gint64 doc, bool *young, GError **error)
{
	static const struct query_text find = { "look for a message in the index's young part",
		"SELECT 1 FROM term_index_docsize WHERE id = ?" };
	gint64 found = 0;
	bool right = query_number(database, &find, VALUES(query_int_value(doc)), &found, error);

	*young = found != 0;
	return right;
}
