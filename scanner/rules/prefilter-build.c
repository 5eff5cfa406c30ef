/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Making a prefilter: factors of all patterns, compiled into a few databases.
 */
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/fault.h"
#include "mail/words.h"
#include "rules/prefilter-inside.h"

#if FLAGPOST_HYPERSCAN
#include <hs/hs.h>

#define FLAGS       (HS_FLAG_SINGLEMATCH | HS_FLAG_DOTALL)
#define REFUSED_MAX 100 /* expressions that the library may refuse, one after another */

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
	g_autoptr(GString) text = g_string_new(PREFILTER_FORMAT "\n" FLAGPOST_VERSION "\n");
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

/* --- plans --- */

/* What is compiled into one database. */
struct plan {
	guint group, components;
	guint place; /* FACTOR_PLACES: the whole text */
	guint before, after;
	guint longest, longest_blank; /* bytes of a match; of one with a blank in it */
	GPtrArray *expressions;       /* of char *, owned elsewhere */
	GArray *ids;                  /* of unsigned */
};

struct build {
	const GPtrArray *patterns;
	guint8 *standings;
	struct factor **factors; /* one a pattern, NULL: none */
	char *odd[2];            /* what the bits FACTOR_ODD_ stand for */
};

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
	guint odd = 0;

	for (guint i = 0; i < build->patterns->len; i++) {
		const struct pattern *pattern = g_ptr_array_index(build->patterns, i);
		const char *why;
		struct factor *factor =
		    factor_of(cases, pattern_text(pattern), pattern_ignores_case(pattern), &why);
		build->factors[i] = factor;
		build->standings[i] = STANDING_UNREAD;
		if (factor == NULL) {
			if (strcmp(why, prefilter_standing_word(STANDING_COMMON)) == 0)
				build->standings[i] = STANDING_COMMON;
			continue;
		}
		build->standings[i] = (guint8)(STANDING_KNOWN | factor->odd << PREFILTER_ODD_SHIFT);
		odd |= factor->odd;
	}
	if (odd & FACTOR_ODD_CASES)
		build->odd[0] = factor_cases_odd(cases);
	if (odd & FACTOR_ODD_DIGITS)
		build->odd[1] = factor_odd_digits();
}

static void
plan_add(struct plan *plan, char *expression, guint id)
{
	g_ptr_array_add(plan->expressions, expression);
	g_array_append_val(plan->ids, id);
}

/* A pattern whose factor stands in a kind of place, or anywhere. */
static void
plan_factor(struct plan *plan, const struct factor *factor, guint id)
{
	if (plan->place == FACTOR_PLACES) {
		if (factor->expression != NULL)
			plan_add(plan, factor->expression, id);
		return;
	}
	const struct factor_placed *placed = &factor->placed[plan->place];
	if (placed->expression == NULL)
		return;
	plan_add(plan, placed->expression, id);
	plan->before = MAX(plan->before, placed->before);
	plan->after = MAX(plan->after, placed->after);
}

/* What is odd may stand outside of all places, so it is looked for everywhere. */
static void
plan_group(const struct build *build, guint group, guint place, struct plan *plan)
{
	guint n = build->patterns->len, odd = 0;

	*plan = (struct plan){ .group = group,
		.place = place,
		.expressions = g_ptr_array_new(),
		.ids = g_array_new(FALSE, FALSE, sizeof(guint)) };
	for (guint i = 0; i < n; i++) {
		guint components = pattern_components(g_ptr_array_index(build->patterns, i));
		const struct factor *factor = build->factors[i];
		if (factor == NULL || group_of(components) != group)
			continue;
		plan->components |= components;
		odd |= factor->odd;
		plan_factor(plan, factor, i);
	}
	for (guint k = 0; k < 2 && place == FACTOR_PLACES; k++) {
		if ((odd >> k & 1) != 0 && build->odd[k] != NULL)
			plan_add(plan, build->odd[k], n + k);
	}
}

