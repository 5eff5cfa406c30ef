/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/prints.h"

#include <string.h>

#include "kit.h"

static const guint8 key[KEYED_KEY] = "sixteen bytes ok";

/* Word number i of a text that no other text has: "w7x3", ... */
static char *
words_from(guint from, guint count)
{
	GString *text = g_string_new(NULL);

	for (guint i = from; i < from + count; i++)
		g_string_append_printf(text, "w%ux%u%s", i, i * 7 % 11, i % 12 == 11 ? ".\n" : " ");
	return g_string_free(text, FALSE);
}

/* lease: words 0 to 999; offer: words 5000 to 5199. */
static struct data *
contracts(GHashTable *without)
{
	g_autoptr(data_maker) maker = data_maker_new(DATA_PRINTS, key);
	g_autofree char *lease = words_from(0, 1000);
	g_autofree char *offer = words_from(5000, 200);
	g_autoptr(GError) error = NULL;

	prints_add(maker, 0, "lease.docx", lease, without);
	prints_add(maker, 1, "offer.odt", offer, without);
	data_maker_sort(maker, 0, NULL, NULL);
	g_autoptr(GBytes) bytes = data_maker_finish(maker, 2, 0, &error);
	struct data *data = data_open("contracts", bytes, key, &error);
	g_assert_no_error(error);
	return data;
}

/* "0:100/98": document, share, copied. */
static char *
found_in(const struct data *data, const char *text, guint share, guint copied)
{
	const struct prints_query query = { share, copied };
	const char *stuck = NULL;
	g_autoptr(GArray) all = prints_find(data, &query, text, strlen(text), G_MAXINT64, &stuck);
	GString *out = g_string_new(NULL);

	g_assert_null(stuck);
	for (guint i = 0; i < all->len; i++) {
		const struct prints_match *match = &g_array_index(all, struct prints_match, i);
		g_string_append_printf(out, "%s%u:%u/%u", i > 0 ? " " : "", match->document,
		    match->share, match->copied);
	}
	return g_string_free(out, FALSE);
}

/* The share that a text has of document 0, of any size. */
static guint
share_of(const struct data *data, const char *text)
{
	const struct prints_query query = { 1, 1 };
	const char *stuck = NULL;
	g_autoptr(GArray) all = prints_find(data, &query, text, strlen(text), G_MAXINT64, &stuck);

	return all->len > 0 ? g_array_index(all, struct prints_match, 0).share : 0;
}

static void
test_copies(void)
{
	g_autoptr(data) data = contracts(NULL);
	g_autofree char *lease = words_from(0, 1000);
	g_autofree char *half = words_from(250, 500);
	g_autofree char *page = words_from(100, 60);
	g_autofree char *other = words_from(20000, 2000);
	g_autofree char *offer = words_from(5000, 200);
	g_autofree char *upper = g_ascii_strup(lease, -1);
	g_autofree char *pasted = g_strconcat(other, half, other, NULL);
	g_autofree char *both = g_strconcat(lease, offer, NULL);
	g_autofree char *whole = found_in(data, lease, 25, 50);
	g_autofree char *shouted = found_in(data, upper, 100, 0);
	g_autofree char *none = found_in(data, other, 1, 1);
	g_autofree char *two = found_in(data, both, 90, 0);

	g_assert_cmpstr(whole, ==, "0:100/100");
	g_assert_cmpstr(shouted, ==, "0:100/100");
	g_assert_cmpstr(none, ==, "");
	g_assert_true(g_str_has_prefix(two, "0:100/") && strstr(two, " 1:100/") != NULL);
	g_test_message("half of it: about half its prints");
	g_assert_cmpuint(share_of(data, half), >=, 45);
	g_assert_cmpuint(share_of(data, half), <=, 55);
	g_test_message("the same within another, longer text");
	g_assert_cmpuint(share_of(data, pasted), >=, 45);
	g_test_message("one page alone: little of the document, but all of the text");
	g_autofree char *by_share = found_in(data, page, 25, 0);
	g_autofree char *by_text = found_in(data, page, 25, 50);
	g_assert_cmpstr(by_share, ==, "");
	g_assert_true(g_str_has_prefix(by_text, "0:"));
}

/* One word of twenty is another: most runs of six words with all around are what they were. */
static void
test_edited(void)
{
	g_autoptr(data) data = contracts(NULL);
	g_autofree char *lease = words_from(0, 1000);
	g_auto(GStrv) words = g_strsplit_set(lease, " \n", -1);

	for (guint i = 10, n = g_strv_length(words); i < n; i += 20) {
		g_free(words[i]);
		words[i] = g_strdup_printf("edited%u", i);
	}
	g_autofree char *edited = g_strjoinv(" ", words);
	g_assert_cmpuint(share_of(data, edited), >=, 50);
	g_assert_cmpuint(share_of(data, edited), <=, 90);
}

/* Ten words side by side are a print in common, wherever they stand: that is what winnowing
 * promises. */
