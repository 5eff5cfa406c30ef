/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixture.h"

#include "mail/terms.h"
#include "store/database.h"
#include "store/index.h"
#include "store/query.h"
#include "store/view-scope.h"

/* Mails by their letter, oldest first. */
static const struct letter {
	const char *name, *from_name, *from, *to, *delivered, *subject, *body, *file, *in_file,
	    *rule;
	bool no_copy;
} letters[] = {
	{ .name = "a",
	    .from_name = "Anna Kühn",
	    .from = "anna.berg@corp.example",
	    .to = "bob@rival.example",
	    .subject = "Price list",
	    .body = "Please find the bluefin ledger below. The ledger of bluefin is closed.",
	    .file = "Q3 report.xlsx",
	    .in_file = "turnover of the northern region",
	    .rule = "competitor-mail" },
	{ .name = "b",
	    .from_name = "Carl",
	    .from = "carl@rival.example",
	    .to = "anna.berg@corp.example",
	    .delivered = "scan-archive@corp.example",
	    .subject = "Re: price list",
	    .body = "bluefin was here, and a ledger came later. Tender closes soon." },
	{ .name = "c",
	    .from = "johanna@mail.rival.example",
	    .to = "dora@corp.example",
	    .subject = "東京都の資料ABC",
	    .body = "秘密計画は来週です。Договор приложен.",
	    .file = "plan.pdf" },
	{ .name = "d",
	    .from = "eve@rival.example.evil.example",
	    .to = "bob@rival.example.org",
	    .subject = "lunch",
	    .body = "kept by nobody: zebra",
	    .file = "notes.xlsx.exe",
	    .no_copy = true },
};

static char *
words(const char *text)
{
	GString *out = g_string_new(NULL);

	if (text != NULL)
		terms_append(out, text, strlen(text), 1 << 20);
	return g_string_free(out, FALSE);
}

static struct verdict *
letter_verdict(const struct letter *letter)
{
	struct verdict *verdict = verdict_new();

	verdict_text(&verdict->message_id, letter->name);
	verdict_text(&verdict->subject, letter->subject);
	verdict->date = MORNING + (letter->name[0] - 'a') * DAY;
	verdict->direction = DIRECTION_OUTBOUND;
	g_ptr_array_add(
	    verdict->addresses, address_new(ADDRESS_FROM, letter->from_name, letter->from));
	g_ptr_array_add(verdict->addresses, address_new(ADDRESS_TO, NULL, letter->to));
	if (letter->delivered != NULL)
		g_ptr_array_add(
		    verdict->addresses, address_new(ADDRESS_DELIVERED, NULL, letter->delivered));
	if (letter->file != NULL)
		verdict_part(verdict, "2", letter->file, PART_READ);
	if (letter->rule != NULL) {
		struct flag *flag = flag_new(letter->rule);
		flag->hits_total = 1;
		g_ptr_array_add(flag->hits, hit_new("content.x"));
		g_ptr_array_add(verdict->flags, flag);
	}
	g_free(verdict->terms.body);
	g_free(verdict->terms.files);
	verdict->terms = (struct verdict_terms){
		.given = true, .body = words(letter->body), .files = words(letter->in_file)
	};
	return verdict;
}

/* The latest first: docs follow the dates, not the order of arrival. */
static void
put_letters(struct fixture *fixture)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(store_begin(fixture->store, &error));
	for (guint i = G_N_ELEMENTS(letters); i-- > 0;) {
		g_autoptr(verdict) verdict = letter_verdict(&letters[i]);
		g_autofree char *uid = g_strdup_printf("%u", 10 - i);
		struct mail mail = { .uid = uid,
			.account = i == 3 ? "branch" : "hq",
			.folder = i == 1 ? "Sent" : "INBOX",
			.body = letters[i].name,
			.no_copy = letters[i].no_copy };
		put_verdict(fixture, &mail, verdict, &error);
		g_assert_no_error(error);
	}
	g_assert_true(store_commit(fixture->store, &error));
	g_assert_no_error(error);
}

