/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the columns hold is made of the database's own rows, so that it can be made once more and
 * taken out of an index that keeps no text. Never holds more of a message than those rows and,
 * where there is a copy, its texts.
 */
#include "store/index.h"

#include <string.h>

#include "base/log.h"
#include "mail/address.h"
#include "mail/terms.h"
#include "store/block-maker.h"
#include "store/index-late.h"
#include "store/index-tags.h"
#include "store/index-words.h"
#include "store/query.h"
#include "store/settle-beside.h"
#include "store/settle.h"

#define FIELDS_MAX (256u * 1024) /* bytes of words of all fields of one message */

const char *const index_columns[INDEX_COLUMNS] = { "body", "files", "subject", "names", "sender",
	"recipients", "delivered" };

struct index {
	struct database *database;
	struct block_maker *maker;
	struct settler *settler;
	struct index_tags *tags;
	GArray *docs; /* gint64: what it was given since the last commit */
	struct index_words *words;
	bool stays;      /* the index cannot be settled */
	bool grown;      /* it is larger than when it was looked at */
	bool damaged;    /* what stands in the way of late copies, and is not yet noted */
	GArray *settled; /* docs to take out of blocks: they come again with their texts */
};

struct index *
index_new(struct database *database)
{
	struct index *index = g_new0(struct index, 1);

	index->database = database;
	index->maker = block_maker_new();
	index->settler = settler_new(database);
	index->tags = index_tags_new(database);
	index->docs = g_array_new(FALSE, FALSE, sizeof(gint64));
	index->settled = g_array_new(FALSE, FALSE, sizeof(gint64));
	index->words = index_words_new(database);
	return index;
}

void
index_free(struct index *index)
{
	if (index == NULL)
		return;
	settler_free(index->settler);
	block_maker_free(index->maker);
	index_tags_free(index->tags);
	g_array_unref(index->docs);
	g_array_unref(index->settled);
	index_words_free(index->words);
	g_free(index);
}

/* Nothing is put off. */
static void
empty(struct index *index)
{
	block_maker_clear(index->maker);
	g_array_set_size(index->docs, 0);
	g_array_set_size(index->settled, 0);
}

void
index_forget(struct index *index)
{
	g_autoptr(GError) trouble = NULL;

	if (index->damaged && !index_late_mark(index->database, &trouble))
		log_warning("%s", trouble->message);
	index->damaged = false;
	settler_served(index->settler, false);
	index_tags_forget(index->tags);
	empty(index);
	index_words_forget(index->words);
}

/* --- what the columns hold --- */

static gsize
fields_size(const struct block_text *text)
{
	gsize size = 0;

	for (guint i = INDEX_SUBJECT; i < INDEX_COLUMNS; i++)
		size += text->columns[i]->len;
	return size;
}

/* Words of one more text of a column; false when they did not all fit. */
static bool
add_field(struct block_text *text, enum index_column column, const char *field)
{
	GString *out = text->columns[column];
	gsize used = fields_size(text), before = out->len;

	if (field[0] == '\0')
		return true;
	if (used >= FIELDS_MAX)
		return false;
	if (before > 0)
		g_string_append(out, TERMS_BREAK);
	return terms_append(out, field, strlen(field), out->len + FIELDS_MAX - used);
}

static enum index_column
column_of(enum address_role role)
{
	if (role == ADDRESS_FROM || role == ADDRESS_SENDER)
		return INDEX_SENDER;
	if (role == ADDRESS_DELIVERED)
		return INDEX_DELIVERED;
	return role == ADDRESS_REPLY_TO ? INDEX_COLUMNS : INDEX_RECIPIENTS;
}

static void
add_person(struct block_text *text, enum address_role role, const char *name, const char *address,
    bool *whole)
{
	enum index_column column = column_of(role);

	block_text_add_person(text, role, address);
	if (column == INDEX_COLUMNS)
		return;
	*whole = add_field(text, column, name) && *whole;
	*whole = add_field(text, column, address) && *whole;
}

static bool
read_people(
    struct index *index, gint64 message, struct block_text *text, bool *whole, GError **error)
{
	static const struct query_text all = { "read people for the search",
		"SELECT role, name, address FROM address WHERE message = ? ORDER BY position" };
	struct query query;

	if (!query_open(&query, index->database, &all, VALUES(query_int_value(message)), error))
		return false;
	while (query_next(&query))
		add_person(text, query_enum(&query, 0, ADDRESS_DELIVERED + 1),
		    query_text(&query, 1), query_text(&query, 2), whole);
	return query_close(&query, error);
}

