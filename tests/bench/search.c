/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * search FOLDER MESSAGES [PART]: builds a store of made-up messages straight through store.h, and
 * asks it queries of every kind, or those alone that have PART in their names. Prints for each the
 * hits of a page, or how many there are (">" where the time of a count was over), and the processor
 * time of a warm search: the median and the worst of nine; at last those of each kind. With a
 * folder that has a store already only the queries.
 */
#include <glib.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/view-scope.h"
#include "store/view.h"
#include "tests/bench/search-world.h"

#define ROUNDS 9

/* --- queries --- */

static struct search *
all_of(struct search *one, struct search *other)
{
	struct search *all = search_new(SEARCH_ALL_OF, NULL);

	search_add(all, one);
	search_add(all, other);
	return all;
}

static struct search *
not_this(struct search *search)
{
	struct search *not = search_new(SEARCH_NOT, NULL);

	search_add(not, search);
	return not ;
}

static int
compare_times(const void *a, const void *b)
{
	double one = *(const double *)a, other = *(const double *)b;

	return one < other ? -1 : one > other;
}

static struct search *
search_copy_of(const struct search *search)
{
	struct search *copy = search_new(search->kind, search->text);

	copy->from = search->from;
	copy->to = search->to;
	for (guint i = 0; i < search->children->len; i++)
		search_add(copy, search_copy_of(search->children->pdata[i]));
	return copy;
}

/* Whom queries are asked, and what they took. */
struct asker {
	struct view *view;
	GArray *times;    /* of struct time */
	const char *part; /* of the names of queries; NULL: all */
};

struct time {
	const char *kind;
	double median, worst;
};

static guint64
answer(struct view *view, const struct view_query *query, bool count, bool *whole)
{
	g_autoptr(GError) error = NULL;
	guint64 found = 0;

	*whole = true;
	if (count) {
		must(
		    view_count_within(view, query, SEARCH_COUNT_US, &found, whole, &error), &error);
		return found;
	}
	g_autoptr(GPtrArray) rows = view_search(view, query, &error);
	must(rows != NULL, &error);
	return rows->len;
}

/* Takes query's search. */
static void
measure(struct asker *asker, const char *kind, const char *label, const struct view_query *query,
    bool count)
{
	double times[ROUNDS];
	guint64 found = 0;
	bool whole = true;

	if (asker->part != NULL && strstr(label, asker->part) == NULL) {
		search_free((struct search *)query->search);
		return;
	}
	for (guint i = 0; i <= ROUNDS; i++) {
		double begin = spent();
		found = answer(asker->view, query, count, &whole);
		/* The first one warms the cache. */
		if (i > 0)
			times[i - 1] = spent() - begin;
	}
	qsort(times, ROUNDS, sizeof times[0], compare_times);
	struct time time = { kind, times[ROUNDS / 2], times[ROUNDS - 1] };
	g_array_append_val(asker->times, time);
	printf("%-44s %s%7" G_GUINT64_FORMAT " hits  %7.1f ms  worst %7.1f ms\n", label,
	    whole ? " " : ">", found, time.median, time.worst);
	fflush(stdout);
	search_free((struct search *)query->search);
}

/* A page and how many there are. Takes search. */
static void
ask(struct asker *asker, const char *kind, const char *label, struct search *search, bool by_rank)
{
	struct search *both = search_new(SEARCH_ALL_OF, NULL);
	g_autofree char *counted = g_strdup_printf("  how many: %s", label);
	const struct view_query query = {
		.search = search, .limit = 100, .rank = by_rank ? VIEW_RANK_NEWEST : VIEW_RANK_NONE
	};
	const struct view_query all = { .search = both };

	search_add(both, search_copy_of(search));
	measure(asker, kind, label, &query, false);
	if (by_rank)
		search_free(both);
	else
		measure(asker, "count", counted, &all, true);
}

#define LEAF(kind, text) search_new(SEARCH_##kind, text)
#define WORD(number)     search_new(SEARCH_WORDS, bench->zipf.words->pdata[number])