/* The names of what is found, in its order. */
static char *
found_by(struct view *view, const struct view_query *query)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) rows = view_search(view, query, &error);
	GString *out = g_string_new(NULL);

	g_assert_no_error(error);
	for (guint i = 0; i < rows->len; i++) {
		const struct view_message *row = g_ptr_array_index(rows, i);
		g_string_append(out, row->message_id);
	}
	return g_string_free(out, FALSE);
}

static const struct {
	const char *label;
	enum search_kind kind;
	const char *text;
	const char *expected; /* newest first */
} leaves[] = {
	{ "a word of a body", SEARCH_WORDS, "ledger", "ba" },
	{ "a phrase", SEARCH_WORDS, "bluefin ledger", "a" },
	{ "a phrase does not run over from one text into the next", SEARCH_WORDS, "closed turnover",
	    "" },
	{ "a word of an attachment", SEARCH_WORDS, "northern", "a" },
	{ "a word of a subject", SEARCH_WORDS, "price", "ba" },
	{ "a word of a file name", SEARCH_WORDS, "plan", "c" },
	{ "a word of an address", SEARCH_WORDS, "johanna", "c" },
	{ "the beginning of a word", SEARCH_WORDS, "turn*", "a" },
	{ "the end of a word", SEARCH_WORDS, "*dger", "ba" },
	{ "a part of a word", SEARCH_WORDS, "*orther*", "a" },
	{ "a whole word is not a part", SEARCH_WORDS, "orther", "" },
	{ "a stretch of Japanese", SEARCH_WORDS, "京都", "c" },
	{ "one character of it", SEARCH_WORDS, "密", "c" },
	{ "the last one of a run", SEARCH_WORDS, "す", "c" },
	{ "characters that do not follow one another", SEARCH_WORDS, "東都", "" },
	{ "Cyrillic, case folded", SEARCH_WORDS, "ДОГОВОР", "c" },
	{ "accents make no difference", SEARCH_FROM, "kuhn", "a" },
	{ "a part of a sender's address", SEARCH_FROM, "nna", "ca" },
	{ "an address", SEARCH_FROM, "anna.berg@corp.example", "a" },
	{ "the beginning of one", SEARCH_FROM, "anna.berg@cor", "a" },
	{ "a sender is no recipient", SEARCH_TO, "johanna", "" },
	{ "a domain, and what lies below it", SEARCH_FROM, "@rival.example", "cb" },
	{ "no domain that only begins or ends so", SEARCH_TO, "@rival.example", "a" },
	{ "a real recipient is one", SEARCH_TO, "scan-archive", "b" },
	{ "a claimed one is not delivered to", SEARCH_DELIVERED, "anna", "" },
	{ "the real recipient", SEARCH_DELIVERED, "@corp.example", "b" },
	{ "a file name by a glob", SEARCH_FILENAME, "*.xlsx", "a" },
	{ "a glob is the whole name", SEARCH_FILENAME, "report*", "" },
	{ "a glob without a word", SEARCH_FILENAME, "*.?df", "c" },
	{ "a part of a file name", SEARCH_FILENAME, "repo", "a" },
	{ "only bodies and attachments", SEARCH_BODY, "price", "" },
	{ "a body", SEARCH_BODY, "bluefin ledger", "a" },
	{ "a rule", SEARCH_RULE, "competitor-*", "a" },
	{ "an account", SEARCH_ACCOUNT, "branch", "d" },
	{ "a folder", SEARCH_FOLDER, "Sent", "b" },
	{ "what has a file", SEARCH_HAS, "attachment", "dca" },
	{ "what has a copy", SEARCH_HAS, "copy", "cba" },
	{ "what has a flag", SEARCH_HAS, "flag", "a" },
	{ "a flag nobody has looked at", SEARCH_STATE, "new", "a" },
	{ "a flag in another state", SEARCH_STATE, "resolved", "" },
	{ "a direction", SEARCH_DIRECTION, "outbound", "dcba" },
	{ "the text of a mail without a copy is not known", SEARCH_WORDS, "zebra", "" },
	{ "but its subject is", SEARCH_WORDS, "lunch", "d" },
	/* Nothing of this is an error, and nothing of it means anything. */
	{ "an operator of FTS5", SEARCH_WORDS, "bluefin NOT ledger", "" },
	{ "NEAR", SEARCH_WORDS, "NEAR(bluefin ledger)", "" },
	{ "a column of FTS5", SEARCH_WORDS, "subject:lunch", "" },
	{ "quotes", SEARCH_WORDS, "\"ledger\" \"", "ba" },
	{ "a caret and braces", SEARCH_WORDS, "^{ledger}", "ba" },
	{ "nothing but signs", SEARCH_WORDS, "\"*'%_();--", "" },
	{ "nothing at all", SEARCH_WORDS, "", "" },
	{ "a quote in an address", SEARCH_FROM, "'; DROP TABLE message; --@x", "" },
	{ "a glob of stars", SEARCH_FILENAME, "****", "dca" },
	{ "an unknown word of facts", SEARCH_HAS, "x' OR 1=1", "" },
};

