/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixture.h"

#include <string.h>

#include "store/audit.h"
#include "store/database.h"

static void
change(const struct fixture *fixture, const char *sql)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = g_build_filename(fixture->data, STORE_FILE, NULL);
	g_autoptr(database) raw = database_open(path, false, &error);

	g_assert_no_error(error);
	database_script(raw, "change the ledger",
	    "DROP TRIGGER IF EXISTS ledger_no_update; DROP TRIGGER IF EXISTS ledger_no_delete;",
	    &error);
	g_assert_no_error(error);
	database_script(raw, "change the ledger", sql, &error);
	g_assert_no_error(error);
}

/* Rows of a poll, a search and a look. */
static void
write_rows(struct fixture *fixture)
{
	fixture_start(fixture);
	keep(fixture, &(struct mail){ .uid = "1", .body = "a", .rule = "x" });
	g_assert_true(store_run_end(fixture->store, fixture->run, 0, MORNING + DAY, NULL));
	g_autoptr(view) view = fixture_view(fixture);
	g_assert_true(view_note_access(view, "search", "from:anna", NULL));
	g_assert_true(view_note_access(view, "show", "abcdef0123", NULL));
}

static const struct {
	const char *label;
	struct audit_query query;
	const char *verbs;
} filters[] = {
	{ "all rows, the oldest first", { 0 }, "poll poll search show " },
	{ "by whom", { .who = "officer" }, "search show " },
	{ "by several", { .who = "off*" }, "search show " },
	{ "what", { .verb = "show" }, "show " },
	{ "what it is about", { .object = "anna" }, "search " },
	{ "from a time on", { .from = MORNING + 1 }, "poll search show " },
	{ "up to a time", { .to = MORNING + 1 }, "poll " },
	{ "the newest", { .limit = 2 }, "search show " },
	{ "nobody", { .who = "'; DROP TABLE ledger; --" }, "" },
};

static void
test_rows(void)
{
	struct fixture fixture;

	write_rows(&fixture);
	g_autoptr(view) view = fixture_view(&fixture);
	for (guint i = 0; i < G_N_ELEMENTS(filters); i++) {
		g_autoptr(GString) verbs = g_string_new(NULL);
		g_test_message("%s", filters[i].label);
		g_autoptr(GPtrArray) rows = audit_rows(view, &filters[i].query, NULL);
		for (guint k = 0; k < rows->len; k++) {
			const struct audit_row *row = g_ptr_array_index(rows, k);
			g_string_append_printf(verbs, "%s ", row->verb);
		}
		g_assert_cmpstr(verbs->str, ==, filters[i].verbs);
	}
	g_test_message("the end of a poll says what it brought");
	g_autoptr(GPtrArray) rows = audit_rows(view, &(struct audit_query){ 0 }, NULL);
	const struct audit_row *end = g_ptr_array_index(rows, 1);
	g_assert_cmpstr(end->object, ==, "ended with 0: 1 new messages, 1 flags");
	g_assert_cmpstr(end->who, ==, "service");
	fixture_end(&fixture);
}

/* A rule set with one rule, whose file has this text; with a list and a detector where there is a
 * text of these. */
static void
record(struct fixture *fixture, const char *digest, const char *text, const char *list,
    const char *detector)
{
	g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));
	g_autoptr(GBytes) rivals = g_bytes_new_static(list, list != NULL ? strlen(list) : 0);
	g_autoptr(GBytes) cards =
	    g_bytes_new_static(detector, detector != NULL ? strlen(detector) : 0);
	g_autofree char *rule_digest = g_strconcat("rule-", digest, NULL);
	const struct store_rule rule = { .id = "leak",
		.digest = rule_digest,
		.file = "10-leak.ini",
		.title = "",
		.description = "",
		.false_positives = "",
		.next_step = "",
		.severity = SEVERITY_LOW,
		.text = bytes };
	g_autoptr(GError) error = NULL;

	const struct store_source sources[] = { { "10-leak.ini", bytes, true },
		{ "lists/rivals.txt", rivals, false }, { "detectors/cards.ini", cards, false } };
	guint n = list == NULL ? 0 : detector == NULL ? 2 : 3;
	const struct store_ruleset set = { digest, &rule, 1, sources, n };
	store_ruleset(fixture->store, &set, MORNING, &error);
	g_assert_no_error(error);
}