static bool
read_names(
    struct index *index, gint64 message, struct block_text *text, bool *whole, GError **error)
{
	static const struct query_text all = { "read file names for the search",
		"SELECT name FROM part WHERE message = ? AND name <> '' ORDER BY position" };
	struct query query;

	if (!query_open(&query, index->database, &all, VALUES(query_int_value(message)), error))
		return false;
	while (query_next(&query))
		*whole = add_field(text, INDEX_NAMES, query_text(&query, 0)) && *whole;
	return query_close(&query, error);
}

/* The same of a message that is recorded right now. */
static bool
add_verdict(struct block_text *text, const struct verdict *verdict)
{
	bool whole = add_field(text, INDEX_SUBJECT, verdict->subject);

	for (guint i = 0; i < verdict->addresses->len; i++) {
		const struct address *address = verdict->addresses->pdata[i];
		add_person(text, address->role, address->name, address->address, &whole);
	}
	for (guint i = 0; i < verdict->parts->len; i++) {
		const struct part *part = verdict->parts->pdata[i];
		whole = add_field(text, INDEX_NAMES, part->name) && whole;
	}
	return whole;
}

/* --- one message --- */

/* Takes the text, which has all but those of the body and attachments; terms: NULL for none. */
static enum index_level
put_text(
    struct index *index, struct block_text *text, const struct verdict_terms *terms, bool whole)
{
	if (terms != NULL) {
		g_string_assign(text->columns[INDEX_BODY], terms->body);
		g_string_assign(text->columns[INDEX_FILES], terms->files);
	}
	g_array_append_val(index->docs, text->doc);
	block_maker_put(index->maker, text);
	return terms == NULL ? INDEX_FIELDS : terms->cut || !whole ? INDEX_CUT : INDEX_WHOLE;
}

bool
index_new_message(struct index *index, gint64 doc, const struct verdict *verdict, bool copy,
    enum index_level *level, GError **error)
{
	struct block_text *text = block_text_new(doc);
	bool whole = add_verdict(text, verdict);
	bool texts = copy && verdict->terms.given;

	*level = put_text(index, text, texts ? &verdict->terms : NULL, whole);
	return index_tags_put_new(index->tags, doc, verdict, copy, error);
}

static bool
set_level(struct index *index, gint64 message, enum index_level level, GError **error)
{
	static const struct query_text update = { "record what can be searched",
		"UPDATE message SET indexed = ? WHERE id = ?" };

	return query_run(index->database, &update,
	    VALUES(query_int_value(level), query_int_value(message)), error);
}

struct state {
	gint64 doc;
	enum index_level level;
	bool copy;
	char *subject;
};

static bool
read_state(struct index *index, gint64 message, struct state *out, GError **error)
{
	static const struct query_text find = { "read what can be searched",
		"SELECT coalesce(doc, 0), indexed, volume IS NOT NULL, subject FROM message"
		" WHERE id = ?" };
	struct query query;

	*out = (struct state){ 0 };
	if (!query_open(&query, index->database, &find, VALUES(query_int_value(message)), error))
		return false;
	if (query_next(&query)) {
		out->doc = query_int(&query, 0);
		out->level = query_enum(&query, 1, INDEX_WHOLE + 1);
		out->copy = query_int(&query, 2) != 0;
		out->subject = query_dup(&query, 3);
	}
	return query_close(&query, error);
}

/* A late copy: what was there of it goes, and comes again with the texts. */
static void
take_out(struct index *index, gint64 doc)
{
	for (guint i = 0; i < index->docs->len; i++) {
		if (g_array_index(index->docs, gint64, i) == doc) {
			block_maker_drop(index->maker, doc);
			return;
		}
	}
	g_array_append_val(index->settled, doc);
}

static bool
put(struct index *index, gint64 message, const struct state *state,
    const struct verdict_terms *terms, GError **error)
{
	g_autoptr(block_text) text = block_text_new(state->doc);
	bool whole = add_field(text, INDEX_SUBJECT, state->subject);

	if (!read_people(index, message, text, &whole, error) ||
	    !read_names(index, message, text, &whole, error))
		return false;
	if (state->level == INDEX_FIELDS)
		take_out(index, state->doc);
	enum index_level level = put_text(index, g_steal_pointer(&text), terms, whole);
	return set_level(index, message, level, error) &&
	       index_tags_put(index->tags, message, state->doc, error);
}

bool
index_message(
    struct index *index, gint64 message, const struct verdict_terms *terms, GError **error)
{
	struct state state;

	if (!read_state(index, message, &state, error))
		return false;
	bool texts = state.copy && terms->given;
	bool due =
	    state.doc != 0 && state.level < INDEX_CUT && (state.level == INDEX_NOTHING || texts);
	bool right = !due || put(index, message, &state, texts ? terms : NULL, error);
	g_free(state.subject);
	return right;
}

