/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * prefilter - see prefilter.h. Factors are plain expressions over bytes, so none of Hyperscan's
 * approximations (HS_FLAG_PREFILTER) and none of its Unicode tables, which are older than
 * PCRE2's, come into it: with these, hundreds of patterns took minutes and a GiB to compile.
 */
#include "rules/prefilter.h"

#include <string.h>

#include "base/digest.h"
#include "base/fault.h"
#include "mail/words.h"
#include "rules/factor.h"

#if FLAGPOST_HYPERSCAN
#include <hs/hs.h>
#else
typedef struct hs_database hs_database_t;
typedef struct hs_scratch hs_scratch_t;
#endif

#define FORMAT      "flagpost prefilter 1"
#define IMAGE_TYPE  "(saya(uay))" /* key, a byte a pattern, databases with their components */
#define GROUPS      3
#define REFUSED_MAX 100 /* expressions that the library may refuse, one after another */

/* Of a pattern's byte: how it is looked for. */
enum standing {
	STANDING_KNOWN,
	STANDING_UNREAD,
	STANDING_COMMON,
	STANDING_REFUSED,
	STANDING_UNUSED
};
#define STANDING_BITS 7u
#define ODD_SHIFT     3

static const char *const standing_words[] = { [STANDING_KNOWN] = NULL,
	[STANDING_UNREAD] = "it has parts of which is not known what they match",
	[STANDING_COMMON] = "nothing rare stands in all its matches",
	[STANDING_REFUSED] = "Hyperscan refuses what it is reduced to",
	[STANDING_UNUSED] = "no rule uses it" };

struct database {
	guint components; /* bits of enum component: texts that are scanned with it */
	hs_database_t *code;
};

