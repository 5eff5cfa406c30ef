/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What earlier mail says of a message: of mail that was recorded before a start, and of mail that
 * came since and is not committed.
 */
#include "../store/fixture.h"
#include "base/limits.h"
#include "daemon/history.h"

#define HOUR (G_GINT64_CONSTANT(3600) * G_USEC_PER_SEC)

static const char *const own[] = { "corp.example", NULL };

/* A message: "anna@corp.example" to "bob@corp.example x@b.example". */
struct letter {
	const char *id, *answers, *from, *to;
	gint64 date;
	bool encrypted, draft;
};

static struct verdict *
verdict_of(const struct letter *letter)
{
	struct verdict *verdict = verdict_new();
	g_auto(GStrv) to = g_strsplit(letter->to, " ", -1);

	verdict_text(&verdict->message_id, letter->id);
	verdict_text(&verdict->in_reply_to, letter->answers != NULL ? letter->answers : "");
	verdict->date = letter->date != 0 ? letter->date : MORNING;
	verdict->direction = letter->draft ? DIRECTION_DRAFT : DIRECTION_OUTBOUND;
	g_ptr_array_add(verdict->addresses, address_new(ADDRESS_FROM, NULL, letter->from));
	for (guint i = 0; to[i] != NULL; i++)
		g_ptr_array_add(verdict->addresses, address_new(ADDRESS_TO, NULL, to[i]));
	struct part *part =
	    verdict_part(verdict, "2", "plan.zip", letter->encrypted ? PART_ENCRYPTED : PART_READ);
	part->facts = letter->encrypted ? FACT_ENCRYPTED_ATTACHMENT : 0;
	return verdict;
}

/* Recorded and committed. */
static void
recorded(struct fixture *fixture, guint uid, const struct letter *letter)
{
	g_autofree char *number = g_strdup_printf("%u", uid);
	g_autofree char *body = g_strdup_printf("body %s %u", letter->id, uid);
	const struct mail mail = { .uid = number, .body = body };
	g_autoptr(verdict) verdict = verdict_of(letter);
	g_autoptr(GError) error = NULL;

	store_begin(fixture->store, &error);
	g_assert_no_error(error);
	put_verdict(fixture, &mail, verdict, &error);
	g_assert_no_error(error);
	store_commit(fixture->store, &error);
	g_assert_no_error(error);
}

/* "outsider-joined after-encrypted new:x@b.example" */
static char *
look(struct history *history, const struct letter *letter)
{
	g_autoptr(verdict) verdict = verdict_of(letter);
	g_autoptr(GError) error = NULL;
	struct history_found found;
	GString *out = g_string_new(NULL);

	history_look(history, verdict, MORNING, &found, &error);
	g_assert_no_error(error);
	g_autofree const char **words = fact_words(message_fact_words, found.facts);
	for (guint i = 0; words[i] != NULL; i++)
		g_string_append_printf(out, "%s%s", out->len > 0 ? " " : "", words[i]);
	for (guint i = 0; found.first_seen != NULL && found.first_seen[i] != NULL; i++)
		g_string_append_printf(
		    out, "%snew:%s", out->len > 0 ? " " : "", found.first_seen[i]);
	history_found_clear(&found);
	return g_string_free(out, FALSE);
}

static struct ruleset *
rules_of(const char *sections)
{
	g_autoptr(sources) sources = sources_new();
	g_autoptr(problems) problems = problems_new();
	struct source *source = g_new0(struct source, 1);
	struct limits limits;

	g_autofree char *text = g_strconcat(
	    "[rule]\nid = one\ntitle = One\nseverity = low\ndescription = D\n", sections, NULL);
	source->kind = SOURCE_RULE;
	source->name = g_strdup("one.ini");
	source->path = g_strdup("one.ini");
	source->text = g_bytes_new(text, strlen(text));
	g_ptr_array_add(sources->files, source);
	sources_set_own_domains(sources, own);
	sources_seal(sources);
	limits_default(&limits);
	struct ruleset *ruleset = ruleset_compile(sources, &limits, problems);
	g_assert_nonnull(ruleset);
	return ruleset;
}

static const char all_sections[] =
    "[parties.a]\nwho = to\nfirst_seen = yes\n"
    "[message.a]\noutsider_joined = yes\n[message.b]\nafter_encrypted = yes\n";

