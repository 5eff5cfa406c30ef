/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixture.h"

#include "store/ledger.h"

/* Three days: a flag on each, one of them excepted; gaps on the second. */
static void
populate(struct fixture *fixture)
{
	g_autoptr(GError) error = NULL;
	struct mail gaps = { .uid = "2", .body = "two", .seen = MORNING + DAY, .no_copy = true };
	g_autoptr(verdict) partial = mail_verdict(&gaps);
	struct mail crash = { .uid = "3", .body = "three", .seen = MORNING + DAY };
	g_autoptr(verdict) crashed = verdict_unscannable("crash", 5);
	struct mail limited = { .uid = "4", .body = "four", .seen = MORNING + DAY };
	g_autoptr(verdict) cut = mail_verdict(&limited);

	keep(fixture, &(struct mail){ .uid = "1", .body = "one", .rule = "competitor" });
	partial->outcome = OUTCOME_PARTIAL;
	struct part *locked = verdict_part(partial, "3", "locked.zip", PART_ENCRYPTED);
	verdict_text(&locked->detail, "ZIP: password needed");
	verdict_part(partial, "4", "photo.jpg", PART_NO_TEXT);
	verdict_add_undecided(partial, "competitor", "content.codename", "3", "match limit");
	cut->outcome = OUTCOME_PARTIAL;
	cut->facts = FACT_TOO_MANY_PARTS;
	g_assert_true(store_begin(fixture->store, NULL));
	put_verdict(fixture, &gaps, partial, &error);
	put_verdict(fixture, &crash, crashed, &error);
	put_verdict(fixture, &limited, cut, &error);
	g_assert_no_error(error);
	g_assert_true(store_commit(fixture->store, NULL));
	keep(fixture, &(struct mail){ .uid = "5",
			  .body = "five",
			  .rule = "competitor",
			  .exception = "except.tender",
			  .seen = MORNING + 2 * DAY });
}

static void
test_windows(void)
{
	static const struct {
		const char *label;
		gint64 from, to;
		guint messages, flagged, excepted, partial, unscannable, copies;
	} cases[] = {
		{ "all", 0, G_MAXINT64, 5, 1, 1, 2, 1, 4 },
		{ "from is in the window", MORNING, MORNING + 1, 1, 1, 0, 0, 0, 1 },
		{ "to is not", MORNING - 1, MORNING, 0, 0, 0, 0, 0, 0 },
		{ "the second day", MORNING + DAY, MORNING + 2 * DAY, 3, 0, 0, 2, 1, 2 },
		{ "the third", MORNING + 2 * DAY, G_MAXINT64, 1, 0, 1, 0, 0, 1 },
		{ "an empty window", MORNING, MORNING, 0, 0, 0, 0, 0, 0 },
	};
	struct fixture fixture;

	fixture_start(&fixture);
	populate(&fixture);
	g_autoptr(view) view = fixture_view(&fixture);
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct view_totals totals;
		g_test_message("%s", cases[i].label);
		g_assert_true(view_totals(view, cases[i].from, cases[i].to, &totals, NULL));
		g_assert_cmpuint(totals.messages, ==, cases[i].messages);
		g_assert_cmpuint(totals.flagged, ==, cases[i].flagged);
		g_assert_cmpuint(totals.flags[SEVERITY_MEDIUM], ==, cases[i].flagged);
		g_assert_cmpuint(totals.excepted, ==, cases[i].excepted);
		g_assert_cmpuint(totals.partial, ==, cases[i].partial);
		g_assert_cmpuint(totals.unscannable, ==, cases[i].unscannable);
		g_assert_cmpuint(totals.copies, ==, cases[i].copies);
		g_autoptr(GPtrArray) flags =
		    view_flags(view, cases[i].from, cases[i].to, false, NULL);
		g_assert_cmpuint(flags->len, ==, cases[i].flagged);
		g_autoptr(GPtrArray) excepted =
		    view_flags(view, cases[i].from, cases[i].to, true, NULL);
		g_assert_cmpuint(excepted->len, ==, cases[i].excepted);
	}
	fixture_end(&fixture);
}

