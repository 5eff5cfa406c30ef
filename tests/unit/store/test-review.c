/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixture.h"

#include "store/ledger.h"
#include "store/query.h"
#include "store/review.h"
#include "store/view-report.h"

/* One flagged mail: what of it decides which incident it belongs to, and which verdict holds. */
struct sample {
	const char *label;
	const char *subject, *message_id, *from, *to, *body, *file, *file_digest, *match;
	gint64 later;
	guint incident;        /* the same number: the same incident as the rows before with it */
	bool same_fingerprint; /* as the first row */
};

#define BODY_ONE "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define BODY_TWO "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define FILE_ONE "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
#define FILE_TWO "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"

#define FILE_NEW "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"

static void
add_address(struct verdict *verdict, enum address_role role, const char *address)
{
	g_ptr_array_add(verdict->addresses, address_new(role, NULL, address));
}

/* second: a rule that flags it as well, or NULL */
static void
keep_flagged(struct fixture *fixture, const struct sample *sample, guint number, const char *second)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *uid = g_strdup_printf("%u", number + 1);
	g_autofree char *bytes = g_strdup_printf("bytes of %u", number);
	struct mail mail = { .uid = uid,
		.body = bytes,
		.message_id = sample->message_id,
		.subject = sample->subject,
		.seen = MORNING + sample->later };
	g_autoptr(verdict) verdict = mail_verdict(&mail);
	struct flag *flag = flag_new("r");
	struct hit *hit = hit_new("content.x");

	g_ptr_array_set_size(verdict->addresses, 0);
	g_ptr_array_set_size(verdict->parts, 0);
	g_ptr_array_set_size(verdict->flags, 0);
	add_address(verdict, ADDRESS_FROM, sample->from);
	add_address(verdict, ADDRESS_TO, sample->to);
	struct part *body = verdict_part(verdict, "1", "", PART_READ);
	g_strlcpy(body->sha256, sample->body, sizeof body->sha256);
	if (sample->file != NULL) {
		struct part *file = verdict_part(verdict, "2", sample->file, PART_READ);
		g_strlcpy(file->sha256, sample->file_digest, sizeof file->sha256);
	}
	verdict_text(&hit->excerpt, sample->match);
	hit->excerpt_length = strlen(sample->match);
	g_ptr_array_add(flag->hits, hit);
	flag->hits_total = 1;
	g_ptr_array_add(verdict->flags, flag);
	if (second != NULL)
		g_ptr_array_add(verdict->flags, flag_new(second));
	g_assert_true(store_begin(fixture->store, &error));
	put_verdict(fixture, &mail, verdict, &error);
	g_assert_no_error(error);
	g_assert_true(store_commit(fixture->store, &error));
}

static void
keep_sample(struct fixture *fixture, const struct sample *sample, guint number)
{
	keep_flagged(fixture, sample, number, NULL);
}

static void
test_incidents(void)
{
	static const struct sample samples[] = {
		{ "a leak", "Offer", "1@x", "anna@corp.example", "bob@rival.example", BODY_ONE,
		    "a.pdf", FILE_ONE, "NIGHTJAR", 0, 1, true },
		{ "the same in an inbox: other bytes, the same content", "Offer", "1@x",
		    "Anna@corp.example", "bob@rival.example", BODY_ONE, "a.pdf", FILE_ONE,
		    "NIGHTJAR", 1, 1, true },
		{ "by a list, which adds a line to the body", "Offer", "1@x", "anna@corp.example",
		    "bob@rival.example", BODY_TWO, "a.pdf", FILE_ONE, "nightjar two", 2, 1, false },
		{ "forwarded to another: folded, but not decided by the first", "Fwd: offer", "2@x",
		    "anna@corp.example", "eve@rival.example", BODY_ONE, "a.pdf", FILE_ONE,
		    "NIGHTJAR", 3, 1, false },
		{ "an edited file, sent again: near enough", "RE: Offer", "3@x",
		    "anna@corp.example", "bob@rival.example", BODY_TWO, "A.PDF", FILE_TWO,
		    "nightjar", DAY, 1, false },
		{ "the Message-ID of the first with other content is another leak", "Other", "1@x",
		    "anna@corp.example", "bob@rival.example", BODY_TWO, "b.pdf", FILE_TWO, "OTTER",
		    DAY, 2, false },
		{ "another author", "Offer", "9@x", "carl@corp.example", "bob@rival.example",
		    BODY_ONE, "a.pdf", FILE_ONE, "NIGHTJAR", DAY, 3, false },
		{ "no more than near, and a season later", "Offer", "8@x", "anna@corp.example",
		    "bob@rival.example", BODY_TWO, "a.pdf", FILE_NEW, "NIGHTJAR", 90 * DAY, 4,
		    false },
		{ "the very same, a year later", "Offer", "1@x", "anna@corp.example",
		    "bob@rival.example", BODY_ONE, "a.pdf", FILE_ONE, "NIGHTJAR", 365 * DAY, 1,
		    true },
	};
	struct fixture fixture;
	gint64 first[G_N_ELEMENTS(samples) + 1] = { 0 };
	g_autofree char *fingerprint = NULL;

	fixture_start(&fixture);
	for (guint i = 0; i < G_N_ELEMENTS(samples); i++)
		keep_sample(&fixture, &samples[i], i);
	g_autoptr(view) view = fixture_view(&fixture);
	g_autoptr(GPtrArray) flags = view_flags(view, 0, G_MAXINT64, false, NULL);
	g_assert_cmpuint(flags->len, ==, G_N_ELEMENTS(samples));
	for (guint i = 0; i < flags->len; i++) {
		/* One severity, so the rows come in the order of time. */
		const struct view_flag *row = g_ptr_array_index(flags, i);
		g_test_message("%s", samples[row->id - 1].label);
		gint64 *known = &first[samples[row->id - 1].incident];
		if (*known == 0)
			*known = row->incident;
		g_assert_cmpint(row->incident, ==, *known);
		for (guint j = 0; j < G_N_ELEMENTS(first); j++)
			g_assert_true(&first[j] == known || first[j] != row->incident);
		if (row->id == 1)
			fingerprint = g_strdup(row->fingerprint);
		g_assert_cmpint(g_strcmp0(row->fingerprint, fingerprint) == 0, ==,
		    samples[row->id - 1].same_fingerprint);
	}
	fixture_end(&fixture);
}

