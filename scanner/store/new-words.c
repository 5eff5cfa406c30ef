/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never trusts what it reads: a packet that is none is told, and nothing is made of it.
 */
#include "store/new-words.h"

#include <string.h>

#include "store/index.h"
#include "store/query.h"
#include "store/vocabulary-page.h"

#define KINDS (WORD_PEOPLE | WORD_SUBJECT | WORD_NAMES | WORD_TEXT)
/* Below it a byte is of enum word_kind, or nothing that was written. */
#define KINDS_END 0x20
/* Bytes of a packet to which others are added: a poll that brings few words makes no row of them.
 */
#define PACKET_FULL 8192

void
new_words_add(GString *packet, const char *word, gsize size, guint kinds)
{
	g_string_append_c(packet, (char)(kinds & KINDS));
	g_string_append_len(packet, word, (gssize)size);
}

bool
new_words_put(struct database *database, const GString *packet, GError **error)
{
	static const struct query_text add = { "record more new words",
		"UPDATE word_new SET data = CAST(data || ?1 AS BLOB)"
		" WHERE id = (SELECT max(id) FROM word_new) AND length(data) < ?2" };
	static const struct query_text insert = { "record new words",
		"INSERT INTO word_new (data) VALUES (?)" };

	if (packet->len == 0)
		return true;
	g_autoptr(GBytes) bytes = g_bytes_new(packet->str, packet->len);
	if (!query_run(database, &add,
		VALUES(query_bytes_value(bytes), query_int_value(PACKET_FULL)), error))
		return false;
	return sqlite3_changes(database->handle) > 0 ||
	       query_run(database, &insert, VALUES(query_bytes_value(bytes)), error);
}

bool
new_words_empty(struct database *database, GError **error)
{
	return database_script(
	    database, "empty the list of new words", "DELETE FROM word_new", error);
}

/* --- packets --- */

/* Where the word ends that begins at `at`. */
static const guint8 *
end_of(const guint8 *at, const guint8 *end)
{
	while (at < end && *at >= KINDS_END)
		at++;
	return at;
}

/* Of one that begins with its kinds: into word. NULL: it is none; else what is behind it. */
static const guint8 *
take_word(const guint8 *at, const guint8 *end, char word[VOCABULARY_WORD_MAX], guint *kinds)
{
	const guint8 *from = at + 1, *upto = end_of(from, end);
	gsize size = (gsize)(upto - from);

	*kinds = *at;
	if (*kinds == 0 || *kinds > KINDS || size == 0 || size >= VOCABULARY_WORD_MAX ||
	    !g_utf8_validate((const char *)from, (gssize)size, NULL))
		return NULL;
	memcpy(word, from, size);
	word[size] = '\0';
	return upto;
}

/* False: it is no packet. *over: the visit ended the walk. */
static bool
walk(const guint8 *data, gsize size, vocabulary_visit *visit, void *user, bool *over)
{
	const guint8 *end = data + size;
	char word[VOCABULARY_WORD_MAX];
	guint kinds;

	for (const guint8 *at = data; !*over && at < end;) {
		at = take_word(at, end, word, &kinds);
		if (at == NULL)
			return false;
		*over = !visit(word, kinds, user);
	}
	return true;
}

/* The same over those that have the part, which has no kinds in it: no find goes over two words. */
static bool
walk_parts(const guint8 *data, gsize size, const char *part, vocabulary_visit *visit, void *user,
    bool *over)
{
	const guint8 *at = data, *end = data + size;
	gsize length = strlen(part);
	char word[VOCABULARY_WORD_MAX];
	guint kinds;

	while (!*over && (at = memmem(at, (gsize)(end - at), part, length)) != NULL) {
		while (at > data && *at >= KINDS_END)
			at--;
		at = take_word(at, end, word, &kinds);
		if (at == NULL)
			return false;
		*over = !visit(word, kinds, user);
	}
	return true;
}

bool
new_words_within(struct database *database, const char *part, vocabulary_visit *visit, void *user,
    GError **error)
{
	static const struct query_text all = { "look parts of new words up",
		"SELECT data FROM word_new ORDER BY id" };
	bool right = true, over = false;
	struct query query;

	if (!query_open(&query, database, &all, NO_VALUES, error))
		return false;
	while (right && !over && query_next(&query)) {
		gsize size;
		const guint8 *data = query_blob(&query, 0, &size);
		right = part[0] == '\0' ? walk(data, size, visit, user, &over)
					: walk_parts(data, size, part, visit, user, &over);
	}
	if (!query_close(&query, right ? error : NULL))
		return false;
	return right || vocabulary_is_damaged(error);
}