static void
test_ten_words(void)
{
	struct keyed keyed;

	keyed_set(&keyed, key);
	for (guint from = 0; from < 300; from++) {
		g_autofree char *document = words_from(0, 400);
		g_autofree char *passage = words_from(from, PRINTS_WORDS + PRINTS_WINDOW - 1);
		g_autofree char *text = g_strconcat("some words of their own stand before ",
		    passage, " and others of their own behind it", NULL);
		g_autoptr(GHashTable) of_document = g_hash_table_new(NULL, NULL);
		g_autoptr(GArray) prints = prints_of(&keyed, text, strlen(text));
		bool shared = false;
		prints_collect(&keyed, document, of_document);
		for (guint i = 0; i < prints->len; i++)
			shared = shared ||
				 g_hash_table_contains(of_document,
				     GUINT_TO_POINTER(g_array_index(prints, struct print, i).hash));
		g_assert_true(shared);
	}
}

static void
test_sizes(void)
{
	static const struct {
		const char *label, *text;
		guint prints;
	} rows[] = {
		{ "no word", "", 0 },
		{ "five words are too few", "one two three four five", 0 },
		{ "six are one print", "one two three four five six", 1 },
		{ "the same again and again is one print, not many",
		    "a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a", 1 },
		{ "characters of a script without blanks are words", "甲乙丙丁戊己", 1 },
	};
	struct keyed keyed;

	keyed_set(&keyed, key);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GHashTable) distinct = g_hash_table_new(NULL, NULL);
		prints_collect(&keyed, rows[i].text, distinct);
		g_test_message("%s", rows[i].label);
		g_assert_cmpuint(g_hash_table_size(distinct), ==, rows[i].prints);
	}
}

static void
test_blank_forms(void)
{
	g_autoptr(GHashTable) blank = g_hash_table_new(NULL, NULL);
	g_autofree char *form = words_from(0, 500);
	g_autofree char *rest = words_from(500, 500);
	struct keyed keyed;

	keyed_set(&keyed, key);
	prints_collect(&keyed, form, blank);
	g_autoptr(data) data = contracts(blank);
	g_assert_cmpuint(share_of(data, form), ==, 0);
	g_assert_cmpuint(share_of(data, rest), >=, 97);
}

/* A set is read back and added to; a document that comes again replaces the one before. */
static void
test_added(void)
{
	g_autoptr(data) first = contracts(NULL);
	g_autoptr(GHashTable) but = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(data_maker) maker = data_maker_new(DATA_PRINTS, key);
	g_autofree char *lease = words_from(0, 1000);
	g_autofree char *fresh = words_from(7000, 100);
	g_autofree char *offer = words_from(5000, 200);

	g_hash_table_add(but, (gpointer) "lease.docx");
	guint next = prints_add_set(maker, 0, first, but);
	g_assert_cmpuint(next, ==, 1);
	prints_add(maker, next, "lease.docx", fresh, NULL);
	data_maker_sort(maker, 0, NULL, NULL);
	g_autoptr(GBytes) bytes = data_maker_finish(maker, 2, 0, NULL);
	g_autoptr(data) data = data_open("contracts", bytes, key, NULL);
	g_assert_cmpstr(data_label(data, 0), ==, "offer.odt");
	g_assert_cmpuint(share_of(data, lease), ==, 0);
	g_assert_cmpuint(share_of(data, offer), ==, 100);
	g_assert_cmpuint(share_of(data, fresh), ==, 100);
	g_test_message("no word of it is in the file");
	gsize size;
	const void *start = g_bytes_get_data(bytes, &size);
	g_assert_null(memmem(start, size, "w7000", 5));
}

/* --- rules --- */

static void
test_rule(void)
{
	g_autoptr(sources) sources = kit_sources();
	g_autoptr(GString) report = g_string_new(NULL);
	g_autofree char *half = words_from(0, 500);
	g_autofree char *text = g_strconcat(KIT_HEAD,
	    "[content.lease]\ntype = fingerprint\ndata = contracts\nmin_share = 40\n"
	    "[test.1]\nexpect = flag\npart = content.lease\n"
	    "fingerprint.contracts = the tenant pays on the first, the landlord keeps the roof "
	    "whole\n"
	    "text = Dear all: the tenant pays on the first - the landlord keeps the roof whole!\n",
	    NULL);
	bool matched = false;

	sources_add_data(sources, contracts(NULL));
	kit_add(sources, SOURCE_RULE, "10-one.ini", text);
	g_autoptr(ruleset) ruleset = kit_try(sources, report);
	g_assert_cmpstr(report->str, ==, "");
	g_assert_true(ruleset_test_text(ruleset, ruleset_test(ruleset, 0), &matched, NULL));
	g_assert_true(matched);
	g_autoptr(verdict) verdict = kit_match(
	    ruleset, kit_message("anna@corp.example", "bob@rival.example", half), NULL, false);
	g_assert_cmpuint(verdict_flag_count(verdict), ==, 1);
	const struct flag *flag = verdict->flags->pdata[0];
	const struct hit *hit = flag->hits->pdata[0];
	g_test_message("%s", hit->excerpt);
	g_assert_nonnull(
	    strstr(hit->excerpt, " % of lease.docx (data set contracts), which is 100 %"));
	g_assert_cmpuint(hit->excerpt_length, ==, 0);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/prints/copies", test_copies);
	g_test_add_func("/prints/edited", test_edited);
	g_test_add_func("/prints/ten-words", test_ten_words);
	g_test_add_func("/prints/sizes", test_sizes);
	g_test_add_func("/prints/blank-forms", test_blank_forms);
	g_test_add_func("/prints/added", test_added);
	g_test_add_func("/prints/rule", test_rule);
	return g_test_run();
}
