/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/world.h"

#include <string.h>

#include "rules/edm.h"
#include "rules/prints.h"

struct world {
	const struct world *base; /* NULL: the site's own */
	GHashTable *lists;        /* char * -> struct list */
	GHashTable *groups;       /* char * -> struct list */
	GPtrArray *data;          /* of struct data */
	struct list *own;         /* NULL: those of base */
	GStrv own_domains;        /* NULL: those of base */
	struct vocabulary *vocabulary;
};

static void
free_list(gpointer data)
{
	list_free(data);
}

static void
free_data(gpointer data)
{
	data_unref(data);
}

static struct world *
world_empty(const struct world *base)
{
	struct world *world = g_new0(struct world, 1);

	world->base = base;
	world->lists = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_list);
	world->groups = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_list);
	world->data = g_ptr_array_new_with_free_func(free_data);
	world->vocabulary = vocabulary_new(base != NULL ? base->vocabulary : NULL);
	return world;
}

static void
set_own(struct world *world, const char *const *domains)
{
	static const char *const none[] = { NULL };

	world->own_domains = g_strdupv((GStrv)(domains != NULL ? domains : none));
	world->own = list_from_lines("own domains", (const char *const *)world->own_domains);
}

static void
add_groups(struct world *world, GHashTable *groups)
{
	GHashTableIter iter;
	gpointer name, members;

	g_hash_table_iter_init(&iter, groups);
	while (g_hash_table_iter_next(&iter, &name, &members)) {
		g_autofree char *title = g_strconcat("group ", (char *)name, NULL);
		g_hash_table_insert(world->groups, g_strdup(name), list_from_lines(title, members));
	}
}

struct world *
world_new(const struct sources *sources, struct problems *problems)
{
	struct world *world = world_empty(NULL);

	set_own(world, (const char *const *)sources->own_domains);
	add_groups(world, sources->groups);
	for (guint i = 0; i < sources->files->len; i++) {
		const struct source *source = g_ptr_array_index(sources->files, i);
		if (source->kind != SOURCE_LIST)
			continue;
		struct list *list = list_parse(source->name, source->path, source->text, problems);
		g_hash_table_insert(world->lists, g_strdup(source->name), list);
	}
	for (guint i = 0; i < sources->data->len; i++)
		g_ptr_array_add(world->data, data_ref(sources->data->pdata[i]));
	return world;
}

/* True when the lines of a test's list are a data set. */
static bool
add_data(struct world *world, const char *name, const char *const *lines)
{
	if (g_str_has_prefix(name, WORLD_EDM)) {
		g_ptr_array_add(world->data, edm_of_row(name + strlen(WORLD_EDM), lines));
		return true;
	}
	if (!g_str_has_prefix(name, WORLD_PRINTS))
		return false;
	/* Commas of the text parted it; words are all that counts. */
	g_autofree char *text = g_strjoinv(" ", (GStrv)lines);
	g_ptr_array_add(world->data, prints_of_text(name + strlen(WORLD_PRINTS), text));
	return true;
}

struct world *
world_over(
    const struct world *base, const char *const *own_domains, GHashTable *lists, GHashTable *groups)
{
	struct world *world = world_empty(base);
	GHashTableIter iter;
	gpointer name, lines;

	if (own_domains != NULL)
		set_own(world, own_domains);
	if (groups != NULL)
		add_groups(world, groups);
	if (lists == NULL)
		return world;
	g_hash_table_iter_init(&iter, lists);
	while (g_hash_table_iter_next(&iter, &name, &lines)) {
		if (add_data(world, name, lines))
			continue;
		g_autofree char *title = g_strconcat("list ", (char *)name, NULL);
		struct list *list = list_from_lines(title, lines);
		list_make_phrases(list, world->vocabulary);
		g_hash_table_insert(world->lists, g_strdup(name), list);
	}
	return world;
}

void
world_free(struct world *world)
{
	if (world == NULL)
		return;
	g_hash_table_unref(world->lists);
	g_hash_table_unref(world->groups);
	g_ptr_array_unref(world->data);
	list_free(world->own);
	g_strfreev(world->own_domains);
	vocabulary_free(world->vocabulary);
	g_free(world);
}

const struct list *
world_list(const struct world *world, const char *name)
{
	const struct list *list = NULL;

	for (; world != NULL && list == NULL; world = world->base)
		list = g_hash_table_lookup(world->lists, name);
	return list;
}

/* A list of a test's own world hides a group of the site: each world is asked for both. */
const struct list *
world_group(const struct world *world, const char *name)
{
	const struct list *list = NULL;

	for (; world != NULL && list == NULL; world = world->base) {
		list = g_hash_table_lookup(world->groups, name);
		if (list == NULL)
			list = g_hash_table_lookup(world->lists, name);
	}
	return list;
}

const struct data *
world_data(const struct world *world, enum data_kind kind, const char *name, bool *is_test)
{
	for (; world != NULL; world = world->base) {
		for (guint i = 0; i < world->data->len; i++) {
			const struct data *data = world->data->pdata[i];
			if (data_kind(data) != kind || strcmp(data_name(data), name) != 0)
				continue;
			if (is_test != NULL)
				*is_test = world->base != NULL;
			return data;
		}
	}
	return NULL;
}

const char **
world_data_names(const struct world *world, enum data_kind kind)
{
	const char **names = g_new0(const char *, world->data->len + 1);
	guint n = 0;

	for (guint i = 0; i < world->data->len; i++) {
		if (data_kind(world->data->pdata[i]) == kind)
			names[n++] = data_name(world->data->pdata[i]);
	}
	return names;
}

const struct list *
world_own(const struct world *world)
{
	return world->own != NULL ? world->own : world_own(world->base);
}

const char *const *
world_own_domains(const struct world *world)
{
	if (world->own_domains == NULL)
		return world_own_domains(world->base);
	return (const char *const *)world->own_domains;
}

const struct vocabulary *
world_vocabulary(const struct world *world)
{
	return world->vocabulary;
}

struct vocabulary *
world_words(struct world *world)
{
	return world->vocabulary;
}

void
world_need_phrases(struct world *world, const char *name)
{
	struct list *list = g_hash_table_lookup(world->lists, name);

	if (list != NULL)
		list_make_phrases(list, world->vocabulary);
}

static gint
by_name(gconstpointer a, gconstpointer b)
{
	return g_strcmp0(*(const char *const *)a, *(const char *const *)b);
}

static void
add_names(GPtrArray *out, GHashTable *table)
{
	GHashTableIter iter;
	gpointer name;

	g_hash_table_iter_init(&iter, table);
	while (g_hash_table_iter_next(&iter, &name, NULL))
		g_ptr_array_add(out, name);
}

static const char **
sorted_names(GHashTable *first, GHashTable *second)
{
	GPtrArray *out = g_ptr_array_new();

	add_names(out, first);
	if (second != NULL)
		add_names(out, second);
	g_ptr_array_sort(out, by_name);
	g_ptr_array_add(out, NULL);
	return (const char **)g_ptr_array_free(out, FALSE);
}

const char **
world_list_names(const struct world *world)
{
	return sorted_names(world->lists, NULL);
}

const char **
world_group_names(const struct world *world)
{
	return sorted_names(world->groups, world->lists);
}
