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
	g_autoptr(GVariant) bytes = g_variant_get_child_value(row, 5);
	gsize size;

	g_variant_get(row, "(uuuuu@ay)", &database->group, &database->components, &database->place,
	    &database->before, &database->after, NULL);
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

struct pass {
	struct prefilter *prefilter;
	const char *text;
	struct database *at[FACTOR_PLACES]; /* of the kinds of places, or NULL */
	guint32 *fired;
};

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
gather(enum factor_place place, gsize start, gsize end, void *data)
{
	struct pass *pass = data;
	const struct database *database = pass->at[place];

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

static bool
scan_places(struct pass *pass, const struct places_window *window, gsize size)
{
	bool fine = places_walk(window, pass->text, size, gather, pass);

	for (guint i = 0; i < FACTOR_PLACES; i++) {
		if (pass->at[i] != NULL)
			fine = scan_gathered(pass, pass->at[i]) && fine;
	}
	return fine;
}

/* Patterns of one group alone have databases with these components: each kind once. */
static bool
scan_group(struct pass *pass, guint first, guint component, gsize size)
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
			fine = fine && scan_bytes(pass, database, pass->text, size);
			continue;
		}
		pass->at[database->place] = database;
		window.kinds |= 1u << database->place;
		window.before[database->place] = database->before;
		window.after[database->place] = database->after;
	}
	return fine && (window.kinds == 0 || scan_places(pass, &window, size));
}

/* False when the text could not be passed over to its end. */
static bool
scan_databases(
    struct prefilter *prefilter, guint component, const char *text, gsize size, guint32 *fired)
{
	struct pass pass = { prefilter, text, .fired = fired };
	bool fine = true;

	for (guint i = 0; i < prefilter->n_databases && fine; i++) {
		if (i == 0 || prefilter->databases[i].group != prefilter->databases[i - 1].group)
			fine = scan_group(&pass, i, component, size);
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
scan_databases(G_GNUC_UNUSED struct prefilter *prefilter, G_GNUC_UNUSED guint component,
    G_GNUC_UNUSED const char *text, G_GNUC_UNUSED gsize size, G_GNUC_UNUSED guint32 *fired)
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
	g_autoptr(GVariant) image = g_variant_ref_sink(
	    g_variant_new_from_bytes(G_VARIANT_TYPE(PREFILTER_IMAGE_TYPE), bytes, FALSE));
	const char *found = "";

	if (prefilter_lacking() == NULL && g_variant_is_normal_form(image))
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

void
prefilter_scan(
    struct prefilter *prefilter, guint component, const char *text, gsize size, guint32 *fired)
{
	gsize words = words_for(prefilter->n_patterns);

	memcpy(fired, prefilter->alone, words * sizeof(guint32));
	if (size > 0 && !scan_databases(prefilter, component, text, size, fired))
		memset(fired, 0xff, words * sizeof(guint32));
}