struct prefilter {
	guint n_patterns;
	guint8 *standings;
	struct database databases[GROUPS];
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

/* Debian's libvectorscan takes the same name and loses matches: its versions begin with 5.4.8. */
const char *
prefilter_lacking(void)
{
	const char *version = hs_version();

	if (!g_str_has_prefix(version, "5.4.0 ") && !g_str_has_prefix(version, "5.4.1 ") &&
	    !g_str_has_prefix(version, "5.4.2 "))
		return "libhs is not Hyperscan 5.4.0 to 5.4.2";
	if (hs_valid_platform() != HS_SUCCESS)
		return "this processor has no SSSE3";
	return NULL;
}

char *
prefilter_key(const GPtrArray *patterns)
{
	g_autoptr(GString) text = g_string_new(FORMAT "\n" FLAGPOST_VERSION "\n");
	hs_platform_info_t platform = { 0 };

	hs_populate_platform(&platform);
	g_string_append_printf(text, "%s\n%s\n%u %llu\n", hs_version(), pattern_version(),
	    platform.tune, (unsigned long long)platform.cpu_features);
	for (guint i = 0; i < patterns->len; i++) {
		const struct pattern *pattern = g_ptr_array_index(patterns, i);
		g_string_append_printf(text, "%u %d %s\n", pattern_components(pattern),
		    pattern_ignores_case(pattern), pattern_text(pattern));
	}
	char *hex = g_malloc(DIGEST_HEX);
	digest_bytes(text->str, text->len, hex);
	return hex;
}

/* --- building --- */

/* What is compiled into one database. */
struct plan {
	guint components;
	GPtrArray *expressions; /* of char *, owned elsewhere */
	GArray *ids;            /* of unsigned */
};

struct build {
	const GPtrArray *patterns;
	guint8 *standings;
	char **expressions; /* one a pattern, NULL: none; then the two odd ones */
};

/*
 * Long texts are passed over once for patterns that are looked for there, once for those that
 * are looked for in raw bytes, and short texts for all others.
 */
static guint
group_of(guint components)
{
	if (components & (1u << COMPONENT_BODY | 1u << COMPONENT_ATTACHMENTS))
		return 0;
	return components & 1u << COMPONENT_RAW ? 1 : 2;
}

static void
find_factors(struct build *build)
{
	g_autoptr(factor_cases) cases = factor_cases_new();
	guint n = build->patterns->len, odd = 0;

	for (guint i = 0; i < n; i++) {
		const struct pattern *pattern = g_ptr_array_index(build->patterns, i);
		const char *why;
		g_autoptr(factor) factor =
		    factor_of(cases, pattern_text(pattern), pattern_ignores_case(pattern), &why);
		build->standings[i] = STANDING_UNREAD;
		if (factor == NULL) {
			if (strcmp(why, standing_words[STANDING_COMMON]) == 0)
				build->standings[i] = STANDING_COMMON;
			continue;
		}
		build->standings[i] = (guint8)(STANDING_KNOWN | factor->odd << ODD_SHIFT);
		build->expressions[i] = g_steal_pointer(&factor->expression);
		odd |= factor->odd;
	}
	if (odd & FACTOR_ODD_CASES)
		build->expressions[n] = factor_cases_odd(cases);
	if (odd & FACTOR_ODD_DIGITS)
		build->expressions[n + 1] = factor_odd_digits();
}

static void
plan_add(struct plan *plan, char *expression, guint id)
{
	g_ptr_array_add(plan->expressions, expression);
	g_array_append_val(plan->ids, id);
}

static void
plan_group(const struct build *build, guint group, struct plan *plan)
{
	guint n = build->patterns->len, odd = 0;

	plan->components = 0;
	plan->expressions = g_ptr_array_new();
	plan->ids = g_array_new(FALSE, FALSE, sizeof(guint));
	for (guint i = 0; i < n; i++) {
		guint components = pattern_components(g_ptr_array_index(build->patterns, i));
		if (build->expressions[i] == NULL || group_of(components) != group)
			continue;
		plan_add(plan, build->expressions[i], i);
		plan->components |= components;
		odd |= build->standings[i] >> ODD_SHIFT;
	}
	for (guint k = 0; k < 2; k++) {
		if ((odd >> k & 1) != 0 && build->expressions[n + k] != NULL)
			plan_add(plan, build->expressions[n + k], n + k);
	}
}

static void
plan_clear(struct plan *plan)
{
	g_ptr_array_unref(plan->expressions);
	g_array_unref(plan->ids);
}

/* False when the library will not have one of the odd ones: then nothing can be left out. */
static bool
leave_out(struct build *build, struct plan *plan, int index)
{
	if (index < 0 || (guint)index >= plan->ids->len)
		return false;
	guint id = g_array_index(plan->ids, guint, index);
	if (id >= build->patterns->len)
		return false;
	build->standings[id] = STANDING_REFUSED;
	g_ptr_array_remove_index(plan->expressions, (guint)index);
	g_array_remove_index(plan->ids, (guint)index);
	return true;
}

static hs_database_t *
compile(struct build *build, struct plan *plan, GError **error)
{
	for (guint refused = 0; refused <= REFUSED_MAX; refused++) {
		hs_compile_error_t *trouble = NULL;
		hs_database_t *database = NULL;
		g_autofree unsigned *flags = g_new(unsigned, plan->ids->len + 1);
		for (guint i = 0; i < plan->ids->len; i++)
			flags[i] = HS_FLAG_SINGLEMATCH | HS_FLAG_DOTALL;
		int rc = hs_compile_multi((const char *const *)plan->expressions->pdata, flags,
		    (const unsigned *)(void *)plan->ids->data, plan->ids->len, HS_MODE_BLOCK, NULL,
		    &database, &trouble);
		if (rc == HS_SUCCESS)
			return database;
		int index = trouble->expression;
		g_autofree char *text = g_strdup(trouble->message);
		hs_free_compile_error(trouble);
		if (!leave_out(build, plan, index)) {
			g_set_error(error, FAULT, FAULT_CONFIG, "prefilter: %s", text);
			return NULL;
		}
	}
	g_set_error(error, FAULT, FAULT_CONFIG, "prefilter: Hyperscan refuses too many patterns");
	return NULL;
}

/* Adds a group's database to the image; nothing when it has no patterns. */
static bool
build_group(struct build *build, guint group, GVariantBuilder *out, GError **error)
{
	struct plan plan;
	bool fine = true;

	plan_group(build, group, &plan);
	hs_database_t *database = plan.ids->len > 0 ? compile(build, &plan, error) : NULL;
	if (database != NULL) {
		char *bytes = NULL;
		size_t size = 0;
		fine = hs_serialize_database(database, &bytes, &size) == HS_SUCCESS &&
		       size <= PREFILTER_BYTES_MAX / GROUPS;
		if (fine)
			g_variant_builder_add(out, "(u@ay)", plan.components,
			    g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, bytes, size, 1));
		else
			g_set_error(error, FAULT, FAULT_CONFIG, "prefilter: too large");
		free(bytes);
		hs_free_database(database);
	} else {
		fine = plan.ids->len == 0;
	}
	plan_clear(&plan);
	return fine;
}

