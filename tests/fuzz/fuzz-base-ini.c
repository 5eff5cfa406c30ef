/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as a configuration file. The walk lets nothing through that iniparser reads
 * differently: if the guard ever has to speak, the walk has a hole.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/ini.h"
#include "base/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
convert(const struct ini_section *section, const char *key, struct problems *problems)
{
	static const char *const words[] = { "all", "hits", "headers", "none", NULL };
	g_auto(GStrv) items = NULL;
	guint64 number;
	guint32 day;
	guint index;
	bool answer;

	ini_bool(section, key, &answer, problems);
	ini_uint(section, key, 0, 1000, &number, problems);
	ini_size(section, key, 0, 1000, &number, problems);
	ini_duration(section, key, 0, 1000, &number, problems);
	ini_date(section, key, &day, problems);
	ini_list(section, key, &items, problems);
	ini_choice(section, key, words, &index, problems);
}

static void
use(const struct ini *ini, struct problems *problems)
{
	static const char *const known[] = { "title", "pattern.*", NULL };
	const GPtrArray *sections = ini_sections(ini);
	struct limits limits;

	for (guint i = 0; i < sections->len; i++) {
		const struct ini_section *section = g_ptr_array_index(sections, i);
		ini_check_keys(section, known, problems);
		for (guint k = 0; k < section->entries->len; k++) {
			const struct ini_entry *entry = g_ptr_array_index(section->entries, k);
			g_autofree char *line = ini_line(ini, entry->line);
			/* The position of every value is where its bytes stand. */
			if (strncmp(line + entry->column - 1, entry->value, strlen(entry->value)) !=
			    0)
				abort();
			convert(section, entry->key, problems);
		}
	}
	limits_load(ini_section(ini, "limits"), &limits, problems);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const guard_says[] = { "iniparser reads", "iniparser does not see",
		"iniparser finds", "iniparser cannot" };
	g_autoptr(problems) problems = problems_new();
	g_autoptr(GBytes) bytes = g_bytes_new(data, size);
	g_autoptr(ini) ini = ini_parse("fuzz.ini", bytes, problems);

	if ((ini == NULL) != (problems_count(problems, PROBLEM_ERROR) > 0))
		abort();
	for (guint i = 0; i < problems_total(problems); i++) {
		const struct problem *problem = problems_get(problems, i);
		for (gsize k = 0; k < G_N_ELEMENTS(guard_says); k++) {
			if (g_str_has_prefix(problem->text, guard_says[k]))
				abort();
		}
		if (problem->source != NULL && !g_utf8_validate(problem->source, -1, NULL))
			abort();
	}
	if (ini != NULL)
		use(ini, problems);
	FILE *out = fopen("/dev/null", "w");
	if (out != NULL) {
		problems_print(problems, out, true);
		fclose(out);
	}
	return 0;
}