static void
test_leaves(void)
{
	struct fixture fixture;

	fixture_start(&fixture);
	put_letters(&fixture);
	g_autoptr(view) view = fixture_view(&fixture);
	for (guint i = 0; i < G_N_ELEMENTS(leaves); i++) {
		g_autoptr(search) search = search_new(leaves[i].kind, leaves[i].text);
		g_test_message("%s", leaves[i].label);
		g_autofree char *found = found_by(view, &(struct view_query){ .search = search });
		g_assert_cmpstr(found, ==, leaves[i].expected);
		guint64 count;
		g_assert_true(
		    view_count(view, &(struct view_query){ .search = search }, &count, NULL));
		g_assert_cmpuint(count, ==, strlen(found));
	}
	fixture_end(&fixture);
}

static struct search *
join(enum search_kind kind, struct search *one, struct search *other)
{
	struct search *search = search_new(kind, NULL);

	search_add(search, one);
	if (other != NULL)
		search_add(search, other);
	return search;
}

static void
assert_found(struct view *view, const char *label, struct search *search, const char *expected)
{
	g_autoptr(search) own = search;
	g_test_message("%s", label);
	g_autofree char *found = found_by(view, &(struct view_query){ .search = own });
	g_assert_cmpstr(found, ==, expected);
}

static void
test_joined(void)
{
	struct fixture fixture;

	fixture_start(&fixture);
	put_letters(&fixture);
	g_autoptr(view) view = fixture_view(&fixture);
#define WORD(text) search_new(SEARCH_WORDS, text)
#define HAS(text)  search_new(SEARCH_HAS, text)
#define NOT(x)     join(SEARCH_NOT, x, NULL)
	assert_found(view, "two words", join(SEARCH_ALL_OF, WORD("ledger"), WORD("tender")), "b");
	assert_found(view, "one of two", join(SEARCH_ANY_OF, WORD("tender"), WORD("lunch")), "db");
	assert_found(
	    view, "a word or a tag", join(SEARCH_ANY_OF, WORD("tender"), HAS("flag")), "ba");
	assert_found(
	    view, "a word and a tag", join(SEARCH_ALL_OF, WORD("ledger"), HAS("flag")), "a");
	assert_found(view, "not a word", NOT(WORD("ledger")), "dc");
	assert_found(view, "not twice", NOT(NOT(WORD("ledger"))), "ba");
	assert_found(
	    view, "one, not the other", join(SEARCH_ALL_OF, WORD("ledger"), NOT(HAS("flag"))), "b");
	assert_found(
	    view, "neither", join(SEARCH_ALL_OF, NOT(WORD("ledger")), NOT(WORD("lunch"))), "c");
	assert_found(view, "one or not the other",
	    join(SEARCH_ANY_OF, WORD("tender"), NOT(HAS("attachment"))), "b");
	assert_found(view, "a time", search_date(MORNING + DAY, MORNING + 3 * DAY), "cb");
	assert_found(view, "not a time", NOT(search_date(MORNING + DAY, MORNING + 3 * DAY)), "da");
	assert_found(view, "a time or a word",
	    join(SEARCH_ANY_OF, search_date(G_MININT64, MORNING + 1), WORD("lunch")), "da");
	assert_found(view, "an account and its folder",
	    join(SEARCH_ALL_OF, search_new(SEARCH_ACCOUNT, "branch"),
		search_new(SEARCH_FOLDER, "INBOX")),
	    "d");
	assert_found(view, "an account and the folder of another",
	    join(SEARCH_ALL_OF, search_new(SEARCH_ACCOUNT, "branch"),
		search_new(SEARCH_FOLDER, "Sent")),
	    "");
	assert_found(view, "one of nothing", search_new(SEARCH_ANY_OF, NULL), "");
	assert_found(view, "all of nothing", search_new(SEARCH_ALL_OF, NULL), "dcba");
	fixture_end(&fixture);
}

