/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A condition as an administrator may write it: refused with a problem, or a truth for every input.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rules/condition.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = { "parties.a", "parties.b", "attachment.x", "content.z", NULL };

static enum truth
ask(guint section, gpointer data)
{
	guint truths = GPOINTER_TO_UINT(data);

	if (section >= 4)
		abort();
	for (guint i = 0; i < section; i++)
		truths /= 3;
	return truths % 3;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* The same for every input: to read it costs more than a condition does. */
	static struct ini *ini;
	g_autofree char *value = g_strndup((const char *)data, size);
	g_autoptr(problems) problems = problems_new();
	char key[] = "flag_if";
	struct ini_entry entry = { key, value, 2, 11 };

	if (!g_utf8_validate(value, -1, NULL))
		return 0;
	/* Around the INI reader, which would refuse most inputs; problems still want a section. */
	if (ini == NULL) {
		g_autoptr(GBytes) text = g_bytes_new_static("[condition]\nflag_if = a\n", 24);
		ini = ini_parse("x.ini", text, problems);
	}
	struct condition *condition =
	    condition_parse(ini_section(ini, "condition"), &entry, names, problems);
	if ((condition == NULL) != (problems_count(problems, PROBLEM_ERROR) == 1))
		abort();
	if (condition == NULL)
		return 0;
	bool used[4] = { false };
	condition_mark(condition, used);
	for (guint truths = 0; truths < 81; truths++) {
		if (condition_check(condition, ask, GUINT_TO_POINTER(truths)) > TRUTH_UNDECIDED)
			abort();
	}
	condition_free(condition);
	return 0;
}