static gint64
last_change(struct view *view)
{
	g_autoptr(GPtrArray) rows =
	    audit_rows(view, &(struct audit_query){ .verb = "ruleset-change" }, NULL);
	const struct audit_row *row = g_ptr_array_index(rows, rows->len - 1);

	g_assert_nonnull(
	    strstr(row->object, "changed leak (10-leak.ini); diff of 5 lines, sha256 "));
	return row->id;
}

static void
test_diff(void)
{
	struct fixture fixture;
	g_autoptr(GString) diff = g_string_new(NULL), again = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	fixture_start(&fixture);
	record(&fixture, "one", "words = kestrel\n", NULL, NULL);
	record(&fixture, "two", "words = merlin\n", NULL, NULL);
	g_autoptr(view) view = fixture_view(&fixture);
	gint64 row = last_change(view);
	g_assert_true(audit_diff(view, row, diff, NULL));
	g_assert_cmpstr(diff->str, ==,
	    "--- a/10-leak.ini\n+++ b/10-leak.ini\n@@ -1 +1 @@\n-words = kestrel\n+words = "
	    "merlin\n");
	g_test_message("another row has none");
	g_assert_false(audit_diff(view, row - 1, again, &error));
	g_assert_nonnull(strstr(error->message, "is no change of rules"));
	g_clear_error(&error);
	g_test_message("one of an older store is made of the rules' texts");
	change(&fixture, "DELETE FROM rule_change");
	g_string_truncate(diff, 0);
	g_assert_true(audit_diff(view, row, diff, NULL));
	g_assert_nonnull(strstr(diff->str, "+words = merlin"));
	g_test_message(
	    "a text that was altered behind the ledger's back is not shown as that day's");
	change(&fixture, "UPDATE rule_text SET text = x'6f7370726579' WHERE digest = 'rule-one'");
	g_assert_false(audit_diff(view, row, again, &error));
	g_assert_nonnull(strstr(error->message, "has another diff"));
	fixture_end(&fixture);
}

/* Lists and detectors are rules as well: who takes a competitor off the list turns a rule off. */
static const struct {
	const char *label, *digest, *list, *detector; /* what is recorded next */
	const char *says, *diff;                      /* of the row; NULL: there is none */
} recordings[] = {
	{ "what there is at first is no change", "one", "a.example\nb.example\n", NULL, NULL,
	    NULL },
	{ "the same again", "one", "a.example\nb.example\n", NULL, NULL, NULL },
	{ "an entry was taken off a list", "two", "b.example\n", NULL,
	    "changed lists/rivals.txt; diff of 5 lines, sha256 ",
	    "--- a/lists/rivals.txt\n+++ b/lists/rivals.txt\n@@ -1,2 +1 @@\n-a.example\n"
	    " b.example\n" },
	{ "a detector came", "three", "b.example\n", "id = card\n",
	    "added detectors/cards.ini; diff of 4 lines, sha256 ",
	    "--- /dev/null\n+++ b/detectors/cards.ini\n@@ -0,0 +1 @@\n+id = card\n" },
	{ "a test's message, which is no part of the digest", "three", "b.example\n", "id = iban\n",
	    "changed detectors/cards.ini; diff of 5 lines, sha256 ",
	    "--- a/detectors/cards.ini\n+++ b/detectors/cards.ini\n@@ -1 +1 @@\n-id = card\n"
	    "+id = iban\n" },
	{ "the detector went", "four", "b.example\n", NULL,
	    "removed detectors/cards.ini; diff of 4 lines, sha256 ",
	    "--- a/detectors/cards.ini\n+++ /dev/null\n@@ -1 +0,0 @@\n-id = iban\n" },
};

