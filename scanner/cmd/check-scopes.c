/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/check-scopes.h"

#include <string.h>

#include "base/ini.h"
#include "daemon/forwards.h"
#include "rules/builder.h"

/* Names that a scope may mean, NULL-terminated and borrowed. */
static GPtrArray *
account_names(const struct config *config)
{
	GPtrArray *names = g_ptr_array_new();

	for (guint i = 0; i < config->accounts->len; i++) {
		const struct account *account = config->accounts->pdata[i];
		g_ptr_array_add(names, account->name);
	}
	g_ptr_array_add(names, NULL);
	return names;
}

/* A group is one of the configuration, a list, or a word that an account bears. */
static GPtrArray *
group_names(const struct config *config, const struct sources *sources)
{
	GPtrArray *names = g_ptr_array_new();
	GHashTableIter iter;
	gpointer name;

	g_hash_table_iter_init(&iter, config->groups);
	while (g_hash_table_iter_next(&iter, &name, NULL))
		g_ptr_array_add(names, name);
	for (guint i = 0; i < config->accounts->len; i++) {
		const struct account *account = config->accounts->pdata[i];
		if (account->group != NULL && account->group[0] != '\0')
			g_ptr_array_add(names, account->group);
	}
	for (guint i = 0; i < sources->files->len; i++) {
		const struct source *source = sources->files->pdata[i];
		if (source->kind == SOURCE_LIST)
			g_ptr_array_add(names, source->name);
	}
	g_ptr_array_add(names, NULL);
	return names;
}

static bool
is_meant(const char *item, const GPtrArray *names)
{
	for (guint i = 0; names->pdata[i] != NULL; i++) {
		if (g_pattern_match_simple(item, names->pdata[i]))
			return true;
	}
	return false;
}

static void
check_key(const struct ini_section *scope, const char *key, const char *kind,
    const GPtrArray *names, struct problems *problems)
{
	const struct ini_entry *entry = ini_entry(scope, key);
	g_auto(GStrv) items = entry != NULL ? g_strsplit(entry->value, ",", -1) : NULL;

	for (guint i = 0; items != NULL && items[i] != NULL; i++) {
		const char *item = g_strstrip(items[i]);
		/* What is imported comes and goes. */
		if (is_meant(item, names) || g_str_has_prefix(item, "import/"))
			continue;
		const char *near = problem_did_you_mean(item, (const char *const *)names->pdata);
		g_autofree char *mend = near != NULL
					    ? g_strdup_printf("did you mean %s?", near)
					    : g_strdup_printf("configure it, or leave it out");
		ini_warning(scope, entry, problems, mend, "there is no %s '%s'", kind, item);
	}
}

/* What a rule asks for and nobody can get is said before it is missed. */
static void
check_forward(const struct config *config, const struct ini *ini, struct problems *problems)
{
	const struct ini_section *rule = ini_section(ini, "rule");
	const struct ini_section *action = ini_section(ini, "action");
	const struct ini_entry *id = rule != NULL ? ini_entry(rule, "id") : NULL;
	const struct ini_entry *entry = action != NULL ? ini_entry(action, "forward") : NULL;

	if (id == NULL || entry == NULL || entry->value[0] == '\0')
		return;
	g_autofree char *lacking = forwards_lacking(config, entry->value);
	if (lacking != NULL)
		ini_warning(action, entry, problems, "configure it, or leave it out",
		    "rule '%s' says forward = %s, but %s: what it flags is not forwarded",
		    id->value, entry->value, lacking);
}

void
check_scopes(const struct config *config, const struct sources *sources, struct problems *problems)
{
	g_autoptr(GPtrArray) accounts = account_names(config);
	g_autoptr(GPtrArray) groups = group_names(config, sources);

	for (guint i = 0; i < sources->files->len; i++) {
		const struct source *source = sources->files->pdata[i];
		g_autoptr(problems) known = problems_new(); /* told when the rules were loaded */
		if (source->kind != SOURCE_RULE || g_bytes_get_size(source->text) == 0)
			continue;
		g_autoptr(ini) ini = ini_parse(source->path, source->text, known);
		if (ini != NULL)
			check_forward(config, ini, problems);
		const struct ini_section *scope = ini != NULL ? ini_section(ini, "scope") : NULL;
		if (scope == NULL)
			continue;
		/* Without accounts it is a configuration that is only tried. */
		if (config->accounts->len > 0)
			check_key(scope, "accounts", "account", accounts, problems);
		check_key(
		    scope, "groups", "group, list or account with the group", groups, problems);
	}
}