static void
test_flag(void)
{
	struct fixture fixture;
	struct store_rule rule = { .id = "competitor",
		.digest = "",
		.file = "10-c.ini",
		.title = "Competitor",
		.description = "as of that day",
		.false_positives = "tenders",
		.next_step = "ask",
		.severity = SEVERITY_MEDIUM };

	fixture_start(&fixture);
	g_assert_true(store_ruleset(
	    fixture.store, &(struct store_ruleset){ RULES, &rule, 1, NULL, 0 }, MORNING, NULL));
	populate(&fixture);
	g_autoptr(view) view = fixture_view(&fixture);
	g_autoptr(GPtrArray) flags = view_flags(view, 0, G_MAXINT64, false, NULL);
	const struct view_flag *flag = g_ptr_array_index(flags, 0);
	g_assert_cmpstr(flag->flag->rule, ==, "competitor");
	g_assert_cmpstr(flag->description, ==, "as of that day");
	g_assert_cmpstr(flag->ruleset, ==, RULES);
	g_assert_cmpuint(flag->flag->hits->len, ==, 1);
	const struct hit *hit = g_ptr_array_index(flag->flag->hits, 0);
	g_assert_cmpstr(hit->excerpt, ==, "the falcon is a bird");
	g_assert_cmpint(hit->component, ==, COMPONENT_BODY);
	g_assert_cmpuint(flag->parts->len, ==, 1);
	g_assert_cmpstr(((struct part *)g_ptr_array_index(flag->parts, 0))->name, ==, "plan.pdf");
	g_assert_cmpstr(flag->message->from, ==, "anna@corp.example");
	g_assert_cmpstr(flag->message->to[0], ==, "bob@rival.example");
	g_assert_null(flag->message->to[1]);
	fixture_end(&fixture);
}

static bool
keep_gap(struct view_gap *gap, gpointer data, GError **error)
{
	g_ptr_array_add(data, gap);
	(void)error;
	return true;
}

static void
test_gaps(void)
{
	static const struct {
		const char *kind, *word, *what, *detail;
	} expected[] = {
		{ "fetch", "no-answer", "77", "the server said nothing" },
		{ "message", "crash", "3", "" },
		{ "message", "partial", "4", "too-many-parts" },
		{ "part", "encrypted", "locked.zip", "ZIP: password needed" },
		{ "rule", "match limit", "competitor", "content.codename, part 3" },
	};
	struct fixture fixture;

	fixture_start(&fixture);
	populate(&fixture);
	fail(&fixture, "77", 7, true);
	g_autoptr(view) view = fixture_view(&fixture);
	g_autoptr(GPtrArray) gaps = view_gaps(view, 0, G_MAXINT64, 0, NULL);
	g_assert_cmpuint(gaps->len, ==, G_N_ELEMENTS(expected));
	for (guint i = 0; i < gaps->len; i++) {
		const struct view_gap *gap = g_ptr_array_index(gaps, i);
		g_assert_cmpstr(gap->kind, ==, expected[i].kind);
		g_assert_cmpstr(gap->word, ==, expected[i].word);
		g_assert_cmpstr(gap->what, ==, expected[i].what);
		g_assert_cmpstr(gap->detail, ==, expected[i].detail);
		g_assert_cmpstr(gap->account, ==, "hq");
		g_assert_cmpstr(gap->folder, ==, "INBOX");
		g_assert_cmpint(gap->message == NULL, ==, i == 0);
	}
	g_autoptr(GPtrArray) streamed =
	    g_ptr_array_new_with_free_func((GDestroyNotify)view_gap_free);
	g_assert_true(view_gaps_each(view, 0, G_MAXINT64, keep_gap, streamed, NULL));
	g_assert_cmpuint(streamed->len, ==, gaps->len);
	g_autoptr(GPtrArray) sums = view_gap_sums(view, 0, G_MAXINT64, NULL);
	g_assert_cmpuint(sums->len, ==, G_N_ELEMENTS(expected));
	for (guint i = 0; i < sums->len; i++) {
		const struct view_gap_sum *sum = g_ptr_array_index(sums, i);
		g_assert_cmpstr(sum->kind, ==, expected[i].kind);
		g_assert_cmpstr(sum->word, ==, expected[i].word);
		g_assert_cmpuint(sum->count, ==, 1);
	}
	g_autoptr(GPtrArray) few = view_gaps(view, 0, G_MAXINT64, 2, NULL);
	g_assert_cmpuint(few->len, ==, 2);
	g_autoptr(GPtrArray) first = view_gaps(view, MORNING, MORNING + DAY, 0, NULL);
	g_assert_cmpuint(first->len, ==, 1);
	fixture_end(&fixture);
}

