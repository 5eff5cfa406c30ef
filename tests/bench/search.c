/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * search FOLDER MESSAGES: builds a store of made-up messages straight through store.h, and asks it
 * queries of every kind. Prints for each the hits of a page, or how many there are (">" where the
 * time of a count was over), and the processor time of a warm search: the median and the worst of
 * nine; at last those of each kind. With a folder that has a store already only the queries.
 *
 * Words follow Zipf's law over 300,000 of them, as those of a language do; people, domains,
 * files, dates and flags are many for some and rare for others.
 */
#include <glib.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/digest.h"
#include "mail/terms.h"
#include "store/database.h"
#include "store/query.h"
#include "store/store.h"
#include "store/view-scope.h"
#include "store/view.h"

#define WORDS   300000
#define PEOPLE  20000
#define DOMAINS 3000
#define BATCH   256
#define ROUNDS  9
#define HAN     0x4e00u /* the first of the signs that are used */
#define RULES   "1111111111111111111111111111111111111111111111111111111111111111"
#define BEGIN   (G_GINT64_CONSTANT(1609459200) * G_USEC_PER_SEC) /* 2021 */
#define SPAN    (G_GINT64_CONSTANT(1826) * 86400)                /* five years, in seconds */

struct bench {
	GRand *rand;
	GPtrArray *words;
	double *reach; /* the sum of the weights up to each word */
	struct store *store;
	gint64 run;
	guint64 text; /* bytes of bodies */
};

static char *
make_word(guint number)
{
	static const char *const syllables[] = { "ba", "ler", "con", "ti", "sa", "mon", "re", "du",
		"ven", "ka", "lo", "pri", "est", "ur", "ma", "ne", "sol", "gra", "fi", "tor" };
	GString *out = g_string_new(NULL);

	for (guint rest = number + 20; rest > 0; rest /= G_N_ELEMENTS(syllables))
		g_string_append(out, syllables[rest % G_N_ELEMENTS(syllables)]);
	return g_string_free(out, FALSE);
}

static void
make_words(struct bench *bench)
{
	double sum = 0;

	bench->words = g_ptr_array_new_with_free_func(g_free);
	bench->reach = g_new(double, WORDS);
	for (guint i = 0; i < WORDS; i++) {
		sum += 1 / pow(i + 2.7, 1.05);
		bench->reach[i] = sum;
		g_ptr_array_add(bench->words, make_word(i));
	}
}

static const char *
pick_word(struct bench *bench)
{
	double at = g_rand_double(bench->rand) * bench->reach[WORDS - 1];
	guint low = 0, high = WORDS - 1;

	while (low < high) {
		guint middle = (low + high) / 2;
		if (bench->reach[middle] < at)
			low = middle + 1;
		else
			high = middle;
	}
	return bench->words->pdata[low];
}

static char *
make_text(struct bench *bench, guint words)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < words; i++)
		g_string_append_printf(out, "%s%s", i > 0 ? " " : "", pick_word(bench));
	return g_string_free(out, FALSE);
}

static char *
person_address(const struct bench *bench, guint person)
{
	const char *given = bench->words->pdata[1000 + person % 700];
	const char *family = bench->words->pdata[3000 + person];
	guint domain = person % DOMAINS;

	return domain < 20 ? g_strdup_printf("%s.%s@corp.example", given, family)
			   : g_strdup_printf("%s.%s@%s%u.example", given, family,
				 domain < 1000 ? "rival" : "other", domain);
}

/* Few people write much. */
static struct address *
make_person(struct bench *bench, enum address_role role)
{
	double skew = pow(g_rand_double(bench->rand), 3);
	guint person = (guint)(skew * PEOPLE);
	g_autofree char *name =
	    g_strdup_printf("%s %s", (const char *)bench->words->pdata[1000 + person % 700],
		(const char *)bench->words->pdata[3000 + person]);
	g_autofree char *address = person_address(bench, person);

	return address_new(role, name, address);
}

static void
add_file(struct bench *bench, struct verdict *verdict)
{
	static const char *const ends[] = { "pdf", "docx", "xlsx", "zip", "png" };
	struct part *part = g_new0(struct part, 1);

	part->path = g_strdup("2");
	part->name = g_strdup_printf("%s %s.%s", pick_word(bench), pick_word(bench),
	    ends[g_rand_int_range(bench->rand, 0, G_N_ELEMENTS(ends))]);
	part->declared_type = g_strdup("");
	part->true_type = g_strdup("application/pdf");
	part->detail = g_strdup("");
	part->attachment = true;
	g_ptr_array_add(verdict->parts, part);
}

