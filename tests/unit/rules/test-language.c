/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every key that the readers of rule files know stands in docs/rules.md with a sentence and an
 * example, every example there loads, and flagpost-rules(5) says the same. The keys are read out
 * of the readers' own tables, so that a new one without words fails here.
 */
#include "kit.h"

#include "base/io.h"
#include "rules/edm-build.h"
#include "rules/prints.h"
#include "rules/world.h"

#define TEXT_MAX (1024 * 1024)

/* A kind of section: its heading, the tables of its keys, and what an example needs around it. */
static const struct kind {
	const char *heading, *file, *table;
	const char *frames[5]; /* an example fits into one of them; %s: the example */
} kinds[] = {
	{ "[rule]", "rule.c", "rule_keys",
	    { "[rule]\nid = one\ntitle = One\nseverity = low\ndescription = One.\n%s\n"
	      "[parties.a]\nwho = to\n" } },
	{ "[scope]", "scope.c", "keys", { "[scope]\n%s[parties.a]\nwho = to\n" } },
	{ "[parties.X]", "section-parties.c", "keys", { "[parties.a]\nwho = to\n%s" } },
	{ "[attachment.X]", "section-attachment.c", "keys", { "[attachment.a]\n%s" } },
	{ "[content.X]", "section-content.c", "keys_of_type",
	    { "[content.a]\ntype = words\nwords = heron\n%s",
		"[content.a]\ntype = regex\npattern.9 = heron\n%s",
		"[content.a]\ntype = detector\ndetector = iban\n%s",
		"[content.a]\ntype = edm\ndata = customers\ncolumns = name, iban\n%s",
		"[content.a]\ntype = fingerprint\ndata = contracts\n%s" } },
	{ "[message.X]", "section-message.c", "keys", { "[message.a]\n%s" } },
	{ "[condition]", "rule.c", "condition_keys",
	    { "[parties.rival]\nwho = to\n[attachment.a]\n[condition]\n%s" } },
	{ "[escalate.X]", "rule.c", "escalate_keys",
	    { "[attachment.locked]\n[escalate.a]\nif = attachment.locked\nseverity = high\n%s" } },
	{ "[except.X]", "except.c", "keys",
	    { "[parties.a]\nwho = to\n[except.a]\nreason = R\napproved_by = B\nexpires = "
	      "2099-01-01\n"
	      "senders = a@corp.example\n%s" } },
	{ "[action]", "rule.c", "action_keys", { "[parties.a]\nwho = to\n[action]\n%s" } },
	{ "[test.N]", "rule-test.c", "keys",
	    { "[content.terms]\ntype = words\nwords = heron\n[test.1]\nexpect = flag\n"
	      "message = a.eml\n%s",
		"[content.terms]\ntype = words\nwords = heron\n[test.1]\nexpect = flag\n"
		"part = content.terms\ntext = heron\n%s" } },
	{ "[detector]", "detector-load.c", "keys",
	    { "[detector]\nid = one\ntitle = One\npattern.9 = heron\n%s" } },
};

static char *
read_source(const char *folder, const char *name)
{
	const char *root = g_getenv("FLAGPOST_SOURCE");
	g_autoptr(GError) error = NULL;

	g_assert_nonnull(root);
	g_autofree char *path = g_build_filename(root, folder, name, NULL);
	g_autoptr(GBytes) bytes = io_read_file(path, TEXT_MAX, &error);
	g_assert_no_error(error);
	gsize size;
	const char *data = g_bytes_get_data(bytes, &size);
	return g_strndup(data, size);
}

/* Words in quotes from begin to end. */
static void
add_quoted(GPtrArray *out, const char *begin, const char *end)
{
	for (const char *p = begin; (p = memchr(p, '"', (gsize)(end - p))) != NULL;) {
		const char *close = memchr(p + 1, '"', (gsize)(end - p - 1));
		g_assert_nonnull(close);
		/* WORLD_EDM "*" is written by its name. */
		if (close == p + 2 && p[1] == '*')
			g_ptr_array_add(out, g_strdup(WORLD_EDM "*"));
		else
			g_ptr_array_add(out, g_strndup(p + 1, (gsize)(close - p - 1)));
		p = close + 1;
	}
}