static const struct {
	const char *label;
	struct view_query query;
	const char *expected; /* bodies' first letters, newest first */
} searches[] = {
	{ "no filter", { 0 }, "cba" },
	{ "a limit", { .limit = 2 }, "cb" },
	{ "the subject, case folded", { .subject = "STRASSE" }, "a" },
	{ "full-width letters and a part of a word", { .subject = "abc" }, "b" },
	{ "the sender's name", { .from = "KÜHN" }, "cba" },
	{ "the sender is no recipient", { .to = "anna" }, "" },
	{ "a recipient", { .to = "@RIVAL.example" }, "cba" },
	{ "a rule", { .rule = "competitor-mail" }, "a" },
	{ "rules by a glob", { .rule = "competitor-*" }, "a" },
	{ "no glob where none stands", { .rule = "competitor" }, "" },
	{ "flagged only", { .flagged = true }, "a" },
	{ "an account", { .account = "branch" }, "c" },
	{ "another account's folder", { .account = "branch", .folder = "Sent" }, "" },
	{ "a folder", { .folder = "Sent" }, "b" },
	{ "after includes its instant", { .after = MORNING }, "cba" },
	{ "before does not", { .after = MORNING, .before = MORNING + DAY }, "a" },
	{ "the date of the header counts", { .after = MORNING + 5 * DAY }, "c" },
	{ "filters are joined by and", { .subject = "offer", .account = "branch" }, "c" },
	{ "wild cards of SQL are text", { .subject = "%" }, "" },
};

static void
test_search(void)
{
	struct fixture fixture;

	fixture_start(&fixture);
	keep(&fixture,
	    &(struct mail){
		.uid = "1", .body = "a", .subject = "Hauptstraße", .rule = "competitor-mail" });
	keep(&fixture, &(struct mail){ .uid = "2",
			   .body = "b",
			   .folder = "Sent",
			   .rule = "x",
			   .exception = "except.y",
			   .subject = "資料ＡＢＣＤ",
			   .seen = MORNING + DAY });
	keep(&fixture,
	    &(struct mail){
		.uid = "3", .body = "c", .account = "branch", .date = MORNING + 9 * DAY });
	g_autoptr(view) view = fixture_view(&fixture);
	for (guint i = 0; i < G_N_ELEMENTS(searches); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GString) found = g_string_new(NULL);
		g_test_message("%s", searches[i].label);
		g_autoptr(GPtrArray) rows = view_search(view, &searches[i].query, &error);
		g_assert_no_error(error);
		for (guint k = 0; k < rows->len; k++) {
			const struct view_message *row = g_ptr_array_index(rows, k);
			g_string_append(found, row->message_id);
		}
		g_assert_cmpstr(found->str, ==, searches[i].expected);
	}
	fixture_end(&fixture);
}

