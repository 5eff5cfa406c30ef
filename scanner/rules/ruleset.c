/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/ruleset.h"

#include <string.h>

#include "rules/detector.h"
#include "rules/ruleset-inside.h"

/* A rule file between reading and compiling. */
struct parsed {
	const struct source *source;
	struct ini *ini;
};

static void
parsed_free(gpointer data)
{
	struct parsed *parsed = data;

	ini_free(parsed->ini);
	g_free(parsed);
}

static void
free_rule(gpointer data)
{
	rule_free(data);
}

static void
free_detector(gpointer data)
{
	detector_free(data);
}

static void
free_detector_info(gpointer data)
{
	struct detector_info *info = data;

	g_free((char *)info->id);
	g_free((char *)info->title);
	g_free((char *)info->file);
	g_free((char *)info->validator);
	g_free(info);
}

static struct ruleset *
ruleset_new(const struct sources *sources, const struct limits *limits, struct problems *problems)
{
	struct ruleset *ruleset = g_new0(struct ruleset, 1);

	ruleset->digest = g_strdup(sources->digest);
	ruleset->limits = *limits;
	ruleset->world = world_new(sources, problems);
	ruleset->engine = pattern_engine_new();
	ruleset->patterns = g_ptr_array_new();
	ruleset->rules = g_ptr_array_new_with_free_func(free_rule);
	ruleset->by_id = g_hash_table_new(g_str_hash, g_str_equal);
	ruleset->tests = g_ptr_array_new();
	ruleset->detectors = g_ptr_array_new_with_free_func(free_detector_info);
	return ruleset;
}

void
ruleset_free(struct ruleset *ruleset)
{
	if (ruleset == NULL)
		return;
	g_free(ruleset->digest);
	g_ptr_array_unref(ruleset->tests);
	g_ptr_array_unref(ruleset->detectors);
	g_hash_table_unref(ruleset->by_id);
	g_ptr_array_unref(ruleset->rules);
	gates_free(ruleset->gates);
	prefilter_free(ruleset->prefilter);
	g_ptr_array_unref(ruleset->patterns);
	pattern_engine_free(ruleset->engine);
	world_free(ruleset->world);
	g_free(ruleset);
}

/* All rule files that can be read. An empty one masks another and holds nothing. */
static GPtrArray *
parse_files(const struct sources *sources, struct problems *problems)
{
	GPtrArray *files = g_ptr_array_new_with_free_func(parsed_free);

	for (guint i = 0; i < sources->files->len; i++) {
		const struct source *source = sources->files->pdata[i];
		if (source->kind != SOURCE_RULE || g_bytes_get_size(source->text) == 0)
			continue;
		struct ini *ini = ini_parse(source->path, source->text, problems);
		if (ini == NULL)
			continue;
		struct parsed *parsed = g_new0(struct parsed, 1);
		parsed->source = source;
		parsed->ini = ini;
		g_ptr_array_add(files, parsed);
	}
	return files;
}

/* "detector" and "detector.NAME" */
static bool
is_detector(const struct ini_section *section)
{
	return strcmp(section->name, "detector") == 0 ||
	       g_str_has_prefix(section->name, "detector.");
}

static bool
holds_detectors(const struct ini *ini)
{
	const GPtrArray *sections = ini_sections(ini);

	for (guint i = 0; i < sections->len; i++) {
		if (is_detector(sections->pdata[i]))
			return true;
	}
	return false;
}

static void
add_detector(
    struct ruleset *ruleset, const struct builder *builder, const struct ini_section *section)
{
	struct detector *detector = detector_load(builder, section);

	if (detector->id[0] != '\0' && g_hash_table_contains(builder->detectors, detector->id))
		ini_problem(section, NULL, 0, builder->problems, NULL,
		    "there is another detector %s", detector->id);
	g_ptr_array_add(ruleset->detectors, detector_describe_all(detector));
	g_hash_table_insert(builder->detectors, detector->id, detector);
}

static void
load_detectors(struct ruleset *ruleset, const struct builder *builder, const struct ini *ini)
{
	const GPtrArray *sections = ini_sections(ini);

	for (guint i = 0; i < sections->len; i++) {
		const struct ini_section *section = sections->pdata[i];
		if (is_detector(section))
			add_detector(ruleset, builder, section);
		else
			ini_problem(section, NULL, 0, builder->problems,
			    "move it to a rule that uses the detector",
			    "a detector file has no section [%s]", section->name);
	}
}

