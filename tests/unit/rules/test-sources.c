/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <unistd.h>

#include "base/fault.h"
#include "kit.h"

static void
write_file(const char *folder, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	g_autofree char *parent = g_path_get_dirname(path);

	g_mkdir_with_parents(parent, 0700);
	g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static char *
text_of(const struct sources *sources, enum source_kind kind, const char *name)
{
	const struct source *source = sources_find(sources, kind, name);

	if (source == NULL)
		return g_strdup("(none)");
	return g_strndup(g_bytes_get_data(source->text, NULL), g_bytes_get_size(source->text));
}

/* Two folders, the second as an administrator would write it over the first. */
static void
test_folders(void)
{
	g_autoptr(problems) problems = problems_new();
	g_autoptr(sources) sources = sources_new();
	g_autofree char *shipped = g_dir_make_tmp("rules-XXXXXX", NULL);
	g_autofree char *site = g_dir_make_tmp("rules-XXXXXX", NULL);
	g_autofree char *null = g_build_filename(site, "30-c.ini", NULL);

	write_file(shipped, "20-b.ini", "b");
	write_file(shipped, "10-a.ini", "a");
	write_file(shipped, "30-c.ini", "c");
	write_file(shipped, "README", "not a rule");
	write_file(shipped, "lists/terms.txt", "shipped");
	write_file(shipped, "lists/other.txt", "other");
	write_file(site, "20-b.ini", "");
	write_file(site, "lists/terms.txt", "site");
	g_assert_cmpint(symlink("/dev/null", null), ==, 0);
	g_assert_true(sources_add_folder(sources, shipped, problems));
	g_assert_true(sources_add_folder(sources, site, problems));
	g_autofree char *other = g_build_filename(site, "lists", "terms.txt", NULL);
	g_assert_true(sources_add_list(sources, "extra", other, problems));
	sources_seal(sources);
	g_assert_cmpuint(problems_total(problems), ==, 0);

	static const char *const expected[] = { "10-a.ini", "20-b.ini", "30-c.ini", "extra",
		"other", "terms" };
	g_assert_cmpuint(sources->files->len, ==, G_N_ELEMENTS(expected));
	for (guint i = 0; i < sources->files->len; i++) {
		const struct source *source = g_ptr_array_index(sources->files, i);
		g_assert_cmpstr(source->name, ==, expected[i]);
	}
	g_autofree char *a = text_of(sources, SOURCE_RULE, "10-a.ini");
	g_autofree char *b = text_of(sources, SOURCE_RULE, "20-b.ini");
	g_autofree char *c = text_of(sources, SOURCE_RULE, "30-c.ini");
	g_autofree char *terms = text_of(sources, SOURCE_LIST, "terms");
	g_assert_cmpstr(a, ==, "a");
	g_assert_cmpstr(b, ==, "");
	g_assert_cmpstr(c, ==, "");
	g_assert_cmpstr(terms, ==, "site");
	g_assert_false(sources_add_folder(sources, "/nowhere", problems));
	g_assert_cmpuint(problems_count(problems, PROBLEM_ERROR), ==, 1);
}

/* Detectors come with the folder, packs when they are asked for; the site's lie over the shipped.
 */
static void
test_packs(void)
{
	g_autoptr(problems) problems = problems_new();
	g_autoptr(sources) sources = sources_new();
	g_autofree char *shipped = g_dir_make_tmp("rules-XXXXXX", NULL);
	g_autofree char *site = g_dir_make_tmp("rules-XXXXXX", NULL);

	write_file(shipped, "10-a.ini", "a");
	write_file(shipped, "detectors/some.ini", "detectors");
	write_file(shipped, "packs/money/10-m.ini", "m");
	write_file(shipped, "packs/money/lists/banks.txt", "banks");
	write_file(shipped, "packs/other/10-o.ini", "o");
	write_file(shipped, "packs/Not A Pack/10-n.ini", "n");
	write_file(site, "packs/money/10-m.ini", "");
	g_autoptr(GPtrArray) packs = sources_packs(shipped);
	g_assert_cmpuint(packs->len, ==, 2);
	g_assert_cmpstr(packs->pdata[0], ==, "money");
	g_assert_cmpstr(packs->pdata[1], ==, "other");
	g_assert_true(sources_has_pack(shipped, "money"));
	g_assert_false(sources_has_pack(shipped, "../packs/money"));
	g_assert_true(sources_add_folder(sources, shipped, problems));
	g_assert_cmpuint(sources->files->len, ==, 2);
	g_assert_true(sources_add_pack(sources, shipped, "money", problems));
	g_autofree char *m = text_of(sources, SOURCE_RULE, "packs/money/10-m.ini");
	g_assert_cmpstr(m, ==, "m");
	g_assert_nonnull(sources_find(sources, SOURCE_LIST, "banks"));
	g_assert_null(sources_find(sources, SOURCE_RULE, "packs/other/10-o.ini"));
	g_assert_true(sources_add_pack(sources, site, "money", problems));
	g_autofree char *masked = text_of(sources, SOURCE_RULE, "packs/money/10-m.ini");
	g_assert_cmpstr(masked, ==, "");
	sources_seal(sources);
	g_autoptr(GVariant) frame = g_variant_ref_sink(sources_put(sources));
	g_autoptr(GError) error = NULL;
	g_autoptr(sources) back = sources_get(frame, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(back->digest, ==, sources->digest);
}

/* Everything that a worker judges by changes the digest; the place of the files does not. */
static void
test_digest(void)
{
	static const char *const own[] = { "corp.example", NULL };
	static const char *const sales[] = { "bob@corp.example", NULL };
	char first[65];

	for (guint change = 0; change < 7; change++) {
		g_autoptr(sources) sources = kit_sources();
		kit_add(sources, SOURCE_RULE, change == 1 ? "11.ini" : "10.ini",
		    change == 2 ? "text " : "text");
		if (change == 3)
			kit_add(sources, SOURCE_LIST, "more", "");
		if (change == 4)
			sources_set_own_domains(sources, own);
		if (change == 5)
			sources_add_group(sources, "sales", sales);
		if (change == 6) {
			struct source *source = g_ptr_array_index(sources->files, 0);
			g_free(source->path);
			source->path = g_strdup("/elsewhere");
		}
		sources_seal(sources);
		g_test_message("change %u", change);
		if (change == 0)
			memcpy(first, sources->digest, sizeof(first));
		else
			g_assert_cmpint(strcmp(first, sources->digest) == 0, ==, change == 6);
	}
}

static void
test_crosses(void)
{
	g_autoptr(sources) sources = kit_sources();
	g_autoptr(GError) error = NULL;

	kit_add(sources, SOURCE_RULE, "10.ini", "\xff any bytes");
	kit_add(sources, SOURCE_RULE, "20.ini", "# text, \303\244");
	kit_add(sources, SOURCE_LIST, "empty", "");
	sources_seal(sources);
	g_autoptr(GVariant) frame = g_variant_ref_sink(sources_put(sources));
	g_assert_cmpstr(g_variant_get_type_string(frame), ==, SOURCES_TYPE);
	g_autoptr(sources) back = sources_get(frame, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(back->digest, ==, sources->digest);
	g_assert_cmpuint(back->files->len, ==, sources->files->len);
	for (guint i = 0; i < back->files->len; i++) {
		const struct source *one = sources->files->pdata[i], *other = back->files->pdata[i];
		g_assert_true(g_bytes_equal(one->text, other->text));
	}
}

static void
test_hostile_frames(void)
{
	static const struct {
		const char *label, *frame;
	} cases[] = {
		{ "another type", "('x',)" },
		{ "no such kind",
		    "([('rulez', 'a.ini', '/a.ini', '', @ay [])], @a(sas) [], @as [], false)" },
		{ "no name", "([('rule', '', '/a.ini', '', @ay [])], @a(sas) [], @as [], false)" },
		{ "a path for a name",
		    "([('rule', '../a.ini', '/a', '', @ay [])], @a(sas) [], @as [], false)" },
		{ "a way out of the folder behind one into it",
		    "([('rule', 'packs/../a.ini', '/a', '', @ay [])], @a(sas) [], @as [], false)" },
		{ "a root for a name",
		    "([('rule', '/a.ini', '/a', '', @ay [])], @a(sas) [], @as [], false)" },
		{ "a folder for a name",
		    "([('rule', 'packs/', '/a', '', @ay [])], @a(sas) [], @as [], false)" },
		{ "too many folders",
		    "([('rule', 'a/b/c/d/e.ini', '/a', '', @ay [])], @a(sas) [], @as [], false)" },
		{ "twice", "([('list', 'a', '/a', '', @ay []), ('list', 'a', '/b', '', @ay [])], "
			   "@a(sas) [], @as [], false)" },
		{ "a text in two forms",
		    "([('rule', 'a.ini', '/a', '[rule]', b'[rule]')], @a(sas) [], @as [], false)" },
		{ "a group twice",
		    "(@a(ssssay) [], [('a', @as []), ('a', @as [])], @as [], false)" },
		{ "a group without a name", "(@a(ssssay) [], [('', @as [])], @as [], false)" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GVariant) frame =
		    g_variant_parse(NULL, cases[i].frame, NULL, NULL, &error);
		g_test_message("%s", cases[i].label);
		g_assert_no_error(error);
		/* But for the first, each is refused for what it says. */
		g_assert_cmpint(
		    g_variant_is_of_type(frame, G_VARIANT_TYPE(SOURCES_TYPE)), ==, i > 0);
		g_assert_null(sources_get(frame, &error));
		g_assert_error(error, FAULT, FAULT_DATA);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/sources/folders", test_folders);
	g_test_add_func("/sources/packs", test_packs);
	g_test_add_func("/sources/digest", test_digest);
	g_test_add_func("/sources/crosses", test_crosses);
	g_test_add_func("/sources/hostile frames", test_hostile_frames);
	return g_test_run();
}