static void
test_find(void)
{
	struct fixture fixture;
	g_autoptr(GError) error = NULL;
	char sha256[DIGEST_HEX];

	fixture_start(&fixture);
	/* Two messages whose digests begin alike cannot be made: bytes and digest are given apart.
	 */
	for (guint i = 0; i < 2; i++) {
		g_autofree char *twin = g_strdup_printf("abcdef0123%054u", i);
		g_autofree char *uid = g_strdup_printf("%u", i + 1);
		g_autoptr(verdict) verdict = verdict_unscannable("crash", 1);
		struct placement at = { .account = (char *)"hq",
			.folder = (char *)"INBOX",
			.uidvalidity = 7,
			.uid = uid,
			.internal_date = MESSAGE_NO_DATE,
			.server_flags = (char *)"",
			.labels = (char *)"\\Sent\nRivals",
			.server_id = (char *)"1278455344230334865" };
		struct store_message message = { .sha256 = twin,
			.placement = &at,
			.verdict = verdict,
			.ruleset = RULES,
			.seen = MORNING };
		g_assert_true(store_begin(fixture.store, NULL));
		g_assert_true(store_record(fixture.store, &message, NULL));
		g_assert_true(store_commit(fixture.store, NULL));
	}
	keep(&fixture, &(struct mail){ .uid = "3", .body = "three" });
	digest_bytes("three", 5, sha256);
	g_autoptr(view) view = fixture_view(&fixture);
	static const struct {
		const char *label, *prefix, *complaint;
	} cases[] = {
		{ "two begin so", "abcdef0123", "more than one" },
		{ "too short", "abcdef0", "8 to 64 digits" },
		{ "no digits", "abcdef0123' OR 1", "8 to 64 digits" },
		{ "none", "0000000000", "no message" },
	};
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].label);
		g_assert_null(view_find(view, cases[i].prefix, &error));
		assert_fault(error, FAULT_USAGE, cases[i].complaint);
	}
	g_autofree char *upper = g_ascii_strup(sha256, 10);
	g_autoptr(view_message) found = view_find(view, upper, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(found->sha256, ==, sha256);
	g_autoptr(view_message) exact = view_find(
	    view, "abcdef0123000000000000000000000000000000000000000000000000000001", NULL);
	g_assert_nonnull(exact);
	g_assert_null(view_verdict(view, 4711, &error));
	assert_fault(error, FAULT_USAGE, "4711");
	g_test_message("what Gmail says of a message stays with it");
	g_autofree char *digest = g_strdup_printf("abcdef0123%054u", 1);
	g_autoptr(view_message) labelled = view_find(view, digest, NULL);
	g_assert_nonnull(labelled);
	const struct view_placement *place = g_ptr_array_index(labelled->placements, 0);
	g_assert_cmpstr(place->labels, ==, "\\Sent\nRivals");
	g_assert_cmpstr(place->server_id, ==, "1278455344230334865");
	g_assert_cmpstr(place->thread_id, ==, "");
	fixture_end(&fixture);
}

static void
test_verdict(void)
{
	struct fixture fixture;

	fixture_start(&fixture);
	populate(&fixture);
	g_autoptr(view) view = fixture_view(&fixture);
	char sha256[DIGEST_HEX];
	digest_bytes("two", 3, sha256);
	g_autoptr(view_message) message = view_find(view, sha256, NULL);
	g_autoptr(verdict) back = view_verdict(view, message->id, NULL);
	g_assert_cmpint(back->outcome, ==, OUTCOME_PARTIAL);
	g_assert_cmpint(back->direction, ==, DIRECTION_OUTBOUND);
	g_assert_cmpint(back->date, ==, MESSAGE_NO_DATE);
	g_assert_cmpuint(back->addresses->len, ==, 2);
	const struct address *anna = verdict_address(back, ADDRESS_FROM);
	g_assert_cmpstr(anna->name, ==, "Anna Kühn");
	g_assert_cmpstr(anna->domain, ==, "corp.example");
	g_assert_cmpuint(back->parts->len, ==, 4);
	const struct part *locked = g_ptr_array_index(back->parts, 2);
	g_assert_cmpint(locked->outcome, ==, PART_ENCRYPTED);
	g_assert_cmpuint(locked->size, ==, 18231);
	g_assert_cmpuint(back->undecided->len, ==, 1);
	fixture_end(&fixture);
}

static void
test_altered_copy(void)
{
	struct fixture fixture;
	g_autoptr(GError) error = NULL;

	fixture_start(&fixture);
	keep(&fixture, &(struct mail){ .uid = "1", .body = "evidence" });
	g_autofree char *path = volume_path(&fixture);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	g_assert_true(io_pwrite_all(fd, "E", 1, 512, NULL));
	io_close(&fd);
	g_autoptr(view) view = fixture_view(&fixture);
	g_assert_null(view_copy(view, 1, &error));
	assert_fault(error, FAULT_DATA, "altered");
	g_unlink(path);
	g_assert_null(view_copy(view, 1, &error));
	assert_fault(error, FAULT_DATA, "missing");

	fixture_end(&fixture);
}

