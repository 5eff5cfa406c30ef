/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "kit.h"

#define REGEX "[content.x]\ntype = regex\n"
#define WORDS "[content.x]\ntype = words\nword_list = terms\n"

static void
check(const char *label, const char *body, const char *content, bool expected)
{
	g_autoptr(GString) report = g_string_new(NULL);
	g_autoptr(sources) sources = kit_sources();
	g_autofree char *text = g_strconcat(KIT_HEAD, body, NULL);
	g_test_message("%s", label);
	kit_add(sources, SOURCE_RULE, "10-one.ini", text);
	kit_add(sources, SOURCE_RULE, "card.ini",
	    "[detector]\nid = card\ntitle = Card\npattern.1 = (?<!\\d)\\d(?:[ "
	    "-]?\\d){12,18}(?!\\d)\n"
	    "validator = luhn\n");
	kit_add(sources, SOURCE_RULE, "iban.ini",
	    "[detector]\nid = iban\ntitle = IBAN\n"
	    "pattern.1 = \\b[A-Z]{2}\\d\\d(?: ?[A-Z0-9]){11,30}\\b\nvalidator = mod97\n");
	g_autoptr(ruleset) ruleset = kit_try(sources, report);
	g_assert_cmpstr(report->str, ==, "");
	g_autoptr(verdict) verdict =
	    kit_match(ruleset, kit_message("a@corp.example", "b@b.example", content), NULL, false);
	g_assert_cmpuint(verdict_flag_count(verdict), ==, expected);
	g_assert_cmpuint(verdict->undecided->len, ==, 0);
}