/* The keys of a kind as the reader's table has them: "pattern.*" and all. */
static GPtrArray *
keys_of(const struct kind *kind)
{
	GPtrArray *keys = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *text = read_source("scanner/rules", kind->file);
	g_autofree char *name = g_strdup_printf(" %s[", kind->table);
	g_autofree char *pointer = g_strdup_printf("*const %s[", kind->table);
	const char *start = strstr(text, pointer);
	const char *common = strstr(text, "#define COMMON_KEYS");

	start = start != NULL ? start : strstr(text, name);
	g_assert_nonnull(start);
	const char *end = strstr(start, "};");
	g_assert_nonnull(end);
	add_quoted(keys, start, end);
	if (common != NULL)
		add_quoted(keys, common, strstr(common, "\n\n"));
	g_assert_cmpuint(keys->len, >, 0);
	return keys;
}

/* The section of the page under a heading, up to the next one. */
static char *
under_heading(const char *page, const char *heading)
{
	g_autofree char *start = g_strdup_printf("\n## %s", heading);
	const char *at = strstr(page, start);

	if (at == NULL)
		g_error("docs/rules.md has no heading %s", heading);
	const char *end = strstr(at + 1, "\n## ");
	return g_strndup(at, end != NULL ? (gsize)(end - at) : strlen(at));
}

/* The cells of the table row of a key; NULL: there is none. "pattern.*" is written pattern.N. */
static GStrv
row_of(const char *section, const char *key)
{
	g_autofree char *stem = g_strdup(key);
	gsize length = strlen(stem);

	if (g_str_has_suffix(stem, ".*"))
		stem[length - 1] = '\0';
	g_autofree char *exact = g_strdup_printf("\n| `%s` |", stem);
	g_autofree char *numbered = g_strdup_printf("\n| `%sN` |", stem);
	g_autofree char *named = g_strdup_printf("\n| `%sNAME` |", stem);
	const char *const forms[] = { exact, numbered, named };
	for (gsize i = 0; i < G_N_ELEMENTS(forms); i++) {
		const char *row = strstr(section, forms[i]);
		if (row == NULL)
			continue;
		g_autofree char *line = g_strndup(row + 2, strcspn(row + 2, "\n"));
		return g_strsplit(line, " | ", -1);
	}
	return NULL;
}

/* "`words = a, b` |" without its marks. */
static char *
example_of(const char *cell)
{
	const char *open = strchr(cell, '`');
	const char *close = open != NULL ? strrchr(cell, '`') : NULL;

	if (open == NULL || close == open)
		return NULL;
	return g_strndup(open + 1, (gsize)(close - open - 1));
}

/* The frame around an example, without the line that the example takes the place of. */
static char *
frame_with(const char *frame, const char *example)
{
	g_autofree char *key = g_strndup(example, strcspn(example, " ="));
	g_auto(GStrv) lines = g_strsplit(frame, "\n", -1);
	GString *out = g_string_new(NULL);

	for (guint i = 0; lines[i] != NULL; i++) {
		gsize length = strcspn(lines[i], " =");
		if (strcmp(lines[i], "%s") == 0 || g_str_has_prefix(lines[i], "%s["))
			g_string_append_printf(out, "%s\n%s", example, lines[i] + 2);
		else if (strlen(key) == length && strncmp(lines[i], key, length) == 0)
			continue;
		else
			g_string_append(out, lines[i]);
		g_string_append_c(out, '\n');
	}
	return g_string_free(out, FALSE);
}

/* The data set customers, with columns name and iban. */
static void
add_data(struct sources *sources)
{
	static const guint8 key[KEYED_KEY] = "sixteen bytes ok";
	const struct edm_options options = { .path = "t.csv", .common = -1 };
	char table[] = "name,iban\nAnna Muster,DE89370400440532013000\n";
	g_autoptr(GError) error = NULL;
	struct edm_report report;
	FILE *in = fmemopen(table, strlen(table), "r");
	g_autoptr(GBytes) bytes = edm_build(in, &options, key, &report, &error);

	g_assert_no_error(error);
	fclose(in);
	edm_report_clear(&report);
	sources_add_data(sources, data_open("customers", bytes, key, &error));
	g_assert_no_error(error);
	sources_add_data(
	    sources, prints_of_text("contracts", "the tenant pays on the first of each month"));
}

/* Lists, a detector and a data set that examples name. */
static struct sources *
world_of_examples(void)
{
	static const char *const lists[] = { "board", "cleared", "known-leaks", "internal-terms",
		"card-words", "test-cards" };
	struct sources *sources = kit_sources();

	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++)
		kit_add(sources, SOURCE_LIST, lists[i], "heron\n");
	add_data(sources);
	kit_add(sources, SOURCE_RULE, "00-detectors.ini",
	    "[detector.iban]\ntitle = Account\npattern.1 = heron\n"
	    "[detector.token-one]\ntitle = Token\npattern.1 = stork\n");
	return sources;
}

