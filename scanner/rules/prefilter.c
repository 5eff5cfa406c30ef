/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * prefilter - see prefilter.h. Factors are plain expressions over bytes, so none of Hyperscan's
 * approximations (HS_FLAG_PREFILTER) and none of its Unicode tables, which are older than
 * PCRE2's, come into it: with these, hundreds of patterns took minutes and a GiB to compile.
 */
#include "rules/prefilter-inside.h"

#include <string.h>

#include "base/fault.h"
#include "rules/places.h"

#if FLAGPOST_HYPERSCAN
#include <hs/hs.h>
#else
typedef struct hs_database hs_database_t;
typedef struct hs_scratch hs_scratch_t;
#endif

#define GATHERED_MAX (64 * 1024) /* bytes */

static const char *const standing_words[] = { [STANDING_KNOWN] = NULL,
	[STANDING_UNREAD] = "it has parts of which is not known what they match",
	[STANDING_COMMON] = "nothing rare stands in all its matches",
	[STANDING_REFUSED] = "Hyperscan refuses what it is reduced to",
	[STANDING_UNUSED] = "no rule uses it" };

const char *
prefilter_standing_word(guint standing)
{
	return standing_words[standing];
}

struct database {
	guint group;      /* those of one stand together */
	guint components; /* bits of enum component: texts that are scanned with it */
	guint place;      /* and where in them; FACTOR_PLACES: everywhere */
	guint before, after;
	guint longest, longest_blank; /* bytes of a match; of one with a blank in it */
	hs_database_t *code;
	GByteArray *gathered; /* stretches of a text that wait to be scanned; empty in between */
};

struct prefilter {
	guint n_patterns;
	guint8 *standings;
	struct database databases[PREFILTER_DATABASES];
	guint n_databases;
	guint32 *alone;        /* bits: patterns that no database knows */
	guint32 *depending[2]; /* bits: patterns whose factor leaves odd cases, odd digits out */
	hs_scratch_t *scratch;
};

struct pass {
	struct prefilter *prefilter;
	const char *text;
	gsize size;
	const struct seam *seams; /* behind the first; NULL: all of the text is news */
	guint n_seams;
	struct database *at[FACTOR_PLACES]; /* of the kinds of places, or NULL */
	guint32 *fired;
};

static gsize
words_for(guint n)
{
	return (n + 31) / 32 + 1;
}

static void
set_bit(guint32 *bits, guint i)
{
	bits[i / 32] |= 1u << (i % 32);
}

#if FLAGPOST_HYPERSCAN

/* --- loading --- */

static bool
load_database(struct prefilter *prefilter, GVariant *row, GError **error)
{
	struct database *database = &prefilter->databases[prefilter->n_databases++];
	g_autoptr(GVariant) bytes = g_variant_get_child_value(row, 7);
	gsize size;

	g_variant_get(row, "(uuuuuuu@ay)", &database->group, &database->components,
	    &database->place, &database->before, &database->after, &database->longest,
	    &database->longest_blank, NULL);
	database->gathered = g_byte_array_new();
	const char *data = g_variant_get_fixed_array(bytes, &size, 1);
	if (database->place <= FACTOR_PLACES &&
	    hs_deserialize_database(data, size, &database->code) == HS_SUCCESS &&
	    hs_alloc_scratch(database->code, &prefilter->scratch) == HS_SUCCESS)
		return true;
	g_set_error(error, FAULT, FAULT_DATA, "prefilter: a database is broken");
	return false;
}

static bool
load_databases(struct prefilter *prefilter, GVariant *rows, GError **error)
{
	gsize n = g_variant_n_children(rows);

	for (gsize i = 0; i < n && i < PREFILTER_DATABASES; i++) {
		g_autoptr(GVariant) row = g_variant_get_child_value(rows, i);
		if (!load_database(prefilter, row, error))
			return false;
	}
	return true;
}

static void
free_databases(struct prefilter *prefilter)
{
	for (guint i = 0; i < prefilter->n_databases; i++) {
		hs_free_database(prefilter->databases[i].code);
		g_byte_array_unref(prefilter->databases[i].gathered);
	}
	hs_free_scratch(prefilter->scratch);
}

/* --- scanning --- */

static int
on_match(unsigned id, G_GNUC_UNUSED unsigned long long from, G_GNUC_UNUSED unsigned long long to,
    G_GNUC_UNUSED unsigned flags, void *data)
{
	const struct pass *pass = data;
	const struct prefilter *prefilter = pass->prefilter;

	if (id < prefilter->n_patterns) {
		set_bit(pass->fired, id);
		return 0;
	}
	for (gsize i = 0; i < words_for(prefilter->n_patterns); i++)
		pass->fired[i] |= prefilter->depending[id - prefilter->n_patterns][i];
	return 0;
}