/* What lies in a volume that is gone is gone; what comes is kept, and that it is so is said. */
static void
test_damaged_volumes(void)
{
	static const struct {
		const char *label;
		bool missing;
		const char *word, *note;
	} rows[] = {
		{ "a volume that was removed", true, "missing", "volume-missing" },
		{ "a volume that was cut", false, "shortened", "volume-shortened" },
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct fixture fixture;
		g_autoptr(GError) error = NULL;

		g_test_message("%s", rows[i].label);
		fixture_start(&fixture);
		keep(&fixture, &(struct mail){ .uid = "1", .body = "evidence" });
		g_autofree char *path = volume_path(&fixture);
		fixture_close(&fixture);
		g_assert_cmpint(rows[i].missing ? g_unlink(path) : truncate(path, 515), ==, 0);
		fixture_open(&fixture);
		g_assert_true(
		    store_run_begin(fixture.store, "poll", RULES, MORNING, &fixture.run, NULL));
		keep(&fixture, &(struct mail){ .uid = "2", .body = "another" });
		g_autoptr(view) view = fixture_view(&fixture);
		g_assert_null(view_copy(view, 1, &error));
		g_clear_error(&error);
		g_autoptr(GBytes) copy = view_copy(view, 2, &error);
		g_assert_no_error(error);
		g_assert_cmpuint(g_bytes_get_size(copy), >, 0);
		g_autoptr(GPtrArray) volumes = view_volumes_amiss(view, NULL);
		g_assert_cmpuint(volumes->len, ==, 1);
		const struct view_amiss *volume = g_ptr_array_index(volumes, 0);
		g_assert_cmpstr(volume->name, ==, "2026/2026-11-22.tar");
		g_assert_cmpint(volume->missing, ==, rows[i].missing);
		g_assert_cmpuint(volume->size, ==, rows[i].missing ? 0 : 515);
		g_assert_cmpuint(volume->messages, ==, 1);
		g_autoptr(GPtrArray) gaps = view_gaps(view, MORNING, MORNING + DAY, 0, NULL);
		g_assert_cmpuint(gaps->len, ==, 1);
		const struct view_gap *gap = g_ptr_array_index(gaps, 0);
		g_assert_cmpstr(gap->kind, ==, "copies");
		g_assert_cmpstr(gap->word, ==, rows[i].word);
		g_autoptr(GPtrArray) notes = view_notes(view, MORNING, MORNING + DAY, NULL);
		g_assert_cmpuint(notes->len, ==, 1);
		const struct view_note *note = g_ptr_array_index(notes, 0);
		g_assert_cmpstr(note->word, ==, rows[i].note);
		g_test_message(
		    "%s: the same mail is met again, and is evidence again", rows[i].label);
		keep(&fixture, &(struct mail){ .uid = "3", .body = "evidence" });
		g_autoptr(GBytes) again = view_copy(view, 1, &error);
		g_assert_no_error(error);
		g_autoptr(GBytes) evidence = g_bytes_new_static("evidence", strlen("evidence"));
		g_assert_true(g_bytes_equal(again, evidence));
		fixture_end(&fixture);
	}
}

static void
test_runs(void)
{
	struct fixture fixture;
	gint64 service;

	fixture_start(&fixture);
	g_assert_true(store_run_end(fixture.store, fixture.run, 2, MORNING + 5, NULL));
	g_assert_true(store_run_begin(fixture.store, "run", RULES, MORNING + 10, &service, NULL));
	g_autoptr(view) view = fixture_view(&fixture);
	g_autoptr(GPtrArray) both = view_runs(view, MORNING, MORNING + DAY, NULL);
	g_assert_cmpuint(both->len, ==, 2);
	const struct view_run *first = g_ptr_array_index(both, 0);
	g_assert_cmpint(first->exit_code, ==, 2);
	g_assert_cmpint(first->ended, ==, MORNING + 5);
	g_test_message("a service that runs for days belongs to each of them");
	g_autoptr(GPtrArray) later = view_runs(view, MORNING + DAY, MORNING + 2 * DAY, NULL);
	g_assert_cmpuint(later->len, ==, 1);
	g_autoptr(GPtrArray) earlier = view_runs(view, 0, MORNING, NULL);
	g_assert_cmpuint(earlier->len, ==, 0);
	fixture_end(&fixture);
}

static void
test_nothing_polled(void)
{
	g_autofree char *folder = g_dir_make_tmp("flagpost-view-XXXXXX", NULL);
	g_autoptr(GError) error = NULL;

	g_assert_null(view_open(folder, "officer", &error));
	assert_fault(error, FAULT_CONFIG, "nothing polled yet");
	remove_tree(folder);
}

static struct database *
open_raw(const struct fixture *fixture)
{
	g_autofree char *path = g_build_filename(fixture->data, STORE_FILE, NULL);
	struct database *database = database_open(path, false, NULL);

	g_assert_nonnull(database);
	return database;
}

