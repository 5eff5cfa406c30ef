/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * [directory.NAME]: a server that knows people, and [group.NAME] directory: what is asked of it.
 * Nothing is asked here; daemon/directories does that, and keeps what came of it.
 */
#include <string.h>

#include "base/fault.h"
#include "daemon/config-parts.h"
#include "daemon/directories.h"

#define EVERY_SECONDS (60 * 60)
#define EVERY_MIN     60
#define EVERY_MAX     (7 * 24 * 3600)
#define STALE_SECONDS (2 * 24 * 3600)
#define STALE_MAX     (90 * 24 * 3600)

#define ATTRIBUTES_MAX 16
#define NAME_MAX_BYTES 64

static const char *const directory_keys[] = { "url", "user", "password_file", "credential",
	"ca_file", "base", "attributes", "every", "stale", "password", NULL };

static void
take(char **at, const char *value)
{
	g_free(*at);
	*at = g_strdup(value);
}

static void
read_url(struct directory *directory, const struct ini_section *section, struct problems *problems)
{
	const struct ini_entry *entry = ini_entry(section, "url");
	g_autoptr(GError) error = NULL;

	if (entry == NULL)
		ini_problem(section, NULL, 0, problems,
		    "write url = ldaps://HOST, or ldap://HOST for STARTTLS",
		    "directory '%s' has no url", directory->name);
	else if (!directory_set_url(directory, entry->value, &error))
		ini_problem(section, entry, 0, problems, NULL, "%s", error->message);
}

/* A name without a password would be taken for nobody (RFC 4513 section 5.1.2). */
static void
read_login(
    struct directory *directory, const struct ini_section *section, struct problems *problems)
{
	const struct ini_entry *user = ini_entry(section, "user");
	g_autofree char *what = g_strdup_printf("directory '%s'", directory->name);
	bool secret = config_read_secret(
	    section, what, &directory->password_file, &directory->credential, problems);

	if (user != NULL && user->value[0] == '\0')
		ini_problem(
		    section, user, 0, problems, "write user = NAME, or remove it", "user is empty");
	else if (user != NULL && !secret)
		ini_problem(section, user, 0, problems, CONFIG_MEND_PASSWORD,
		    "%s has a user, but neither password_file nor credential", what);
	else if (user == NULL && secret)
		ini_problem(section, NULL, 0, problems,
		    "write user = CN=flagpost,OU=Services,DC=corp,DC=example, or remove the "
		    "password",
		    "%s has a password, but no user", what);
	else if (user != NULL)
		take(&directory->user, user->value);
}

static bool
is_attribute(const char *text)
{
	for (const char *p = text; *p != '\0'; p++) {
		if (!g_ascii_isalnum(*p) && *p != '-')
			return false;
	}
	return g_ascii_isalpha(text[0]) && strlen(text) <= NAME_MAX_BYTES;
}

static void
read_attributes(
    struct directory *directory, const struct ini_section *section, struct problems *problems)
{
	const struct ini_entry *entry = ini_entry(section, "attributes");
	GStrv names = NULL;

	if (entry == NULL || !ini_list(section, "attributes", &names, problems))
		return;
	for (guint i = 0; names[i] != NULL; i++) {
		if (!is_attribute(names[i]))
			ini_problem(section, entry, 0, problems,
			    "write attributes = mail, proxyAddresses",
			    "'%s' is not the name of an attribute", names[i]);
	}
	if (g_strv_length(names) > ATTRIBUTES_MAX)
		ini_problem(
		    section, entry, 0, problems, NULL, "more than %d attributes", ATTRIBUTES_MAX);
	g_strfreev(directory->attributes);
	directory->attributes = names;
}

static void
read_base(struct directory *directory, const struct ini_section *section, struct problems *problems)
{
	const struct ini_entry *entry = ini_entry(section, "base");
	const char *wrong = entry != NULL ? directory_wrong_with_name(entry->value) : NULL;

	if (entry == NULL || wrong != NULL)
		ini_problem(section, entry, 0, problems, "write base = DC=corp,DC=example",
		    entry == NULL ? "directory '%s' has no base, below which people are"
				  : "the base of directory '%s' %s",
		    directory->name, wrong);
	else
		take(&directory->base, entry->value);
}

void
config_read_directory(
    struct config *config, const struct ini_section *section, struct problems *problems)
{
	const char *name = config_section_name(section, problems);
	const char *ca_file = ini_get(section, "ca_file");

