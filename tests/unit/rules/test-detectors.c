/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The detectors that ship, against vectors/: texts in which each finds something, and texts of the
 * same look in which it must not. The numbers were made, or checked, by programs of others.
 */
#include "kit.h"

#define FIELDS        4
#define VECTORS_LEAST 5 /* of each kind, a detector */

/* A rule for each detector, so that one alone can be asked. */
static struct ruleset *
load(GPtrArray *ids)
{
	const char *source = g_getenv("FLAGPOST_SOURCE");
	g_autofree char *folder = g_build_filename(source != NULL ? source : ".", "rules.d", NULL);
	g_autoptr(sources) sources = sources_new();
	g_autoptr(sources) again = sources_new();
	g_autoptr(problems) problems = problems_new();
	g_autoptr(GString) report = g_string_new(NULL);

	g_assert_true(sources_add_folder(sources, folder, problems));
	g_assert_true(sources_add_folder(again, folder, problems));
	g_autoptr(ruleset) named = kit_try(sources, report);
	g_assert_cmpstr(report->str, ==, "");
	for (guint i = 0; i < ruleset_detector_count(named); i++) {
		const struct detector_info *info = ruleset_detector(named, i);
		g_autofree char *text = g_strdup_printf(
		    "[rule]\nid = only-%s\ntitle = t\nseverity = low\ndescription = d\n"
		    "[content.x]\ntype = detector\ndetector = %s\n",
		    info->id, info->id);
		g_autofree char *name = g_strdup_printf("only-%s.ini", info->id);
		kit_add(again, SOURCE_RULE, name, text);
		g_ptr_array_add(ids, g_strdup(info->id));
	}
	struct ruleset *ruleset = kit_try(again, report);
	g_assert_cmpstr(report->str, ==, "");
	return ruleset;
}

static bool
finds(const struct ruleset *ruleset, const char *id, const char *text)
{
	g_autoptr(match_context) context = match_context_new();
	g_autofree char *rule = g_strdup_printf("only-%s", id);
	const struct match_options options = { .only_rule = rule };
	struct message *message = kit_message("anna@corp.example", "bob@other.example", text);
	g_autoptr(verdict) verdict = verdict_from_message(message);

	match_message(ruleset, message, context, &options, verdict);
	message_free(message);
	g_assert_cmpuint(verdict->undecided->len, ==, 0);
	return verdict_flag_count(verdict) > 0;
}

/* "\n" ends a line, "{}" is nothing. */
static char *
text_of(const char *written)
{
	g_auto(GStrv) pieces = g_strsplit(written, "{}", -1);
	g_autofree char *joined = g_strjoinv("", pieces);
	g_auto(GStrv) lines = g_strsplit(joined, "\\n", -1);

	return g_strjoinv("\n", lines);
}

struct tally {
	GHashTable *yes, *no; /* id -> count */
	guint wrong;
};

static void
count(GHashTable *counts, const char *id)
{
	guint n = GPOINTER_TO_UINT(g_hash_table_lookup(counts, id));

	g_hash_table_replace(counts, g_strdup(id), GUINT_TO_POINTER(n + 1));
}

static void
try_line(const struct ruleset *ruleset, const char *line, const char *file, guint number,
    struct tally *tally)
{
	g_auto(GStrv) fields = g_strsplit(line, "\t", FIELDS);

	g_assert_cmpuint(g_strv_length(fields), ==, FIELDS);
	bool expected = strcmp(fields[1], "yes") == 0;
	g_autofree char *text = text_of(fields[3]);
	count(expected ? tally->yes : tally->no, fields[0]);
	if (finds(ruleset, fields[0], text) == expected)
		return;
	g_test_message("%s:%u: %s %s: %s: %s", file, number, fields[0],
	    expected ? "misses" : "takes", fields[2], fields[3]);
	tally->wrong++;
}

static void
try_file(const struct ruleset *ruleset, const char *folder, const char *name, struct tally *tally)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	g_autofree char *all = NULL;
	g_autoptr(GError) error = NULL;

	g_file_get_contents(path, &all, NULL, &error);
	g_assert_no_error(error);
	g_auto(GStrv) lines = g_strsplit(all, "\n", -1);
	for (guint i = 0; lines[i] != NULL; i++) {
		if (lines[i][0] != '\0' && lines[i][0] != '#')
			try_line(ruleset, lines[i], name, i + 1, tally);
	}
}

static void
test_vectors(void)
{
	g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(ruleset) ruleset = load(ids);
	g_autoptr(GHashTable) yes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GHashTable) no = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autofree char *folder =
	    g_build_filename(g_test_get_dir(G_TEST_DIST), "unit", "rules", "vectors", NULL);
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	struct tally tally = { yes, no, 0 };
	const char *name;

	g_assert_nonnull(dir);
	while ((name = g_dir_read_name(dir)) != NULL)
		try_file(ruleset, folder, name, &tally);
	for (guint i = 0; i < ids->len; i++) {
		const char *id = ids->pdata[i];
		g_test_message("%s", id);
		g_assert_cmpuint(GPOINTER_TO_UINT(g_hash_table_lookup(yes, id)), >=, VECTORS_LEAST);
		g_assert_cmpuint(GPOINTER_TO_UINT(g_hash_table_lookup(no, id)), >=, VECTORS_LEAST);
	}
	g_assert_cmpuint(tally.wrong, ==, 0);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/detectors/vectors", test_vectors);
	return g_test_run();
}