static void
test_pages(void)
{
	struct fixture fixture;

	fixture_start(&fixture);
	put_letters(&fixture);
	g_autoptr(view) view = fixture_view(&fixture);
	g_autofree char *first = found_by(view, &(struct view_query){ .limit = 3 });
	g_autofree char *second = found_by(view, &(struct view_query){ .limit = 3, .offset = 3 });
	g_autofree char *third = found_by(view, &(struct view_query){ .limit = 3, .offset = 6 });
	g_assert_cmpstr(first, ==, "dcb");
	g_assert_cmpstr(second, ==, "a");
	g_assert_cmpstr(third, ==, "");

	g_test_message("by rank a subject comes before a body, whatever the dates");
	g_autoptr(search) any = search_new(SEARCH_ANY_OF, NULL);
	search_add(any, WORD("lunch"));
	search_add(any, WORD("bluefin"));
	g_autofree char *ranked =
	    found_by(view, &(struct view_query){ .search = any, .rank = VIEW_RANK_NEWEST });
	g_assert_cmpstr(ranked, ==, "dab");
	g_autofree char *page =
	    found_by(view, &(struct view_query){
			       .search = any, .rank = VIEW_RANK_NEWEST, .limit = 1, .offset = 1 });
	g_assert_cmpstr(page, ==, "a");
	fixture_end(&fixture);
}

/* Facts that change after a message was recorded. */
static void
test_changes(void)
{
	struct fixture fixture;
	g_autoptr(GError) error = NULL;

	fixture_start(&fixture);
	put_letters(&fixture);
	g_autoptr(view) view = fixture_view(&fixture);

	g_test_message("the same bytes in another folder");
	g_autoptr(verdict) twin = letter_verdict(&letters[3]);
	g_assert_true(store_begin(fixture.store, &error));
	put_verdict(&fixture,
	    &(struct mail){
		.uid = "50", .account = "hq", .folder = "Archive", .body = "d", .no_copy = true },
	    twin, &error);
	g_assert_no_error(error);
	g_assert_true(store_commit(fixture.store, &error));
	assert_found(view, "the new one", search_new(SEARCH_FOLDER, "Archive"), "d");
	assert_found(view, "the old one", search_new(SEARCH_ACCOUNT, "branch"), "d");

	g_test_message("a copy that comes late brings its text");
	g_autoptr(verdict) late = letter_verdict(&letters[3]);
	g_assert_true(store_begin(fixture.store, &error));
	put_verdict(&fixture,
	    &(struct mail){ .uid = "51", .account = "hq", .folder = "Kept", .body = "d" }, late,
	    &error);
	g_assert_no_error(error);
	g_assert_true(store_commit(fixture.store, &error));
	assert_found(view, "its text", WORD("zebra"), "d");
	assert_found(view, "its subject, once", WORD("lunch"), "d");

	g_test_message("a batch that failed leaves nothing");
	struct letter lost = letters[3];
	lost.name = "x";
	lost.subject = "giraffe";
	g_autoptr(verdict) verdict = letter_verdict(&lost);
	g_assert_true(store_begin(fixture.store, &error));
	put_verdict(&fixture, &(struct mail){ .uid = "60", .body = "x" }, verdict, &error);
	store_rollback(fixture.store);
	assert_found(view, "not there", WORD("giraffe"), "");
	g_autoptr(verdict) again = letter_verdict(&lost);
	g_assert_true(store_begin(fixture.store, &error));
	put_verdict(&fixture, &(struct mail){ .uid = "60", .body = "x" }, again, &error);
	g_assert_true(store_commit(fixture.store, &error));
	assert_found(view, "there", WORD("giraffe"), "x");
	assert_found(view, "parts of its words too", WORD("*iraff*"), "x");
	fixture_end(&fixture);
}