static void
test_sources(void)
{
	struct fixture fixture;
	guint rows = 0;

	fixture_start(&fixture);
	g_autoptr(view) view = fixture_view(&fixture);
	for (guint i = 0; i < G_N_ELEMENTS(recordings); i++) {
		g_autoptr(GString) diff = g_string_new(NULL);
		g_autoptr(GError) error = NULL;
		g_test_message("%s", recordings[i].label);
		record(&fixture, recordings[i].digest, "words = kestrel\n", recordings[i].list,
		    recordings[i].detector);
		rows += recordings[i].says != NULL;
		g_autoptr(GPtrArray) all =
		    audit_rows(view, &(struct audit_query){ .verb = "ruleset-change" }, NULL);
		g_assert_cmpuint(all->len, ==, rows);
		if (recordings[i].says == NULL)
			continue;
		const struct audit_row *row = all->pdata[rows - 1];
		/* The rule of this test is another one with each set: named before the rest. */
		g_assert_nonnull(strstr(row->object, recordings[i].says));
		g_assert_true(audit_diff(view, row->id, diff, &error));
		g_assert_no_error(error);
		g_assert_cmpstr(diff->str, ==, recordings[i].diff);
	}
	g_autoptr(GString) again = g_string_new(NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) all =
	    audit_rows(view, &(struct audit_query){ .verb = "ruleset-change" }, NULL);
	g_test_message("a diff that was altered is refused");
	change(&fixture, "UPDATE rule_change SET diff = x'6f7370726579'");
	g_assert_false(
	    audit_diff(view, ((const struct audit_row *)all->pdata[0])->id, again, &error));
	g_assert_nonnull(strstr(error->message, "has another diff"));
	fixture_end(&fixture);
}

static const struct {
	const char *label, *sql, *says;
} breaks[] = {
	{ "who looked", "UPDATE ledger SET who = 'nobody' WHERE id = 4", "row 4" },
	{ "what was asked", "UPDATE ledger SET object = 'x' WHERE id = 3", "row 3" },
	{ "when", "UPDATE ledger SET seen = seen + 1 WHERE id = 2", "row 2" },
	{ "a row taken out", "DELETE FROM ledger WHERE id = 2", "row 2" },
	{ "a row taken out, and the others moved up",
	    "DELETE FROM ledger WHERE id = 2; UPDATE ledger SET id = id - 1 WHERE id > 2",
	    "row 2" },
	{ "a row put in",
	    "UPDATE ledger SET id = 5 WHERE id = 4;"
	    "INSERT INTO ledger VALUES (4, 1, 'a', 'b', 'c', 'd')",
	    "row 4" },
};

static void
test_breaks(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(breaks); i++) {
		struct fixture fixture;
		g_autoptr(GError) error = NULL;
		struct audit_head head;
		guint64 row;
		g_test_message("%s", breaks[i].label);
		write_rows(&fixture);
		change(&fixture, breaks[i].sql);
		g_autoptr(view) view = fixture_view(&fixture);
		g_assert_false(audit_verify(view, NULL, &head, &row, &error));
		assert_fault(error, FAULT_DATA, breaks[i].says);
		fixture_end(&fixture);
	}
}

/* What a chain alone cannot show, a head that was noted elsewhere does. */
static void
test_heads(void)
{
	struct fixture fixture;
	g_autoptr(GError) error = NULL;
	struct audit_head noted, head;
	guint64 row;

	write_rows(&fixture);
	g_autoptr(view) view = fixture_view(&fixture);
	g_assert_true(audit_head(view, &noted, NULL));
	g_assert_cmpuint(noted.rows, ==, 4);
	g_assert_true(view_note_access(view, "show", "another", NULL));

	g_test_message("a head of the past is that of its row");
	g_assert_true(audit_verify(view, noted.hash, &head, &row, &error));
	g_assert_cmpuint(row, ==, 4);
	g_assert_cmpuint(head.rows, ==, 5);

	g_test_message("rows cut off at the end: the chain holds, the head is gone");
	change(&fixture, "DELETE FROM ledger WHERE id > 3");
	g_assert_true(audit_verify(view, NULL, &head, &row, &error));
	g_assert_false(audit_verify(view, noted.hash, &head, &row, &error));
	assert_fault(error, FAULT_DATA, "cut off");

	g_test_message("what is no head");
	static const char *const wrong[] = { "", "abc", "ABCDEF0123", "abcdef0123%" };
	for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_assert_false(audit_verify(view, wrong[i], &head, &row, &error));
		assert_fault(error, FAULT_USAGE, "no head");
	}
	fixture_end(&fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/audit/rows", test_rows);
	g_test_add_func("/audit/diff", test_diff);
	g_test_add_func("/audit/sources", test_sources);
	g_test_add_func("/audit/breaks", test_breaks);
	g_test_add_func("/audit/heads", test_heads);
	return g_test_run();
}
