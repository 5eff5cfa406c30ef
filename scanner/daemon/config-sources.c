/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a configuration to the files that make its rule set.
 */
#include <sys/stat.h>

#include "daemon/config-parts.h"

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

static void
add_folders(struct sources *sources, const struct config *config, const char *only_dir,
    struct problems *problems)
{
	const char *shipped = config_shipped_rules();

	if (only_dir != NULL) {
		sources_add_folder(sources, only_dir, problems);
		return;
	}
	sources_add_folder(sources, shipped, problems);
	if (config->rules_dir[0] != '\0' && !is_same_folder(config->rules_dir, shipped))
		sources_add_folder(sources, config->rules_dir, problems);
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
	sources_set_own_domains(sources, (const char *const *)config->own_domains);
	if (problems_count(problems, PROBLEM_ERROR) > before)
		return NULL;
	sources_seal(sources);
	return g_steal_pointer(&sources);
}
