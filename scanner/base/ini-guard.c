/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * iniparser as the second opinion on a file that the walk found right. Its typed getters guess
 * or crash and its dump functions overflow: neither is ever called.
 */
#include "base/ini-guard.h"

#include <iniparser/iniparser.h>
#include <string.h>
#include <sys/mman.h>

#include "base/fault.h"
#include "base/io.h"

static int
swallow(const char *format G_GNUC_UNUSED, ...)
{
	return 0;
}

static dictionary *
load_with_iniparser(const char *text, gsize size, GError **error)
{
	int fd = memfd_create("flagpost-ini", MFD_CLOEXEC);

	if (fd < 0) {
		fault_errno(error, "create a memory file");
		return NULL;
	}
	dictionary *loaded = NULL;
	if (io_write_all(fd, text, size, error)) {
		g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
		iniparser_set_error_callback(swallow);
		loaded = iniparser_load(path);
		iniparser_set_error_callback(NULL);
		if (loaded == NULL)
			g_set_error(error, FAULT, FAULT_CONFIG, "iniparser cannot read it");
	}
	io_close(&fd);
	return loaded;
}

static void
compare_section(
    const struct ini_section *section, const dictionary *loaded, struct problems *problems)
{
	if (!iniparser_find_entry(loaded, section->name))
		ini_problem(
		    section, NULL, 0, problems, NULL, "iniparser does not see [%s]", section->name);
	for (guint i = 0; i < section->entries->len; i++) {
		const struct ini_entry *entry = g_ptr_array_index(section->entries, i);
		g_autofree char *key = g_strdup_printf("%s:%s", section->name, entry->key);
		const char *value = iniparser_getstring(loaded, key, NULL);
		if (value == NULL)
			ini_problem(section, entry, 0, problems, NULL, "iniparser does not see %s",
			    entry->key);
		else if (strcmp(value, entry->value) != 0)
			ini_problem(section, entry, 0, problems, NULL,
			    "iniparser reads %s as \"%s\"", entry->key, value);
	}
}

void
ini_guard(const struct ini *ini, GBytes *text, struct problems *problems)
{
	g_autoptr(GError) error = NULL;
	const GPtrArray *sections = ini_sections(ini);
	guint expected = sections->len;
	gsize size;
	const char *data = g_bytes_get_data(text, &size);
	dictionary *loaded = load_with_iniparser(data, size, &error);

	if (loaded == NULL) {
		problems_add(
		    problems, PROBLEM_ERROR, ini_name(ini), 0, 0, NULL, NULL, "%s", error->message);
		return;
	}
	for (guint i = 0; i < sections->len; i++) {
		const struct ini_section *section = g_ptr_array_index(sections, i);
		compare_section(section, loaded, problems);
		expected += section->entries->len;
	}
	/* All of ours are there; with equal numbers there are no others. */
	if (loaded->n != (gssize)expected || iniparser_getnsec(loaded) != (int)sections->len)
		problems_add(problems, PROBLEM_ERROR, ini_name(ini), 0, 0, NULL, NULL,
		    "iniparser finds %d entries in %d sections, we find %u in %u", (int)loaded->n,
		    iniparser_getnsec(loaded), expected, sections->len);
	iniparser_freedict(loaded);
}