static void
plan_clear(struct plan *plan)
{
	g_ptr_array_unref(plan->expressions);
	g_array_unref(plan->ids);
}

/* --- compiling --- */

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
			flags[i] = FLAGS;
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

/* Before the library is asked to compile them: what it refuses here it refuses there as well. */
static void
measure(struct plan *plan)
{
	for (guint i = 0; i < plan->expressions->len; i++) {
		const char *expression = plan->expressions->pdata[i];
		hs_expr_info_t *info = NULL;
		hs_compile_error_t *trouble = NULL;
		guint width = G_MAXUINT;
		if (hs_expression_info(expression, FLAGS, &info, &trouble) == HS_SUCCESS)
			width = info->max_width;
		hs_free_compile_error(trouble);
		free(info);
		plan->longest = MAX(plan->longest, width);
		if (factor_may_hold(expression, ' '))
			plan->longest_blank = MAX(plan->longest_blank, width);
	}
}

static bool
put_database(const struct plan *plan, hs_database_t *database, GVariantBuilder *out)
{
	char *bytes = NULL;
	size_t size = 0;
	bool fine = hs_serialize_database(database, &bytes, &size) == HS_SUCCESS &&
		    size <= PREFILTER_BYTES_MAX / PREFILTER_DATABASES;

	if (fine)
		g_variant_builder_add(out, "(uuuuuuu@ay)", plan->group, plan->components,
		    plan->place, plan->before, plan->after, plan->longest, plan->longest_blank,
		    g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, bytes, size, 1));
	free(bytes);
	return fine;
}

/* Adds a group's database to the image; nothing when it has no patterns. */
static bool
build_group(struct build *build, guint group, guint place, GVariantBuilder *out, GError **error)
{
	struct plan plan;
	bool fine = true;

	plan_group(build, group, place, &plan);
	measure(&plan);
	hs_database_t *database = plan.ids->len > 0 ? compile(build, &plan, error) : NULL;
	if (database == NULL) {
		fine = plan.ids->len == 0;
	} else if (!put_database(&plan, database, out)) {
		g_set_error(error, FAULT, FAULT_CONFIG, "prefilter: too large");
		fine = false;
	}
	if (database != NULL)
		hs_free_database(database);
	plan_clear(&plan);
	return fine;
}

static void
build_clear(struct build *build)
{
	for (guint i = 0; i < build->patterns->len; i++)
		factor_free(build->factors[i]);
	g_free(build->factors);
	g_free(build->standings);
	g_free(build->odd[0]);
	g_free(build->odd[1]);
}

GBytes *
prefilter_build(const GPtrArray *patterns, GError **error)
{
	guint n = patterns->len;
	struct build build = { .patterns = patterns };
	GVariantBuilder databases;
	bool fine = true;

	if (prefilter_lacking() != NULL) {
		g_set_error(error, FAULT, FAULT_CONFIG, "prefilter: %s", prefilter_lacking());
		return NULL;
	}
	g_autofree char *key = prefilter_key(patterns);
	build.standings = g_new0(guint8, n + 1);
	build.factors = g_new0(struct factor *, n + 1);
	find_factors(&build);
	g_variant_builder_init(&databases, G_VARIANT_TYPE("a" PREFILTER_ROW_TYPE));
	for (guint i = 0; i < PREFILTER_DATABASES && fine; i++)
		fine = build_group(
		    &build, i / (FACTOR_PLACES + 1), i % (FACTOR_PLACES + 1), &databases, error);
	g_autoptr(GVariant) image =
	    g_variant_ref_sink(g_variant_new("(s@ay@a" PREFILTER_ROW_TYPE ")", key,
		g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, build.standings, n, 1),
		g_variant_builder_end(&databases)));
	build_clear(&build);
	return fine ? g_variant_get_data_as_bytes(image) : NULL;
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

#endif