static GArray *
numbers(void)
{
	return g_array_new(FALSE, FALSE, sizeof(gint64));
}

/* Names one flag or more and orders; "" or the error's text. */
static char *
decide(struct view *view, const char *name, const struct review_order *order, guint changed)
{
	g_autoptr(GArray) flags = numbers();
	g_autoptr(GError) error = NULL;

	if (!review_find(view, name, flags, &error))
		return g_strdup(error->message);
	g_autoptr(GPtrArray) changes = review_set(view, flags, order, &error);
	if (changes == NULL)
		return g_strdup(error->message);
	g_assert_cmpuint(changes->len, ==, changed);
	return g_strdup("");
}

static const struct sample leak = { "", "Offer", "1@x", "anna@corp.example", "bob@rival.example",
	BODY_ONE, "a.pdf", FILE_ONE, "NIGHTJAR", 0, 1, true };

static void
test_states(void)
{
	static const struct {
		const char *label, *name, *error;
		struct review_order order;
		guint changed;
	} cases[] = {
		{ "taken up", "flag-1", "", { REVIEW_IN_REVIEW, NULL, "officer" }, 1 },
		{ "again: nothing changes", "1", "", { REVIEW_IN_REVIEW, NULL, "officer" }, 0 },
		{ "a note alone", "1", "", { -1, "asked her", NULL }, 1 },
		{ "by the incident", "I-1", "", { REVIEW_RESOLVED, NULL, NULL }, 1 },
		{ "and opened anew", "i-1", "", { REVIEW_NEW, "by mistake", "" }, 1 },
		{ "no such flag", "flag-99", "flag-99: there is none", { 0, NULL, NULL }, 0 },
		{ "no such incident", "I-99", "I-99: there is none", { 0, NULL, NULL }, 0 },
		{ "no number", "x\033[2J",
		    "'x\\u{1B}[2J' names no flag: write 17, flag-17, or I-4 for an incident",
		    { 0, NULL, NULL }, 0 },
		{ "a number below one", "0",
		    "'0' names no flag: write 17, flag-17, or I-4 for an incident",
		    { 0, NULL, NULL }, 0 },
		{ "bytes that are no text", "1", "the note: UTF-8 of at most 2000 bytes is taken",
		    { -1, "\xff", NULL }, 0 },
	};
	struct fixture fixture;

	fixture_start(&fixture);
	keep_sample(&fixture, &leak, 0);
	g_autoptr(view) view = fixture_view(&fixture);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].label);
		g_autofree char *error =
		    decide(view, cases[i].name, &cases[i].order, cases[i].changed);
		g_assert_cmpstr(error, ==, cases[i].error);
	}
	g_autoptr(view_flag) row = view_flag_one(view, 1, NULL);
	g_assert_cmpint(row->state, ==, REVIEW_NEW);
	g_assert_cmpstr(row->assignee, ==, "");
	g_assert_cmpstr(row->note, ==, "by mistake");
	g_assert_cmpstr(row->reviewer, ==, "officer");
	g_test_message("nothing of it is forgotten");
	g_autoptr(GPtrArray) history = review_history(view, row->fingerprint, NULL);
	g_assert_cmpuint(history->len, ==, 4);
	const struct review_change *second = g_ptr_array_index(history, 1);
	g_assert_cmpstr(second->note, ==, "asked her");
	fixture_end(&fixture);
}