static bool
scan_bytes(struct pass *pass, const struct database *database, const char *bytes, gsize size)
{
	return size <= G_MAXUINT32 && hs_scan(database->code, bytes, (unsigned)size, 0,
					  pass->prefilter->scratch, on_match, pass) == HS_SUCCESS;
}

static bool
scan_gathered(struct pass *pass, const struct database *database)
{
	GByteArray *gathered = database->gathered;
	bool fine = gathered->len == 0 ||
		    scan_bytes(pass, database, (const char *)gathered->data, gathered->len);

	g_byte_array_set_size(gathered, 0);
	return fine;
}

/*
 * Stretches are short, and every scan has a price of its own: they are scanned together. What
 * seems to match over the seam of two asks PCRE2 once too often.
 */
static bool
gather(struct pass *pass, const struct database *database, gsize start, gsize end)
{
	if (end - start > GATHERED_MAX)
		return scan_bytes(pass, database, pass->text + start, end - start);
	if (database->gathered->len + (end - start) > GATHERED_MAX &&
	    !scan_gathered(pass, database))
		return false;
	g_byte_array_append(
	    database->gathered, (const guint8 *)pass->text + start, (guint)(end - start));
	g_byte_array_append(database->gathered, (const guint8 *)"\n", 1);
	return true;
}

/* So many bytes may a match that is news have on either side of a seam; 0: there is none. */
static guint
reach_at(const struct pass *pass, const struct database *database, const struct seam *seam)
{
	gsize at = MIN(seam->at, pass->size);

	return at > 0 && pass->text[at - 1] == ' ' ? database->longest_blank : database->longest;
}

/* A seam in a stretch, or where it ends, over which something may reach. */
static bool
has_news(const struct pass *pass, const struct database *database, gsize start, gsize end)
{
	guint low = 0, high = pass->n_seams;

	while (low < high) {
		guint middle = low + (high - low) / 2;
		if (pass->seams[middle].at <= start)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < pass->n_seams && pass->seams[low].at <= end; low++) {
		if (reach_at(pass, database, &pass->seams[low]) > 0)
			return true;
	}
	return false;
}

/* What stands around the seams. Two stretches that touch are one. */
static bool
scan_seams(struct pass *pass, const struct database *database)
{
	gsize start = 0, end = 0;

	for (guint i = 0; i < pass->n_seams; i++) {
		gsize at = MIN(pass->seams[i].at, pass->size);
		gsize reach = reach_at(pass, database, &pass->seams[i]);
		if (reach == 0)
			continue;
		gsize from = at - MIN(at, reach);
		if (from > end) {
			if (end > start && !gather(pass, database, start, end))
				return false;
			start = from;
		}
		end = MAX(end, MIN(pass->size, at + reach));
	}
	return (end == start || gather(pass, database, start, end)) &&
	       scan_gathered(pass, database);
}

static bool
scan_all(struct pass *pass, const struct database *database)
{
	if (pass->seams != NULL)
		return scan_seams(pass, database);
	return scan_bytes(pass, database, pass->text, pass->size);
}

static bool
take_place(enum factor_place place, gsize start, gsize end, void *data)
{
	struct pass *pass = data;
	const struct database *database = pass->at[place];

	if (pass->seams != NULL && !has_news(pass, database, start, end))
		return true;
	return gather(pass, database, start, end);
}

static bool
scan_places(struct pass *pass, const struct places_window *window)
{
	bool fine = places_walk(window, pass->text, pass->size, take_place, pass);

	for (guint i = 0; i < FACTOR_PLACES; i++) {
		if (pass->at[i] != NULL)
			fine = scan_gathered(pass, pass->at[i]) && fine;
	}
	return fine;
}

/* Patterns of one group alone have databases with these components: each kind once. */
static bool
scan_group(struct pass *pass, guint first, guint component)
{
	struct prefilter *prefilter = pass->prefilter;
	struct places_window window = { 0 };
	bool fine = true;

	memset(pass->at, 0, sizeof(pass->at));
	for (guint i = first; i < prefilter->n_databases; i++) {
		struct database *database = &prefilter->databases[i];
		if (database->group != prefilter->databases[first].group)
			break;
		if ((database->components & 1u << component) == 0)
			continue;
		if (database->place == FACTOR_PLACES) {
			fine = fine && scan_all(pass, database);
			continue;
		}
		if (pass->seams != NULL && !has_news(pass, database, 0, pass->size))
			continue;
		pass->at[database->place] = database;
		window.kinds |= 1u << database->place;
		window.before[database->place] = database->before;
		window.after[database->place] = database->after;
	}
	return fine && (window.kinds == 0 || scan_places(pass, &window));
}

