/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixture.h"

#include "store/audit.h"
#include "store/review.h"
#include "store/view-rules.h"
#include "store/view-scope.h"

#define DORA "dora@corp.example"

/* One mail of Dora's in hq, one of others in hq, one of others in branch; all flagged. */
static void
start(struct fixture *fixture)
{
	static const struct {
		const char *account, *to, *body;
	} mails[] = { { "hq", "Dora@Corp.Example", "to dora" },
		{ "hq", "bob@rival.example", "to bob" },
		{ "branch", "carl@rival.example", "to carl" } };

	fixture_start(fixture);
	for (guint i = 0; i < G_N_ELEMENTS(mails); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *uid = g_strdup_printf("%u", i + 1);
		struct mail mail = { .uid = uid,
			.account = mails[i].account,
			.body = mails[i].body,
			.subject = mails[i].body,
			.rule = "competitor-mail" };
		g_autoptr(verdict) verdict = mail_verdict(&mail);
		g_ptr_array_remove_index(verdict->addresses, 1);
		g_ptr_array_add(verdict->addresses, address_new(ADDRESS_TO, NULL, mails[i].to));
		verdict->outcome = OUTCOME_PARTIAL;
		g_assert_true(store_begin(fixture->store, &error));
		put_verdict(fixture, &mail, verdict, &error);
		g_assert_no_error(error);
		store_note(fixture->store, mails[i].account, "INBOX", "word", mails[i].body,
		    MORNING, fixture->run, &error);
		g_assert_true(store_commit(fixture->store, &error));
		g_assert_no_error(error);
	}
}

static const char *const hq[] = { "h*", NULL };
static const char *const dora[] = { DORA, NULL };
static const char *const nobody[] = { "x'; --", NULL };

static const struct {
	const char *label;
	struct view_scope scope;
	guint messages, accounts;
} cases[] = {
	{ "an officer sees all", { VIEW_ALL, NULL }, 3, 2 },
	{ "an officer of one account", { VIEW_ACCOUNTS, hq }, 2, 1 },
	{ "a user sees what she sent or received", { VIEW_OWN, dora }, 1, 0 },
	{ "somebody without mail", { VIEW_OWN, nobody }, 0, 0 },
	{ "somebody without addresses", { VIEW_OWN, NULL }, 0, 0 },
	{ "an officer without accounts", { VIEW_ACCOUNTS, NULL }, 0, 0 },
	{ "an administrator reads no mail", { VIEW_NO_MAIL, NULL }, 0, 2 },
};

static guint
length(GPtrArray *rows)
{
	guint n = rows != NULL ? rows->len : G_MAXUINT;

	g_clear_pointer(&rows, g_ptr_array_unref);
	return n;
}

/* What rules did, message by message and rule by rule. */
static void
try_rules(struct view *view, guint messages)
{
	g_autoptr(GPtrArray) kept = view_kept(view, 0, 0, 10, NULL);
	g_autoptr(GPtrArray) measures = view_measures(view, 0, NULL);
	guint64 count = 0;

	g_assert_cmpuint(kept->len, ==, messages);
	for (guint i = 0; i < kept->len; i++) {
		const struct view_kept *row = kept->pdata[i];
		g_assert_cmpuint(row->flags->len, ==, 1);
	}
	g_assert_true(view_kept_count(view, 0, &count, NULL));
	g_assert_cmpuint(count, ==, messages);
	g_assert_cmpuint(measures->len, ==, messages > 0);
	for (guint i = 0; i < measures->len; i++) {
		const struct view_measure *row = measures->pdata[i];
		g_assert_cmpuint(row->flags, ==, messages);
		g_assert_cmpuint(row->open, ==, messages);
	}
}

/* Every way to a message, by its number, its digest, its words, its flag, its gap. */
static void
try_all(struct view *view, guint messages, guint accounts)
{
	struct view_totals totals;
	guint64 count;
	guint copies = 0, verdicts = 0, found = 0;

	g_assert_cmpuint(length(view_search(view, &(struct view_query){ 0 }, NULL)), ==, messages);
	g_assert_cmpuint(
	    length(view_search(view, &(struct view_query){ .subject = "to" }, NULL)), ==, messages);
	g_assert_cmpuint(
	    length(view_search(view, &(struct view_query){ .rule = "*" }, NULL)), ==, messages);
	g_assert_true(view_count(view, &(struct view_query){ .flagged = true }, &count, NULL));
	g_assert_cmpuint(count, ==, messages);
	g_assert_cmpuint(length(view_flags(view, 0, G_MAXINT64, false, NULL)), ==, messages);
	g_assert_cmpuint(length(view_gaps(view, 0, G_MAXINT64, 0, NULL)), ==, messages);
	g_assert_cmpuint(length(view_accounts(view, NULL)), ==, accounts);
	g_assert_true(view_totals(view, 0, G_MAXINT64, &totals, NULL));
	g_assert_cmpuint(totals.messages, ==, messages);
	g_assert_cmpuint(totals.flagged, ==, messages);
	for (gint64 id = 1; id <= 3; id++) {
		static const char *const bodies[] = { "to dora", "to bob", "to carl" };
		char sha256[DIGEST_HEX];
		digest_bytes(bodies[id - 1], strlen(bodies[id - 1]), sha256);
		g_autoptr(GBytes) copy = view_copy(view, id, NULL);
		g_autoptr(verdict) verdict = view_verdict(view, id, NULL);
		g_autoptr(view_message) message = view_find(view, sha256, NULL);
		copies += copy != NULL;
		verdicts += verdict != NULL && verdict->addresses->len > 0;
		found += message != NULL;
	}
	g_assert_cmpuint(copies, ==, messages);
	g_assert_cmpuint(verdicts, ==, messages);
	g_assert_cmpuint(found, ==, messages);
	g_autoptr(GArray) flags = g_array_new(FALSE, FALSE, sizeof(gint64));
	g_assert_true(review_open_flags(view, 0, flags, NULL));
	g_assert_cmpuint(flags->len, ==, messages);
	try_rules(view, messages);
}