static void
ask_words(const struct bench *bench, struct asker *to)
{
	const char *common = bench->zipf.words->pdata[0], *second = bench->zipf.words->pdata[1];
	g_autofree char *phrase = g_strdup_printf("%s %s", common, second);
	g_autofree char *rare =
	    g_strdup_printf("%s %s", common, (const char *)bench->zipf.words->pdata[50000]);
	g_autofree char *begins =
	    g_strdup_printf("%.4s*", (const char *)bench->zipf.words->pdata[90000]);
	g_autofree char *within =
	    g_strdup_printf("*%s*", (const char *)bench->zipf.words->pdata[90000] + 1);
	struct search *any = search_new(SEARCH_ANY_OF, NULL);

	ask(to, "words", "the commonest word", WORD(0), false);
	ask(to, "words", "a rare word", WORD(250000), false);
	ask(to, "words", "two common words", all_of(WORD(0), WORD(1)), false);
	ask(to, "words", "a common and a rare word", all_of(WORD(0), WORD(250000)), false);
	ask(to, "words", "two words of middling rank", all_of(WORD(3000), WORD(3001)), false);
	ask(to, "words", "two rare words, never together", all_of(WORD(60000), WORD(60001)), false);
	ask(to, "phrase", "a common phrase", search_new(SEARCH_WORDS, phrase), false);
	ask(to, "phrase", "a rare phrase", search_new(SEARCH_WORDS, rare), false);
	ask(to, "minus", "a word and not another", all_of(WORD(5), not_this(WORD(0))), false);
	ask(to, "part of a word", "the beginning of a word", search_new(SEARCH_WORDS, begins),
	    false);
	ask(to, "part of a word", "a part of a word", search_new(SEARCH_WORDS, within), false);
	for (guint i = 0; i < 20; i++)
		search_add(any, WORD(i * 10000));
	ask(to, "OR", "one of twenty words", any, false);
	ask(to, "rank", "two common words by rank", all_of(WORD(0), WORD(1)), true);
	ask(to, "rank", "a rare word by rank", WORD(60000), true);
	ask(to, "rank", "a common phrase by rank", search_new(SEARCH_WORDS, phrase), true);
}

static void
ask_filters(const struct bench *bench, struct asker *to)
{
	gint64 month = G_GINT64_CONSTANT(30) * 86400 * G_USEC_PER_SEC;
	g_autofree char *person = g_strdup_printf("%s.%s", (char *)bench->zipf.words->pdata[1007],
	    (char *)bench->zipf.words->pdata[3007]);
	g_autofree char *phrase = g_strdup_printf(
	    "%s %s", (char *)bench->zipf.words->pdata[0], (char *)bench->zipf.words->pdata[1]);

	ask(to, "filters", "every message", search_new(SEARCH_ALL_OF, NULL), false);
	ask(to, "filters", "a person", LEAF(FROM, person), false);
	ask(to, "filters", "a part of a name", LEAF(FROM, bench->zipf.words->pdata[1007]), false);
	ask(to, "filters", "a domain", LEAF(TO, "@rival500.example"), false);
	ask(to, "filters", "the largest domain", LEAF(TO, "@corp.example"), false);
	ask(to, "filters", "a month", search_date(BEGIN + 12 * month, BEGIN + 13 * month), false);
	ask(to, "filters", "a rule", LEAF(RULE, "competitor-7"), false);
	ask(to, "filters", "rules by a glob", LEAF(RULE, "competitor-*"), false);
	ask(to, "filters", "files by a glob", LEAF(FILENAME, "*.xlsx"), false);
	ask(to, "filters", "files by a glob that begins so", LEAF(FILENAME, "bale*.zip"), false);
	ask(to, "filters", "a state", LEAF(STATE, "new"), false);
	ask(to, "filters", "a rule and a rare word",
	    all_of(LEAF(RULE, "competitor-7"), WORD(60000)), false);
	ask(to, "filters", "a flag and a common word", all_of(LEAF(HAS, "flag"), WORD(0)), false);
	ask(to, "phrase", "a flag and a common phrase",
	    all_of(LEAF(HAS, "flag"), search_new(SEARCH_WORDS, phrase)), false);
	ask(to, "minus", "a folder, not a common word",
	    all_of(LEAF(FOLDER, "Sent"), not_this(WORD(0))), false);
	ask(to, "filters", "a domain and a file",
	    all_of(LEAF(TO, "@rival500.example"), LEAF(HAS, "attachment")), false);
	struct search *whole = all_of(LEAF(FROM, person), LEAF(TO, "@corp.example"));
	search_add(whole, search_date(BEGIN + 12 * month, BEGIN + 24 * month));
	search_add(whole, LEAF(HAS, "attachment"));
	search_add(whole, LEAF(FILENAME, "*.xlsx"));
	search_add(whole, WORD(1));
	ask(to, "filters", "all of it together", whole, false);
}

static void
ask_pages(const struct bench *bench, struct asker *to)
{
	const struct view_query later = { .search = WORD(0), .limit = 100, .offset = 10000 };
	const struct view_query all = { .limit = 100, .offset = 10000 };

	measure(to, "later pages", "the hundredth page of a common word", &later, false);
	measure(to, "later pages", "the hundredth page of all", &all, false);
}

