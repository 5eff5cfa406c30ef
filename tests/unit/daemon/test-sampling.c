/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/sampling.h"

#include <string.h>

#include "base/digest.h"
#include "base/problem.h"
#include "folder.h"

#define GENERAL "[general]\nown_domains = corp.example\ntimezone = Europe/Berlin\ndata_dir = .\n"
#define NOON    (G_GINT64_CONSTANT(1795345200) * G_USEC_PER_SEC)
#define HOUR    (G_GINT64_CONSTANT(3600) * G_USEC_PER_SEC)
#define MANY    20000

static struct config *
load(const char *folder, const char *review, char **said)
{
	g_autofree char *text = g_strconcat(GENERAL, review, NULL);
	g_autofree char *path = put_file(folder, "flagpost.ini", text);
	g_autoptr(problems) problems = problems_new();
	struct config *config = config_load(path, problems);
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < problems_total(problems); i++) {
		const struct problem *problem = problems_get(problems, i);
		g_string_append_printf(out, "%u: %s\n", problem->line, problem->text);
	}
	*said = g_string_free(out, FALSE);
	return config;
}

static struct sampling *
start(const char *folder, const char *review)
{
	g_autofree char *said = NULL;
	g_autoptr(config) config = load(folder, review, &said);
	g_autoptr(GError) error = NULL;

	g_assert_nonnull(config);
	struct sampling *sampling = sampling_new(config, &error);
	g_assert_no_error(error);
	return sampling;
}

static void
digest_of(guint number, char sha256[DIGEST_HEX])
{
	g_autofree char *text = g_strdup_printf("mail %u", number);

	digest_bytes(text, strlen(text), sha256);
}

static guint
drawn_of(const struct sampling *sampling, gint64 seen)
{
	guint drawn = 0;

	for (guint i = 0; i < MANY; i++) {
		char sha256[DIGEST_HEX];
		digest_of(i, sha256);
		drawn += sampling_draw(sampling, sha256, seen).drawn;
	}
	return drawn;
}

/* Far beyond chance: five standard deviations either way. */
static void
test_share(void)
{
	static const struct {
		const char *review;
		guint least, most;
	} shares[] = {
		{ "[review]\nsample = 0.5 %\n", 50, 150 },
		{ "[review]\nsample = 10%\n", 1788, 2212 },
		{ "[review]\nsample = 100\n", MANY, MANY },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(shares); i++) {
		g_autofree char *folder = fresh_folder();
		g_autoptr(sampling) sampling = start(folder, shares[i].review);
		guint drawn = drawn_of(sampling, NOON);
		g_test_message("%s: %u of %u", shares[i].review, drawn, MANY);
		g_assert_cmpuint(drawn, >=, shares[i].least);
		g_assert_cmpuint(drawn, <=, shares[i].most);
		remove_tree(folder);
	}
}

/* The same key, day and bytes: the same draw, whatever the hour and the share. */
static void
test_reproducible(void)
{
	g_autofree char *folder = fresh_folder(), *elsewhere = fresh_folder();
	g_autoptr(sampling) first = start(folder, "[review]\nsample = 1 %\n");
	g_autoptr(sampling) second = start(folder, "[review]\nsample = 3 %\n");
	g_autoptr(sampling) other = start(elsewhere, "[review]\nsample = 1 %\n");
	guint same_elsewhere = 0, same_tomorrow = 0;

	for (guint i = 0; i < MANY; i++) {
		char sha256[DIGEST_HEX];
		digest_of(i, sha256);
		struct store_draw one = sampling_draw(first, sha256, NOON);
		struct store_draw two = sampling_draw(second, sha256, NOON + 5 * HOUR);
		g_assert_true(one.eligible);
		g_assert_cmpint(one.rank, ==, two.rank);
		g_assert_cmpint(one.day, ==, two.day);
		g_assert_true(!one.drawn || two.drawn);
		same_elsewhere += one.rank == sampling_draw(other, sha256, NOON).rank;
		same_tomorrow += one.rank == sampling_draw(first, sha256, NOON + 24 * HOUR).rank;
	}
	g_test_message("another installation and another day draw otherwise");
	g_assert_cmpuint(same_elsewhere, ==, 0);
	g_assert_cmpuint(same_tomorrow, ==, 0);
	remove_tree(folder);
	remove_tree(elsewhere);
}

