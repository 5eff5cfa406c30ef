/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * [person.NAME], [group.NAME] and [list.NAME]: who reads reports, who is meant by a group, and
 * where a list of words lies when it does not lie beside the rules.
 */
#include <string.h>

#include "base/fault.h"
#include "base/io.h"
#include "daemon/config-csv.h"
#include "daemon/config-parts.h"
#include "daemon/openpgp-file.h"

#define GROUP_FILE_MAX (16 * 1024 * 1024)
#define LINE_MAX_BYTES 1000

const char *const config_role_words[] = { "officer", "administrator", "user", NULL };

static const char *const person_keys[] = { "mail", "role", "login", "accounts", "addresses",
	"openpgp_key", "password", NULL };
static const char *const roles_keys[] = { "administrators_read", "reasons", "strangers",
	"four_eyes", "password", NULL };
static const char *const group_keys[] = { "members", "file", "csv", "column", "where", "directory",
	"ldap_group", "filter", "password", NULL };
static const char *const list_keys[] = { "file", "password", NULL };

void
config_person_free(struct config_person *person)
{
	g_free(person->name);
	g_free(person->mail);
	g_free(person->login);
	g_strfreev(person->accounts);
	g_strfreev(person->addresses);
	g_free(person->openpgp_key);
	g_free(person);
}

void
config_list_free(struct config_list *list)
{
	g_free(list->name);
	g_free(list->path);
	g_free(list);
}

static bool
is_address(const char *text)
{
	const char *at = strrchr(text, '@');

	return at != NULL && at != text && at[1] != '\0' && strpbrk(text, " \t<>,;") == NULL &&
	       g_utf8_validate(text, -1, NULL);
}

/* Which keys mean something depends on the role: the others are refused, not ignored. */
static void
read_reach(
    struct config_person *person, const struct ini_section *section, struct problems *problems)
{
	const char *login = ini_get(section, "login");
	GStrv more = NULL;

	person->login = g_strdup(login != NULL && login[0] != '\0' ? login : person->name);
	if (person->role != CONFIG_OFFICER && ini_entry(section, "accounts") != NULL)
		ini_problem(section, ini_entry(section, "accounts"), 0, problems, NULL,
		    "accounts belongs to officers; '%s' is %s", person->name,
		    config_role_words[person->role]);
	else
		ini_list(section, "accounts", &person->accounts, problems);
	ini_list(section, "addresses", &more, problems);
	g_autoptr(GStrvBuilder) all = g_strv_builder_new();
	g_strv_builder_add(all, person->mail);
	for (guint i = 0; more != NULL && more[i] != NULL; i++) {
		if (!is_address(more[i]))
			ini_problem(section, ini_entry(section, "addresses"), 0, problems,
			    "write NAME@DOMAIN", "'%s' is not one address", more[i]);
		g_strv_builder_add(all, more[i]);
	}
	g_strfreev(more);
	person->addresses = g_strv_builder_end(all);
}

void
config_read_roles(
    struct config *config, const struct ini_section *section, struct problems *problems)
{
	static const char *const reasons[] = { "optional", "required", NULL };
	static const char *const strangers[] = { "officers", "nobody", NULL };
	guint reason = 0, stranger = 0;

	ini_check_keys(section, roles_keys, problems);
	config_refuse_password(section, problems);
	ini_bool(section, "administrators_read", &config->administrators_read, problems);
	ini_bool(section, "four_eyes", &config->four_eyes, problems);
	ini_choice(section, "reasons", reasons, &reason, problems);
	ini_choice(section, "strangers", strangers, &stranger, problems);
	config->reasons = reason == 1;
	config->strangers = stranger == 0;
}

/* Whether the key is good is known when it is used; it may come, or run out, any day. */
static void
read_key(struct config_person *person, const struct ini_section *section, struct problems *problems)
{
	const struct ini_entry *key = ini_entry(section, "openpgp_key");
	const char *trouble = key != NULL ? openpgp_file_trouble() : NULL;

	if (key == NULL)
		return;
	if (trouble != NULL)
		ini_problem(section, key, 0, problems, "install it, or remove openpgp_key",
		    "mail to '%s' cannot be encrypted: %s", person->name, trouble);
	person->openpgp_key = config_resolve(section, key->value);
}

void
config_read_person(
    struct config *config, const struct ini_section *section, struct problems *problems)
{
	const char *name = config_section_name(section, problems);
	const struct ini_entry *mail = ini_entry(section, "mail");
	guint role = CONFIG_OFFICER;

	ini_check_keys(section, person_keys, problems);
	config_refuse_password(section, problems);
	ini_choice(section, "role", config_role_words, &role, problems);
	if (name == NULL)
		return;
	if (mail == NULL || !is_address(mail->value)) {
		ini_problem(section, mail, 0, problems, "write mail = NAME@DOMAIN",
		    mail == NULL ? "person '%s' has no mail" : "mail of '%s' is not one address",
		    name);
		return;
	}
	struct config_person *person = g_new0(struct config_person, 1);
	person->name = g_strdup(name);
	person->mail = g_strdup(mail->value);
	person->role = role;
	read_reach(person, section, problems);
	read_key(person, section, problems);
	g_ptr_array_add(config->persons, person);
}

