/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Words put into pages and taken out of them. A page is read, written anew, and cut where it became
 * too large; what that changes of the lists of pages is gathered, and written once at the end.
 */
#include <string.h>

#include "store/index.h"
#include "store/new-words.h"
#include "store/query.h"
#include "store/vocabulary-page.h"

#define PIECE_WORDS 20000 /* new words that are put in at once */

struct entry {
	char *word;
	guint kinds;
};

struct writer {
	struct database *database;
	GHashTable *changes; /* three neighbours -> GArray of changes */
	/* The page at hand. */
	gint64 id;          /* 0: none yet */
	GPtrArray *entries; /* of struct entry, rising */
	GArray *before;     /* neighbours that it had */
	bool strange;       /* it has what is no word */
};

/* A page's number, twice; one more where it has the neighbours now and had them not. */
typedef gint64 change;

static void
entry_free(gpointer data)
{
	struct entry *entry = data;

	g_free(entry->word);
	g_free(entry);
}

static void
add_entry(GPtrArray *entries, const char *word, guint kinds)
{
	struct entry *entry = g_new(struct entry, 1);

	*entry = (struct entry){ g_strdup(word), kinds };
	g_ptr_array_add(entries, entry);
}

static GArray *
numbers_new(void)
{
	return g_array_new(FALSE, FALSE, sizeof(gint64));
}

static void
writer_start(struct writer *writer, struct database *database)
{
	*writer = (struct writer){ .database = database,
		.changes = g_hash_table_new_full(
		    g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)g_array_unref),
		.entries = g_ptr_array_new_with_free_func(entry_free),
		.before = numbers_new() };
}

static void
writer_end(struct writer *writer)
{
	g_hash_table_unref(writer->changes);
	g_ptr_array_unref(writer->entries);
	g_array_unref(writer->before);
}

/* --- lists of pages --- */

static void
note_change(struct writer *writer, gint64 gram, gint64 page, bool has)
{
	GArray *list = g_hash_table_lookup(writer->changes, &gram);
	change what = page * 2 + (has ? 1 : 0);

	if (list == NULL) {
		list = numbers_new();
		g_hash_table_insert(writer->changes, g_memdup2(&gram, sizeof gram), list);
	}
	g_array_append_val(list, what);
}

/* Both rise: what is in one of them alone is a change. */
static void
note_changes(struct writer *writer, gint64 page, const GArray *before, const GArray *after)
{
	for (guint i = 0, j = 0; i < before->len || j < after->len;) {
		gint64 old = i < before->len ? g_array_index(before, gint64, i) : G_MAXINT64;
		gint64 new = j < after->len ? g_array_index(after, gint64, j) : G_MAXINT64;
		if (old != new)
			note_change(writer, MIN(old, new), page, new < old);
		i += old <= new;
		j += new <= old;
	}
}

static bool
read_list(struct writer *writer, gint64 gram, GArray *pages, GError **error)
{
	static const struct query_text find = { "read where three neighbours are",
		"SELECT pages FROM word_gram WHERE gram = ?" };
	bool right = true;
	struct query query;

	if (!query_open(&query, writer->database, &find, VALUES(query_int_value(gram)), error))
		return false;
	if (query_next(&query)) {
		gsize size;
		const guint8 *data = query_blob(&query, 0, &size);
		right = vocabulary_get_list(data, size, pages);
	}
	if (!query_close(&query, right ? error : NULL))
		return false;
	return right || vocabulary_is_damaged(error);
}

static gint
compare_numbers(gconstpointer a, gconstpointer b)
{
	gint64 one = *(const gint64 *)a, other = *(const gint64 *)b;

	return one < other ? -1 : one > other;
}

/* A page is written once, so there is one change of it at most. */
static GArray *
apply_changes(const GArray *pages, GArray *changes)
{
	GArray *out = numbers_new();

	g_array_sort(changes, compare_numbers);
	for (guint i = 0, j = 0; i < pages->len || j < changes->len;) {
		gint64 old = i < pages->len ? g_array_index(pages, gint64, i) : G_MAXINT64;
		change what = j < changes->len ? g_array_index(changes, change, j) : G_MAXINT64;
		gint64 page = MIN(old, what / 2);
		if (page == what / 2 ? (what & 1) != 0 : true)
			g_array_append_val(out, page);
		i += old == page;
		j += what / 2 == page;
	}
	return out;
}