/* --- words that go --- */

struct removal {
	GHashTable *words; /* which */
	GString *rest;
	bool any; /* the packet has some of them */
};

static bool
keep_rest(const char *word, guint kinds, void *user)
{
	struct removal *removal = user;

	if (g_hash_table_contains(removal->words, word))
		removal->any = true;
	else
		new_words_add(removal->rest, word, strlen(word), kinds);
	return true;
}

static bool
put_rest(struct database *database, gint64 id, const GString *rest, GError **error)
{
	static const struct query_text update = { "forget new words",
		"UPDATE word_new SET data = ? WHERE id = ?" };
	static const struct query_text remove = { "forget a packet of new words",
		"DELETE FROM word_new WHERE id = ?" };

	if (rest->len == 0)
		return query_run(database, &remove, VALUES(query_int_value(id)), error);
	g_autoptr(GBytes) bytes = g_bytes_new(rest->str, rest->len);
	return query_run(
	    database, &update, VALUES(query_bytes_value(bytes), query_int_value(id)), error);
}

/* The packet behind *id; *id 0: there is none. */
static bool
remove_from_next(struct database *database, struct removal *removal, gint64 *id, GError **error)
{
	static const struct query_text next = { "read new words",
		"SELECT id, data FROM word_new WHERE id > ? ORDER BY id LIMIT 1" };
	bool right = true, over = false;
	struct query query;

	g_string_truncate(removal->rest, 0);
	removal->any = false;
	if (!query_open(&query, database, &next, VALUES(query_int_value(*id)), error))
		return false;
	*id = 0;
	if (query_next(&query)) {
		gsize size;
		const guint8 *data = query_blob(&query, 1, &size);
		*id = query_int(&query, 0);
		right = walk(data, size, keep_rest, removal, &over);
	}
	if (!query_close(&query, right ? error : NULL))
		return false;
	if (!right)
		return vocabulary_is_damaged(error);
	return !removal->any || put_rest(database, *id, removal->rest, error);
}

bool
new_words_remove(struct database *database, GHashTable *words, GError **error)
{
	g_autoptr(GString) rest = g_string_new(NULL);
	struct removal removal = { words, rest, false };
	gint64 id = G_MININT64;

	if (g_hash_table_size(words) == 0)
		return true;
	do {
		if (!remove_from_next(database, &removal, &id, error))
			return false;
	} while (id != 0);
	return true;
}

/* --- all of them in order --- */

struct new_words {
	GString *texts; /* of each its kinds, the word, a zero */
	GArray *from;   /* gsize: where they begin, in the order of words */
	guint at;
};

static bool
note(const char *word, guint kinds, void *user)
{
	struct new_words *words = user;
	gsize from = words->texts->len;

	g_array_append_val(words->from, from);
	new_words_add(words->texts, word, strlen(word) + 1, kinds);
	return true;
}

static gint
compare(gconstpointer a, gconstpointer b, gpointer user)
{
	const char *texts = user;

	return strcmp(texts + *(const gsize *)a + 1, texts + *(const gsize *)b + 1);
}

struct new_words *
new_words_read(struct database *database, GError **error)
{
	g_autoptr(new_words) words = g_new0(struct new_words, 1);

	words->texts = g_string_new(NULL);
	words->from = g_array_new(FALSE, FALSE, sizeof(gsize));
	if (!new_words_within(database, "", note, words, error))
		return NULL;
	g_array_sort_with_data(words->from, compare, words->texts->str);
	return g_steal_pointer(&words);
}

void
new_words_free(struct new_words *words)
{
	if (words == NULL)
		return;
	g_string_free(words->texts, TRUE);
	g_array_unref(words->from);
	g_free(words);
}

static const char *
text_at(const struct new_words *words, guint i)
{
	return words->texts->str + g_array_index(words->from, gsize, i);
}

const char *
new_words_next(struct new_words *words, guint *kinds)
{
	if (words->at == words->from->len)
		return NULL;
	const char *first = text_at(words, words->at);
	*kinds = 0;
	for (; words->at < words->from->len; words->at++) {
		const char *text = text_at(words, words->at);
		if (strcmp(text + 1, first + 1) != 0)
			break;
		*kinds |= (guint)(guint8)text[0];
	}
	return first + 1;
}
