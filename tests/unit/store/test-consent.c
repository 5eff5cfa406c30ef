/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixture.h"

#include "base/clock.h"
#include "store/consent.h"
#include "store/view-scope.h"

#define ONE "one"
#define TWO "two"

static const char *const hq[] = { "hq", NULL };

static void
start(struct fixture *fixture)
{
	fixture_start(fixture);
	keep(fixture, &(struct mail){ .uid = "1", .body = ONE, .account = "hq" });
	keep(fixture, &(struct mail){ .uid = "2", .body = TWO, .account = "branch" });
}

/* The view of somebody, for whom a second officer has to agree. */
static struct view *
view_as(const struct fixture *fixture, const char *person, const char *login)
{
	g_autoptr(GError) error = NULL;
	struct view *view = view_open(fixture->data, person, &error);

	g_assert_no_error(error);
	consent_demand(view, login);
	return view;
}

static gint64
ask(struct view *view, const char *body, GError **error)
{
	g_autoptr(GPtrArray) digests = g_ptr_array_new();
	char sha256[DIGEST_HEX];
	gint64 row = 0;

	digest_bytes(body, strlen(body), sha256);
	g_ptr_array_add(digests, sha256);
	return consent_ask(view, digests, "case 4711", &row, error) ? row : 0;
}

static bool
opens(struct view *view, gint64 id)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) bytes = view_copy(view, id, &error);

	if (bytes == NULL)
		assert_fault(error, FAULT_DENIED, "second officer");
	return bytes != NULL;
}

static void
test_two(void)
{
	struct fixture fixture;
	g_autoptr(GError) error = NULL;

	start(&fixture);
	g_autoptr(view) anna = view_as(&fixture, "anna", "anna");
	g_autoptr(view) bob = view_as(&fixture, "bob", "bob");
	g_test_message("nothing opens unasked");
	g_assert_false(opens(anna, 1));
	gint64 row = ask(anna, ONE, &error);
	g_assert_no_error(error);
	g_assert_cmpint(row, >, 0);
	g_test_message("nor when it was only asked");
	g_assert_false(opens(anna, 1));
	g_assert_true(consent_give(bob, row, clock_now(), &error));
	g_assert_no_error(error);
	g_test_message("what was agreed to opens, for who asked, and nothing else");
	g_assert_true(opens(anna, 1));
	g_assert_false(opens(anna, 2));
	g_assert_false(opens(bob, 1));
	g_test_message("for a while");
	char sha256[DIGEST_HEX];
	digest_bytes(ONE, strlen(ONE), sha256);
	gint64 now = clock_now();
	g_assert_true(
	    consent_check(anna, sha256, now + CONSENT_HOLDS_US - G_TIME_SPAN_MINUTE, NULL));
	g_assert_false(consent_check(anna, sha256, now + CONSENT_HOLDS_US, NULL));
	g_test_message("an answer is given once");
	g_assert_false(consent_give(bob, row, now, &error));
	assert_fault(error, FAULT_USAGE, "already");
	fixture_end(&fixture);
}

/* Ways around it. */
static const struct {
	const char *label, *person;
	struct view_scope scope;
	gint64 later;
	int code;
	const char *text;
} tries[] = {
	{ "the one who asked", "anna", { VIEW_ALL, NULL }, 0, FAULT_DENIED, "anna asked" },
	{ "the same login as somebody else", "anna as chief", { VIEW_ALL, NULL }, 0, FAULT_DENIED,
	    "anna asked" },
	{ "a user", "dora", { VIEW_OWN, hq }, 0, FAULT_DENIED, "no officer" },
	{ "an administrator", "root", { VIEW_NO_MAIL, NULL }, 0, FAULT_DENIED, "no officer" },
	{ "an officer who does not see the message", "carl", { VIEW_ACCOUNTS, hq }, 0, FAULT_DENIED,
	    "does not see" },
	{ "a day later", "bob", { VIEW_ALL, NULL }, CONSENT_ASK_US + G_TIME_SPAN_MINUTE,
	    FAULT_USAGE, "more than a day ago" },
	{ "long after", "bob", { VIEW_ALL, NULL }, 10 * CONSENT_ASK_US, FAULT_USAGE,
	    "there is none" },
};

static void
test_around(void)
{
	struct fixture fixture;
	g_autoptr(GError) error = NULL;

	start(&fixture);
	g_autoptr(view) anna = view_as(&fixture, "anna as chief", "anna");
	gint64 row = ask(anna, TWO, &error);
	g_assert_no_error(error);
	for (gsize i = 0; i < G_N_ELEMENTS(tries); i++) {
		g_autoptr(GError) trouble = NULL;
		g_autoptr(view) other = view_as(&fixture, tries[i].person, "x");
		g_test_message("%s", tries[i].label);
		g_assert_true(view_restrict(other, &tries[i].scope, NULL));
		g_assert_false(consent_give(other, row, clock_now() + tries[i].later, &trouble));
		assert_fault(trouble, tries[i].code, tries[i].text);
		g_assert_false(opens(anna, 2));
	}
	g_test_message("a row that no command wrote");
	g_autofree char *object = g_strdup_printf("row %" G_GINT64_FORMAT, row);
	g_assert_true(view_note_access(anna, "consent", object, NULL));
	g_assert_false(opens(anna, 2));
	g_test_message("no request");
	g_assert_false(consent_give(anna, 4711, clock_now(), &error));
	assert_fault(error, FAULT_USAGE, "there is none");
	fixture_end(&fixture);
}

static void
test_ask(void)
{
	struct fixture fixture;
	g_autoptr(GError) error = NULL;
	const struct view_scope scope = { VIEW_ACCOUNTS, hq };
	gint64 row;

	start(&fixture);
	g_autoptr(view) carl = view_as(&fixture, "carl", "carl");
	g_assert_true(view_restrict(carl, &scope, NULL));
	g_test_message("nobody asks for what he does not see");
	g_assert_cmpint(ask(carl, TWO, &error), ==, 0);
	assert_fault(error, FAULT_USAGE, "no message");
	g_clear_error(&error);
	g_test_message("nor for nothing, nor for all there is");
	g_autoptr(GPtrArray) digests = g_ptr_array_new();
	g_assert_false(consent_ask(carl, digests, "why", &row, &error));
	assert_fault(error, FAULT_USAGE, "1 to 500");
	g_clear_error(&error);
	for (guint i = 0; i <= CONSENT_MESSAGES_MAX; i++)
		g_ptr_array_add(digests, (char *)"x");
	g_assert_false(consent_ask(carl, digests, "why", &row, &error));
	assert_fault(error, FAULT_USAGE, "1 to 500");
	g_test_message("where nothing is demanded all opens");
	g_autoptr(view) free_view = fixture_view(&fixture);
	g_assert_true(opens(free_view, 1));
	fixture_end(&fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/consent/two", test_two);
	g_test_add_func("/consent/around", test_around);
	g_test_add_func("/consent/ask", test_ask);
	return g_test_run();
}