/* More messages of one second than it has docs: all are found, by time as well. */
static void
test_one_second(void)
{
	enum { N = 200 };
	struct fixture fixture;
	g_autoptr(GError) error = NULL;
	guint64 count;

	fixture_start(&fixture);
	g_assert_true(store_begin(fixture.store, &error));
	for (guint i = 0; i < N; i++) {
		g_autofree char *body = g_strdup_printf("body %u", i);
		g_autofree char *uid = g_strdup_printf("%u", i + 1);
		put(&fixture, &(struct mail){ .uid = uid, .body = body, .date = MORNING }, &error);
		g_assert_no_error(error);
	}
	put(&fixture, &(struct mail){ .uid = "900", .body = "next", .date = MORNING + DAY },
	    &error);
	g_assert_true(store_commit(fixture.store, &error));
	g_autoptr(view) view = fixture_view(&fixture);
	static const struct {
		const char *label;
		gint64 from, to;
		guint expected;
	} times[] = {
		{ "that second", MORNING, MORNING + 1, N },
		{ "before it", G_MININT64, MORNING, 0 },
		{ "behind it", MORNING + 1, G_MAXINT64, 1 },
		{ "all", G_MININT64, G_MAXINT64, N + 1 },
	};
	for (guint i = 0; i < G_N_ELEMENTS(times); i++) {
		g_autoptr(search) search = search_date(times[i].from, times[i].to);
		g_test_message("%s", times[i].label);
		g_assert_true(
		    view_count(view, &(struct view_query){ .search = search }, &count, NULL));
		g_assert_cmpuint(count, ==, times[i].expected);
	}
	fixture_end(&fixture);
}

/* However little time there is, "at least" is never more than there are. */
static void
test_little_time(void)
{
	enum { N = 300 };
	struct fixture fixture;
	g_autoptr(GError) error = NULL;
	g_autoptr(search) none = search_new(SEARCH_ALL_OF, NULL);
	struct search *minus = search_new(SEARCH_NOT, NULL);

	fixture_start(&fixture);
	g_assert_true(store_begin(fixture.store, &error));
	for (guint i = 0; i < N; i++) {
		g_autofree char *body = g_strdup_printf("body %u", i);
		g_autofree char *uid = g_strdup_printf("%u", i + 1);
		put(&fixture, &(struct mail){ .uid = uid, .body = body, .date = MORNING + i },
		    &error);
		g_assert_no_error(error);
	}
	g_assert_true(store_commit(fixture.store, &error));
	g_autoptr(view) view = fixture_view(&fixture);
	search_add(none, search_new(SEARCH_ACCOUNT, "*"));
	search_add(minus, search_new(SEARCH_ACCOUNT, "*"));
	search_add(none, minus);
	for (gint64 budget = 1; budget < 500; budget++) {
		guint64 count;
		bool whole;
		g_assert_true(view_count_within(
		    view, &(struct view_query){ .search = none }, budget, &count, &whole, &error));
		g_assert_no_error(error);
		g_assert_cmpuint(count, ==, 0);
	}
	fixture_end(&fixture);
}