GBytes *
prefilter_build(const GPtrArray *patterns, GError **error)
{
	guint n = patterns->len;
	g_autofree guint8 *standings = g_new0(guint8, n + 1);
	g_autofree char *key = prefilter_key(patterns);
	struct build build = { patterns, standings, g_new0(char *, n + 2) };
	GVariantBuilder databases;
	bool fine = true;

	if (prefilter_lacking() != NULL) {
		g_free(build.expressions);
		g_set_error(error, FAULT, FAULT_CONFIG, "prefilter: %s", prefilter_lacking());
		return NULL;
	}
	find_factors(&build);
	g_variant_builder_init(&databases, G_VARIANT_TYPE("a(uay)"));
	for (guint group = 0; group < GROUPS && fine; group++)
		fine = build_group(&build, group, &databases, error);
	for (guint i = 0; i < n + 2; i++)
		g_free(build.expressions[i]);
	g_free(build.expressions);
	g_autoptr(GVariant) image = g_variant_ref_sink(g_variant_new("(s@ay@a(uay))", key,
	    g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, standings, n, 1),
	    g_variant_builder_end(&databases)));
	return fine ? g_variant_get_data_as_bytes(image) : NULL;
}

/* --- loading --- */

static bool
load_database(struct prefilter *prefilter, GVariant *row, GError **error)
{
	struct database *database = &prefilter->databases[prefilter->n_databases];
	g_autoptr(GVariant) bytes = g_variant_get_child_value(row, 1);
	gsize size;

	g_variant_get_child(row, 0, "u", &database->components);
	const char *data = g_variant_get_fixed_array(bytes, &size, 1);
	if (hs_deserialize_database(data, size, &database->code) != HS_SUCCESS ||
	    hs_alloc_scratch(database->code, &prefilter->scratch) != HS_SUCCESS) {
		g_set_error(error, FAULT, FAULT_DATA, "prefilter: a database is broken");
		return false;
	}
	prefilter->n_databases++;
	return true;
}

static bool
load_databases(struct prefilter *prefilter, GVariant *rows, GError **error)
{
	gsize n = g_variant_n_children(rows);

	for (gsize i = 0; i < n && i < GROUPS; i++) {
		g_autoptr(GVariant) row = g_variant_get_child_value(rows, i);
		if (!load_database(prefilter, row, error))
			return false;
	}
	return true;
}

static void
free_databases(struct prefilter *prefilter)
{
	for (guint i = 0; i < GROUPS; i++)
		hs_free_database(prefilter->databases[i].code);
	hs_free_scratch(prefilter->scratch);
}

/* --- scanning --- */

struct pass {
	const struct prefilter *prefilter;
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

/* False when the text could not be passed over to its end. */
static bool
scan_databases(
    struct prefilter *prefilter, guint component, const char *text, gsize size, guint32 *fired)
{
	struct pass pass = { prefilter, fired };

	for (guint i = 0; i < prefilter->n_databases; i++) {
		const struct database *database = &prefilter->databases[i];
		if ((database->components & 1u << component) == 0)
			continue;
		if (size > G_MAXUINT32 || hs_scan(database->code, text, (unsigned)size, 0,
					      prefilter->scratch, on_match, &pass) != HS_SUCCESS)
			return false;
	}
	return true;
}

#else

const char *
prefilter_lacking(void)
{
	return "this program was built without Hyperscan";
}

char *
prefilter_key(G_GNUC_UNUSED const GPtrArray *patterns)
{
	return g_strdup("");
}

GBytes *
prefilter_build(G_GNUC_UNUSED const GPtrArray *patterns, GError **error)
{
	g_set_error(error, FAULT, FAULT_CONFIG, "prefilter: %s", prefilter_lacking());
	return NULL;
}

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
		guint standing = data[i] & STANDING_BITS;
		if (standing >= G_N_ELEMENTS(standing_words))
			return false;
		if (standing != STANDING_KNOWN)
			set_bit(prefilter->alone, i);
		for (guint k = 0; k < 2; k++) {
			if ((data[i] >> ODD_SHIFT >> k & 1) != 0)
				set_bit(prefilter->depending[k], i);
		}
	}
	return true;
}

struct prefilter *
prefilter_load(GBytes *bytes, const char *key, GError **error)
{
	g_autoptr(GVariant) image =
	    g_variant_ref_sink(g_variant_new_from_bytes(G_VARIANT_TYPE(IMAGE_TYPE), bytes, FALSE));
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
	return standing_words[prefilter->standings[pattern] & STANDING_BITS];
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