/* One address a line; '#' begins a comment line. Wrong lines are named with their number. */
static GStrv
read_members(const char *path, struct problems *problems)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) bytes = io_read_file(path, GROUP_FILE_MAX, &error);

	if (bytes == NULL) {
		config_file_problem(path, error, problems);
		return NULL;
	}
	gsize size;
	const char *data = g_bytes_get_data(bytes, &size);
	g_autofree char *text = g_strndup(data != NULL ? data : "", size);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_autoptr(GPtrArray) members = g_ptr_array_new_with_free_func(g_free);

	if (strlen(text) != size)
		problems_add(problems, PROBLEM_ERROR, path, 0, 0, NULL, NULL,
		    "the file holds a NUL byte, the rest would be lost");
	for (guint i = 0; lines[i] != NULL; i++) {
		char *line = g_strstrip(lines[i]);
		if (line[0] == '\0' || line[0] == '#')
			continue;
		if (is_address(line) && strlen(line) <= LINE_MAX_BYTES)
			g_ptr_array_add(members, g_strdup(line));
		else
			problems_add(problems, PROBLEM_ERROR, path, i + 1, 1, line,
			    "one NAME@DOMAIN a line", "the line is not one address");
	}
	g_ptr_array_add(members, NULL);
	return (GStrv)g_ptr_array_steal(members, NULL);
}

/* members = A, B in the configuration itself. */
static GStrv
read_own_members(
    const struct ini_section *section, const struct ini_entry *entry, struct problems *problems)
{
	GStrv members = NULL;

	if (!ini_list(section, "members", &members, problems))
		return NULL;
	for (guint i = 0; members[i] != NULL; i++) {
		const char *at = strstr(entry->value, members[i]);
		if (!is_address(members[i]))
			ini_problem(section, entry, at != NULL ? (gsize)(at - entry->value) : 0,
			    problems, "write NAME@DOMAIN", "'%s' is not one address", members[i]);
	}
	return members;
}

/* Keys that say something of one kind of source alone. */
static void
refuse_stray(const struct ini_section *section, struct problems *problems)
{
	static const struct {
		const char *key, *belongs;
	} keys[] = { { "column", "csv" }, { "where", "csv" }, { "ldap_group", "directory" },
		{ "filter", "directory" } };

	for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
		g_autofree char *mend = g_strdup_printf("write %s = %s, or remove it",
		    keys[i].belongs, keys[i].belongs[0] == 'c' ? "PATH" : "NAME");
		if (ini_entry(section, keys[i].key) != NULL &&
		    ini_entry(section, keys[i].belongs) == NULL)
			ini_problem(section, ini_entry(section, keys[i].key), 0, problems, mend,
			    "%s belongs to %s", keys[i].key, keys[i].belongs);
	}
}

void
config_read_group(
    struct config *config, const struct ini_section *section, struct problems *problems)
{
	const char *name = config_section_name(section, problems);
	const struct ini_entry *entry = ini_entry(section, "members");
	const struct ini_entry *file = ini_entry(section, "file");
	const struct ini_entry *csv = ini_entry(section, "csv");
	const struct ini_entry *directory = ini_entry(section, "directory");
	GStrv members = NULL;

	ini_check_keys(section, group_keys, problems);
	config_refuse_password(section, problems);
	if (name == NULL)
		return;
	if ((entry != NULL) + (file != NULL) + (csv != NULL) + (directory != NULL) != 1) {
		ini_problem(section, csv != NULL ? csv : file, 0, problems,
		    "write members = A, B or file = PATH or csv = PATH or directory = NAME",
		    "group '%s' needs members or file or csv or directory, one of the four", name);
		return;
	}
	refuse_stray(section, problems);
	if (directory != NULL) {
		config_read_directory_group(config, section, problems);
		return;
	}
	if (csv != NULL) {
		members = config_csv_members(section, is_address, problems);
	} else if (file != NULL) {
		g_autofree char *path = config_resolve(section, file->value);
		members = read_members(path, problems);
	} else {
		members = read_own_members(section, entry, problems);
	}
	if (members != NULL)
		g_hash_table_replace(config->groups, g_strdup(name), members);
}

void
config_read_list(
    struct config *config, const struct ini_section *section, struct problems *problems)
{
	const char *name = config_section_name(section, problems);
	const struct ini_entry *file = ini_entry(section, "file");

	ini_check_keys(section, list_keys, problems);
	config_refuse_password(section, problems);
	if (name == NULL)
		return;
	if (file == NULL || file->value[0] == '\0') {
		ini_problem(section, file, 0, problems, "write file = PATH",
		    "list '%s' names no file", name);
		return;
	}
	struct config_list *list = g_new0(struct config_list, 1);
	list->name = g_strdup(name);
	list->path = config_resolve(section, file->value);
	g_ptr_array_add(config->lists, list);
}
