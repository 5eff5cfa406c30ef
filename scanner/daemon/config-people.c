/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * [person.NAME], [group.NAME] and [list.NAME]: who reads reports, who is meant by a group, and
 * where a list of words lies when it does not lie beside the rules.
 */
#include <string.h>

#include "base/fault.h"
#include "base/io.h"
#include "daemon/config-parts.h"

#define GROUP_FILE_MAX (16 * 1024 * 1024)
#define LINE_MAX_BYTES 1000

static const char *const person_keys[] = { "mail", "role", "password", NULL };
static const char *const group_keys[] = { "members", "file", "password", NULL };
static const char *const list_keys[] = { "file", "password", NULL };

void
config_person_free(struct config_person *person)
{
	g_free(person->name);
	g_free(person->mail);
	g_free(person->role);
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

void
config_read_person(
    struct config *config, const struct ini_section *section, struct problems *problems)
{
	const char *name = config_section_name(section, problems);
	const struct ini_entry *mail = ini_entry(section, "mail");
	const char *role = ini_get(section, "role");

	ini_check_keys(section, person_keys, problems);
	config_refuse_password(section, problems);
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
	person->role = g_strdup(role != NULL ? role : "officer");
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

void
config_read_group(
    struct config *config, const struct ini_section *section, struct problems *problems)
{
	const char *name = config_section_name(section, problems);
	const struct ini_entry *entry = ini_entry(section, "members");
	const struct ini_entry *file = ini_entry(section, "file");
	GStrv members = NULL;

	ini_check_keys(section, group_keys, problems);
	config_refuse_password(section, problems);
	if (name == NULL)
		return;
	if ((entry == NULL) == (file == NULL)) {
		ini_problem(section, file, 0, problems, "write members = A, B or file = PATH",
		    "group '%s' needs members or file, one of the two", name);
		return;
	}
	if (file != NULL) {
		g_autofree char *path = config_resolve(section, file->value);
		members = read_members(path, problems);
	} else if (ini_list(section, "members", &members, problems)) {
		for (guint i = 0; members[i] != NULL; i++) {
			const char *at = strstr(entry->value, members[i]);
			if (!is_address(members[i]))
				ini_problem(section, entry,
				    at != NULL ? (gsize)(at - entry->value) : 0, problems,
				    "write NAME@DOMAIN", "'%s' is not one address", members[i]);
		}
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
