/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_TESTS_STORE_RANDOM_WORLD_H
#define FLAGPOST_TESTS_STORE_RANDOM_WORLD_H
/*
 * random_world - a store of small messages made at random: few words, so that they meet often, runs
 * of Chinese, people whose addresses lie within one another; some kept late, some never.
 */
#include "fixture.h"

#include "mail/terms.h"
#include "store/database.h"
#include "store/index.h"
#include "store/settle.h"

#define MESSAGES  360
#define ROUND     100 /* messages between two times of settling */
#define SEED      20261122u
#define PEOPLE    14
#define PER_STAMP (61 * G_USEC_PER_SEC)

/* A message as the walk knows it. */
struct note {
	guint number;
	gint64 time;
	char *subject, *body, *in_file, *file, *from, *to, *delivered;
	const char *folder;
	bool kept, flagged, gone;
	GStrv columns[INDEX_COLUMNS];
};

struct world {
	struct fixture fixture;
	GRand *rand;
	GPtrArray *notes; /* of struct note */
	GPtrArray *words;
};

static guint
below(struct world *world, guint n)
{
	return (guint)g_rand_int_range(world->rand, 0, (gint32)n);
}

static const char *
pick(struct world *world)
{
	guint n = world->words->len;

	/* The first ones often. */
	return world->words->pdata[below(world, below(world, n) + 1)];
}

static void
make_words(struct world *world)
{
	static const char *const syllables[] = { "ba", "ler", "con", "ti", "sa", "mö", "re", "x2" };

	world->words = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < 70; i++) {
		GString *word = g_string_new(NULL);
		for (guint j = 1 + below(world, 3); j > 0; j--)
			g_string_append(word, syllables[below(world, G_N_ELEMENTS(syllables))]);
		g_ptr_array_add(world->words, g_string_free(word, FALSE));
	}
}

static char *
make_han(struct world *world, guint most)
{
	static const char *const signs[] = { "東", "京", "都", "秘", "密" };
	GString *out = g_string_new(NULL);

	for (guint i = 1 + below(world, most); i > 0; i--)
		g_string_append(out, signs[below(world, G_N_ELEMENTS(signs))]);
	return g_string_free(out, FALSE);
}

static char *
make_text(struct world *world, guint most)
{
	GString *out = g_string_new(NULL);

	for (guint i = 1 + below(world, most); i > 0; i--) {
		g_autofree char *han = below(world, 12) == 0 ? make_han(world, 6) : NULL;
		g_string_append_printf(out, "%s%s", han != NULL ? han : pick(world),
		    below(world, 6) == 0 ? ", " : " ");
	}
	return g_string_free(out, FALSE);
}

/* Some addresses lie within others. */
static char *
person(guint number)
{
	static const char *const domains[] = { "corp.example", "rival.example",
		"mail.rival.example", "rival.example.org" };

	return g_strdup_printf("%s%s@%s", number % 3 == 0 ? "jo" : "",
	    (const char *)(number % 2 == 0 ? "anna.berg" : "hanna.berg"), domains[number % 4]);
}

static char *
terms_of(const char *text)
{
	GString *out = g_string_new(NULL);

	terms_append(out, text, strlen(text), 1 << 16);
	return g_string_free(out, FALSE);
}

static GStrv
split_terms(const char *text)
{
	g_autofree char *terms = terms_of(text);

	return g_strsplit(terms, " ", -1);
}

static void
note_free(gpointer data)
{
	struct note *note = data;

	for (guint i = 0; i < INDEX_COLUMNS; i++)
		g_strfreev(note->columns[i]);
	g_free(note->subject);
	g_free(note->body);
	g_free(note->in_file);
	g_free(note->file);
	g_free(note->from);
	g_free(note->to);
	g_free(note->delivered);
	g_free(note);
}