/* Where all or nothing is promised, an order that names a flag which is not there does nothing. */
static void
test_all_or_nothing(void)
{
	struct fixture fixture;
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) flags = numbers();
	gint64 there = 1, missing = 99;

	fixture_start(&fixture);
	keep_sample(&fixture, &leak, 0);
	g_autoptr(view) view = fixture_view(&fixture);
	g_array_append_val(flags, there);
	g_array_append_val(flags, missing);
	g_assert_null(
	    review_set(view, flags, &(struct review_order){ .state = REVIEW_RESOLVED }, &error));
	assert_fault(error, FAULT_USAGE, "flag-99");
	g_autoptr(view_flag) row = view_flag_one(view, 1, NULL);
	g_assert_cmpint(row->state, ==, REVIEW_NEW);
	g_autoptr(GPtrArray) changes = review_changes(view, 0, G_MAXINT64, 10, NULL);
	g_assert_cmpuint(changes->len, ==, 0);
	fixture_end(&fixture);
}

/* A verdict holds for the same mail found again: in another mailbox, scanned by newer rules. */
static void
test_verdict_stays(void)
{
	struct fixture fixture;
	g_autoptr(GArray) open = numbers();
	struct sample other = leak;

	fixture_start(&fixture);
	keep_sample(&fixture, &leak, 0);
	g_autoptr(view) view = fixture_view(&fixture);
	g_autofree char *error =
	    decide(view, "1", &(struct review_order){ .state = REVIEW_FALSE_POSITIVE }, 1);
	g_assert_cmpstr(error, ==, "");
	keep_sample(&fixture, &leak, 1);
	g_autoptr(view_flag) again = view_flag_one(view, 2, NULL);
	g_assert_cmpint(again->state, ==, REVIEW_FALSE_POSITIVE);
	g_test_message("and never for one with another recipient");
	other.to = "eve@rival.example";
	keep_sample(&fixture, &other, 2);
	g_assert_true(review_open_flags(view, 0, open, NULL));
	g_assert_cmpuint(open->len, ==, 1);
	g_assert_cmpint(g_array_index(open, gint64, 0), ==, 3);
	fixture_end(&fixture);
}

/* A search finds messages; what is decided are flags. */
static void
test_query(void)
{
	static const struct {
		const char *label;
		enum search_kind kind;
		const char *text;
		enum { AS_IS, NOT_SO, OR_EVE } how;
		guint flags;
	} cases[] = {
		{ "by a rule, and not the other flag of its message", SEARCH_RULE, "r*", AS_IS, 2 },
		{ "by the other", SEARCH_RULE, "second", AS_IS, 1 },
		{ "by a rule that flagged nothing", SEARCH_RULE, "s", AS_IS, 0 },
		{ "by a recipient: all flags of his message", SEARCH_TO, "eve", AS_IS, 2 },
		{ "by a rule that it is not", SEARCH_RULE, "x*", NOT_SO, 3 },
		{ "by state", SEARCH_STATE, "resolved", AS_IS, 1 },
		{ "by another state: what is decided stays as it is", SEARCH_STATE, "new", AS_IS,
		    2 },
		{ "by a rule, or a recipient with both flags", SEARCH_RULE, "second", OR_EVE, 2 },
	};
	struct fixture fixture;
	struct sample other = leak;

	fixture_start(&fixture);
	keep_sample(&fixture, &leak, 0);
	other.to = "eve@rival.example";
	keep_flagged(&fixture, &other, 1, "second");
	g_autoptr(view) view = fixture_view(&fixture);
	g_autofree char *error =
	    decide(view, "3", &(struct review_order){ .state = REVIEW_RESOLVED }, 1);
	g_assert_cmpstr(error, ==, "");
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GArray) flags = numbers();
		g_autoptr(search) search = search_new(cases[i].how == OR_EVE   ? SEARCH_ANY_OF
						      : cases[i].how == NOT_SO ? SEARCH_NOT
									       : SEARCH_ALL_OF,
		    "");
		search_add(search, search_new(cases[i].kind, cases[i].text));
		if (cases[i].how == OR_EVE)
			search_add(search, search_new(SEARCH_TO, "eve"));
		struct view_query query = { .search = search };
		g_test_message("%s", cases[i].label);
		g_assert_true(review_query(view, &query, flags, NULL));
		g_assert_cmpuint(flags->len, ==, cases[i].flags);
	}
	fixture_end(&fixture);
}