/* --- the end of a batch --- */

/* Parts of words are found where the whole ones are known. */
static bool
learn_word(const char *word, guint column, void *user, GError **error)
{
	static const guint kinds[INDEX_COLUMNS] = { WORD_TEXT, WORD_TEXT, WORD_TEXT | WORD_SUBJECT,
		WORD_TEXT | WORD_NAMES, WORD_TEXT | WORD_PEOPLE, WORD_TEXT | WORD_PEOPLE,
		WORD_TEXT | WORD_PEOPLE };

	return index_words_learn(user, word, kinds[column], error);
}

/* Late copies leave the blocks that they were in; where they cannot, their texts do not come. */
static bool
move_late(struct index *index, GError **error)
{
	bool stay = false;

	if (index->settled->len == 0)
		return true;
	settler_spoil(index->settler);
	if (!index_late_remove(index->database, index->settled, &stay, error)) {
		index->damaged = database_is_damaged(index->database);
		return false;
	}
	for (guint i = 0; stay && i < index->settled->len; i++)
		block_maker_drop(index->maker, g_array_index(index->settled, gint64, i));
	return true;
}

/* Messages of the batch as a block. */
static bool
flush_docs(struct index *index, GError **error)
{
	if (!move_late(index, error))
		return false;
	block_maker_pack(index->maker);
	if (!index_words_begin(index->words, error) ||
	    !block_batch_each(block_maker_batch(index->maker), learn_word, index->words, error) ||
	    !index_words_end(index->words, error))
		return false;
	struct block_writer *writer = block_maker_take(index->maker);
	return writer == NULL || block_writer_put_all(writer, index->database, error);
}

bool
index_flush(struct index *index, GError **error)
{
	bool any = index->docs->len > 0;
	bool right = (!any || flush_docs(index, error)) && settler_serve(index->settler, error);

	index->grown = index->grown || any;
	if (any)
		empty(index);
	return right;
}

bool
index_settle(struct index *index, GError **error)
{
	if (!index->grown || index->stays)
		return true;
	index->grown = false;
	bool right = settle_try(index->database, SETTLE_DOCS, &index->stays, error);
	index->stays = index->stays || !right;
	return right;
}

void
index_settle_beside(struct index *index)
{
	settler_served(index->settler, true);
	if (index->grown)
		settler_wake(index->settler);
	index->grown = false;
}

bool
index_finish(struct index *index, GError **error)
{
	return settler_finish(index->settler, error);
}

/* --- all of it --- */

/* Docs are in other rows too, and say nothing but the order. */
bool
index_empty(struct database *database, GError **error)
{
	return database_script(database, "empty the index",
	    "DELETE FROM word_new;"
	    "DELETE FROM term_page;"
	    "DELETE FROM term_block;"
	    "DELETE FROM word_page;"
	    "DELETE FROM word_gram;"
	    "DELETE FROM tagged;"
	    "UPDATE message SET indexed = 0 WHERE indexed <> 0;"
	    "UPDATE search_state SET rebuild = 1, parties = 0, purges = purges + 1",
	    error);
}

/* --- messages that are older than the search --- */

static bool
index_old(struct index *index, gint64 message, gint64 time, GError **error)
{
	static const struct query_text update = { "give an old message its doc",
		"UPDATE message SET doc = ? WHERE id = ?" };
	const struct verdict_terms none = { 0 };
	gint64 doc;

	return index_doc(index->database, time, &doc, error) &&
	       query_run(index->database, &update,
		   VALUES(query_int_value(doc), query_int_value(message)), error) &&
	       index_tags_old(index->database, message, doc, error) &&
	       index_message(index, message, &none, error);
}

struct old {
	gint64 id, time;
};

bool
index_backfill(struct index *index, guint n, bool *left, GError **error)
{
	static const struct query_text old = { "find messages that are older than the search",
		"SELECT id, coalesce(date, seen) FROM message WHERE doc IS NULL LIMIT ?" };
	g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(struct old));
	struct query query;
	bool right = true;

	if (!query_open(&query, index->database, &old, VALUES(query_int_value(n)), error))
		return false;
	while (query_next(&query)) {
		struct old one = { query_int(&query, 0), query_int(&query, 1) };
		g_array_append_val(found, one);
	}
	if (!query_close(&query, error))
		return false;
	for (guint i = 0; right && i < found->len; i++) {
		const struct old *one = &g_array_index(found, struct old, i);
		right = index_old(index, one->id, one->time, error);
	}
	*left = found->len == n;
	return right && index_flush(index, error);
}
