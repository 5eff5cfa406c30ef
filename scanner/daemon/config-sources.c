/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a configuration to the files that make its rule set.
 */
#include <string.h>
#include <sys/stat.h>

#include "daemon/config-parts.h"
#include "daemon/directories.h"

const char *
config_shipped_rules(void)
{
	if (g_file_test(FLAGPOST_RULES_SHIPPED, G_FILE_TEST_IS_DIR))
		return FLAGPOST_RULES_SHIPPED;
	return FLAGPOST_RULES_SOURCE;
}

/* The same folder by another name would override each rule with itself and mean nothing. */
static bool
is_same_folder(const char *a, const char *b)
{
	struct stat left, right;

	return stat(a, &left) == 0 && stat(b, &right) == 0 && left.st_dev == right.st_dev &&
	       left.st_ino == right.st_ino;
}

/* Of rules: the one given, else the shipped and the site's. NULL-terminated; at most two. */
static void
folders_of(const struct config *config, const char *only_dir, const char *folders[3])
{
	const char *shipped = config_shipped_rules();

	folders[0] = only_dir != NULL ? only_dir : shipped;
	folders[1] = folders[2] = NULL;
	if (only_dir == NULL && config->rules_dir[0] != '\0' &&
	    !is_same_folder(config->rules_dir, shipped))
		folders[1] = config->rules_dir;
}

/* --- packs --- */

void
config_read_packs(
    struct config *config, const struct ini_section *section, struct problems *problems)
{
	const struct ini_entry *entry = ini_entry(section, "packs");
	GStrv packs = NULL;

	if (!ini_list(section, "packs", &packs, problems))
		return;
	config->packs_line = entry->line;
	for (guint i = 0; packs[i] != NULL; i++) {
		if (!sources_is_pack(packs[i]))
			ini_problem(section, entry, 0, problems,
			    "write names of lower-case letters, digits and hyphens",
			    "'%s' is not the name of a pack", packs[i]);
	}
	g_strfreev(config->packs);
	config->packs = packs;
}

void
config_set_packs(struct config *config, const char *names)
{
	g_strfreev(config->packs);
	config->packs = g_strsplit(names, ",", -1);
	for (guint i = 0; config->packs[i] != NULL; i++)
		g_strstrip(config->packs[i]);
}

bool
config_pack_is_on(const struct config *config, const char *pack)
{
	const char *const *packs = (const char *const *)config->packs;

	return g_strv_contains(packs, pack) || g_strv_contains(packs, CONFIG_PACKS_ALL);
}

static gint
by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *
config_packs(const struct config *config, const char *only_dir)
{
	GPtrArray *all = g_ptr_array_new_with_free_func(g_free);
	const char *folders[3];

	folders_of(config, only_dir, folders);
	for (guint k = 0; folders[k] != NULL; k++) {
		g_autoptr(GPtrArray) packs = sources_packs(folders[k]);
		for (guint i = 0; i < packs->len; i++) {
			if (!g_ptr_array_find_with_equal_func(
				all, packs->pdata[i], g_str_equal, NULL))
				g_ptr_array_add(all, g_strdup(packs->pdata[i]));
		}
	}
	g_ptr_array_sort(all, by_text);
	return all;
}

/* A pack that is asked for and lies nowhere would be a rule less without a word. */
static void
check_packs(const struct config *config, const GPtrArray *all, struct problems *problems)
{
	g_autofree const char **names = g_new0(const char *, all->len + 1);

	for (guint i = 0; i < all->len; i++)
		names[i] = all->pdata[i];
	for (guint i = 0; config->packs[i] != NULL; i++) {
		const char *pack = config->packs[i];
		if (strcmp(pack, CONFIG_PACKS_ALL) == 0 || g_strv_contains(names, pack))
			continue;
		const char *near = problem_did_you_mean(pack, names);
		g_autofree char *mend =
		    near != NULL ? g_strdup_printf("did you mean %s?", near)
				 : g_strdup("flagpost rules list --packs names them all");
		problems_add(problems, PROBLEM_ERROR,
		    config->path[0] != '\0' ? config->path : "packs", config->packs_line, 0, NULL,
		    mend, "there is no pack '%s'", pack);
	}
}

/* A pack may lie in both folders: the site's files replace those that ship. */
static void
add_packs(struct sources *sources, const struct config *config, const char *folder,
    const GPtrArray *all, struct problems *problems)
{
	for (guint i = 0; i < all->len; i++) {
		const char *pack = all->pdata[i];
		if (config_pack_is_on(config, pack) && sources_has_pack(folder, pack))
			sources_add_pack(sources, folder, pack, problems);
	}
}

static void
add_folders(struct sources *sources, const struct config *config, const char *only_dir,
    struct problems *problems)
{
	g_autoptr(GPtrArray) all = config_packs(config, only_dir);
	const char *folders[3];

	folders_of(config, only_dir, folders);
	/* A folder that is given for a look need not have the packs of the configuration. */
	if (only_dir == NULL)
		check_packs(config, all, problems);
	for (guint i = 0; folders[i] != NULL; i++) {
		sources_add_folder(sources, folders[i], problems);
		add_packs(sources, config, folders[i], all, problems);
	}
}

struct sources *
config_sources(const struct config *config, const char *only_dir, struct problems *problems)
{
	guint before = problems_count(problems, PROBLEM_ERROR);
	g_autoptr(sources) sources = sources_new();
	GHashTableIter iter;
	gpointer name, members;

	add_folders(sources, config, only_dir, problems);
	for (guint i = 0; i < config->lists->len; i++) {
		const struct config_list *list = g_ptr_array_index(config->lists, i);
		sources_add_list(sources, list->name, list->path, problems);
	}
	g_hash_table_iter_init(&iter, config->groups);
	while (g_hash_table_iter_next(&iter, &name, &members))
		sources_add_group(sources, name, (const char *const *)members);
	directories_check(config, problems);
	sources->data_may_lack =
	    g_strv_contains((const char *const *)config->packs, CONFIG_PACKS_ALL);
	sources_set_own_domains(sources, (const char *const *)config->own_domains);
	if (problems_count(problems, PROBLEM_ERROR) > before)
		return NULL;
	sources_seal(sources);
	return g_steal_pointer(&sources);
}