static void
test_ways(void)
{
	struct fixture fixture;

	start(&fixture);
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(view) view = fixture_view(&fixture);
		g_test_message("%s", cases[i].label);
		g_assert_true(view_restrict(view, &cases[i].scope, &error));
		g_assert_no_error(error);
		try_all(view, cases[i].messages, cases[i].accounts);
		g_assert_true(view_note_access(view, "search", "x", &error));
		g_assert_no_error(error);
	}
	fixture_end(&fixture);
}

static void
test_once(void)
{
	struct fixture fixture;
	g_autoptr(GError) error = NULL;
	const struct view_scope own = { VIEW_OWN, dora }, more = { VIEW_ACCOUNTS, hq },
				all = { VIEW_ALL, NULL };

	start(&fixture);
	g_autoptr(view) view = fixture_view(&fixture);
	g_assert_true(view_restrict(view, &own, NULL));
	g_test_message("a narrow view does not become wide");
	g_assert_false(view_restrict(view, &more, &error));
	assert_fault(error, FAULT_BUG, "once");
	g_assert_true(view_restrict(view, &all, NULL));
	g_assert_cmpint(view_reach(view), ==, VIEW_OWN);
	try_all(view, 1, 0);
	g_test_message("a user does not read what others did");
	g_assert_null(audit_rows(view, &(struct audit_query){ 0 }, &error));
	assert_fault(error, FAULT_DENIED, "ledger");
	fixture_end(&fixture);
}

static GPtrArray *
decide(struct view *view, gint64 flag, const char *note, GError **error)
{
	g_autoptr(GArray) flags = g_array_new(FALSE, FALSE, sizeof(gint64));
	const struct review_order order = { .state = REVIEW_RESOLVED, .note = note };

	g_array_append_val(flags, flag);
	return review_set(view, flags, &order, error);
}

static const struct {
	const char *label;
	struct view_scope scope;
	gint64 flag;
	int code;
	const char *text;
} decisions[] = {
	{ "an officer decides about a flag of his account", { VIEW_ACCOUNTS, hq }, 2, 0, NULL },
	{ "not about another's, whose number he guessed", { VIEW_ACCOUNTS, hq }, 3, FAULT_USAGE,
	    "there is none" },
	{ "a user decides nothing, also of her own mail", { VIEW_OWN, dora }, 1, FAULT_DENIED,
	    "officers" },
	{ "an administrator decides nothing", { VIEW_NO_MAIL, NULL }, 1, FAULT_DENIED, "officers" },
};

static void
test_reviews(void)
{
	struct fixture fixture;

	start(&fixture);
	for (guint i = 0; i < G_N_ELEMENTS(decisions); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(view) view = fixture_view(&fixture);
		g_test_message("%s", decisions[i].label);
		g_assert_true(view_restrict(view, &decisions[i].scope, NULL));
		g_autoptr(GPtrArray) changes = decide(view, decisions[i].flag, "asked him", &error);
		if (decisions[i].text != NULL) {
			g_assert_null(changes);
			assert_fault(error, decisions[i].code, decisions[i].text);
			continue;
		}
		g_assert_no_error(error);
		g_assert_cmpuint(changes->len, ==, 1);
		g_autoptr(view_flag) row = view_flag_one(view, decisions[i].flag, &error);
		g_assert_cmpint(row->state, ==, REVIEW_RESOLVED);
		g_assert_cmpstr(row->note, ==, "asked him");
		g_autoptr(GPtrArray) history = review_history(view, row->fingerprint, &error);
		g_assert_cmpuint(history->len, ==, 1);
	}
	g_autoptr(view) chief = fixture_view(&fixture);
	g_autoptr(GPtrArray) rows =
	    audit_rows(chief, &(struct audit_query){ .verb = "review" }, NULL);
	g_assert_cmpuint(rows->len, ==, 1);
	fixture_end(&fixture);
}

/* What was decided before stays when an officer of one account decides anew. */
static void
test_notes_stay(void)
{
	struct fixture fixture;
	g_autoptr(GError) error = NULL;
	const struct view_scope scope = { VIEW_ACCOUNTS, hq };

	start(&fixture);
	g_autoptr(view) chief = fixture_view(&fixture);
	g_autoptr(GPtrArray) first = decide(chief, 2, "of the chief", &error);
	g_assert_no_error(error);
	g_assert_cmpuint(first->len, ==, 1);
	g_autoptr(view) view = fixture_view(&fixture);
	g_assert_true(view_restrict(view, &scope, NULL));
	g_autoptr(GArray) flags = g_array_new(FALSE, FALSE, sizeof(gint64));
	const struct review_order order = { .state = REVIEW_ESCALATED };
	gint64 flag = 2;
	g_array_append_val(flags, flag);
	g_autoptr(GPtrArray) changes = review_set(view, flags, &order, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(changes->len, ==, 1);
	g_autoptr(view_flag) row = view_flag_one(view, 2, &error);
	g_assert_cmpstr(row->note, ==, "of the chief");
	fixture_end(&fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/scope/ways", test_ways);
	g_test_add_func("/scope/once", test_once);
	g_test_add_func("/scope/reviews", test_reviews);
	g_test_add_func("/scope/notes-stay", test_notes_stay);
	return g_test_run();
}
