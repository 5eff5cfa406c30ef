/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose mail is purged, what holds keep, and the same bytes met once more. */
#include "purge-kit.h"

#include "store/hold.h"

/* The same bytes at another place: they are known, and are not kept again. */
static void
test_met_again(void)
{
	struct fixture fixture;
	struct mail again = secret_mail;

	fixture_start(&fixture);
	keep_words(&fixture, &secret_mail);
	purge_mail(&fixture, &secret_mail);
	again.folder = "Archive";
	again.uid = "7";
	keep_words(&fixture, &again);
	g_assert_false(folder_has(fixture.data, SECRET));
	g_assert_cmpuint(deviations(&fixture), ==, 0);
	g_assert_cmpint(number(&fixture, "SELECT count(*) FROM placement"), ==, 2);
	g_assert_cmpint(number(&fixture, "SELECT count(*) FROM flag"), ==, 0);

	g_autoptr(view) view = fixture_view(&fixture);
	struct view_space space;
	g_assert_true(view_space(view, &space, NULL));
	g_assert_cmpuint(space.messages, ==, 1);
	g_assert_cmpuint(space.purged, ==, 1);
	g_assert_cmpuint(space.places, ==, 2);
	g_assert_cmpuint(space.seen_bytes, ==, 2 * strlen(secret_mail.body));
	g_assert_cmpuint(space.copies, ==, 0);

	g_test_message("a word that was purged is found in mail that comes later");
	keep_words(
	    &fixture, &(struct mail){ .uid = "3", .body = "another " SECRET, .message_id = "3@x" });
	g_assert_cmpuint(find_words(&fixture, SECRET), ==, 1);
	g_assert_cmpuint(find_words(&fixture, "*htjarqui*"), ==, 1);
	g_test_message("and twice is once");
	g_assert_cmpuint(purge_mail(&fixture, &secret_mail).messages, ==, 0);
	fixture_end(&fixture);
}

static void
test_holds(void)
{
	struct fixture fixture;
	g_autoptr(GError) error = NULL;

	fixture_start(&fixture);
	keep_words(&fixture, &secret_mail);
	keep_words(&fixture, &other_mail);
	g_autoptr(view) view = fixture_view(&fixture);
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
	gint64 id = id_of(view, &secret_mail);
	g_array_append_val(ids, id);
	g_assert_true(hold_add(view, "case-7", "", "a court asked", ids, &error));
	g_assert_false(hold_add(view, "case-7", "", "", ids, &error));
	assert_fault(error, FAULT_USAGE, "case-7");
	g_assert_false(hold_add(view, "", "", "", ids, &error));
	assert_fault(error, FAULT_USAGE, "name");

	g_test_message("what is held stays, whoever asks");
	struct purge_counts counts = purge_mail(&fixture, &secret_mail);
	g_assert_cmpuint(counts.held, ==, 1);
	g_assert_cmpuint(counts.messages, ==, 0);
	g_assert_cmpuint(find_words(&fixture, SECRET), ==, 1);
	g_assert_cmpuint(purge_mail(&fixture, &other_mail).messages, ==, 1);

	g_test_message("until it is released");
	g_autoptr(GPtrArray) holds = hold_list(view, false, &error);
	g_assert_cmpuint(holds->len, ==, 1);
	g_assert_cmpuint(((struct hold *)holds->pdata[0])->messages, ==, 1);
	g_assert_true(hold_release(view, "case-7", "it is over", &error));
	g_assert_false(hold_release(view, "case-7", "", &error));
	assert_fault(error, FAULT_USAGE, "case-7");
	g_assert_cmpuint(purge_mail(&fixture, &secret_mail).messages, ==, 1);
	g_assert_cmpint(number(&fixture, "SELECT count(*) FROM ledger WHERE verb = 'hold'"), ==, 2);
	g_autoptr(GPtrArray) all = hold_list(view, true, &error);
	g_assert_cmpint(((struct hold *)all->pdata[0])->released, >, 0);
	fixture_end(&fixture);
}

/* People by their whole address. */
static void
test_person(void)
{
	struct fixture fixture;
	g_autoptr(GError) error = NULL;

	fixture_start(&fixture);
	keep_words(&fixture, &secret_mail);
	keep_words(&fixture, &other_mail);
	g_autoptr(view) view = fixture_view(&fixture);
	static const struct {
		const char *address;
		guint found;
	} cases[] = { { "Anna@corp.example", 2 }, { "bob@rival.example", 2 },
		{ "nna@corp.example", 0 }, { "%", 0 } };
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GPtrArray) items =
		    purge_of_person(view, cases[i].address, "asked", &error);
		g_assert_no_error(error);
		g_assert_cmpuint(items->len, ==, cases[i].found);
	}
	fixture_end(&fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/purge/met-again", test_met_again);
	g_test_add_func("/purge/holds", test_holds);
	g_test_add_func("/purge/person", test_person);
	return g_test_run();
}
