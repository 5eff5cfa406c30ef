/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/emit.h"

#include "sample.h"

/* The text between two sections' beginnings. */
static char *
section_of(const char *page, const char *begin, const char *end)
{
	const char *from = strstr(page, begin);

	g_assert_nonnull(from);
	const char *to = strstr(from, end);
	g_assert_nonnull(to);
	return g_strndup(from, (gsize)(to - from));
}

static void
assert_says(const char *section, const char *label, const char *text)
{
	g_test_message("%s", label);
	if (strstr(section, text) == NULL)
		g_error("%s: '%s' is not in: %s", label, text, section);
}

/* An incident that was known, of two messages, one of them gone; all that a rule can say of it. */
static void
make_leak(struct report *report)
{
	struct view_message *sent = sample_message(
	    "anna@corp.example", "bob@rival.example carl@corp.example", "About NIGHTJAR-77");
	struct view_message *copy =
	    sample_message("anna@corp.example", "bob@rival.example", "About NIGHTJAR-77");
	struct view_flag *first = sample_flag(report->flags, "codename", SEVERITY_HIGH, sent);
	struct view_flag *second = sample_flag(report->flags, "codename", SEVERITY_HIGH, copy);
	struct view_placement *place = g_ptr_array_index(copy->placements, 0);

	copy->id = 2;
	sample_set(
	    &copy->sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	sample_set(&place->account, "lab");
	sample_set(&place->folder, "INBOX");
	sample_set(&place->fate, "deleted");
	place->last_seen = SAMPLE_DAY + 11 * SAMPLE_HOUR;
	place->gone = SAMPLE_DAY + 12 * SAMPLE_HOUR;
	second->incident = first->incident = 4;
	first->begun = second->begun = SAMPLE_DAY - 48 * SAMPLE_HOUR;
	first->state = second->state = REVIEW_ESCALATED;
	sent->facts = FACT_REUSED_MESSAGE_ID;
	sample_set(&sent->warnings, "two Content-Type headers");
	sample_set(&first->flag->title, "A code name leaves");
	sample_set(&first->flag->escalated_by, "high");
	sample_set(&first->description, "The code name stands in mail to outside.");
	sample_set(&first->false_positives, "Birds.");
	sample_set(&first->next_step, "Ask the author.");
	sample_set(&first->assignee, "legal");
	sample_set(&first->note, "asked her");
	for (guint i = 0; i < 5; i++)
		sample_hit(first->flag, COMPONENT_BODY, "about ", "NIGHTJAR-77", " again");
	sample_hit(second->flag, COMPONENT_SUBJECT, "About ", "NIGHTJAR-77", "");
	((struct hit *)g_ptr_array_index(first->flag->hits, 0))->hidden = true;
	sample_part(first, "1.2", "plan.pdf");
}

static void
test_card(void)
{
	static const struct {
		const char *label, *text;
	} fields[] = {
		{ "its id, as an anchor", "id=\"I-4\"" },
		{ "its severity", "High" },
		{ "its state", "escalated" },
		{ "who", "anna@" },
		{ "the outside domain, marked",
		    "<span class=\"out\"><bdi>bob@<wbr><b>rival.example</b>" },
		{ "one of our own, not marked", "<span><bdi>carl@<wbr><b>corp.example</b>" },
		{ "the direction", "outbound" },
		{ "the subject, masked", "About NI*******77" },
		{ "when it was sent", "2026-11-22T09:00" },
		{ "when it was seen", "2026-11-22T10:00" },
		{ "where it lies", "hq <span class=\"sep\">/</span> Sent" },
		{ "its other place", "lab <span class=\"sep\">/</span> INBOX" },
		{ "and that it is gone from there", "gone between" },
		{ "the attachment", "plan.pdf" },
		{ "its claimed type", "application/pdf" },
		{ "the true one, marked", "<td class=\"bad\">application/zip" },
		{ "the rule by its title", "A code name leaves" },
		{ "and by its name", "codename" },
		{ "which section matched", "content.codename" },
		{ "an excerpt, masked", "NI*******77" },
		{ "what a reader does not see", "idden" },
		{ "what raised it", "raised by high" },
		{ "how many matches there are", "5 matches" },
		{ "why, in words", "The code name stands in mail to outside." },
		{ "when it is harmless", "Birds." },
		{ "the next step", "Ask the author." },
		{ "who has it", "legal" },
		{ "the note", "asked her" },
		{ "what is odd about its form", "two Content-Type headers" },
		{ "what is odd about the message", "reused-message-id" },
		{ "how often it came before", "3 messages in the 30 days before" },
		{ "the digest of the copy", SAMPLE_DIGEST },
		{ "that of the other copy",
		    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "the command that decides", "flagpost review I-4 --as resolved" },
		{ "the command that shows it", "flagpost show 9f86d081884c" },
	};
	g_autoptr(report) report = sample_report();

	make_leak(report);
	sample_fold(report);
	struct incident *incident = g_ptr_array_index(report->incidents, 0);
	incident->repeats = 3;
	incident->last = SAMPLE_DAY - 24 * SAMPLE_HOUR;
	g_assert_cmpuint(report->incidents->len, ==, 1);
	GString *page = report_render(report, "html", NULL);
	g_autofree char *card = section_of(page->str, "<article", "</article>");
	for (gsize i = 0; i < G_N_ELEMENTS(fields); i++)
		assert_says(card, fields[i].label, fields[i].text);
	g_test_message("three excerpts in the card itself, the others folded");
	g_autofree char *shown = section_of(card, "<h4>Why", "<details");
	guint quotes = 0;
	for (const char *p = shown; (p = strstr(p, "<blockquote")) != NULL; p++)
		quotes++;
	g_assert_cmpuint(quotes, ==, 3);
	g_assert_null(strstr(page->str, "NIGHTJAR-77"));
	g_string_free(page, TRUE);
}

/* What each exception swallowed, also one whose rule is another by now. */
static void
test_exceptions(void)
{
	static const struct {
		const char *label, *text;
	} fields[] = {
		{ "one in force: its reason", "Joint tender" },
		{ "who approved it", "legal@corp.example" },
		{ "its end", "2030-01-01" },
		{ "and what it swallowed", "<td class=\"num\">2</td>" },
		{ "one that ended says so", "2020-01-01 <em>ended</em>" },
		{ "and swallowed nothing", "<td class=\"num\">0</td>" },
		{ "one that is in no rule any more", "<em>no longer in force</em>" },
		{ "with its reason of that day", "as it was" },
	};
	g_autoptr(report) report = sample_report();

	sample_rule(report, "codename",
	    "[except.tender]\nreason = Joint tender\napproved_by = legal@corp.example\n"
	    "expires = 2030-01-01\n[except.old]\nreason = Past\nexpires = 2020-01-01\n");
	for (guint i = 0; i < 3; i++) {
		struct view_flag *row = sample_flag(report->excepted, "codename", SEVERITY_LOW,
		    sample_message("a@corp.example", "b@rival.example", "x"));
		sample_set(&row->flag->exception, i < 2 ? "tender" : "gone");
		sample_set(&row->flag->except_reason, "as it was");
	}
	report->totals.excepted = 3;
	GString *page = sample_render(report, "html");
	g_autofree char *section = section_of(page->str, "id=\"exceptions\"", "</section>");
	for (gsize i = 0; i < G_N_ELEMENTS(fields); i++)
		assert_says(section, fields[i].label, fields[i].text);
	g_string_free(page, TRUE);
}

/* What was not checked, and why: nothing of it may be missing, whatever form is read. */
static void
test_not_checked(void)
{
	static const char *const forms[] = { "html", "text" };
	static const struct {
		const char *label, *text;
	} said[] = {
		{ "an account that fails", "the server refused the login" },
		{ "since when", "2026-11-21 20:00" },
		{ "a part, by outcome", "encrypted" },
		{ "a rule that gave up", "Rule gave up" },
		{ "where it gave up", "match limit" },
		{ "a clock that jumped", "the clock was set forward by 3 hours" },
		{ "the longest time unwatched", "longest time unwatched in 30 days: 48 h" },
		{ "a canary that was not seen", "anary" },
	};
	g_autoptr(report) report = sample_report();
	struct view_account *account = sample_account(report, "hq", "imap");

	sample_folder(account, "INBOX", 10, 1);
	sample_set(&account->state, "away");
	sample_set(&account->text, "the server refused the login");
	account->failing_since = SAMPLE_DAY - 4 * SAMPLE_HOUR;
	account->exposed =
	    (struct view_exposure){ SAMPLE_DAY - 50 * SAMPLE_HOUR, SAMPLE_DAY - 2 * SAMPLE_HOUR };
	account->canary = (struct view_canary){ .made = SAMPLE_DAY + 6 * SAMPLE_HOUR,
		.planted = SAMPLE_DAY + 6 * SAMPLE_HOUR,
		.due = SAMPLE_DAY + 7 * SAMPLE_HOUR,
		.trouble = (char *)"" };
	sample_gap(report, "part", "encrypted", "a.zip");
	sample_gap(report, "rule", "match limit", "codename");
	sample_note(report, "clock-jump", "the clock was set forward by 3 hours");
	for (gsize j = 0; j < G_N_ELEMENTS(forms); j++) {
		GString *page = sample_render(report, forms[j]);
		for (gsize i = 0; i < G_N_ELEMENTS(said); i++)
			assert_says(page->str, said[i].label, said[i].text);
		g_string_free(page, TRUE);
	}
}

/* What the head says, and what proves it; each line goes when it has nothing to say. */
static void
test_head(void)
{
	static const struct {
		const char *label, *text;
	} said[] = {
		{ "whose it is", "Example Corp" },
		{ "the period", "Sunday, 22 November 2026" },
		{ "the time zone", "<dt>Time zone</dt><dd>UTC" },
		{ "its number", "<dt>Report number</dt><dd>1,204" },
		{ "the digest of the rules", "<dt>Rule set</dt><dd><code title=\"" SAMPLE_DIGEST },
		{ "that of the report before", "<dt>Previous report</dt><dd><code title=\"aaaa" },
		{ "the row of the ledger", "<dt>Ledger, row 77</dt>" },
		{ "and its head", "<code title=\"bbbb" },
		{ "who may read it", "For the board alone" },
		{ "by what right", "<dt>Legal basis</dt><dd>Works agreement 7" },
		{ "why accounts are read", "<dt>Purpose</dt><dd>Leaks of tenders" },
		{ "which have no purpose", "1 account without a stated purpose" },
		{ "what it is limited to", "<dt>Only group</dt><dd>board" },
		{ "that nothing is masked", "Matches are shown in clear." },
		{ "that the day is not over", "This period is not over yet" },
	};
	g_autoptr(report) report = sample_report();
	struct view_account *account = sample_account(report, "hq", "imap");

	account->configured = true;
	sample_set(&account->purpose, "Leaks of tenders");
	account = sample_account(report, "lab", "imap");
	account->configured = true;
	sample_set(&account->purpose, "");
	report->number = 1204;
	sample_set(&report->previous, "aaaaaaaaaaaaaaaaaaaaaaaa");
	report->ledger_row = 77;
	sample_set(&report->ledger_head, "bbbbbbbbbbbbbbbbbbbbbbbb");
	sample_set(&report->confidential, "For the board alone");
	sample_set(&report->legal_basis, "Works agreement 7");
	sample_set(&report->group, "board");
	report->clear = true;
	report->made = report->from + SAMPLE_HOUR;
	GString *page = sample_render(report, "html");
	g_autofree char *head = section_of(page->str, "<header", "</header>");
	for (gsize i = 0; i < G_N_ELEMENTS(said); i++)
		assert_says(head, said[i].label, said[i].text);
	g_string_free(page, TRUE);
	g_autoptr(report) bare = sample_report();
	page = sample_render(bare, "html");
	g_autofree char *little = section_of(page->str, "<header", "</header>");
	assert_says(little, "no report before it", "none found");
	assert_says(little, "a ledger without rows", "<dt>Ledger</dt><dd>empty");
	assert_says(little, "confidential all the same", "Confidential: holds personal data");
	g_assert_null(strstr(little, "not over yet"));
	g_assert_null(strstr(little, "in clear"));
	g_string_free(page, TRUE);
}

/* One rule a case, as it was when the day began. */
static void
test_rules(void)
{
	static const struct {
		const char *label;
		gint64 known, changed; /* hours before the day; less than 0: within it */
		bool in_force, flags;
		const char *mark; /* NULL: none */
	} cases[] = {
		{ "known for long, with flags", 2000, 2000, true, true, NULL },
		{ "it came today", -1, -1, true, true, "new" },
		{ "its text changed today", 2000, -1, true, true, "changed" },
		{ "thirty days without a flag", 2000, 2000, true, false, "silent" },
		{ "without a flag, but not for long", 200, 200, true, false, NULL },
		{ "taken out", 2000, 2000, false, true, "no longer in force" },
	};
	static const char *const marks[] = { "new", "changed", "silent", "no longer in force" };

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(report) report = sample_report();
		sample_rule(report, "codename", "");
		struct view_rule *rule = g_ptr_array_index(report->rules, 0);
		rule->known = SAMPLE_DAY - cases[i].known * SAMPLE_HOUR;
		rule->changed = SAMPLE_DAY - cases[i].changed * SAMPLE_HOUR;
		rule->in_force = cases[i].in_force;
		rule->flags = cases[i].flags ? 41 : 0;
		rule->days[VIEW_DAYS - 1] = cases[i].flags ? 43 : 0;
		rule->confirmed = 47;
		rule->false_positives = 53;
		GString *page = sample_render(report, "html");
		g_autofree char *section = section_of(page->str, "id=\"rules\"", "</section>");
		g_test_message("%s", cases[i].label);
		for (gsize j = 0; j < G_N_ELEMENTS(marks); j++) {
			g_autofree char *mark = g_strdup_printf("<em>%s</em>", marks[j]);
			g_assert_cmpint(strstr(section, mark) != NULL, ==,
			    g_strcmp0(marks[j], cases[i].mark) == 0);
		}
		assert_says(section, "confirmed", ">47<");
		assert_says(section, "false", ">53<");
		if (cases[i].flags) {
			assert_says(section, "today", ">41<");
			assert_says(section, "thirty days", ">43<");
			assert_says(section, "a bar with words", "<svg");
			assert_says(section, "for who cannot see it", "aria-label=\"Flags a day");
		}
		g_string_free(page, TRUE);
	}
}