static void
test_key(void)
{
	g_autofree char *folder = fresh_folder();
	g_autofree char *path = g_build_filename(folder, SAMPLING_KEY_FILE, NULL);
	g_autofree char *said = NULL;
	g_autoptr(GError) error = NULL;

	g_test_message("without a share there is no key, and nothing is eligible");
	g_assert_null(start(folder, ""));
	g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
	g_assert_false(sampling_draw(NULL, "ab", NOON).eligible);
	g_test_message("a key that others can read is refused by name");
	sampling_free(start(folder, "[review]\nsample = 1 %\n"));
	g_assert_cmpint(g_chmod(path, 0644), ==, 0);
	g_autoptr(config) config = load(folder, "[review]\nsample = 1 %\n", &said);
	g_assert_null(sampling_new(config, &error));
	g_assert_nonnull(error);
	g_assert_nonnull(strstr(error->message, SAMPLING_KEY_FILE));
	remove_tree(folder);
}

/* What check says beforehand, and a run when it begins. */
static void
test_check(void)
{
	static const struct {
		const char *label, *key; /* NULL: there is none */
		bool good;
	} cases[] = {
		{ "none yet: it is made at the first use", NULL, true },
		{ "one of ours",
		    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n", true },
		{ "an empty file", "", false },
		{ "one that was cut", "0123456789abcdef\n", false },
		{ "one with something behind it",
		    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0\n", false },
		{ "words", "a key that somebody made up, of sixty-four letters and then some\n",
		    false },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *folder = fresh_folder();
		g_autofree char *path = g_build_filename(folder, SAMPLING_KEY_FILE, NULL);
		g_autofree char *said = NULL;
		g_autoptr(GError) before = NULL, then = NULL;
		g_autoptr(config) config = load(folder, "[review]\nsample = 1 %\n", &said);
		g_test_message("%s", cases[i].label);
		if (cases[i].key != NULL) {
			g_assert_true(g_file_set_contents_full(
			    path, cases[i].key, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
		}
		g_assert_cmpint(sampling_check(config, &before), ==, cases[i].good);
		g_assert_cmpint(g_file_test(path, G_FILE_TEST_EXISTS), ==, cases[i].key != NULL);
		g_autoptr(sampling) sampling = sampling_new(config, &then);
		g_assert_cmpint(sampling != NULL, ==, cases[i].good);
		g_assert_cmpint(before != NULL, ==, !cases[i].good);
		if (before != NULL)
			g_assert_nonnull(strstr(before->message, SAMPLING_KEY_FILE));
		remove_tree(folder);
	}
}

static void
test_wrong_words(void)
{
	static const char *const wrong[] = { "sample = 0\n", "sample = 0 %\n", "sample = 101 %\n",
		"sample = 100.1 %\n", "sample = -1 %\n", "sample = 0.00001 %\n", "sample = .5 %\n",
		"sample = 0,5 %\n", "sample = half\n", "sample = 5 %%\n",
		"sample = 1 %\nat_most = 0\n", "sample = 1 %\nat_most = 10001\n", "at_most = 3\n",
		"sample = 1 %\nsampel = 2\n", "sample = +5 %\n", "sample = 5.\n" };

	for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autofree char *folder = fresh_folder(), *said = NULL;
		g_autofree char *review = g_strconcat("[review]\n", wrong[i], NULL);
		struct config *config = load(folder, review, &said);
		g_test_message("%s%s", wrong[i], said);
		g_assert_null(config);
		g_assert_cmpstr(said, !=, "");
		remove_tree(folder);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/sampling/share", test_share);
	g_test_add_func("/sampling/reproducible", test_reproducible);
	g_test_add_func("/sampling/key", test_key);
	g_test_add_func("/sampling/check", test_check);
	g_test_add_func("/sampling/wrong-words", test_wrong_words);
	return g_test_run();
}