static struct note *
make_note(struct world *world, guint number)
{
	struct note *note = g_new0(struct note, 1);

	note->number = number;
	/* Not in the order of arrival. */
	note->time = MORNING + (gint64)(number * 7919 % 10007) * PER_STAMP;
	note->subject = make_text(world, 4);
	note->body = make_text(world, below(world, 10) == 0 ? 200 : 12);
	note->in_file = below(world, 4) == 0 ? make_text(world, 8) : g_strdup("");
	note->file = below(world, 3) == 0 ? g_strdup_printf("%s %s.%s", pick(world), pick(world),
						below(world, 2) == 0 ? "pdf" : "xlsx")
					  : g_strdup("");
	note->from = person(below(world, PEOPLE));
	note->to = person(below(world, PEOPLE));
	note->delivered = below(world, 5) == 0 ? person(below(world, PEOPLE)) : g_strdup("");
	note->folder = below(world, 3) == 0 ? "Sent" : "INBOX";
	note->kept = below(world, 9) != 0;
	note->flagged = below(world, 8) == 0;
	note->columns[INDEX_BODY] = split_terms(note->kept ? note->body : "");
	note->columns[INDEX_FILES] = split_terms(note->kept ? note->in_file : "");
	note->columns[INDEX_SUBJECT] = split_terms(note->subject);
	note->columns[INDEX_NAMES] = split_terms(note->file);
	note->columns[INDEX_SENDER] = split_terms(note->from);
	note->columns[INDEX_RECIPIENTS] = split_terms(note->to);
	note->columns[INDEX_DELIVERED] = split_terms(note->delivered);
	return note;
}

static void
put_note(struct world *world, const struct note *note, bool kept)
{
	g_autoptr(verdict) verdict = verdict_new();
	g_autoptr(GError) error = NULL;
	g_autofree char *uid = g_strdup_printf("%u%s", note->number + 1, kept ? "" : "0001");
	g_autofree char *name = g_strdup_printf("%u", note->number);
	struct mail mail = { .uid = uid, .folder = note->folder, .body = name, .no_copy = !kept };

	verdict_text(&verdict->message_id, name);
	verdict_text(&verdict->subject, note->subject);
	verdict->date = note->time;
	verdict->direction = DIRECTION_OUTBOUND;
	g_ptr_array_add(verdict->addresses, address_new(ADDRESS_FROM, NULL, note->from));
	g_ptr_array_add(verdict->addresses, address_new(ADDRESS_TO, NULL, note->to));
	if (note->delivered[0] != '\0')
		g_ptr_array_add(
		    verdict->addresses, address_new(ADDRESS_DELIVERED, NULL, note->delivered));
	if (note->file[0] != '\0')
		verdict_part(verdict, "2", note->file, PART_READ);
	if (note->flagged) {
		struct flag *flag = flag_new("competitor");
		flag->hits_total = 1;
		g_ptr_array_add(flag->hits, hit_new("content.x"));
		g_ptr_array_add(verdict->flags, flag);
	}
	g_free(verdict->terms.body);
	g_free(verdict->terms.files);
	verdict->terms = (struct verdict_terms){
		.given = true, .body = terms_of(note->body), .files = terms_of(note->in_file)
	};
	put_verdict(&world->fixture, &mail, verdict, &error);
	g_assert_no_error(error);
}

/* All that is young becomes a block. */
static void
settle(struct world *world)
{
	g_autofree char *path = g_build_filename(world->fixture.data, STORE_FILE, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(database) database = database_open(path, false, &error);

	g_assert_no_error(error);
	g_assert_true(database_begin(database, &error));
	settle_young(database, 1, &error);
	g_assert_no_error(error);
	g_assert_true(database_commit(database, &error));
}

/* Some messages first come without a copy, and again with one when they stand in a block. */
static void
put_notes(struct world *world, bool settles)
{
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i < MESSAGES; i++) {
		struct note *note = make_note(world, i);
		g_ptr_array_add(world->notes, note);
		if (i % 20 == 0)
			g_assert_true(store_begin(world->fixture.store, &error));
		put_note(world, note, note->kept && i % 10 != 3);
		bool last = i % 20 == 19 || i + 1 == MESSAGES;
		if (last)
			g_assert_true(store_commit(world->fixture.store, &error));
		if (last && settles && i % ROUND == ROUND - 1)
			settle(world);
	}
	g_assert_true(store_begin(world->fixture.store, &error));
	for (guint i = 3; i < MESSAGES; i += 10) {
		const struct note *note = world->notes->pdata[i];
		if (note->kept)
			put_note(world, note, true);
	}
	g_assert_true(store_commit(world->fixture.store, &error));
	g_assert_no_error(error);
}

static void
world_start(struct world *world)
{
	const char *seed = g_getenv("FLAGPOST_SEED");
	guint32 number = seed != NULL ? (guint32)g_ascii_strtoull(seed, NULL, 10) : SEED;

	g_test_message("seed %u", number);
	world->rand = g_rand_new_with_seed(number);
	world->notes = g_ptr_array_new_with_free_func(note_free);
	make_words(world);
	fixture_start(&world->fixture);
}

static void
world_end(struct world *world)
{
	fixture_end(&world->fixture);
	g_ptr_array_unref(world->notes);
	g_ptr_array_unref(world->words);
	g_rand_free(world->rand);
}

#endif
