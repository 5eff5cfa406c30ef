/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each word of a column is an entry in a table; where they stand is one list, in the order in which
 * it was told, that is sorted by entries at the end. Never reads the database.
 */
#include "store/block-batch.h"

#include <string.h>

#include "store/block-write.h"
#include "store/index-letter.h"

#define SLOTS    1024 /* of the table at first; at most half are taken */
#define WORD_MAX 200  /* bytes: a longer one has its place, and is never found */

struct entry {
	guint32 text; /* where it begins in texts */
	guint32 size;
	guint32 hash;
	guint32 column;
};

struct place {
	guint32 entry, place;
};

/* A message, in the order in which they came. */
struct row {
	gint64 doc;
	guint32 from; /* the first of its places */
	guint32 lengths[BLOCK_LENGTHS];
	bool dropped;
};

/* Entries in the order of keys. */
struct turn {
	guint64 beginning; /* of the text: most texts differ there */
	guint32 entry;
};

struct block_batch {
	guint32 seed;
	GArray *rows;
	GByteArray *texts; /* each ends with a zero */
	GArray *entries;
	guint32 *slots; /* entries, plus one; 0: free */
	guint32 n_slots;
	struct place *places;
	guint32 n_places, room; /* of them */
	struct turn *turns;     /* of all entries; NULL: not sorted yet */
	/* Once it is in order, by ranks: */
	GArray *docs;                   /* gint64 */
	GArray *lengths[BLOCK_LENGTHS]; /* guint32 of each */
	/* By entries: */
	struct posting_place *ranked;
	guint32 *from; /* where in ranked those of an entry begin, and one more */
};

struct block_batch *
block_batch_new(void)
{
	struct block_batch *batch = g_new0(struct block_batch, 1);

	batch->seed = g_random_int();
	batch->rows = g_array_new(FALSE, TRUE, sizeof(struct row));
	batch->docs = g_array_new(FALSE, FALSE, sizeof(gint64));
	for (guint i = 0; i < BLOCK_LENGTHS; i++)
		batch->lengths[i] = g_array_new(FALSE, FALSE, sizeof(guint32));
	batch->texts = g_byte_array_new();
	batch->entries = g_array_new(FALSE, FALSE, sizeof(struct entry));
	batch->n_slots = SLOTS;
	batch->slots = g_new0(guint32, SLOTS);
	return batch;
}

void
block_batch_free(struct block_batch *batch)
{
	if (batch == NULL)
		return;
	g_array_unref(batch->rows);
	g_array_unref(batch->docs);
	for (guint i = 0; i < BLOCK_LENGTHS; i++)
		g_array_unref(batch->lengths[i]);
	g_byte_array_unref(batch->texts);
	g_array_unref(batch->entries);
	g_free(batch->slots);
	g_free(batch->places);
	g_free(batch->turns);
	g_free(batch->ranked);
	g_free(batch->from);
	g_free(batch);
}

static struct entry *
entry_at(const struct block_batch *batch, guint32 i)
{
	return &g_array_index(batch->entries, struct entry, i);
}

static const char *
text_of(const struct block_batch *batch, const struct entry *entry)
{
	return (const char *)batch->texts->data + entry->text;
}

/* --- the table --- */

static void
grow(struct block_batch *batch)
{
	batch->n_slots *= 2;
	g_free(batch->slots);
	batch->slots = g_new0(guint32, batch->n_slots);
	for (guint32 i = 0; i < batch->entries->len; i++) {
		guint32 at = entry_at(batch, i)->hash & (batch->n_slots - 1);
		while (batch->slots[at] != 0)
			at = (at + 1) & (batch->n_slots - 1);
		batch->slots[at] = i + 1;
	}
}

static guint32
add_entry(struct block_batch *batch, const char *text, guint32 size, guint column, guint32 hash)
{
	struct entry entry = {
		.text = batch->texts->len, .size = size, .hash = hash, .column = column
	};

	g_byte_array_append(batch->texts, (const guint8 *)text, size + 1);
	g_array_append_val(batch->entries, entry);
	return batch->entries->len - 1;
}

/* The text ends with a zero. */
static guint32
find_entry(struct block_batch *batch, const char *text, guint32 size, guint column, guint32 hash)
{
	guint32 at = hash & (batch->n_slots - 1);

	for (; batch->slots[at] != 0; at = (at + 1) & (batch->n_slots - 1)) {
		const struct entry *entry = entry_at(batch, batch->slots[at] - 1);
		if (entry->hash == hash && entry->size == size && entry->column == column &&
		    memcmp(text_of(batch, entry), text, size) == 0)
			return batch->slots[at] - 1;
	}
	guint32 added = add_entry(batch, text, size, column, hash);
	batch->slots[at] = added + 1;
	if (batch->entries->len > batch->n_slots / 2)
		grow(batch);
	return added;
}