static void
test_ledger(void)
{
	struct fixture fixture;
	g_autoptr(GError) error = NULL;
	g_autofree char *head = NULL;
	guint64 rows;

	fixture_start(&fixture);
	keep(&fixture, &(struct mail){ .uid = "1", .body = "one" });
	g_autoptr(view) view = fixture_view(&fixture);
	static const char *const digests[] = { RULES, RULES, "22", RULES };
	for (guint i = 0; i < G_N_ELEMENTS(digests); i++)
		g_assert_true(store_ruleset(fixture.store,
		    &(struct store_ruleset){ digests[i], NULL, 0, NULL, 0 }, MORNING, NULL));
	g_assert_true(view_note_access(view, "show", "abcdef0123", &error));
	g_assert_no_error(error);
	g_assert_true(view_note_access(view, "search", "from:anna'; --", NULL));
	g_autoptr(database) raw = open_raw(&fixture);
	g_assert_true(ledger_verify(raw, &rows, &head, &error));
	/* The begin of the run, three sets of rules, what two of them changed, two looks. */
	g_assert_cmpuint(rows, ==, 8);
	g_assert_true(digest_is_hex(head));

	g_test_message("a view writes nothing else");
	g_test_message("rows cannot be changed by a slip");
	g_assert_false(database_script(raw, "slip", "UPDATE ledger SET who = 'x'", NULL));
	g_assert_false(database_script(raw, "slip", "DELETE FROM ledger", NULL));

	static const struct {
		const char *label, *sql, *complaint;
	} cases[] = {
		{ "who", "UPDATE ledger SET who = 'nobody' WHERE id = 4", "row 4" },
		{ "a row taken out", "DELETE FROM ledger WHERE id = 3", "row 3" },
		{ "text moved between fields",
		    "UPDATE ledger SET verb = verb || 's', object = substr(object, 2) WHERE id = 2",
		    "row 2" },
		{ "when", "UPDATE ledger SET seen = seen + 1 WHERE id = 1", "row 1" },
	};
	g_assert_true(database_script(
	    raw, "tamper", "DROP TRIGGER ledger_no_update; DROP TRIGGER ledger_no_delete", NULL));
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("changed on purpose: %s", cases[i].label);
		g_assert_true(database_script(raw, "tamper", cases[i].sql, &error));
		g_assert_false(ledger_verify(raw, &rows, NULL, &error));
		assert_fault(error, FAULT_DATA, cases[i].complaint);
	}
	fixture_end(&fixture);
}

/* What a server repeats at every pass is told once a day, and each text of it. */
static void
test_notes_once(void)
{
	static const struct {
		const char *label, *account, *text;
		gint64 since, seen;
		bool told;
	} cases[] = {
		{ "the first time", "hq", "down on Monday", MORNING - DAY, MORNING, true },
		{ "again the same day", "hq", "down on Monday", MORNING - DAY, MORNING + 1, false },
		{ "another text", "hq", "full", MORNING - DAY, MORNING + 2, true },
		{ "another account", "lab", "full", MORNING - DAY, MORNING + 3, true },
		{ "the next day", "hq", "full", MORNING + 3, MORNING + DAY, true },
	};
	struct fixture fixture;

	fixture_start(&fixture);
	g_autoptr(view) view = fixture_view(&fixture);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].label);
		g_assert_true(store_begin(fixture.store, NULL));
		g_assert_true(store_note_once(fixture.store, cases[i].account, "", "server-alert",
		    cases[i].text, cases[i].since, cases[i].seen, fixture.run, NULL));
		g_assert_true(store_commit(fixture.store, NULL));
		g_autoptr(GPtrArray) notes = view_notes(view, cases[i].seen, G_MAXINT64, NULL);
		g_assert_cmpuint(notes->len, ==, cases[i].told);
	}
	fixture_end(&fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/view/windows", test_windows);
	g_test_add_func("/view/flag", test_flag);
	g_test_add_func("/view/gaps", test_gaps);
	g_test_add_func("/view/search", test_search);
	g_test_add_func("/view/find", test_find);
	g_test_add_func("/view/verdict", test_verdict);
	g_test_add_func("/view/altered-copy", test_altered_copy);
	g_test_add_func("/view/damaged-volumes", test_damaged_volumes);
	g_test_add_func("/view/runs", test_runs);
	g_test_add_func("/view/nothing-polled", test_nothing_polled);
	g_test_add_func("/view/ledger", test_ledger);
	g_test_add_func("/view/notes-once", test_notes_once);
	return g_test_run();
}
