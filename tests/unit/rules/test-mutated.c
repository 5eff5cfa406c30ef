/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rule files with mistakes in them, a thousand: never a crash, always a place, nothing half
 * loaded. Each is one of the rules that ship with a few bytes or lines changed.
 */
#include "rules/ruleset.h"

#include <string.h>

#include "rules/match.h"
#include "rules/sources.h"

#define FILES 1000

static const char *const bits[] = { "[", "]", "(", ")", "\n", " = ", ",", "\\", "*", "{999999}",
	"(?:a+)+$", "[content.x]", "[rule]", "[detector]", "pattern.1 = (", "flag_if = not",
	"where = nowhere", "\377", "\303", "#", ";", "\"", "\r", "\t", "detector = *", "1 of x.*",
	"\342\200\256", "severity", "expires = 2026-02-30", "min_hits = 99999999999999999999" };

static guint
below(GRand *random, gsize n)
{
	return (guint)g_rand_int_range(random, 0, (gint32)n);
}

/* One change of a few: bytes in, bytes out, a line twice, a line away, two bytes swapped. */
static void
change(GRand *random, GString *text)
{
	gsize at = below(random, text->len), length = 1 + below(random, 8);
	const char *line = text->str + at;
	const char *end = strchr(line, '\n');

	switch (below(random, 5)) {
	case 0:
		g_string_insert(text, (gssize)at, bits[below(random, G_N_ELEMENTS(bits))]);
		break;
	case 1:
		g_string_erase(text, (gssize)at, (gssize)MIN(length, text->len - at));
		break;
	case 2: {
		g_autofree char *copy = g_strndup(line, end != NULL ? (gsize)(end - line) + 1 : 0);
		g_string_insert(text, (gssize)at, copy);
		break;
	}
	case 3:
		if (end != NULL)
			g_string_erase(text, (gssize)at, end - line);
		break;
	default:
		text->str[at] = (char)(1 + below(random, 255));
	}
	if (text->len == 0)
		g_string_append_c(text, '[');
}

static void
add(struct sources *sources, const char *name, const char *text, gsize size)
{
	struct source *source = g_new0(struct source, 1);

	source->kind = SOURCE_RULE;
	source->name = g_strdup(name);
	source->path = g_strdup(name);
	source->text = g_bytes_new(text, size);
	g_ptr_array_add(sources->files, source);
}

/* Every problem names the file, and a line that it has; without an error there is a rule set. */
static bool
compile(const GString *text)
{
	static const char right[] = "[rule]\nid = whole\ntitle = W\nseverity = low\n"
				    "description = W.\n[content.x]\ntype = words\nwords = falcon\n";
	g_autoptr(sources) sources = sources_new();
	g_autoptr(problems) problems = problems_new();
	struct limits limits;
	guint lines = 1;

	for (gsize i = 0; i < text->len; i++)
		lines += text->str[i] == '\n' || text->str[i] == '\r';
	limits_default(&limits);
	add(sources, "10-changed.ini", text->str, text->len);
	add(sources, "20-whole.ini", right, strlen(right));
	sources_seal(sources);
	g_autoptr(ruleset) ruleset = ruleset_compile(sources, &limits, problems);
	for (guint i = 0; i < problems_total(problems); i++) {
		const struct problem *problem = problems_get(problems, i);
		g_assert_cmpstr(problem->file, ==, "10-changed.ini");
		g_assert_cmpuint(problem->line, >, 0);
		g_assert_cmpuint(problem->line, <=, lines);
		g_assert_true(g_utf8_validate(problem->text, -1, NULL));
	}
	bool failed = problems_count(problems, PROBLEM_ERROR) > 0;
	g_assert_true(failed == (ruleset == NULL));
	if (ruleset != NULL)
		g_assert_nonnull(ruleset_find(ruleset, "whole"));
	return !failed;
}

static void
test_thousand(void)
{
	const char *root = g_getenv("FLAGPOST_SOURCE");
	g_autofree char *folder = g_build_filename(root != NULL ? root : ".", "rules.d", NULL);
	g_autoptr(GRand) random = g_rand_new_with_seed(1000);
	g_autoptr(sources) shipped = sources_new();
	g_autoptr(problems) problems = problems_new();
	guint loaded = 0, rules = 0;

	g_assert_true(sources_add_folder(shipped, folder, problems));
	for (guint i = 0; i < shipped->files->len; i++) {
		const struct source *source = shipped->files->pdata[i];
		rules += source->kind == SOURCE_RULE;
	}
	g_assert_cmpuint(rules, >, 0);
	for (guint n = 0; n < FILES; n++) {
		const struct source *source =
		    shipped->files->pdata[below(random, shipped->files->len)];
		gsize size;
		const char *data = g_bytes_get_data(source->text, &size);
		if (source->kind != SOURCE_RULE || size == 0) {
			n--;
			continue;
		}
		g_autoptr(GString) text = g_string_new_len(data, (gssize)size);
		for (guint k = 1 + below(random, 4); k > 0; k--)
			change(random, text);
		loaded += compile(text);
	}
	/* Else nothing was tried. */
	g_assert_cmpuint(loaded, >, FILES / 100);
	g_assert_cmpuint(loaded, <, FILES / 2);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/rules/mutated/thousand", test_thousand);
	return g_test_run();
}