/* --- gathering --- */

static struct row *
row_at(const struct block_batch *batch, guint i)
{
	return &g_array_index(batch->rows, struct row, i);
}

void
block_batch_doc(struct block_batch *batch, gint64 doc)
{
	struct row row = { .doc = doc, .from = batch->n_places };

	g_array_append_val(batch->rows, row);
}

void
block_batch_drop(struct block_batch *batch, gint64 doc)
{
	for (guint i = 0; i < batch->rows->len; i++) {
		if (row_at(batch, i)->doc == doc)
			row_at(batch, i)->dropped = true;
	}
}

static void
add_place(struct block_batch *batch, guint32 entry, guint32 number)
{
	if (batch->n_places == batch->room) {
		batch->room = MAX(SLOTS, batch->room * 2);
		batch->places = g_renew(struct place, batch->places, batch->room);
	}
	batch->places[batch->n_places++] = (struct place){ entry, number };
}

static void
add_length(struct block_batch *batch, guint column, guint32 length)
{
	struct row *row = row_at(batch, batch->rows->len - 1);

	if (column == INDEX_COLUMNS)
		return;
	row->lengths[BLOCK_ALL] += length;
	if (column == INDEX_BODY)
		row->lengths[BLOCK_BODY] = length;
	if (column == INDEX_FILES)
		row->lengths[BLOCK_FILES] = length;
}

/* FNV-1a, by Fowler, Noll and Vo, mixed once more: only its lower bits are used. */
void
block_batch_words(struct block_batch *batch, guint column, const char *words)
{
	char word[WORD_MAX + 2];
	guint32 number = 0, head = column == INDEX_COLUMNS ? 1 : 0;

	word[0] = BLOCK_PEOPLE[0];
	for (const char *p = words;; number++) {
		guint32 size = head, hash = batch->seed + column;
		char c;
		while (*p != '\0' && index_letter(*p) == 0)
			p++;
		if (*p == '\0')
			break;
		for (; (c = index_letter(*p)) != 0; p++) {
			hash = (hash ^ (guint8)c) * 16777619u;
			if (size < WORD_MAX)
				word[size] = c;
			size++;
		}
		if (size > WORD_MAX)
			continue;
		word[size] = '\0';
		add_place(batch, find_entry(batch, word, size, column, hash ^ hash >> 15), number);
	}
	add_length(batch, column, number);
}

/* --- the order of keys --- */

static gint
compare_turns(gconstpointer a, gconstpointer b, gpointer user)
{
	const struct turn *one = a, *other = b;
	const struct block_batch *batch = user;

	if (one->beginning != other->beginning)
		return one->beginning < other->beginning ? -1 : 1;
	const struct entry *first = entry_at(batch, one->entry);
	const struct entry *second = entry_at(batch, other->entry);
	int order = strcmp(text_of(batch, first), text_of(batch, second));
	return order != 0 ? order : (gint)first->column - (gint)second->column;
}

static struct turn *
turns_of(const struct block_batch *batch)
{
	struct turn *turns = g_new(struct turn, batch->entries->len + 1);

	for (guint32 i = 0; i < batch->entries->len; i++) {
		const struct entry *entry = entry_at(batch, i);
		turns[i] = (struct turn){ .entry = i };
		memcpy(&turns[i].beginning, text_of(batch, entry),
		    MIN(entry->size, sizeof turns[i].beginning));
		turns[i].beginning = GUINT64_FROM_BE(turns[i].beginning);
	}
	return turns;
}

/* Into out, by one byte of the beginning; those that are equal there stay as they are. */
static void
sort_by_byte(const struct turn *in, guint32 n, guint shift, struct turn *out)
{
	guint32 from[257] = { 0 };

	for (guint32 i = 0; i < n; i++)
		from[(in[i].beginning >> shift & 0xff) + 1]++;
	for (guint i = 1; i < G_N_ELEMENTS(from); i++)
		from[i] += from[i - 1];
	for (guint32 i = 0; i < n; i++)
		out[from[in[i].beginning >> shift & 0xff]++] = in[i];
}