static void
add_flag(struct bench *bench, struct verdict *verdict)
{
	g_autofree char *rule =
	    g_strdup_printf("competitor-%d", (int)g_rand_int_range(bench->rand, 0, 40));
	struct flag *flag = flag_new(rule);

	flag->hits_total = 1;
	g_ptr_array_add(flag->hits, hit_new("content.x"));
	g_ptr_array_add(verdict->flags, flag);
}

static char *
terms(const char *text)
{
	GString *out = g_string_new(NULL);

	terms_append(out, text, strlen(text), 1 << 20);
	return g_string_free(out, FALSE);
}

/* Text without blanks: some of 2,000 signs, the first of them often. */
static char *
add_han(struct bench *bench, const char *text)
{
	GString *out = g_string_new(text);

	g_string_append_c(out, ' ');
	for (guint i = 0; i < 60; i++)
		g_string_append_unichar(
		    out, HAN + (gunichar)(pow(g_rand_double(bench->rand), 3) * 2000));
	return g_string_free(out, FALSE);
}

static struct verdict *
make_verdict(struct bench *bench, guint number)
{
	struct verdict *verdict = verdict_new();
	guint size = (guint)(-log(1 - g_rand_double(bench->rand) * 0.999) * 260) + 20;
	g_autofree char *latin = make_text(bench, size);
	g_autofree char *body = number % 20 == 0 ? add_han(bench, latin) : g_strdup(latin);

	g_free(verdict->subject);
	g_free(verdict->message_id);
	verdict->message_id = g_strdup_printf("%u@corp.example", number);
	verdict->subject = make_text(bench, 6);
	verdict->date = BEGIN + (gint64)(g_rand_double(bench->rand) * SPAN) * G_USEC_PER_SEC;
	verdict->direction = DIRECTION_OUTBOUND;
	g_ptr_array_add(verdict->addresses, make_person(bench, ADDRESS_FROM));
	for (int i = g_rand_int_range(bench->rand, 1, 5); i > 0; i--)
		g_ptr_array_add(verdict->addresses, make_person(bench, ADDRESS_TO));
	if (number % 5 == 0)
		add_file(bench, verdict);
	if (number % 33 == 0)
		add_flag(bench, verdict);
	g_free(verdict->terms.body);
	verdict->terms.given = true;
	verdict->terms.body = terms(body);
	bench->text += strlen(body);
	return verdict;
}

/* Milliseconds of processor time: the machine may be busy with other things. */
static double
spent(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void
must(bool right, GError *const *error)
{
	if (right)
		return;
	fprintf(stderr, "search: %s\n", *error != NULL ? (*error)->message : "failed");
	exit(70);
}

/* The copy is only said to be there: no byte of it is asked for. */
static void
put_message(struct bench *bench, guint number)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(verdict) verdict = make_verdict(bench, number);
	g_autofree char *uid = g_strdup_printf("%u", number + 1);
	char sha256[DIGEST_HEX];
	struct vault_place place = { .volume = "2026/2026-11-22.tar", .length = 1, .end = 1 };
	struct placement placement = { .account = (char *)"hq",
		.folder = (char *)(number % 7 == 0 ? "Sent" : "INBOX"),
		.uidvalidity = 7,
		.uid = uid,
		.internal_date = MESSAGE_NO_DATE,
		.server_flags = (char *)"",
		.labels = (char *)"",
		.server_id = (char *)"",
		.thread_id = (char *)"" };
	struct store_message message = { .sha256 = sha256,
		.size = 3000,
		.placement = &placement,
		.verdict = verdict,
		.ruleset = RULES,
		.place = &place,
		.seen = clock_now(),
		.run = bench->run };

	digest_bytes(uid, strlen(uid), sha256);
	must(store_record(bench->store, &message, &error), &error);
}

