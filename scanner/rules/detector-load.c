/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading [detector] sections. What is looked for, and how, stands in detector.c.
 */
#include <string.h>

#include "rules/data-use.h"
#include "rules/detector.h"

#define NEAR_DEFAULT 300

static const char *const keys[] = { "id", "title", "pattern.*", "weak.*", "ignore_case",
	"validator", "near", "near_list", "near_characters", "alone", "not", "not_list", NULL };

static void
load_validator(
    struct detector *detector, const struct builder *builder, const struct ini_section *section)
{
	const struct ini_entry *entry = ini_entry(section, "validator");

	if (entry == NULL)
		return;
	detector->validator = validator_find(entry->value);
	if (detector->validator != NULL)
		return;
	g_autofree const char **words = validator_words();
	const char *near = problem_did_you_mean(entry->value, words);
	g_autofree char *mend =
	    near != NULL ? g_strdup_printf("did you mean %s?", near)
			 : g_strdup("flagpost rules detectors --validators names them all");
	ini_problem(
	    section, entry, 0, builder->problems, mend, "there is no validator %s", entry->value);
}

void
detector_load_near(
    struct detector *detector, const struct builder *builder, const struct ini_section *section)
{
	GPtrArray *lists = builder_lists(builder, section, "near_list", false);
	GPtrArray *words = builder_words(builder, section, "near");
	GPtrArray *near = builder_joined_words(builder, lists, words);

	if (near != NULL) {
		g_clear_pointer(&detector->near, g_ptr_array_unref);
		detector->near = near;
		detector->alone = CONFIDENCE_LOW;
	}
	ini_uint(
	    section, "near_characters", 1, 10000, &detector->near_characters, builder->problems);
}

/* Values are compared whole, so the lists need no phrases. */
void
detector_load_not(
    struct detector *detector, const struct builder *builder, const struct ini_section *section)
{
	GPtrArray *all = builder_lists(builder, section, "not_list", false);
	GPtrArray *values = builder_values(builder, section, "not");

	if (all == NULL)
		all = values;
	else if (values != NULL)
		g_ptr_array_extend_and_steal(all, values);
	detector->not_values = all;
}

struct detector *
detector_new(void)
{
	struct detector *detector = g_new0(struct detector, 1);

	detector->near_characters = NEAR_DEFAULT;
	detector->alone = CONFIDENCE_MEDIUM;
	detector->wanted = CONFIDENCE_MEDIUM;
	detector->numbers = g_array_new(FALSE, FALSE, sizeof(guint));
	return detector;
}

static GPtrArray *
shared(GPtrArray *array)
{
	return array != NULL ? g_ptr_array_ref(array) : NULL;
}

struct detector *
detector_from(const struct detector *named)
{
	struct detector *detector = detector_new();

	detector->id = g_strdup(named->id);
	detector->title = g_strdup(named->title);
	detector->patterns = shared(named->patterns);
	detector->weak = shared(named->weak);
	detector->validator = named->validator;
	detector->near = shared(named->near);
	detector->near_characters = named->near_characters;
	detector->alone = named->alone;
	detector->not_named = shared(named->not_values);
	return detector;
}

/* [detector.NAME] is named by its section, [detector] by a key. */
static void
load_id(struct detector *detector, const struct builder *builder, const struct ini_section *section)
{
	const char *name = strchr(section->name, '.');
	const struct ini_entry *entry = ini_entry(section, "id");

	if (name == NULL) {
		detector->id = builder_text(builder, section, "id", true);
		return;
	}
	if (entry != NULL)
		ini_problem(section, entry, 0, builder->problems, "leave id out",
		    "[%s] has its name in the section", section->name);
	detector->id = g_strdup(name + 1);
}

struct detector *
detector_load(const struct builder *builder, const struct ini_section *section)
{
	struct detector *detector = detector_new();
	bool ignore_case = true;
	guint alone;

	ini_check_keys(section, keys, builder->problems);
	load_id(detector, builder, section);
	detector->file = g_strdup(ini_name(section->ini));
	detector->title = builder_text(builder, section, "title", true);
	ini_bool(section, "ignore_case", &ignore_case, builder->problems);
	detector->patterns = builder_patterns(builder, section, "pattern.", ignore_case);
	detector->weak = builder_patterns(builder, section, "weak.", ignore_case);
	if (detector->patterns->len == 0 && detector->weak->len == 0)
		ini_problem(section, NULL, 0, builder->problems, "write pattern.1 = ...",
		    "[%s] has no pattern", section->name);
	load_validator(detector, builder, section);
	detector_load_near(detector, builder, section);
	detector_load_not(detector, builder, section);
	if (ini_choice(section, "alone", confidence_words, &alone, builder->problems))
		detector->alone = alone;
	return detector;
}

static void
add_use(struct detector *detector, const GPtrArray *patterns, const struct builder *builder,
    guint components)
{
	for (guint i = 0; patterns != NULL && i < patterns->len; i++) {
		struct pattern *pattern = patterns->pdata[i];
		if (pattern_components(pattern) == 0) {
			pattern_set_number(pattern, builder->patterns->len);
			g_ptr_array_add(builder->patterns, pattern);
		}
		pattern_add_use(pattern, components);
		guint number = pattern_number(pattern);
		g_array_append_val(detector->numbers, number);
	}
}

void
detector_add_use(struct detector *detector, const struct builder *builder, guint components)
{
	detector->components |= components;
	g_array_set_size(detector->numbers, 0);
	add_use(detector, detector->patterns, builder, components);
	add_use(detector, detector->weak, builder, components);
	for (guint i = 0; detector->members != NULL && i < detector->members->len; i++)
		detector_add_use(detector->members->pdata[i], builder, components);
}

void
detector_free(struct detector *detector)
{
	if (detector == NULL)
		return;
	g_free(detector->id);
	g_free(detector->title);
	g_free(detector->file);
	g_clear_pointer(&detector->patterns, g_ptr_array_unref);
	g_clear_pointer(&detector->weak, g_ptr_array_unref);
	g_clear_pointer(&detector->words, g_ptr_array_unref);
	g_clear_pointer(&detector->near, g_ptr_array_unref);
	g_clear_pointer(&detector->not_values, g_ptr_array_unref);
	g_clear_pointer(&detector->not_named, g_ptr_array_unref);
	g_clear_pointer(&detector->members, g_ptr_array_unref);
	g_array_unref(detector->numbers);
	data_use_free(detector->data);
	g_free(detector);
}

struct detector_info *
detector_describe_all(const struct detector *detector)
{
	struct detector_info *info = g_new0(struct detector_info, 1);

	info->id = g_strdup(detector->id);
	info->title = g_strdup(detector->title);
	info->file = g_strdup(detector->file);
	info->validator = g_strdup(detector->validator != NULL ? detector->validator->word : "");
	info->alone = detector->alone;
	info->patterns = detector->patterns->len + detector->weak->len;
	info->has_near = detector->near != NULL;
	return info;
}