static bool
write_list(struct writer *writer, gint64 gram, GArray *changes, GError **error)
{
	static const struct query_text put = { "record where three neighbours are",
		"INSERT INTO word_gram (gram, pages) VALUES (?1, ?2)"
		" ON CONFLICT (gram) DO UPDATE SET pages = ?2" };
	static const struct query_text remove = { "forget three neighbours",
		"DELETE FROM word_gram WHERE gram = ?" };
	g_autoptr(GArray) pages = numbers_new();

	if (!read_list(writer, gram, pages, error))
		return false;
	g_autoptr(GArray) now = apply_changes(pages, changes);
	if (now->len == 0)
		return query_run(writer->database, &remove, VALUES(query_int_value(gram)), error);
	g_autoptr(GBytes) bytes = vocabulary_put_list(now);
	return query_run(
	    writer->database, &put, VALUES(query_int_value(gram), query_bytes_value(bytes)), error);
}

static bool
write_lists(struct writer *writer, GError **error)
{
	g_autoptr(GArray) grams = numbers_new();
	GHashTableIter all;
	gpointer key;
	bool right = true;

	g_hash_table_iter_init(&all, writer->changes);
	while (g_hash_table_iter_next(&all, &key, NULL))
		g_array_append_val(grams, *(const gint64 *)key);
	vocabulary_sort(grams);
	for (guint i = 0; right && i < grams->len; i++) {
		gint64 gram = g_array_index(grams, gint64, i);
		right =
		    write_list(writer, gram, g_hash_table_lookup(writer->changes, &gram), error);
	}
	return right;
}

/* --- pages --- */

static bool
take_entry(const char *word, guint kinds, void *user)
{
	struct writer *writer = user;

	writer->strange = !g_utf8_validate(word, -1, NULL);
	if (writer->strange)
		return false;
	add_entry(writer->entries, word, kinds);
	vocabulary_grams(writer->before, word);
	return true;
}

static bool
parse_page(struct writer *writer, const guint8 *data, gsize size)
{
	bool over = false;

	return vocabulary_walk(data, size, take_entry, writer, &over) && !writer->strange;
}

/* The page where a word stands, or would: the first one takes what is before all. */
static bool
read_page(struct writer *writer, const char *word, GError **error)
{
	static const struct query_text find = { "read a page of words",
		"SELECT id, data FROM word_page WHERE first = coalesce((SELECT max(first) FROM"
		" word_page WHERE first <= ?1), (SELECT min(first) FROM word_page))" };
	bool right = true;
	struct query query;

	writer->id = 0;
	g_ptr_array_set_size(writer->entries, 0);
	g_array_set_size(writer->before, 0);
	if (!query_open(&query, writer->database, &find, VALUES(query_text_value(word)), error))
		return false;
	if (query_next(&query)) {
		gsize size;
		const guint8 *data = query_blob(&query, 1, &size);
		writer->id = query_int(&query, 0);
		right = parse_page(writer, data, size);
	}
	if (!query_close(&query, right ? error : NULL))
		return false;
	vocabulary_sort(writer->before);
	return right || vocabulary_is_damaged(error);
}

static bool
put_row(
    struct writer *writer, const char *first, GByteArray *data, const GArray *grams, GError **error)
{
	static const struct query_text insert = { "write a page of words",
		"INSERT INTO word_page (id, first, data) VALUES (?, ?, ?)"
		" ON CONFLICT (id) DO UPDATE SET first = excluded.first, data = excluded.data" };
	g_autoptr(GArray) none = numbers_new();
	g_autoptr(GBytes) bytes = g_bytes_new(data->data, data->len);
	struct query_value id = writer->id != 0 ? query_int_value(writer->id) : query_null_value();

	if (!query_run(writer->database, &insert,
		VALUES(id, query_text_value(first), query_bytes_value(bytes)), error))
		return false;
	gint64 page =
	    writer->id != 0 ? writer->id : sqlite3_last_insert_rowid(writer->database->handle);
	note_changes(writer, page, writer->id != 0 ? writer->before : none, grams);
	writer->id = 0;
	return true;
}

static bool
remove_row(struct writer *writer, GError **error)
{
	static const struct query_text remove = { "remove a page of words",
		"DELETE FROM word_page WHERE id = ?" };
	g_autoptr(GArray) none = numbers_new();

	if (writer->id == 0)
		return true;
	note_changes(writer, writer->id, writer->before, none);
	return query_run(writer->database, &remove, VALUES(query_int_value(writer->id)), error);
}

/* The entries as one page or several: the first keeps its number. */
static bool
write_page(struct writer *writer, GError **error)
{
	const GPtrArray *entries = writer->entries;
	g_autoptr(GByteArray) data = g_byte_array_new();
	g_autoptr(GArray) grams = numbers_new();
	g_autoptr(GString) last = g_string_new(NULL);
	const char *first = NULL;

	if (entries->len == 0)
		return remove_row(writer, error);
	for (guint i = 0; i < entries->len; i++) {
		const struct entry *entry = entries->pdata[i];
		if (first == NULL)
			first = entry->word;
		vocabulary_put(data, last, entry->word, entry->kinds);
		vocabulary_grams(grams, entry->word);
		if (data->len < VOCABULARY_FULL && i + 1 < entries->len)
			continue;
		vocabulary_sort(grams);
		if (!put_row(writer, first, data, grams, error))
			return false;
		first = NULL;
		g_byte_array_set_size(data, 0);
		g_array_set_size(grams, 0);
		g_string_truncate(last, 0);
	}
	return true;
}