static void
add_rule(struct ruleset *ruleset, const struct builder *builder, const struct parsed *parsed)
{
	struct builder own = *builder;

	own.data_may_lack =
	    builder->data_may_lack && g_str_has_prefix(parsed->source->name, SOURCES_PACKS);
	struct rule *rule = rule_load(&own, parsed->source, parsed->ini);
	const struct rule *other = g_hash_table_lookup(ruleset->by_id, rule->info.id);

	if (other != NULL)
		ini_problem(ini_section(parsed->ini, "rule"), NULL, 0, builder->problems,
		    "give it another id, or that file's name to replace it",
		    "the rule %s stands in %s already", rule->info.id, other->info.file);
	g_ptr_array_add(ruleset->rules, rule);
	g_hash_table_insert(ruleset->by_id, (char *)rule->info.id, rule);
	for (guint i = 0; i < rule->tests->len; i++)
		g_ptr_array_add(ruleset->tests, rule->tests->pdata[i]);
	for (guint i = 0; i < rule->sections->len; i++) {
		const struct rule_section *section = rule->sections->pdata[i];
		if (section->kind->components != NULL)
			ruleset->components |= section->kind->components(section->self);
		ruleset->history |= section_history(section->kind, section->self);
	}
}

static void
load_files(struct ruleset *ruleset, const struct builder *builder, const GPtrArray *files)
{
	for (guint i = 0; i < files->len; i++) {
		const struct parsed *parsed = files->pdata[i];
		if (holds_detectors(parsed->ini))
			load_detectors(ruleset, builder, parsed->ini);
	}
	for (guint i = 0; i < files->len; i++) {
		const struct parsed *parsed = files->pdata[i];
		if (holds_detectors(parsed->ini))
			continue;
		if (ini_section(parsed->ini, "rule") != NULL)
			add_rule(ruleset, builder, parsed);
		else if (ini_sections(parsed->ini)->len > 0)
			ini_problem(ini_sections(parsed->ini)->pdata[0], NULL, 0, builder->problems,
			    "begin the file with [rule]",
			    "the file has neither [rule] nor [detector]");
	}
}

static struct ruleset *
compile(const struct sources *sources, const struct limits *limits, bool searched,
    struct problems *problems)
{
	guint before = problems_count(problems, PROBLEM_ERROR);
	struct ruleset *ruleset = ruleset_new(sources, limits, problems);
	g_autoptr(GPtrArray) files = parse_files(sources, problems);
	g_autoptr(GHashTable) detectors =
	    g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_detector);
	const struct builder builder = { limits, problems, ruleset->world, detectors,
		ruleset->patterns, sources->data_may_lack, searched };

	load_files(ruleset, &builder, files);
	for (guint i = 0; i < ruleset->patterns->len; i++)
		ruleset->searched |= pattern_components(ruleset->patterns->pdata[i]);
	if (!pattern_engine_is_jit(ruleset->engine))
		problems_add(problems, PROBLEM_WARNING, "rules", 0, 0, NULL,
		    "use a PCRE2 that was built with JIT",
		    "patterns run without JIT and take many times longer");
	if (problems_count(problems, PROBLEM_ERROR) == before) {
		ruleset->gates = gates_new(ruleset->rules);
		return ruleset;
	}
	ruleset_free(ruleset);
	return NULL;
}

struct ruleset *
ruleset_compile(
    const struct sources *sources, const struct limits *limits, struct problems *problems)
{
	return compile(sources, limits, true, problems);
}

struct ruleset *
ruleset_read(const struct sources *sources, const struct limits *limits, struct problems *problems)
{
	return compile(sources, limits, false, problems);
}

const char *
ruleset_digest(const struct ruleset *ruleset)
{
	return ruleset->digest;
}

guint
ruleset_count(const struct ruleset *ruleset)
{
	return ruleset->rules->len;
}

const struct rule_info *
ruleset_info(const struct ruleset *ruleset, guint index)
{
	const struct rule *rule = g_ptr_array_index(ruleset->rules, index);

	return &rule->info;
}

const struct rule_info *
ruleset_find(const struct ruleset *ruleset, const char *id)
{
	const struct rule *rule = g_hash_table_lookup(ruleset->by_id, id);

	return rule != NULL ? &rule->info : NULL;
}

guint
ruleset_detector_count(const struct ruleset *ruleset)
{
	return ruleset->detectors->len;
}

const struct detector_info *
ruleset_detector(const struct ruleset *ruleset, guint index)
{
	return g_ptr_array_index(ruleset->detectors, index);
}

guint
ruleset_history(const struct ruleset *ruleset)
{
	return ruleset->history;
}

bool
ruleset_needs_raw(const struct ruleset *ruleset)
{
	return (ruleset->components & 1u << COMPONENT_RAW) != 0;
}

const char **
ruleset_ids(const struct ruleset *ruleset)
{
	const char **ids = g_new0(const char *, ruleset->rules->len + 1);

	for (guint i = 0; i < ruleset->rules->len; i++)
		ids[i] = ruleset_info(ruleset, i)->id;
	return ids;
}