static void
ask_han(struct asker *to)
{
	gunichar signs[] = { HAN, HAN + 1, HAN + 900, HAN + 901 };
	g_autofree char *one = g_ucs4_to_utf8(signs, 1, NULL, NULL, NULL);
	g_autofree char *two = g_ucs4_to_utf8(signs, 2, NULL, NULL, NULL);
	g_autofree char *rare = g_ucs4_to_utf8(signs + 2, 2, NULL, NULL, NULL);

	ask(to, "Chinese", "the commonest sign of Chinese", search_new(SEARCH_WORDS, one), false);
	ask(to, "Chinese", "two common signs", search_new(SEARCH_WORDS, two), false);
	ask(to, "Chinese", "two rare signs", search_new(SEARCH_WORDS, rare), false);
}

/* The same as one who sees what he sent or received alone: what n people have, from the first. */
static void
ask_as_person(
    const struct bench *bench, const struct asker *like, const char *folder, guint first, guint n)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < n; i++)
		g_ptr_array_add(names, person_address(bench, first + i));
	g_ptr_array_add(names, NULL);
	const struct view_scope scope = { VIEW_OWN, (const char *const *)names->pdata };
	g_autoptr(view) view = view_open(folder, "bench", &error);
	must(view != NULL && view_restrict(view, &scope, &error), &error);
	struct asker to = { view, like->times, like->part };
	static const char kind[] = "as a person";
	ask(&to, kind, "as a person: every message", search_new(SEARCH_ALL_OF, NULL), false);
	ask(&to, kind, "as a person: the commonest word", WORD(0), false);
	ask(&to, kind, "as a person: a rare word", WORD(60000), false);
	ask(&to, kind, "as a person: a word and not another", all_of(WORD(5), not_this(WORD(0))),
	    false);
	ask(&to, kind, "as a person: two common words by rank", all_of(WORD(0), WORD(1)), true);
	ask(&to, kind, "as a person: files by a glob", LEAF(FILENAME, "*.xlsx"), false);
	ask(&to, kind, "as a person: the largest domain", LEAF(TO, "@corp.example"), false);
}

static void
print_kinds(const GArray *times)
{
	static const char *const kinds[] = { "words", "phrase", "part of a word", "Chinese",
		"minus", "OR", "filters", "rank", "later pages", "as a person", "count" };

	printf("\n%-16s %10s %10s\n", "kind", "median ms", "worst ms");
	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
		g_autoptr(GArray) medians = g_array_new(FALSE, FALSE, sizeof(double));
		double worst = 0;
		for (guint j = 0; j < times->len; j++) {
			const struct time *time = &g_array_index(times, struct time, j);
			if (strcmp(time->kind, kinds[i]) != 0)
				continue;
			g_array_append_val(medians, time->median);
			worst = MAX(worst, time->worst);
		}
		if (medians->len == 0)
			continue;
		g_array_sort(medians, compare_times);
		printf("%-16s %10.1f %10.1f\n", kinds[i],
		    g_array_index(medians, double, medians->len / 2), worst);
	}
}

static void
ask_all(struct bench *bench, const char *folder, const char *part)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(view) view = view_open(folder, "bench", &error);
	g_autoptr(GArray) times = g_array_new(FALSE, FALSE, sizeof(struct time));
	struct asker to = { view, times, part };

	must(view != NULL, &error);
	ask_words(bench, &to);
	ask_filters(bench, &to);
	ask_pages(bench, &to);
	ask_han(&to);
	ask_as_person(bench, &to, folder, 30, 1);
	ask_as_person(bench, &to, folder, 0, 5);
	print_kinds(times);
}

/* One of an older program is brought up to date. */
static void
renew(const char *folder)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
	double begin = spent();
	struct store *store = store_open(folder, zone, &error);

	must(store != NULL, &error);
	store_close(store);
	printf("opened in %.0f ms of processor time\n", spent() - begin);
}

int
main(int argc, char **argv)
{
	struct bench bench = { 0 };

	if (argc < 3 || argc > 4) {
		fputs("usage: search FOLDER MESSAGES [PART]\n", stderr);
		return 64;
	}
	g_autofree char *file = g_build_filename(argv[1], STORE_FILE, NULL);
	zipf_init(&bench.zipf, 1);
	if (!g_file_test(file, G_FILE_TEST_EXISTS))
		build(&bench, argv[1], (guint)strtoul(argv[2], NULL, 10));
	else
		renew(argv[1]);
	struct amounts amounts;
	if (argc < 4 && amounts_load(&amounts, argv[1]))
		print_sizes(argv[1], &amounts);
	ask_all(&bench, argv[1], argv[3]);
	zipf_clear(&bench.zipf);
	return 0;
}