/* A radix sort of the beginnings, the last byte first, then each run of equal ones by all. */
static void
sort(struct block_batch *batch)
{
	guint32 n = batch->entries->len;

	if (batch->turns != NULL)
		return;
	struct turn *turns = turns_of(batch), *other = g_new(struct turn, n + 1);
	for (guint shift = 0; shift < 64; shift += 8) {
		sort_by_byte(turns, n, shift, other);
		struct turn *sorted = other;
		other = turns;
		turns = sorted;
	}
	g_free(other);
	for (guint32 i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && turns[end].beginning == turns[i].beginning;)
			end++;
		if (end - i > 1)
			g_qsort_with_data(
			    turns + i, (gint)(end - i), sizeof *turns, compare_turns, batch);
	}
	batch->turns = turns;
}

bool
block_batch_each(
    const struct block_batch *batch, block_batch_visit *visit, void *user, GError **error)
{
	for (guint32 i = 0; i < batch->entries->len; i++) {
		const struct entry *entry = entry_at(batch, i);
		if (entry->column != INDEX_COLUMNS &&
		    !visit(text_of(batch, entry), entry->column, user, error))
			return false;
	}
	return true;
}

/* --- packing --- */

static gint
compare_rows(gconstpointer a, gconstpointer b)
{
	const struct row *one = *(const struct row *const *)a,
			 *other = *(const struct row *const *)b;

	return one->doc < other->doc ? -1 : one->doc > other->doc;
}

/* Of struct row: those that stay, by docs. */
static GPtrArray *
by_docs(const struct block_batch *batch)
{
	GPtrArray *out = g_ptr_array_new();

	for (guint i = 0; i < batch->rows->len; i++) {
		if (!row_at(batch, i)->dropped)
			g_ptr_array_add(out, row_at(batch, i));
	}
	g_ptr_array_sort(out, compare_rows);
	return out;
}

static void
put_rows(struct block_batch *batch, const GPtrArray *rows)
{
	for (guint i = 0; i < rows->len; i++) {
		const struct row *row = rows->pdata[i];
		g_array_append_val(batch->docs, row->doc);
		for (guint j = 0; j < BLOCK_LENGTHS; j++)
			g_array_append_val(batch->lengths[j], row->lengths[j]);
	}
}

static void
describe(const struct block_batch *batch, struct block *out)
{
	out->count = batch->docs->len;
	out->docs = (gint64 *)(void *)batch->docs->data;
	out->first = out->docs[0];
	out->last = out->docs[out->count - 1];
	for (guint i = 0; i < BLOCK_LENGTHS; i++)
		out->lengths[i] = (guint32 *)(void *)batch->lengths[i]->data;
}

/* Where a row's places end: those of the next begin there. */
static guint32
end_of(const struct block_batch *batch, const struct row *row)
{
	const struct row *last = row_at(batch, batch->rows->len - 1);

	return row == last ? batch->n_places : row[1].from;
}

/* Each entry's places by ranks. */
static void
put_places(struct block_batch *batch, const GPtrArray *rows)
{
	const struct place *places = batch->places;
	guint32 *from = g_new0(guint32, batch->entries->len + 2);
	struct posting_place *out = g_new(struct posting_place, batch->n_places + 1);

	for (guint rank = 0; rank < rows->len; rank++) {
		const struct row *row = rows->pdata[rank];
		for (guint32 i = row->from; i < end_of(batch, row); i++)
			from[places[i].entry + 2]++;
	}
	for (guint32 i = 2; i < batch->entries->len + 2; i++)
		from[i] += from[i - 1];
	for (guint rank = 0; rank < rows->len; rank++) {
		const struct row *row = rows->pdata[rank];
		for (guint32 i = row->from; i < end_of(batch, row); i++)
			out[from[places[i].entry + 1]++] =
			    (struct posting_place){ rank, places[i].place };
	}
	batch->from = from;
	batch->ranked = out;
}

bool
block_batch_order(struct block_batch *batch)
{
	g_autoptr(GPtrArray) rows = by_docs(batch);

	if (rows->len == 0)
		return false;
	sort(batch);
	put_rows(batch, rows);
	put_places(batch, rows);
	return true;
}

void
block_batch_pack(const struct block_batch *batch, guint half, struct block_writer *writer)
{
	guint n = batch->entries->len, end = half == 0 ? n / BLOCK_BATCH_HALVES : n;
	g_autoptr(posting) posting = posting_new();

	describe(batch, &writer->block);
	for (guint i = half == 0 ? 0 : n / BLOCK_BATCH_HALVES; i < end; i++) {
		guint32 at = batch->turns[i].entry;
		const struct entry *entry = entry_at(batch, at);
		const char *text = text_of(batch, entry);
		posting_fill(posting, batch->ranked + batch->from[at],
		    batch->from[at + 1] - batch->from[at]);
		block_writer_put(writer, entry->column == INDEX_COLUMNS ? text + 1 : text,
		    entry->column, posting);
	}
	block_writer_last(writer);
}
