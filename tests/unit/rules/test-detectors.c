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

/* --- how sure a detector is --- */

#define CARD_AND_MORE                                                                              \
	"[detector.number]\ntitle = t\npattern.1 = \\b\\d{3}-\\d{3}\\b\nweak.1 = \\b\\d{6}\\b\n"   \
	"near = ticket\nnear_characters = 20\nnot = 111-111\n\n"                                   \
	"[detector.strong]\ntitle = t\npattern.1 = \\bK\\d{3}-\\d{3}\\b\nnear = ticket\n"          \
	"alone = high\n\n"                                                                         \
	"[detector.strong-too]\ntitle = t\npattern.1 = \\bX\\d+\\b\n"

static bool
content_finds(const char *keys, const char *text)
{
	g_autoptr(sources) sources = kit_sources();
	g_autoptr(GString) report = g_string_new(NULL);
	g_autofree char *rule =
	    g_strconcat(KIT_HEAD "[content.x]\ntype = detector\n", keys, "\n", NULL);

	kit_add(sources, SOURCE_RULE, "10-one.ini", rule);
	kit_add(sources, SOURCE_RULE, "detectors/some.ini", CARD_AND_MORE);
	kit_add(sources, SOURCE_LIST, "known", "# c\n222-222\n");
	g_autoptr(ruleset) ruleset = kit_try(sources, report);
	g_assert_cmpstr(report->str, ==, "");
	g_autoptr(verdict) verdict = kit_match(
	    ruleset, kit_message("anna@corp.example", "bob@x.example", text), NULL, false);
	return verdict_flag_count(verdict) > 0;
}

static void
test_confidence(void)
{
	static const struct {
		const char *label, *keys, *text;
		bool found;
	} cases[] = {
		{ "form alone is low", "detector = number", "see 123-456", false },
		{ "low is taken where it is asked for", "detector = number\nconfidence = low",
		    "see 123-456", true },
		{ "a near word makes it high", "detector = number\nconfidence = high",
		    "ticket 123-456", true },
		{ "the near word is too far away", "detector = number",
		    "ticket of the other department 123-456", false },
		{ "a weak form is medium with its word", "detector = number", "ticket 123456",
		    true },
		{ "and never high", "detector = number\nconfidence = high", "ticket 123456",
		    false },
		{ "a weak form alone", "detector = number", "see 123456", false },
		{ "a weak form, everything wanted", "detector = number\nconfidence = low",
		    "see 123456", true },
		{ "strong alone", "detector = strong\nconfidence = high", "see K123-456", true },
		{ "the rule's near words are a demand", "detector = strong\nnear = case",
		    "ticket K123-456", false },
		{ "and are met", "detector = strong\nnear = case", "case K123-456", true },
		{ "a value that never counts", "detector = number", "ticket 111-111", false },
		{ "a value that the rule leaves out", "detector = number\nnot = 333-333",
		    "ticket 333-333", false },
		{ "those of the detector stay out", "detector = number\nnot = 333-333",
		    "ticket 111-111", false },
		{ "a list of values", "detector = number\nnot_list = known", "ticket 222-222",
		    false },
		{ "others count on", "detector = number\nnot_list = known", "ticket 222-223",
		    true },
		{ "one of several detectors", "detector = number, strong-too", "X17", true },
		{ "detectors by a pattern of their names", "detector = strong*", "X17", true },
		{ "matches of two in one place are one",
		    "detector = number, strong\nmin_hits = 2\nconfidence = low", "K123-456",
		    false },
		{ "in two places two", "detector = number, strong\nmin_hits = 2\nconfidence = low",
		    "K123-456 and 123-456", true },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s: %s", cases[i].label, cases[i].text);
		g_assert_cmpint(content_finds(cases[i].keys, cases[i].text), ==, cases[i].found);
	}
}

static void
test_mistakes(void)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "[detector.a]\ntitle = t\nid = b\npattern.1 = x\n",
		    "3:6: [detector.a] has its name in the section | leave id out" },
		{ "[detector.a]\ntitle = t\npattern.1 = x\nalone = certain\n", "4:9: " },
		{ "[detector.a]\ntitle = t\n", "1:1: [detector.a] has no pattern" },
		{ "[detector.a]\npattern.1 = x\n",
		    "1:1: [detector.a] needs title | write title = ..." },
		{ "[detector.a]\ntitle = t\npattern.1 = x\nnot_list = nowhere\n",
		    "there is no list nowhere" },
		{ "[detector.a]\ntitle = t\npattern.1 = x\n[rule]\nid = x\n",
		    "4:1: a detector file has no section [rule]" },
		{ "[detector]\nid = a\ntitle = t\npattern.1 = x\n[detector.a]\ntitle = t\n"
		  "pattern.1 = x\n",
		    "5:1: there is another detector a" },
		{ "[rule]\nid = a\ntitle = t\nseverity = low\ndescription = d\n[content.x]\n"
		  "type = detector\ndetector = nothing-*\n",
		    "8:12: there is no detector nothing-*" },
		{ "[rule]\nid = a\ntitle = t\nseverity = low\ndescription = d\n[content.x]\n"
		  "type = words\nwords = a\nconfidence = low\n",
		    "confidence" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) report = g_string_new(NULL);
		g_autoptr(sources) sources = kit_sources();
		kit_add(sources, SOURCE_RULE, "10.ini", cases[i].text);
		g_autoptr(ruleset) ruleset = kit_try(sources, report);
		g_test_message("%s -> %s", cases[i].text, report->str);
		g_assert_null(ruleset);
		g_assert_nonnull(strstr(report->str, cases[i].expected));
	}
}

/* Real cards and cards of manuals are told apart by a list, when a rule asks for it. */
static void
test_test_cards(void)
{
	const char *source = g_getenv("FLAGPOST_SOURCE");
	g_autofree char *folder = g_build_filename(source != NULL ? source : ".", "rules.d", NULL);
	g_autoptr(sources) sources = sources_new();
	g_autoptr(problems) problems = problems_new();
	g_autoptr(GString) report = g_string_new(NULL);

	g_assert_true(sources_add_folder(sources, folder, problems));
	kit_add(sources, SOURCE_RULE, "00-real.ini",
	    "[rule]\nid = only-real\ntitle = t\nseverity = low\ndescription = d\n[content.x]\n"
	    "type = detector\ndetector = payment-card\nnot_list = test-cards\n");
	g_autoptr(ruleset) ruleset = kit_try(sources, report);
	g_assert_cmpstr(report->str, ==, "");
	g_assert_false(finds(ruleset, "real", "Visa 4111 1111 1111 1111"));
	g_assert_true(finds(ruleset, "real", "Visa 4539 1488 0343 6467"));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/detectors/vectors", test_vectors);
	g_test_add_func("/detectors/confidence", test_confidence);
	g_test_add_func("/detectors/mistakes", test_mistakes);
	g_test_add_func("/detectors/test cards", test_test_cards);
	return g_test_run();
}