/* Who, when, from what to what; never the text of the note. */
static void
test_ledger(void)
{
	struct fixture fixture;
	g_autoptr(GError) error = NULL;
	guint64 rows = 0;

	fixture_start(&fixture);
	keep_sample(&fixture, &leak, 0);
	g_autoptr(view) view = fixture_view(&fixture);
	g_autofree char *refused = decide(
	    view, "1", &(struct review_order){ REVIEW_ESCALATED, "secret words", "legal" }, 1);
	g_assert_cmpstr(refused, ==, "");
	g_autofree char *path = g_build_filename(fixture.data, STORE_FILE, NULL);
	g_autoptr(database) database = database_open(path, false, &error);
	g_assert_no_error(error);
	g_assert_true(ledger_verify(database, &rows, NULL, &error));
	static const struct query_text last = { "read",
		"SELECT who, verb, object FROM ledger ORDER BY id DESC LIMIT 1" };
	struct query query;
	g_assert_true(query_open(&query, database, &last, NO_VALUES, &error));
	g_assert_true(query_next(&query));
	g_assert_cmpstr(query_text(&query, 0), ==, "officer");
	g_assert_cmpstr(query_text(&query, 1), ==, "review");
	g_assert_true(g_str_has_prefix(query_text(&query, 2), "flag-1 "));
	g_assert_nonnull(
	    strstr(query_text(&query, 2), " r: new to escalated, assigned to legal, note "));
	g_assert_null(strstr(query_text(&query, 2), "secret"));
	g_assert_true(query_close(&query, &error));
	fixture_end(&fixture);
}

/* Of all flags of a window, however many a report shows: leaks, what is new, what is open. */
static void
test_counts(void)
{
	static const struct sample mails[] = {
		{ "old", "Offer", "1@x", "anna@corp.example", "bob@rival.example", BODY_ONE, NULL,
		    NULL, "NIGHTJAR-77", -DAY, 0, false },
		{ "the same today", "Offer", "1@x", "anna@corp.example", "bob@rival.example",
		    BODY_ONE, NULL, NULL, "NIGHTJAR-77", 0, 0, false },
		{ "another", "Plan", "2@x", "carl@corp.example", "eve@rival.example", BODY_TWO,
		    NULL, NULL, "NIGHTJAR-88", 0, 0, false },
	};
	const struct view_flag_query today = { .from = MORNING, .to = MORNING + DAY };
	struct fixture fixture;
	struct view_incidents counts;

	fixture_start(&fixture);
	for (guint i = 0; i < G_N_ELEMENTS(mails); i++)
		keep_flagged(&fixture, &mails[i], i, i > 0 ? "second" : NULL);
	g_autoptr(view) view = fixture_view(&fixture);
	g_assert_true(view_incidents_count(view, &today, &counts, NULL));
	g_assert_cmpuint(counts.all, ==, 2);
	g_assert_cmpuint(counts.open, ==, 2);
	g_assert_cmpuint(counts.begun, ==, 1);
	g_test_message("an incident is open until all of its flags are decided");
	g_autoptr(GPtrArray) flags = view_flags_some(view, &today, NULL);
	g_assert_cmpuint(flags->len, ==, 4);
	for (guint left = 2; left > 0; left--) {
		g_autoptr(GArray) one = g_array_new(FALSE, FALSE, sizeof(gint64));
		for (guint i = 0; i < flags->len; i++) {
			const struct view_flag *row = g_ptr_array_index(flags, i);
			bool second = strcmp(row->flag->rule, "second") == 0;
			if (second == (left == 1) && strcmp(row->message->message_id, "2@x") == 0)
				g_array_append_val(one, row->id);
		}
		g_autoptr(GPtrArray) changes = review_set(
		    view, one, &(const struct review_order){ .state = REVIEW_RESOLVED }, NULL);
		g_assert_cmpuint(changes->len, ==, 1);
		g_assert_true(view_incidents_count(view, &today, &counts, NULL));
		g_assert_cmpuint(counts.open, ==, left);
	}
	g_test_message("of one rule alone");
	struct view_flag_query second = today;
	second.rule = "second";
	g_assert_true(view_incidents_count(view, &second, &counts, NULL));
	g_assert_cmpuint(counts.all, ==, 2);
	g_assert_cmpuint(counts.open, ==, 1);
	fixture_end(&fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/review/incidents", test_incidents);
	g_test_add_func("/review/states", test_states);
	g_test_add_func("/review/all-or-nothing", test_all_or_nothing);
	g_test_add_func("/review/verdict-stays", test_verdict_stays);
	g_test_add_func("/review/query", test_query);
	g_test_add_func("/review/ledger", test_ledger);
	g_test_add_func("/review/counts", test_counts);
	return g_test_run();
}
