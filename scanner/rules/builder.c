/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/builder.h"

#include <string.h>

#include "mail/words.h"
#include "rules/pattern.h"

static void
ref_free(gpointer data)
{
	struct list_ref *ref = data;

	g_free(ref->name);
	list_free(ref->here);
	g_free(ref);
}

static void
ref_add(GPtrArray *refs, const char *name, bool is_group, struct list *here)
{
	struct list_ref *ref = g_new0(struct list_ref, 1);

	ref->name = g_strdup(name);
	ref->is_group = is_group;
	ref->here = here;
	g_ptr_array_add(refs, ref);
}

gsize
builder_item_offset(const char *value, guint index)
{
	const char *p = value;

	for (; index > 0 && (p = strchr(p, ',')) != NULL; index--)
		p++;
	if (p == NULL)
		return 0;
	return (gsize)(p - value) + strspn(p, " \t");
}

GPtrArray *
builder_values(const struct builder *builder, const struct ini_section *section, const char *key)
{
	g_auto(GStrv) items = NULL;

	if (!ini_list(section, key, &items, builder->problems))
		return NULL;
	GPtrArray *refs = g_ptr_array_new_with_free_func(ref_free);
	ref_add(refs, NULL, false, list_from_lines("", (const char *const *)items));
	return refs;
}

GPtrArray *
builder_words(const struct builder *builder, const struct ini_section *section, const char *key)
{
	GPtrArray *refs = builder_values(builder, section, key);

	if (refs != NULL) {
		const struct list_ref *ref = g_ptr_array_index(refs, 0);
		list_make_phrases(ref->here, world_words(builder->world));
	}
	return refs;
}

static bool
is_known(const struct world *world, const char *name, bool is_group)
{
	if (is_group)
		return world_group(world, name) != NULL;
	return strcmp(name, WORLD_LOCAL) == 0 || world_list(world, name) != NULL;
}

static void
unknown_name(const struct builder *builder, const struct ini_section *section,
    const struct ini_entry *entry, guint index, const char *name, bool is_group)
{
	g_autofree const char **names =
	    is_group ? world_group_names(builder->world) : world_list_names(builder->world);
	const char *near = problem_did_you_mean(name, names);
	g_autofree char *mend =
	    near != NULL ? g_strdup_printf("did you mean %s?", near)
	    : is_group   ? g_strdup("define the group in the configuration, or a list of that name")
			 : g_strdup_printf("create lists/%s.txt beside the rules", name);

	ini_problem(section, entry, builder_item_offset(entry->value, index), builder->problems,
	    mend,
	    is_group ? "there is no group %s, and no list of that name" : "there is no list %s",
	    name);
}

GPtrArray *
builder_lists(const struct builder *builder, const struct ini_section *section, const char *key,
    bool is_group)
{
	g_auto(GStrv) items = NULL;

	if (!ini_list(section, key, &items, builder->problems))
		return NULL;
	GPtrArray *refs = g_ptr_array_new_with_free_func(ref_free);
	for (guint i = 0; items[i] != NULL; i++) {
		if (is_known(builder->world, items[i], is_group))
			ref_add(refs, items[i], is_group, NULL);
		else
			unknown_name(
			    builder, section, ini_entry(section, key), i, items[i], is_group);
	}
	return refs;
}

GPtrArray *
builder_groups(const struct builder *builder, const struct ini_section *section, const char *key)
{
	g_auto(GStrv) items = NULL;

	if (!ini_list(section, key, &items, builder->problems))
		return NULL;
	GPtrArray *refs = g_ptr_array_new_with_free_func(ref_free);
	for (guint i = 0; items[i] != NULL; i++)
		ref_add(refs, items[i], true, NULL);
	return refs;
}

GPtrArray *
builder_joined_words(const struct builder *builder, GPtrArray *lists, GPtrArray *words)
{
	if (lists == NULL)
		return words;
	for (guint i = 0; i < lists->len; i++) {
		const struct list_ref *ref = g_ptr_array_index(lists, i);
		world_need_phrases(builder->world, ref->name);
	}
	if (words != NULL)
		g_ptr_array_extend_and_steal(lists, words);
	return lists;
}

GPtrArray *
builder_list_named(const char *name)
{
	GPtrArray *refs = g_ptr_array_new_with_free_func(ref_free);

	ref_add(refs, name, false, NULL);
	return refs;
}

const struct list *
list_ref_find(const struct list_ref *ref, const struct world *world)
{
	if (ref->here != NULL)
		return ref->here;
	if (ref->is_group)
		return world_group(world, ref->name);
	const struct list *list = world_list(world, ref->name);
	return list != NULL ? list : world_own(world);
}

bool
builder_bits(const struct builder *builder, const struct ini_section *section, const char *key,
    const char *const *words, guint *out)
{
	g_auto(GStrv) items = NULL;
	bool right = true;
	guint bits = 0;

	if (!ini_list(section, key, &items, builder->problems))
		return false;
	for (guint i = 0; items[i] != NULL; i++) {
		int index = word_index(words, items[i]);
		if (index >= 0) {
			bits |= 1u << index;
			continue;
		}
		const struct ini_entry *entry = ini_entry(section, key);
		const char *near = problem_did_you_mean(items[i], words);
		g_autofree char *all = g_strjoinv(", ", (GStrv)words);
		g_autofree char *mend = near != NULL ? g_strdup_printf("did you mean %s?", near)
						     : g_strdup_printf("write one of %s", all);
		ini_problem(section, entry, builder_item_offset(entry->value, i), builder->problems,
		    mend, "%s does not know the word %s", key, items[i]);
		right = false;
	}
	*out = right ? bits : *out;
	return right;
}

char *
builder_text(const struct builder *builder, const struct ini_section *section, const char *key,
    bool is_needed)
{
	const struct ini_entry *entry = ini_entry(section, key);

	if (entry == NULL || entry->value[0] == '\0') {
		g_autofree char *mend = g_strdup_printf("write %s = ...", key);
		if (is_needed)
			ini_problem(section, entry, 0, builder->problems, mend, "[%s] needs %s",
			    section->name, key);
		return g_strdup("");
	}
	for (const char *p = entry->value; *p != '\0'; p = g_utf8_next_char(p)) {
		if (!g_unichar_isprint(g_utf8_get_char(p))) {
			ini_problem(section, entry, (gsize)(p - entry->value), builder->problems,
			    NULL, "%s has a character that cannot be shown", key);
			break;
		}
	}
	return g_strdup(entry->value);
}

static void
free_pattern(gpointer data)
{
	pattern_free(data);
}

struct pattern *
builder_pattern(const struct builder *builder, const struct ini_section *section,
    const struct ini_entry *entry, bool ignore_case)
{
	struct pattern *pattern = pattern_compile(section, entry, ignore_case, builder->problems);

	if (pattern != NULL && builder->searched)
		pattern_make_fast(pattern);
	return pattern;
}

GPtrArray *
builder_patterns(const struct builder *builder, const struct ini_section *section,
    const char *prefix, bool ignore_case)
{
	GPtrArray *patterns = g_ptr_array_new_with_free_func(free_pattern);

	for (guint i = 0; i < section->entries->len; i++) {
		const struct ini_entry *entry = g_ptr_array_index(section->entries, i);
		if (!g_str_has_prefix(entry->key, prefix))
			continue;
		struct pattern *pattern = builder_pattern(builder, section, entry, ignore_case);
		if (pattern != NULL)
			g_ptr_array_add(patterns, pattern);
	}
	return patterns;
}
