/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rules that ship: they load without a word, and their own text tests pass, in a site whose
 * lists, groups and domains are quite other ones. Tests with messages need a worker.
 */
#include "kit.h"

enum packs { PACKS_OFF, PACKS_ON };

/* Nobody has built the data sets of the two packs that want one: warnings, and nothing else. */
static void
without_data(GString *report)
{
	g_auto(GStrv) lines = g_strsplit(report->str, "\n", -1);

	g_string_truncate(report, 0);
	for (guint i = 0; lines[i] != NULL; i++) {
		if (lines[i][0] != '\0' && (!g_str_has_prefix(lines[i], "warning ") ||
					       strstr(lines[i], "there is no data set ") == NULL))
			g_string_append_printf(report, "%s\n", lines[i]);
	}
}

static struct ruleset *
load(bool with_site, enum packs packs)
{
	static const char *const own[] = { "site.example", NULL };
	static const char *const none[] = { NULL };
	const char *source = g_getenv("FLAGPOST_SOURCE");
	g_autofree char *folder = g_build_filename(source != NULL ? source : ".", "rules.d", NULL);
	g_autoptr(sources) sources = sources_new();
	g_autoptr(problems) problems = problems_new();
	g_autoptr(GString) report = g_string_new(NULL);

	g_assert_true(sources_add_folder(sources, folder, problems));
	g_autoptr(GPtrArray) names = sources_packs(folder);
	for (guint i = 0; packs == PACKS_ON && i < names->len; i++)
		g_assert_true(sources_add_pack(sources, folder, names->pdata[i], problems));
	if (with_site) {
		sources_set_own_domains(sources, own);
		sources_add_group(sources, "restricted", none);
		for (guint i = 0; i < sources->files->len; i++) {
			struct source *file = g_ptr_array_index(sources->files, i);
			if (file->kind != SOURCE_LIST)
				continue;
			g_bytes_unref(file->text);
			file->text = g_bytes_new_static("something.example\n", 18);
		}
	}
	sources->data_may_lack = packs == PACKS_ON;
	struct ruleset *ruleset = kit_try(sources, report);
	without_data(report);
	g_assert_cmpstr(report->str, ==, "");
	return ruleset;
}

static void
run_tests(const struct ruleset *ruleset)
{
	for (guint i = 0; i < ruleset_test_count(ruleset); i++) {
		const struct rule_test *test = ruleset_test(ruleset, i);
		g_autoptr(GError) error = NULL;
		bool matched = false;
		g_test_message("%s %s", test->rule->file, test->name);
		if (test->text == NULL) {
			g_assert_true(g_file_test(test->message, G_FILE_TEST_IS_REGULAR));
			continue;
		}
		g_assert_true(ruleset_test_text(ruleset, test, &matched, &error));
		g_assert_cmpint(matched, ==, test->expect_flag);
	}
}

static void
test_own_tests(void)
{
	g_autoptr(ruleset) ruleset = load(false, PACKS_ON);
	g_autoptr(ruleset) site = load(true, PACKS_OFF);

	run_tests(ruleset);
	run_tests(site);
}

static void
test_each_rule(void)
{
	g_autoptr(ruleset) ruleset = load(false, PACKS_ON);

	g_assert_cmpuint(ruleset_count(ruleset), >=, 60);
	for (guint i = 0; i < ruleset_count(ruleset); i++) {
		const struct rule_info *info = ruleset_info(ruleset, i);
		g_autofree char *end = g_strconcat("-", info->id, ".ini", NULL);
		g_test_message("%s", info->file);
		g_assert_cmpuint(info->tests, >=, info->pack[0] == '\0' ? 3 : 2);
		g_assert_true(g_str_has_suffix(info->file, end));
		g_assert_cmpstr(info->false_positives, !=, "");
		g_assert_cmpstr(info->next_step, !=, "");
	}
}

/* Few rules, useful and quiet: whoever adds one that is on by default is to think of it here. */
static void
test_on_by_default(void)
{
	static const char *const on[] = { "competitor-mail", "competitor-attachment",
		"internal-terms", "freemail-outbound", "unreadable-attachment", "disguised-type",
		"executable-attachment", "restricted-sender", "payment-cards", NULL };
	g_autoptr(ruleset) ruleset = load(false, PACKS_OFF);

	g_assert_cmpuint(ruleset_count(ruleset), ==, g_strv_length((GStrv)on));
	for (guint i = 0; on[i] != NULL; i++) {
		const struct rule_info *info = ruleset_find(ruleset, on[i]);
		g_assert_nonnull(info);
		g_assert_cmpstr(info->pack, ==, "");
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/shipped/own tests", test_own_tests);
	g_test_add_func("/shipped/each rule", test_each_rule);
	g_test_add_func("/shipped/on by default", test_on_by_default);
	return g_test_run();
}