/* What is wrong with the example in a frame; NULL: nothing. */
static char *
trouble_in(const char *frame, const char *example)
{
	static const char head[] =
	    "[rule]\nid = one\ntitle = One\nseverity = low\ndescription = One.\n";
	g_autoptr(sources) sources = world_of_examples();
	g_autoptr(GString) report = g_string_new(NULL);
	g_autofree char *body = frame_with(frame, example);
	bool is_whole = frame[1] == 'r' || frame[1] == 'd';
	g_autofree char *text = g_strconcat(is_whole ? "" : head, body, NULL);

	kit_add(sources, SOURCE_RULE, "10-one.ini", text);
	g_autoptr(ruleset) ruleset = kit_try(sources, report);
	if (ruleset != NULL)
		return NULL;
	return g_strdup_printf("%s%s", text, report->str);
}

static void
check_example(const struct kind *kind, const char *key, const char *example)
{
	g_autoptr(GString) all = g_string_new(NULL);

	for (gsize i = 0; i < G_N_ELEMENTS(kind->frames) && kind->frames[i] != NULL; i++) {
		g_autofree char *trouble = trouble_in(kind->frames[i], example);
		if (trouble == NULL)
			return;
		g_string_append_printf(all, "\n%s", trouble);
	}
	g_error("%s: the example of %s does not load:%s", kind->heading, key, all->str);
}

static void
check_key(const struct kind *kind, const char *section, const char *key)
{
	g_auto(GStrv) cells = row_of(section, key);

	if (cells == NULL || g_strv_length(cells) < 3)
		g_error("%s: docs/rules.md has no row for %s", kind->heading, key);
	if (!g_str_has_suffix(g_strstrip(cells[1]), ".") || strlen(cells[1]) < 10)
		g_error("%s: %s has no sentence: %s", kind->heading, key, cells[1]);
	g_autofree char *example = example_of(cells[2]);
	g_autofree char *stem = g_strndup(key, strcspn(key, "*"));
	if (example == NULL || !g_str_has_prefix(example, stem))
		g_error("%s: %s has no example of its own: %s", kind->heading, key, cells[2]);
	check_example(kind, key, example);
}

static void
test_keys(void)
{
	g_autofree char *page = read_source("docs", "rules.md");

	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
		g_autoptr(GPtrArray) keys = keys_of(&kinds[i]);
		g_autofree char *section = under_heading(page, kinds[i].heading);
		for (guint k = 0; k < keys->len; k++)
			check_key(&kinds[i], section, keys->pdata[k]);
	}
}

/* The whole rule at the end of the page. */
static void
test_whole_rule(void)
{
	g_autofree char *page = read_source("docs", "rules.md");
	const char *start = strstr(page, "```ini\n");
	g_autoptr(sources) sources = world_of_examples();
	g_autoptr(GString) report = g_string_new(NULL);

	g_assert_nonnull(start);
	start += strlen("```ini\n");
	g_autofree char *text = g_strndup(start, (gsize)(strstr(start, "```") - start));
	kit_add(sources, SOURCE_RULE, "10-one.ini", text);
	g_autoptr(ruleset) ruleset = kit_try(sources, report);
	if (ruleset == NULL)
		g_error("the rule of docs/rules.md does not load:\n%s", report->str);
	g_assert_cmpuint(ruleset_test_count(ruleset), ==, 1);
}

/* The manual page is made of the page, by script/man-rules. */
static void
test_manual(void)
{
	g_autofree char *manual = read_source("docs/man", "flagpost-rules.5");
	g_autofree char *script =
	    g_build_filename(g_getenv("FLAGPOST_SOURCE"), "script/man-rules", NULL);
	char *argv[] = { script, NULL };
	g_autofree char *made = NULL;
	g_autoptr(GError) error = NULL;
	int status = -1;

	g_spawn_sync(NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &made, NULL, &status, &error);
	g_assert_no_error(error);
	g_assert_cmpint(status, ==, 0);
	if (strcmp(made, manual) != 0)
		g_error("docs/man/flagpost-rules.5 is not what script/man-rules makes of "
			"docs/rules.md: run it");
	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
		g_autofree char *heading = g_strdup_printf(".SH %s", kinds[i].heading);
		g_assert_nonnull(strstr(manual, heading));
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/language/keys", test_keys);
	g_test_add_func("/language/whole-rule", test_whole_rule);
	g_test_add_func("/language/manual", test_manual);
	return g_test_run();
}