/* False when the text could not be passed over to its end. */
static bool
scan_databases(struct pass *pass, guint component)
{
	const struct prefilter *prefilter = pass->prefilter;
	bool fine = true;

	for (guint i = 0; i < prefilter->n_databases && fine; i++) {
		if (i == 0 || prefilter->databases[i].group != prefilter->databases[i - 1].group)
			fine = scan_group(pass, i, component);
	}
	return fine;
}

#else

static bool
load_databases(
    G_GNUC_UNUSED struct prefilter *prefilter, G_GNUC_UNUSED GVariant *rows, GError **error)
{
	g_set_error(error, FAULT, FAULT_CONFIG, "prefilter: %s", prefilter_lacking());
	return false;
}

static void
free_databases(G_GNUC_UNUSED struct prefilter *prefilter)
{
}

static bool
scan_databases(G_GNUC_UNUSED struct pass *pass, G_GNUC_UNUSED guint component)
{
	return false;
}

#endif

static bool
load_standings(struct prefilter *prefilter, GVariant *standings)
{
	gsize n;
	const guint8 *data = g_variant_get_fixed_array(standings, &n, 1);

	if (n > G_MAXINT)
		return false;
	prefilter->n_patterns = (guint)n;
	prefilter->standings = g_memdup2(data, MAX(n, 1));
	prefilter->alone = g_new0(guint32, words_for((guint)n));
	for (guint k = 0; k < 2; k++)
		prefilter->depending[k] = g_new0(guint32, words_for((guint)n));
	for (guint i = 0; i < n; i++) {
		guint standing = data[i] & PREFILTER_STANDING_BITS;
		if (standing >= G_N_ELEMENTS(standing_words))
			return false;
		if (standing != STANDING_KNOWN)
			set_bit(prefilter->alone, i);
		for (guint k = 0; k < 2; k++) {
			if ((data[i] >> PREFILTER_ODD_SHIFT >> k & 1) != 0)
				set_bit(prefilter->depending[k], i);
		}
	}
	return true;
}

struct prefilter *
prefilter_load(GBytes *bytes, const char *key, GError **error)
{
	/* Not asked whether it is in normal form, which takes a look at each byte of megabytes:
	 * what is not gives values of its types all the same, and they are checked. */
	g_autoptr(GVariant) image = g_variant_ref_sink(
	    g_variant_new_from_bytes(G_VARIANT_TYPE(PREFILTER_IMAGE_TYPE), bytes, FALSE));
	const char *found = "";

	if (prefilter_lacking() == NULL)
		g_variant_get_child(image, 0, "&s", &found);
	if (found[0] == '\0' || strcmp(found, key) != 0) {
		g_set_error(error, FAULT, FAULT_DATA, "prefilter: made for other patterns");
		return NULL;
	}
	g_autoptr(prefilter) prefilter = g_new0(struct prefilter, 1);
	g_autoptr(GVariant) standings = g_variant_get_child_value(image, 1);
	g_autoptr(GVariant) rows = g_variant_get_child_value(image, 2);
	if (!load_standings(prefilter, standings)) {
		g_set_error(error, FAULT, FAULT_DATA, "prefilter: broken");
		return NULL;
	}
	return load_databases(prefilter, rows, error) ? g_steal_pointer(&prefilter) : NULL;
}

void
prefilter_free(struct prefilter *prefilter)
{
	if (prefilter == NULL)
		return;
	free_databases(prefilter);
	g_free(prefilter->standings);
	g_free(prefilter->alone);
	g_free(prefilter->depending[0]);
	g_free(prefilter->depending[1]);
	g_free(prefilter);
}

const char *
prefilter_alone(const struct prefilter *prefilter, guint pattern)
{
	if (pattern >= prefilter->n_patterns)
		return standing_words[STANDING_UNUSED];
	return standing_words[prefilter->standings[pattern] & PREFILTER_STANDING_BITS];
}

/* A text that could not be passed over to its end may hold everything. */
static void
scan(struct pass *pass, guint component)
{
	if (pass->size > 0 && !scan_databases(pass, component))
		memset(pass->fired, 0xff, words_for(pass->prefilter->n_patterns) * sizeof(guint32));
}

void
prefilter_scan(
    struct prefilter *prefilter, guint component, const char *text, gsize size, guint32 *fired)
{
	struct pass pass = { .prefilter = prefilter, .text = text, .size = size, .fired = fired };

	memcpy(fired, prefilter->alone, words_for(prefilter->n_patterns) * sizeof(guint32));
	scan(&pass, component);
}

void
prefilter_scan_seams(struct prefilter *prefilter, const struct text *text, guint32 *fired)
{
	/* The first seam is where the text begins. */
	struct pass pass = { .prefilter = prefilter,
		.text = text->data,
		.size = text->size,
		.seams = text->seams + 1,
		.n_seams = text->n_seams - 1,
		.fired = fired };

	scan(&pass, text->component);
}