/* One after another: what comes is remembered. */
static const struct step {
	const char *label;
	struct letter letter;
	const char *expected;
} steps[] = {
	{ "people of recorded mail are known, others are new",
	    { "<1>", NULL, "anna@corp.example", "bob@corp.example X@b.example", 0, false, false },
	    "new:x@b.example" },
	{ "who was new is known, whatever its letters",
	    { "<2>", NULL, "anna@corp.example", "x@B.example", 0, false, false }, "" },
	{ "whom only a draft had is new",
	    { "<3>", NULL, "anna@corp.example", "draft@b.example", 0, false, false },
	    "new:draft@b.example" },
	{ "an answer to what stayed inside, with somebody outside",
	    { "<4>", "<inside>", "bob@corp.example", "anna@corp.example x@b.example", 0, false,
		false },
	    "outsider-joined" },
	{ "an answer to it that stays inside",
	    { "<5>", "<inside>", "bob@corp.example", "anna@corp.example", 0, false, false }, "" },
	{ "an answer to that one, not committed yet",
	    { "<6>", "<5>", "anna@corp.example", "x@b.example", 0, false, false },
	    "outsider-joined" },
	{ "outside was in it before",
	    { "<7>", "<outside>", "bob@corp.example", "x@b.example", 0, false, false }, "" },
	{ "nobody knows what it answers",
	    { "<8>", "<nowhere>", "bob@corp.example", "x@b.example", 0, false, false }, "" },
	{ "no answer", { "<9>", NULL, "bob@corp.example", "x@b.example", 0, false, false }, "" },
	{ "an hour after something encrypted",
	    { "<10>", NULL, "Carl@corp.example", "y@b.example", MORNING + HOUR, false, false },
	    "after-encrypted" },
	{ "to somebody else",
	    { "<11>", NULL, "carl@corp.example", "x@b.example", MORNING + HOUR, false, false },
	    "" },
	{ "by somebody else",
	    { "<12>", NULL, "anna@corp.example", "y@b.example", MORNING + HOUR, false, false },
	    "" },
	{ "on the next day but one",
	    { "<13>", NULL, "carl@corp.example", "y@b.example", MORNING + 25 * HOUR, false, false },
	    "" },
	{ "before it",
	    { "<14>", NULL, "carl@corp.example", "y@b.example", MORNING - HOUR, false, false },
	    "" },
	{ "the encrypted one again, as another server hands it over",
	    { "<locked>", NULL, "carl@corp.example", "y@b.example", MORNING + HOUR, true, false },
	    "" },
	{ "something encrypted that is not committed yet",
	    { "<15>", NULL, "bob@corp.example", "y@b.example", MORNING, true, false }, "" },
	{ "and what follows it",
	    { "<16>", NULL, "bob@corp.example", "x@b.example y@b.example", MORNING + HOUR, false,
		false },
	    "after-encrypted" },
};

static void
test_steps(void)
{
	static const struct letter past[] = {
		{ "<inside>", NULL, "anna@corp.example", "bob@corp.example", 0, false, false },
		{ "<outside>", NULL, "anna@corp.example", "y@b.example", 0, false, false },
		{ "<locked>", NULL, "carl@corp.example", "y@b.example", MORNING, true, false },
		{ "<draft>", NULL, "anna@corp.example", "draft@b.example", MORNING, true, true },
	};
	g_autoptr(ruleset) ruleset = rules_of(all_sections);
	g_autoptr(GError) error = NULL;
	struct fixture fixture;

	fixture_start(&fixture);
	for (guint i = 0; i < G_N_ELEMENTS(past); i++)
		recorded(&fixture, i + 1, &past[i]);
	struct history *history = history_new(fixture.data, ruleset, own, &error);
	g_assert_no_error(error);
	for (gsize i = 0; i < G_N_ELEMENTS(steps); i++) {
		g_test_message("%s", steps[i].label);
		g_autofree char *found = look(history, &steps[i].letter);
		g_assert_cmpstr(found, ==, steps[i].expected);
	}
	history_free(history);
	fixture_end(&fixture);
}

/* Only what some rule asks for is looked up. */
static void
test_needs(void)
{
	static const struct {
		const char *label, *sections;
		guint needs;
	} cases[] = {
		{ "nothing", "[parties.a]\nwho = to\n[message.a]\ndraft = no\n", 0 },
		{ "new addresses", "[parties.a]\nwho = to\nfirst_seen = no\n", RULESET_FIRST_SEEN },
		{ "threads", "[message.a]\noutsider_joined = yes\n", RULESET_OUTSIDER_JOINED },
		{ "by the fact", "[message.a]\nfacts = malformed, after-encrypted\n",
		    RULESET_AFTER_ENCRYPTED },
		{ "all", all_sections,
		    RULESET_FIRST_SEEN | RULESET_OUTSIDER_JOINED | RULESET_AFTER_ENCRYPTED },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(ruleset) ruleset = rules_of(cases[i].sections);
		g_test_message("%s", cases[i].label);
		g_assert_cmpuint(ruleset_history(ruleset), ==, cases[i].needs);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/history/steps", test_steps);
	g_test_add_func("/history/needs", test_needs);
	return g_test_run();
}