/* A part of a word that is in very many words is looked for as a word, and a note says so. */
static void
test_notes(void)
{
	struct fixture fixture;
	g_autoptr(GError) error = NULL;
	g_autoptr(GString) body = g_string_new("falcon ");

	for (guint i = 0; i < SEARCH_EXPAND + 50; i++)
		g_string_append_printf(body, "falcon%u ", i);
	struct letter letter = letters[0];
	letter.body = letter.subject = body->str;
	g_autoptr(verdict) verdict = letter_verdict(&letter);
	fixture_start(&fixture);
	g_assert_true(store_begin(fixture.store, &error));
	put_verdict(&fixture, &(struct mail){ .uid = "1", .body = "a" }, verdict, &error);
	g_assert_true(store_commit(fixture.store, &error));
	g_autoptr(view) view = fixture_view(&fixture);
	static const struct {
		enum search_kind kind;
		const char *text, *found, *note;
	} cases[] = {
		{ SEARCH_WORDS, "*alcon*", "", "more than 200 words" },
		{ SEARCH_WORDS, "*falcon*", "a", "more than 200 words" },
		{ SEARCH_WORDS, "*alcon24*", "a", NULL },
		{ SEARCH_WORDS, "...", "", "no letter and no digit" },
		{ SEARCH_SUBJECT, "falcon1 fal", "", "more than 200 words begin with 'fal'" },
		{ SEARCH_SUBJECT, "falcon falcon0", "a", NULL },
	};
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
		g_autoptr(search) search = search_new(cases[i].kind, cases[i].text);
		g_test_message("%s", cases[i].text);
		g_autofree char *found =
		    found_by(view, &(struct view_query){ .search = search, .notes = notes });
		g_assert_cmpstr(found, ==, cases[i].found);
		g_assert_cmpuint(notes->len, ==, cases[i].note != NULL ? 1 : 0);
		if (notes->len > 0)
			g_assert_nonnull(strstr(notes->pdata[0], cases[i].note));
	}
	fixture_end(&fixture);
}

/* --- people to the letter --- */

/* Addresses that must not pass for one another. */
static const char *const crowd[] = { "anna@corp.example", "Anna@Corp.Example",
	"anna@sub.corp.example", "anna@evilcorp.example", "anna@corp.example.evil.example",
	"corp.example@evil.example", "bob@x-corp.example", "a@b@corp.example", "anna",
	"@corp.example", "anna@", "anna@corp..example", "anna@corp.example.", "änna@cörp.example",
	"anna@CORP.EXAMPLE", "a b@corp.example", "anna@\304\256corp.example", "anna@example" };
static const char *const domains[] = { "@corp.example", "@CORP.example", "@example",
	"@sub.corp.example", "@evil.example", "@cörp.example", "@corp..example", "@.example",
	"@corp.example.", "@orp.example", "@x", "@b@corp.example" };

static bool
is_below_naively(const char *address, const char *wanted)
{
	g_autofree char *folded = terms_fold(address);
	g_autofree char *domain = terms_fold(wanted);
	const char *at = strrchr(folded, '@');

	if (at == NULL || !g_str_has_suffix(at + 1, domain + 1))
		return false;
	gsize before = strlen(at) - strlen(domain);
	return before == 0 || at[before] == '.';
}

static void
put_crowd(struct fixture *fixture)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(store_begin(fixture->store, &error));
	for (guint i = 0; i < G_N_ELEMENTS(crowd); i++) {
		g_autoptr(verdict) verdict = verdict_new();
		g_autofree char *uid = g_strdup_printf("%u", i + 1);
		verdict_text(&verdict->message_id, uid);
		verdict->date = MORNING + i * DAY;
		g_ptr_array_add(
		    verdict->addresses, address_new(ADDRESS_FROM, "corp.example", crowd[i]));
		g_ptr_array_add(
		    verdict->addresses, address_new(ADDRESS_REPLY_TO, NULL, "reply@corp.example"));
		put_verdict(fixture, &(struct mail){ .uid = uid, .body = uid }, verdict, &error);
		g_assert_no_error(error);
	}
	g_assert_true(store_commit(fixture->store, &error));
	g_assert_no_error(error);
}