/* Tables and indexes that are there for the search alone, in hundredths of the text. */
static void
print_sizes(const char *folder, guint64 text)
{
	static const struct query_text sizes = { "measure the index",
		"SELECT name, sum(pgsize) FROM dbstat WHERE name GLOB 'term_*' OR name GLOB"
		" 'party_index*' OR name GLOB '*word*' OR name GLOB 'tag*' OR name = 'message_doc'"
		" GROUP BY name ORDER BY 2 DESC" };
	g_autofree char *path = g_build_filename(folder, STORE_FILE, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(database) database = database_open(path, false, &error);
	struct query query;
	gint64 sum = 0;

	must(database != NULL, &error);
	must(query_open(&query, database, &sizes, NO_VALUES, &error), &error);
	while (query_next(&query)) {
		gint64 size = query_int(&query, 1);
		sum += size;
		printf("  %-32s %6.2f %%\n", query_text(&query, 0),
		    100.0 * (double)size / (double)text);
	}
	must(query_close(&query, &error), &error);
	printf("the search in all: %.1f %% of the text\n", 100.0 * (double)sum / (double)text);
}

static void
build(struct bench *bench, const char *folder, guint messages)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
	double begin = spent();

	bench->store = store_open(folder, zone, &error);
	must(bench->store != NULL, &error);
	must(store_run_begin(bench->store, "bench", RULES, clock_now(), &bench->run, &error),
	    &error);
	for (guint i = 0; i < messages; i++) {
		if (i % BATCH == 0)
			must(store_begin(bench->store, &error), &error);
		put_message(bench, i);
		if (i % BATCH == BATCH - 1 || i + 1 == messages)
			must(store_commit(bench->store, &error), &error);
		if (i % 50000 == 0)
			fprintf(stderr, "%u messages\n", i);
	}
	store_close(bench->store);
	double seconds = (spent() - begin) / 1e3;
	printf("%u messages with %.1f MB of text in %.0f s of processor time: %.0f a second\n",
	    messages, (double)bench->text / 1e6, seconds, messages / seconds);
	print_sizes(folder, bench->text);
}

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
	GArray *times; /* of struct time */
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
	const struct view_query query = { .search = search, .limit = 100, .by_rank = by_rank };
	const struct view_query all = { .search = both };

	search_add(both, search_copy_of(search));
	measure(asker, kind, label, &query, false);
	if (by_rank)
		search_free(both);
	else
		measure(asker, "count", counted, &all, true);
}

#define LEAF(kind, text) search_new(SEARCH_##kind, text)
#define WORD(number)     search_new(SEARCH_WORDS, bench->words->pdata[number])

static void
ask_words(const struct bench *bench, struct asker *to)
{
	const char *common = bench->words->pdata[0], *second = bench->words->pdata[1];
	g_autofree char *phrase = g_strdup_printf("%s %s", common, second);
	g_autofree char *rare =
	    g_strdup_printf("%s %s", common, (const char *)bench->words->pdata[50000]);
	g_autofree char *begins =
	    g_strdup_printf("%.4s*", (const char *)bench->words->pdata[90000]);
	g_autofree char *within =
	    g_strdup_printf("*%s*", (const char *)bench->words->pdata[90000] + 1);
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
}

static void
ask_filters(const struct bench *bench, struct asker *to)
{
	gint64 month = G_GINT64_CONSTANT(30) * 86400 * G_USEC_PER_SEC;
	g_autofree char *person = g_strdup_printf(
	    "%s.%s", (char *)bench->words->pdata[1007], (char *)bench->words->pdata[3007]);

	ask(to, "filters", "every message", search_new(SEARCH_ALL_OF, NULL), false);
	ask(to, "filters", "a person", LEAF(FROM, person), false);
	ask(to, "filters", "a part of a name", LEAF(FROM, bench->words->pdata[1007]), false);
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
ask_as_person(const struct bench *bench, GArray *times, const char *folder, guint first, guint n)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < n; i++)
		g_ptr_array_add(names, person_address(bench, first + i));
	g_ptr_array_add(names, NULL);
	const struct view_scope scope = { VIEW_OWN, (const char *const *)names->pdata };
	g_autoptr(view) view = view_open(folder, "bench", &error);
	must(view != NULL && view_restrict(view, &scope, &error), &error);
	struct asker to = { view, times };
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
		g_array_sort(medians, compare_times);
		printf("%-16s %10.1f %10.1f\n", kinds[i],
		    g_array_index(medians, double, medians->len / 2), worst);
	}
}

static void
ask_all(struct bench *bench, const char *folder)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(view) view = view_open(folder, "bench", &error);
	g_autoptr(GArray) times = g_array_new(FALSE, FALSE, sizeof(struct time));
	struct asker to = { view, times };

	must(view != NULL, &error);
	ask_words(bench, &to);
	ask_filters(bench, &to);
	ask_pages(bench, &to);
	ask_han(&to);
	ask_as_person(bench, times, folder, 30, 1);
	ask_as_person(bench, times, folder, 0, 5);
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
	struct bench bench = { .rand = g_rand_new_with_seed(1) };

	if (argc != 3) {
		fputs("usage: search FOLDER MESSAGES\n", stderr);
		return 64;
	}
	g_autofree char *file = g_build_filename(argv[1], STORE_FILE, NULL);
	make_words(&bench);
	if (!g_file_test(file, G_FILE_TEST_EXISTS))
		build(&bench, argv[1], (guint)strtoul(argv[2], NULL, 10));
	else
		renew(argv[1]);
	ask_all(&bench, argv[1]);
	g_ptr_array_unref(bench.words);
	g_free(bench.reach);
	g_rand_free(bench.rand);
	return 0;
}