	ini_check_keys(section, directory_keys, problems);
	if (name == NULL)
		return;
	if (directory_lacking() != NULL)
		ini_problem(section, NULL, 0, problems, NULL, "%s", directory_lacking());
	struct directory *directory = directory_new();
	take(&directory->name, name);
	take(&directory->file, ini_name(section->ini));
	directory->line = section->line;
	directory->every_seconds = EVERY_SECONDS;
	directory->stale_seconds = STALE_SECONDS;
	g_ptr_array_add(config->servers, directory);
	read_url(directory, section, problems);
	read_login(directory, section, problems);
	read_base(directory, section, problems);
	read_attributes(directory, section, problems);
	ini_duration(section, "every", EVERY_MIN, EVERY_MAX, &directory->every_seconds, problems);
	ini_duration(section, "stale", EVERY_MIN, STALE_MAX, &directory->stale_seconds, problems);
	if (ca_file != NULL && ca_file[0] != '\0') {
		g_free(directory->ca_file);
		directory->ca_file = config_resolve(section, ca_file);
	}
}

/* --- groups --- */

void
config_read_directory_group(
    struct config *config, const struct ini_section *section, struct problems *problems)
{
	const struct ini_entry *of = ini_entry(section, "ldap_group");
	const struct ini_entry *filter = ini_entry(section, "filter");
	const char *wrong_of = of != NULL ? directory_wrong_with_name(of->value) : NULL;
	const char *wrong_filter =
	    filter != NULL ? directory_wrong_with_filter(filter->value) : NULL;
	const char *name = strchr(section->name, '.') + 1;

	if (of == NULL && filter == NULL)
		ini_problem(section, ini_entry(section, "directory"), 0, problems,
		    "write ldap_group = CN=Board,OU=Groups,DC=corp,DC=example or filter = "
		    "(department=Board)",
		    "group '%s' does not say who of the directory is in it", name);
	if (wrong_of != NULL)
		ini_problem(
		    section, of, 0, problems, NULL, "the ldap_group of '%s' %s", name, wrong_of);
	if (wrong_filter != NULL)
		ini_problem(section, filter, 0, problems,
		    "write filter = (&(objectClass=person)(department=Board))",
		    "the filter of group '%s' %s", name, wrong_filter);
	struct directory *directory = directory_new();
	take(&directory->name, ini_get(section, "directory"));
	take(&directory->group, name);
	take(&directory->members_of, of != NULL ? of->value : "");
	take(&directory->filter, filter != NULL ? filter->value : "");
	take(&directory->file, ini_name(section->ini));
	directory->line = ini_entry(section, "directory")->line;
	g_ptr_array_add(config->directories, directory);
}

static const struct directory *
server_of(const struct config *config, const char *name)
{
	for (guint i = 0; i < config->servers->len; i++) {
		const struct directory *server = g_ptr_array_index(config->servers, i);
		if (strcmp(server->name, name) == 0)
			return server;
	}
	return NULL;
}

/* The question of one group: what is said of the server, and whom the group means. */
static struct directory *
question(const struct config *config, const struct directory *server, const struct directory *group)
{
	struct directory *whole = directory_copy(server);

	take(&whole->group, group->group);
	take(&whole->members_of, group->members_of);
	take(&whole->filter, group->filter);
	whole->entries = config->limits.directory_entries;
	whole->bytes = config->limits.directory_bytes;
	whole->seconds = config->limits.seconds_per_directory;
	return whole;
}

void
config_finish_directories(struct config *config, struct problems *problems)
{
	GPtrArray *groups = config->directories;

	config->directories = g_ptr_array_new_with_free_func((GDestroyNotify)directory_free);
	for (guint i = 0; i < groups->len; i++) {
		const struct directory *group = g_ptr_array_index(groups, i);
		const struct directory *server = server_of(config, group->name);
		g_autofree char *mend =
		    g_strdup_printf("add [directory.%s] with url and base", group->name);
		if (server == NULL) {
			problems_add(problems, PROBLEM_ERROR, group->file, group->line, 0, NULL,
			    mend, "group '%s': there is no directory '%s'", group->group,
			    group->name);
			continue;
		}
		struct directory *whole = question(config, server, group);
		g_ptr_array_add(config->directories, whole);
		directories_load(config, whole, problems);
	}
	g_ptr_array_unref(groups);
}