/* --- words that come --- */

/* Where the page behind this word begins; NULL: there is none, or an error. */
static char *
next_first(struct writer *writer, const char *word, GError **error)
{
	static const struct query_text find = { "find the next page of words",
		"SELECT min(first) FROM word_page WHERE first > ?" };
	char *next = NULL;
	struct query query;

	if (!query_open(&query, writer->database, &find, VALUES(query_text_value(word)), error))
		return NULL;
	if (query_next(&query) && query_text(&query, 0)[0] != '\0')
		next = query_dup(&query, 0);
	query_close(&query, error);
	return next;
}

/* New ones, which rise, among those of the page at hand. */
static void
merge(struct writer *writer, const GPtrArray *words, guint from, guint upto)
{
	g_autoptr(GPtrArray) old = writer->entries;
	guint i = 0, j = from;

	writer->entries = g_ptr_array_new_with_free_func(entry_free);
	while (i < old->len || j < upto) {
		const struct entry *one = i < old->len ? old->pdata[i] : NULL;
		const struct entry *other = j < upto ? words->pdata[j] : NULL;
		int order = one == NULL ? 1 : other == NULL ? -1 : strcmp(one->word, other->word);
		const struct entry *first = order <= 0 ? one : other;
		add_entry(writer->entries, first->word,
		    order == 0 ? one->kinds | other->kinds : first->kinds);
		i += order <= 0;
		j += order >= 0;
	}
}

/* All that come into the page of the word at *at. */
static bool
put_some(struct writer *writer, const GPtrArray *words, guint *at, GError **error)
{
	const struct entry *first = words->pdata[*at];
	GError *trouble = NULL;
	guint upto = *at;

	if (!read_page(writer, first->word, error))
		return false;
	const struct entry *begin = writer->entries->len > 0 ? writer->entries->pdata[0] : first;
	g_autofree char *end = next_first(
	    writer, strcmp(begin->word, first->word) > 0 ? begin->word : first->word, &trouble);
	if (trouble != NULL) {
		g_propagate_error(error, trouble);
		return false;
	}
	while (upto < words->len &&
	       (end == NULL || strcmp(((struct entry *)words->pdata[upto])->word, end) < 0))
		upto++;
	merge(writer, words, *at, upto);
	*at = upto;
	return write_page(writer, error);
}

static GPtrArray *
next_piece(struct new_words *from)
{
	GPtrArray *words = g_ptr_array_new_with_free_func(entry_free);
	const char *word;
	guint kinds;

	while (words->len < PIECE_WORDS && (word = new_words_next(from, &kinds)) != NULL)
		add_entry(words, word, kinds);
	return words;
}

/* A page may change once more by the next piece, so lists are written by the end of each. */
static bool
put_piece(struct database *database, const GPtrArray *words, GError **error)
{
	struct writer writer;
	bool right = true;

	writer_start(&writer, database);
	for (guint at = 0; right && at < words->len;)
		right = put_some(&writer, words, &at, error);
	right = right && write_lists(&writer, error);
	writer_end(&writer);
	return right;
}

bool
vocabulary_learn(struct database *database, struct new_words *words, bool *more, GError **error)
{
	g_autoptr(GPtrArray) piece = next_piece(words);

	*more = piece->len == PIECE_WORDS;
	return put_piece(database, piece, error);
}

/* --- words that go --- */

static bool
remove_word(struct writer *writer, const char *word, GError **error)
{
	guint i = 0;

	if (!read_page(writer, word, error))
		return false;
	while (i < writer->entries->len &&
	       strcmp(((struct entry *)writer->entries->pdata[i])->word, word) != 0)
		i++;
	if (i == writer->entries->len)
		return true;
	g_ptr_array_remove_index(writer->entries, i);
	return write_page(writer, error);
}

/* Each word for itself, lists too: a page may change once more by the next one. */
bool
vocabulary_remove(struct database *database, GHashTable *words, GError **error)
{
	GHashTableIter all;
	gpointer word;
	bool right = true;

	g_hash_table_iter_init(&all, words);
	while (right && g_hash_table_iter_next(&all, &word, NULL)) {
		struct writer writer;
		writer_start(&writer, database);
		right = remove_word(&writer, word, error) && write_lists(&writer, error);
		writer_end(&writer);
	}
	return right;
}
