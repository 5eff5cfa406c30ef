/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixture.h"

#include "store/purge.h"
#include "store/retention.h"

#define YEAR (365u * 86400)
#define LOW  (1u << SEVERITY_LOW)
#define HIGH (1u << SEVERITY_HIGH)

static void
add_rule(GPtrArray *rules, const char *name, const char *account, const char *folder,
    guint severities, guint64 keep_seconds)
{
	struct retention_rule *rule = g_new0(struct retention_rule, 1);

	rule->name = g_strdup(name);
	rule->accounts = account != NULL ? g_strsplit(account, " ", -1) : NULL;
	rule->folders = folder != NULL ? g_strsplit(folder, " ", -1) : NULL;
	rule->severities = severities;
	rule->keep_seconds = keep_seconds;
	g_ptr_array_add(rules, rule);
}

static GPtrArray *
make_rules(void)
{
	GPtrArray *rules = g_ptr_array_new_with_free_func((GDestroyNotify)retention_rule_free);

	add_rule(rules, "plain", "hq sales/*", NULL, RETENTION_UNFLAGGED | LOW, YEAR);
	add_rule(rules, "junk", NULL, "Junk Trash", RETENTION_UNFLAGGED, YEAR / 12);
	add_rule(rules, "serious", NULL, NULL, HIGH, 10 * YEAR);
	return rules;
}

static void
test_judge(void)
{
	static const struct {
		const char *label;
		const char *places[7];
		guint severity;
		guint64 age;
		const char *rule; /* NULL: it stays */
	} cases[] = {
		{ "a year is not over", { "hq", "INBOX" }, RETENTION_UNFLAGGED, YEAR - 1, NULL },
		{ "now it is", { "hq", "INBOX" }, RETENTION_UNFLAGGED, YEAR, "plain" },
		{ "no rule names the account", { "lab", "INBOX" }, RETENTION_UNFLAGGED, 50 * YEAR,
		    NULL },
		{ "one of its places is named by no rule", { "hq", "INBOX", "lab", "INBOX" },
		    RETENTION_UNFLAGGED, 50 * YEAR, NULL },
		{ "the longest time of all rules counts", { "hq", "Junk" }, RETENTION_UNFLAGGED,
		    YEAR / 12, NULL },
		{ "in junk alone the month does", { "lab", "Junk" }, RETENTION_UNFLAGGED, YEAR / 12,
		    "junk" },
		{ "junk here, a year there", { "lab", "Junk", "hq", "INBOX" }, RETENTION_UNFLAGGED,
		    YEAR / 2, NULL },
		{ "and when the year is over", { "lab", "Junk", "hq", "INBOX" },
		    RETENTION_UNFLAGGED, YEAR, "plain" },
		{ "a flag is worth more time", { "hq", "INBOX" }, HIGH, 9 * YEAR, NULL },
		{ "but not for ever", { "hq", "INBOX" }, HIGH, 10 * YEAR, "serious" },
		{ "nobody says what happens to medium ones", { "hq", "INBOX" },
		    1u << SEVERITY_MEDIUM, 50 * YEAR, NULL },
		{ "mailboxes of a list", { "sales/anna", "INBOX" }, LOW, YEAR, "plain" },
		{ "a message that lies nowhere is named by no rule", { NULL }, RETENTION_UNFLAGGED,
		    50 * YEAR, NULL },
	};
	g_autoptr(GPtrArray) rules = make_rules();

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].label);
		const struct retention_rule *rule =
		    retention_judge(rules, cases[i].places, cases[i].severity, cases[i].age);
		g_assert_cmpstr(rule != NULL ? rule->name : NULL, ==, cases[i].rule);
	}
}

static char *
due(struct fixture *fixture, const GPtrArray *rules, gint64 now)
{
	g_autoptr(view) view = fixture_view(fixture);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) items = retention_due(view, rules, now, &error);
	GString *out = g_string_new(NULL);

	g_assert_no_error(error);
	for (guint i = 0; i < items->len; i++) {
		const struct purge_item *item = items->pdata[i];
		g_string_append_printf(out, "%s: %s; ", item->subject, item->why);
	}
	return g_string_free(out, FALSE);
}

static void
test_due(void)
{
	struct fixture fixture;
	g_autoptr(GPtrArray) rules = make_rules();
	g_autoptr(GPtrArray) none = g_ptr_array_new();

	fixture_start(&fixture);
	keep(&fixture, &(struct mail){ .uid = "1", .body = "a", .subject = "old" });
	keep(&fixture,
	    &(struct mail){ .uid = "2", .body = "b", .subject = "new", .seen = MORNING + DAY });
	keep(&fixture,
	    &(struct mail){ .uid = "3", .body = "c", .subject = "medium", .rule = "codename" });
	keep(&fixture, &(struct mail){ .uid = "4", .body = "d", .subject = "elsewhere too" });
	keep(&fixture, &(struct mail){ .account = "lab", .uid = "4", .body = "d" });
	keep(&fixture, &(struct mail){ .folder = "Archive", .uid = "9", .body = "a" });

	g_autofree char *early = due(&fixture, rules, MORNING + 364 * DAY);
	g_assert_cmpstr(early, ==, "");
	g_autofree char *later = due(&fixture, rules, MORNING + 365 * DAY);
	g_assert_cmpstr(later, ==, "old: [retention.plain] 365 days; ");
	g_autofree char *all = due(&fixture, rules, MORNING + 366 * DAY);
	g_assert_cmpstr(
	    all, ==, "old: [retention.plain] 365 days; new: [retention.plain] 365 days; ");
	g_autofree char *nothing = due(&fixture, none, MORNING + 9999 * DAY);
	g_assert_cmpstr(nothing, ==, "");
	fixture_end(&fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/retention/judge", test_judge);
	g_test_add_func("/retention/due", test_due);
	return g_test_run();
}