static void
test_table(void)
{
	static const struct {
		const char *label, *body, *text;
		bool expected;
	} cases[] = {
		{ "a pattern", REGEX "pattern.1 = falcon\n", "the Falcon flies", true },
		{ "case matters when asked", REGEX "pattern.1 = falcon\nignore_case = no\n",
		    "the Falcon flies", false },
		{ "one of two patterns", REGEX "pattern.1 = eagle\npattern.2 = falcon\n",
		    "the Falcon flies", true },
		{ "letters of every script", REGEX "pattern.1 = \\bgrün\\b\n", "ist GRÜN.", true },
		{ "min_hits", REGEX "pattern.1 = ab\nmin_hits = 3\n", "ab ab ab", true },
		{ "not enough hits", REGEX "pattern.1 = ab\nmin_hits = 4\n", "ab ab ab", false },
		{ "distinct values are folded", REGEX "pattern.1 = a.\nmin_distinct = 2\n",
		    "ab AB Ab", false },
		{ "distinct values", REGEX "pattern.1 = a.\nmin_distinct = 2\n", "ab ac", true },
		{ "overlap is one hit", REGEX "pattern.1 = abcd\npattern.2 = cdef\nmin_hits = 2\n",
		    "abcdef", false },
		{ "a pattern of look-aheads", REGEX "pattern.1 = (?s)(?=.*foo)(?=.*bar)\n",
		    "bar and foo", true },
		{ "words", WORDS, "about NIGHTJAR.", true },
		{ "a phrase over a line end", WORDS, "about Project\n\tFalcon", true },
		{ "punctuation between", WORDS, "see project_falcon.docx", true },
		{ "whole words only", WORDS, "nightjars and project falconer", false },
		{ "another word between", WORDS, "project red falcon", false },
		{ "unknown words do not join", WORDS, "project x falcon", false },
		{ "full-width letters fold", WORDS, "ＮＩＧＨＴＪＡＲ", true },
		{ "distinct entries", WORDS "min_distinct = 2\n", "nightjar Nightjar", false },
		{ "distinct entries, two", WORDS "min_distinct = 2\n", "nightjar price-floor",
		    true },
		{ "words in the rule", "[content.x]\ntype = words\nwords = blue moon, über uns\n",
		    "ÜBER UNS", true },
		{ "words without blanks", "[content.x]\ntype = words\nwords = 機密\n",
		    "これは機密です", true },
		{ "near", REGEX "pattern.1 = falcon\nnear_list = near\nnear_characters = 20\n",
		    "secret: the falcon", true },
		{ "near, behind", REGEX "pattern.1 = falcon\nnear = secret\nnear_characters = 5\n",
		    "falcon is secret", true },
		{ "not near", REGEX "pattern.1 = falcon\nnear_list = near\nnear_characters = 5\n",
		    "secret and nothing else, the falcon", false },
		{ "characters, not bytes",
		    REGEX "pattern.1 = falcon\nnear_list = near\nnear_characters = 6\n",
		    "secret üüüü falcon", true },
		{ "near, none", REGEX "pattern.1 = falcon\nnear_list = near\n", "the falcon",
		    false },
		{ "another place", REGEX "pattern.1 = falcon\nwhere = subject\n", "falcon", false },
		{ "a detector", "[content.x]\ntype = detector\ndetector = card\n",
		    "4111 1111 1111 1111", true },
		{ "its validator", "[content.x]\ntype = detector\ndetector = card\n",
		    "4111 1111 1111 1112", false },
		{ "written twice is one number",
		    "[content.x]\ntype = detector\ndetector = card\nmin_distinct = 2\n",
		    "4111111111111111 4111 1111 1111 1111", false },
		{ "near words of the rule",
		    "[content.x]\ntype = detector\ndetector = card\nnear = visa\n",
		    "4111111111111111", false },
		{ "IBAN", "[content.x]\ntype = detector\ndetector = iban\n",
		    "DE89 3704 0044 0532 0130 00", true },
		{ "no IBAN", "[content.x]\ntype = detector\ndetector = iban\n",
		    "DE88 3704 0044 0532 0130 00", false },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
		check(cases[i].label, cases[i].body, cases[i].text, cases[i].expected);
}

static void
test_hit(void)
{
	g_autoptr(ruleset) ruleset =
	    kit_rule(REGEX "where = header.x-note, filenames, body\npattern.1 = NIGHTJAR-\\d+\n");
	const char *body = "line one\nabout\tNIGHTJAR-77 and\xe2\x80\xaeso on";
	struct message *message = kit_message("a@corp.example", "b@b.example", body);
	kit_part(message, "1.2", "nightjar-1.txt", "text/plain");
	message_add_text(message, COMPONENT_FILENAMES, NULL, 0, g_strdup("nightjar-1.txt"),
	    strlen("nightjar-1.txt"));
	message_add_text(
	    message, COMPONENT_HEADERS, "X-Note", TEXT_NO_PART, g_strdup("nightjar-2"), 10);
	message_add_text(
	    message, COMPONENT_HEADERS, "X-Other", TEXT_NO_PART, g_strdup("nightjar-3"), 10);
	g_autoptr(verdict) verdict = kit_match(ruleset, message, NULL, true);
	const struct flag *flag = g_ptr_array_index(verdict->flags, 0);
	const struct hit *hit = g_ptr_array_index(flag->hits, 0);
	const struct hit *file = g_ptr_array_index(flag->hits, 1);
	const struct hit *header = g_ptr_array_index(flag->hits, 2);
	const struct explained *line = g_ptr_array_index(verdict->explained, 2);

	g_assert_cmpuint(flag->hits_total, ==, 3);
	g_assert_cmpuint(hit->offset, ==, 15);
	g_assert_cmpuint(hit->length, ==, 11);
	g_assert_cmpstr(hit->excerpt, ==, "line one about NIGHTJAR-77 and\\u{202E}so on");
	g_assert_cmpuint(hit->excerpt_start, ==, 15);
	g_assert_cmpuint(hit->excerpt_length, ==, 11);
	g_assert_false(hit->hidden);
	g_assert_cmpint(file->component, ==, COMPONENT_FILENAMES);
	g_assert_cmpstr(file->part, ==, "1.2");
	g_assert_cmpstr(file->name, ==, "nightjar-1.txt");
	g_assert_cmpstr(header->header, ==, "x-note");
	g_assert_cmpstr(line->detail, ==, "body, byte 15 (pattern.1)");
	g_assert_cmpuint(line->matched, ==, 3);
}

/* Excerpts stay valid, bounded and on one line, whatever stands around the match. */
static void
test_excerpt_bounds(void)
{
	g_autoptr(ruleset) ruleset = kit_rule(REGEX "pattern.1 = x[\\x{202e}y]*x\n");
	GString *body = g_string_new(NULL);
	for (guint i = 0; i < 300; i++)
		g_string_append(body, "\xe2\x80\xae");
	g_string_append_c(body, 'x');
	for (guint i = 0; i < 900; i++)
		g_string_append(body, "\xe2\x80\xae");
	g_string_append(body, "x");
	for (guint i = 0; i < 300; i++)
		g_string_append(body, "日");
	g_autoptr(verdict) verdict =
	    kit_match(ruleset, kit_message("a@a.example", "b@b.example", body->str), NULL, false);
	const struct flag *flag = g_ptr_array_index(verdict->flags, 0);
	const struct hit *hit = g_ptr_array_index(flag->hits, 0);

	g_assert_true(g_utf8_validate(hit->excerpt, -1, NULL));
	g_assert_cmpuint(strlen(hit->excerpt), <=, VERDICT_EXCERPT_MAX);
	g_assert_cmpuint(hit->excerpt_start + hit->excerpt_length, <=, strlen(hit->excerpt));
	g_autoptr(GError) error = NULL;
	g_autoptr(GByteArray) frame = g_byte_array_new();
	verdict_put(frame, verdict);
	struct packed in = packed_bytes(frame->data, frame->len);
	g_autoptr(verdict) back = verdict_get(&in, &error);
	g_assert_no_error(error);
	g_assert_nonnull(back);
	g_string_free(body, TRUE);
}

/* "fal<zero width>con nightjar" and its twin without what cannot be seen. */
static void
test_normalised_twin(void)
{
	static const char decoded[] = "fal\xe2\x80\x8b"
				      "con nightjar";
	g_autoptr(ruleset) ruleset = kit_rule(REGEX "pattern.1 = falcon\npattern.2 = nightjar\n");
	struct message *message = kit_message("a@corp.example", "b@b.example", decoded);
	struct text *twin = message_add_text(
	    message, COMPONENT_BODY, NULL, TEXT_NO_PART, g_strdup("falcon nightjar"), 15);
	twin->origin = 0;
	twin->offsets = g_new0(guint32, 15);
	for (guint i = 0; i < 15; i++)
		twin->offsets[i] = i < 3 ? i : i + 3;
	g_autoptr(verdict) verdict = kit_match(ruleset, message, NULL, false);
	const struct flag *flag = g_ptr_array_index(verdict->flags, 0);
	const struct hit *plain = g_ptr_array_index(flag->hits, 0);
	const struct hit *hidden = g_ptr_array_index(flag->hits, 1);

	/* nightjar stands in both and counts once; falcon only in the twin. */
	g_assert_cmpuint(flag->hits_total, ==, 2);
	g_assert_false(plain->hidden);
	g_assert_true(hidden->hidden);
	g_assert_cmpuint(hidden->offset, ==, 0);
	g_assert_cmpuint(hidden->length, ==, 9);
	g_assert_cmpint(flag->severity, ==, SEVERITY_HIGH);
	g_assert_cmpstr(flag->escalated_by, ==, "hidden text");
}

static void
test_hidden_text(void)
{
	g_autoptr(ruleset) ruleset = kit_rule(WORDS);
	struct message *message = kit_message("a@corp.example", "b@b.example", "nightjar");
	struct text *text = g_ptr_array_index(message->texts, 0);
	text->hidden = true;
	g_autoptr(verdict) verdict = kit_match(ruleset, message, NULL, false);
	const struct flag *flag = g_ptr_array_index(verdict->flags, 0);

	g_assert_true(((const struct hit *)g_ptr_array_index(flag->hits, 0))->hidden);
	g_assert_cmpint(flag->severity, ==, SEVERITY_HIGH);
}

static void
test_many_hits(void)
{
	g_autoptr(ruleset) ruleset = kit_rule(WORDS);
	GString *body = g_string_new(NULL);
	for (guint i = 0; i < 120; i++)
		g_string_append(body, "nightjar ");
	g_autoptr(verdict) verdict =
	    kit_match(ruleset, kit_message("a@a.example", "b@b.example", body->str), NULL, false);
	const struct flag *flag = g_ptr_array_index(verdict->flags, 0);

	g_assert_cmpuint(flag->hits_total, ==, 120);
	g_assert_cmpuint(flag->hits->len, ==, 50);
	g_string_free(body, TRUE);
}

/* A rule that gives up is recorded; it is neither a flag nor a silent pass. */
static void
test_gives_up(void)
{
	static const struct {
		const char *pattern, *reason;
	} cases[] = {
		{ "(a+)+$", "match limit" },
		{ "^(a|aa)+$", "stack limit" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *body = g_strdup_printf(REGEX "pattern.1 = %s\n", cases[i].pattern);
		g_autoptr(ruleset) ruleset = kit_rule(body);
		g_autofree char *as = g_strnfill(i == 0 ? 60 : 400000, 'a');
		g_autofree char *text = g_strconcat(as, "b", NULL);
		g_autoptr(verdict) verdict =
		    kit_match(ruleset, kit_message("a@a.example", "b@b.example", text), NULL, true);
		g_assert_cmpuint(verdict->flags->len, ==, 0);
		g_assert_cmpint(verdict->outcome, ==, OUTCOME_PARTIAL);
		g_assert_cmpuint(verdict->undecided->len, ==, 1);
		const struct undecided *undecided = g_ptr_array_index(verdict->undecided, 0);
		const struct explained *line = g_ptr_array_index(verdict->explained, 0);
		g_assert_cmpstr(undecided->rule, ==, "one");
		g_assert_cmpstr(undecided->section, ==, "content.x");
		g_assert_cmpstr(undecided->reason, ==, cases[i].reason);
		g_assert_cmpint(line->truth, ==, TRUTH_UNDECIDED);
	}
}

/* No time at all: nothing is looked at, and that is said. */
static void
test_time(void)
{
	g_autoptr(sources) sources = kit_sources();
	g_autoptr(problems) problems = problems_new();
	struct limits limits;

	limits_default(&limits);
	limits.seconds_per_message = 0;
	kit_add(sources, SOURCE_RULE, "10-one.ini", KIT_HEAD WORDS);
	sources_seal(sources);
	g_autoptr(ruleset) ruleset = ruleset_compile(sources, &limits, problems);
	g_autoptr(verdict) verdict =
	    kit_match(ruleset, kit_message("a@a.example", "b@b.example", "nightjar"), NULL, false);
	const struct undecided *undecided = g_ptr_array_index(verdict->undecided, 0);
	g_assert_cmpstr(undecided->reason, ==, "time");
	g_assert_cmpint(verdict->outcome, ==, OUTCOME_PARTIAL);
}

/* Texts come from our own worker; a broken one is still no reason to read past its end. */
static void
test_broken_utf8(void)
{
	g_autoptr(ruleset) ruleset = kit_rule(REGEX "pattern.1 = falcon\n");
	g_autoptr(verdict) verdict = kit_match(
	    ruleset, kit_message("a@a.example", "b@b.example", "falcon \xf0\x9f"), NULL, false);
	const struct undecided *undecided = g_ptr_array_index(verdict->undecided, 0);

	g_assert_cmpstr(undecided->reason, ==, "not UTF-8");
}

/* Matches on both sides of the windows in which a long text is searched. */
static void
test_long_text(void)
{
	g_autoptr(ruleset) ruleset = kit_rule(REGEX "pattern.1 = end$\npattern.2 = \\bmark\\b\n");
	GString *body = g_string_new(NULL);
	for (guint i = 0; i < 20000; i++)
		g_string_append(body, "ü ");
	g_string_append(body, "mark ");
	for (guint i = 0; i < 20000; i++)
		g_string_append(body, "日 ");
	g_string_append(body, "end");
	g_autoptr(verdict) verdict =
	    kit_match(ruleset, kit_message("a@a.example", "b@b.example", body->str), NULL, false);
	const struct flag *flag = g_ptr_array_index(verdict->flags, 0);
	g_assert_cmpuint(flag->hits_total, ==, 2);
	g_string_free(body, TRUE);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/content/table", test_table);
	g_test_add_func("/content/hit", test_hit);
	g_test_add_func("/content/excerpt bounds", test_excerpt_bounds);
	g_test_add_func("/content/normalised twin", test_normalised_twin);
	g_test_add_func("/content/hidden text", test_hidden_text);
	g_test_add_func("/content/many hits", test_many_hits);
	g_test_add_func("/content/gives up", test_gives_up);
	g_test_add_func("/content/time", test_time);
	g_test_add_func("/content/broken UTF-8", test_broken_utf8);
	g_test_add_func("/content/long text", test_long_text);
	return g_test_run();
}