static void
test_people(void)
{
	g_autoptr(report) report = sample_report();

	make_leak(report);
	sample_fold(report);
	GString *page = sample_render(report, "html");
	g_test_message("nobody is counted unless it was asked for");
	g_assert_null(strstr(page->str, "id=\"people\""));
	g_string_free(page, TRUE);
	report->people = true;
	page = sample_render(report, "html");
	g_autofree char *section = section_of(page->str, "id=\"people\"", "</section>");
	assert_says(section, "the author", "<bdi>anna@corp.example</bdi>");
	assert_says(section, "the domain outside", "<bdi>rival.example</bdi>");
	g_test_message("one incident of two messages counts once; our own domain is none outside");
	g_assert_null(strstr(section, "<td class=\"num\">2<"));
	g_assert_null(strstr(section, "<bdi>corp.example"));
	g_string_free(page, TRUE);
}

static void
test_changes(void)
{
	static const struct {
		const char *label, *text;
	} said[] = {
		{ "a rule is new", "1 rule is new" },
		{ "what was decided", "false-positive" },
		{ "by whom", "<td>chief<" },
		{ "with which note", "a bird" },
		{ "who looked", "auditor" },
		{ "at what", "show" },
		{ "how often", ">31<" },
	};
	g_autoptr(report) report = sample_report();
	struct review_change *change = g_new0(struct review_change, 1);
	struct view_access *access = g_new0(struct view_access, 1);

	sample_rule(report, "codename", "");
	((struct view_rule *)g_ptr_array_index(report->rules, 0))->known = SAMPLE_DAY + 1;
	*change = (struct review_change){ .flag = 4,
		.seen = SAMPLE_DAY + SAMPLE_HOUR,
		.rule = g_strdup("codename"),
		.who = g_strdup("chief"),
		.assignee = g_strdup("legal"),
		.note = g_strdup("a bird"),
		.was = REVIEW_NEW,
		.state = REVIEW_FALSE_POSITIVE };
	g_ptr_array_add(report->changes, change);
	*access = (struct view_access){ .who = g_strdup("auditor"),
		.verb = g_strdup("show"),
		.count = 31,
		.last = SAMPLE_DAY };
	g_ptr_array_add(report->accesses, access);
	GString *page = sample_render(report, "html");
	g_autofree char *section = section_of(page->str, "id=\"changes\"", "</section>");
	for (gsize i = 0; i < G_N_ELEMENTS(said); i++)
		assert_says(section, said[i].label, said[i].text);
	g_string_free(page, TRUE);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/page/head", test_head);
	g_test_add_func("/page/rules", test_rules);
	g_test_add_func("/page/people", test_people);
	g_test_add_func("/page/changes", test_changes);
	g_test_add_func("/page/card", test_card);
	g_test_add_func("/page/exceptions", test_exceptions);
	g_test_add_func("/page/not-checked", test_not_checked);
	return g_test_run();
}
