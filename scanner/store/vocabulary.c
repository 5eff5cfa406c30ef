/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads alone. What is damaged is told, and nothing is found in its place.
 */
#include "store/vocabulary.h"

#include <string.h>

#include "store/query.h"
#include "store/vocabulary-page.h"

/* What of a page's words is handed on. */
struct sieve {
	const char *text;
	gsize size;
	bool within; /* else: words that begin so */
	vocabulary_visit *visit;
	void *user;
	bool over; /* the visit ended it, or what comes is behind all that begin so */
};

static bool
sift(const char *word, guint kinds, void *user)
{
	struct sieve *sieve = user;
	int order = sieve->within ? 0 : strncmp(word, sieve->text, sieve->size);

	if (order < 0 || (sieve->within && strstr(word, sieve->text) == NULL))
		return true;
	sieve->over = order > 0 || !sieve->visit(word, kinds, sieve->user);
	return !sieve->over;
}

static bool
sift_rows(struct query *query, struct sieve *sieve, GError **error)
{
	bool right = true;

	while (right && !sieve->over && query_next(query)) {
		gsize size;
		const guint8 *data = query_blob(query, 0, &size);
		right = vocabulary_walk(data, size, sift, sieve, &sieve->over);
	}
	if (!query_close(query, right ? error : NULL))
		return false;
	return right || vocabulary_is_damaged(error);
}

bool
vocabulary_begin(struct database *database, const char *beginning, vocabulary_visit *visit,
    void *user, GError **error)
{
	static const struct query_text pages = { "look beginnings of settled words up",
		"SELECT data FROM word_page WHERE first >= coalesce((SELECT max(first) FROM"
		" word_page WHERE first <= ?1), '') ORDER BY first" };
	struct sieve sieve = {
		.text = beginning, .size = strlen(beginning), .visit = visit, .user = user
	};
	struct query query;

	return query_open(&query, database, &pages, VALUES(query_text_value(beginning)), error) &&
	       sift_rows(&query, &sieve, error);
}

struct finding {
	const char *word;
	guint kinds;
};

static bool
compare(const char *word, guint kinds, void *user)
{
	struct finding *finding = user;
	int order = strcmp(word, finding->word);

	if (order == 0)
		finding->kinds = kinds;
	return order < 0;
}

bool
vocabulary_find(struct database *database, const char *word, guint *kinds, GError **error)
{
	static const struct query_text page = { "look a settled word up",
		"SELECT data FROM word_page WHERE first <= ? ORDER BY first DESC LIMIT 1" };
	struct finding finding = { .word = word };
	bool right = true, over = false;
	struct query query;

	*kinds = 0;
	if (!query_open(&query, database, &page, VALUES(query_text_value(word)), error))
		return false;
	if (query_next(&query)) {
		gsize size;
		const guint8 *data = query_blob(&query, 0, &size);
		right = vocabulary_walk(data, size, compare, &finding, &over);
	}
	if (!query_close(&query, right ? error : NULL))
		return false;
	*kinds = finding.kinds;
	return right || vocabulary_is_damaged(error);
}

/* --- parts --- */

/* Of both, which rise, what is in both: into one. */
static void
keep_common(GArray *one, const GArray *other)
{
	guint n = 0;

	for (guint i = 0, j = 0; i < one->len && j < other->len;) {
		gint64 a = g_array_index(one, gint64, i), b = g_array_index(other, gint64, j);
		if (a == b)
			g_array_index(one, gint64, n++) = a;
		i += a <= b;
		j += b <= a;
	}
	g_array_set_size(one, n);
}

static bool
pages_of(struct database *database, gint64 gram, GArray *pages, GError **error)
{
	static const struct query_text find = { "look three neighbours up",
		"SELECT pages FROM word_gram WHERE gram = ?" };
	bool right = true;
	struct query query;

	if (!query_open(&query, database, &find, VALUES(query_int_value(gram)), error))
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

/* Pages that have all neighbours of a part. */
static GArray *
candidates(struct database *database, const char *part, GError **error)
{
	g_autoptr(GArray) grams = g_array_new(FALSE, FALSE, sizeof(gint64));
	g_autoptr(GArray) pages = g_array_new(FALSE, FALSE, sizeof(gint64));

	vocabulary_grams(grams, part);
	vocabulary_sort(grams);
	for (guint i = 0; i < grams->len && (i == 0 || pages->len > 0); i++) {
		g_autoptr(GArray) some = g_array_new(FALSE, FALSE, sizeof(gint64));
		gint64 gram = g_array_index(grams, gint64, i);
		if (!pages_of(database, gram, i == 0 ? pages : some, error))
			return NULL;
		if (i > 0)
			keep_common(pages, some);
	}
	return g_steal_pointer(&pages);
}

bool
vocabulary_within(struct database *database, const char *part, vocabulary_visit *visit, void *user,
    GError **error)
{
	static const struct query_text page = { "look parts of settled words up",
		"SELECT data FROM word_page WHERE id = ?" };
	struct sieve sieve = { .text = part, .within = true, .visit = visit, .user = user };
	g_autoptr(GArray) pages = candidates(database, part, error);
	bool right = pages != NULL;

	for (guint i = 0; right && !sieve.over && i < pages->len; i++) {
		struct query query;
		gint64 id = g_array_index(pages, gint64, i);
		right = query_open(&query, database, &page, VALUES(query_int_value(id)), error) &&
			sift_rows(&query, &sieve, error);
	}
	return right;
}