static void
test_domains(void)
{
	struct fixture fixture;

	fixture_start(&fixture);
	put_crowd(&fixture);
	g_autoptr(view) view = fixture_view(&fixture);
	for (guint i = 0; i < G_N_ELEMENTS(domains); i++) {
		g_autoptr(search) search = search_new(SEARCH_FROM, domains[i]);
		g_autoptr(GString) expected = g_string_new(NULL);
		for (guint j = G_N_ELEMENTS(crowd); j-- > 0;) {
			if (is_below_naively(crowd[j], domains[i]))
				g_string_append_printf(expected, "%u", j + 1);
		}
		g_test_message("%s", domains[i]);
		g_autofree char *found = found_by(view, &(struct view_query){ .search = search });
		g_assert_cmpstr(found, ==, expected->str);
	}
	fixture_end(&fixture);
}

/* The search of a person finds what the view shows, counted and listed, and nothing else. */
static void
test_own(void)
{
	static const char *const persons[] = { "anna@corp.example", "reply@corp.example",
		"corp.example", "a b@corp.example", "anna", "", "anna@\304\256corp.example",
		"ÄNNA@cörp.example" };
	struct fixture fixture;

	fixture_start(&fixture);
	put_crowd(&fixture);
	for (guint i = 0; i < G_N_ELEMENTS(persons); i++) {
		const char *const names[] = { persons[i], NULL };
		const struct view_scope scope = { VIEW_OWN, names };
		g_autoptr(view) view = fixture_view(&fixture);
		g_autoptr(GString) expected = g_string_new(NULL);
		guint n = 0;
		guint64 count;
		g_test_message("'%s'", persons[i]);
		for (guint j = G_N_ELEMENTS(crowd); j-- > 0;) {
			if (g_ascii_strcasecmp(crowd[j], persons[i]) != 0)
				continue;
			g_string_append_printf(expected, "%u", j + 1);
			n++;
		}
		g_assert_true(view_restrict(view, &scope, NULL));
		g_autofree char *found = found_by(view, &(struct view_query){ 0 });
		g_assert_cmpstr(found, ==, expected->str);
		g_assert_true(view_count(view, &(struct view_query){ 0 }, &count, NULL));
		g_assert_cmpuint(count, ==, n);
	}
	fixture_end(&fixture);
}

/* --- counts --- */

/* A count without time says so, and never more than there are. */
static void
test_count_within(void)
{
	enum { N = 400 };
	struct fixture fixture;
	g_autoptr(GError) error = NULL;
	guint64 count;
	bool whole;

	fixture_start(&fixture);
	g_assert_true(store_begin(fixture.store, &error));
	for (guint i = 0; i < N; i++) {
		g_autofree char *uid = g_strdup_printf("%u", i + 1);
		put(&fixture, &(struct mail){ .uid = uid, .body = uid, .date = MORNING + i * DAY },
		    &error);
		g_assert_no_error(error);
	}
	g_assert_true(store_commit(fixture.store, &error));
	g_autoptr(view) view = fixture_view(&fixture);
	g_autoptr(search) search = join(SEARCH_ALL_OF, HAS("copy"), NOT(WORD("zebra")));
	const struct view_query query = { .search = search };
	g_assert_true(view_count_within(view, &query, 0, &count, &whole, &error));
	g_assert_false(whole);
	g_assert_cmpuint(count, <, N);
	g_assert_true(view_count_within(view, &query, VIEW_COUNT_ALL, &count, &whole, &error));
	g_assert_true(whole);
	g_assert_cmpuint(count, ==, N);
	g_assert_true(view_count_within(view, &query, 60 * G_USEC_PER_SEC, &count, &whole, &error));
	g_assert_true(whole);
	g_assert_cmpuint(count, ==, N);
	g_assert_no_error(error);
	fixture_end(&fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/search/leaves", test_leaves);
	g_test_add_func("/search/joined", test_joined);
	g_test_add_func("/search/pages", test_pages);
	g_test_add_func("/search/changes", test_changes);
	g_test_add_func("/search/one-second", test_one_second);
	g_test_add_func("/search/little-time", test_little_time);
	g_test_add_func("/search/notes", test_notes);
	g_test_add_func("/search/domains", test_domains);
	g_test_add_func("/search/own", test_own);
	g_test_add_func("/search/count-within", test_count_within);
	return g_test_run();
}
