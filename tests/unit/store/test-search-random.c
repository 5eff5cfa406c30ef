/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Queries made at random over a store made at random, against a walk over all texts: what is found,
 * how many there are, in which order and on which page. The seed is fixed; it stands in the test's
 * output, and FLAGPOST_SEED sets another one.
 */
#include "random-walk.h"

#include "store/purge.h"
#include "store/rebuild.h"
#include "store/view-scope.h"

#define QUERIES 110
#define DEPTH   3

/* --- queries --- */

/* As people write: a word, its beginning, its end, a part of it, several. */
static char *
query_text(struct world *world, bool stars)
{
	static const char *const forms[] = { "%s", "%s*", "*%s", "*%s*" };
	guint form = stars ? below(world, 8) : 0;

	if (below(world, 6) == 0)
		return make_han(world, 3);
	if (form >= G_N_ELEMENTS(forms)) {
		GString *out = g_string_new(pick(world));
		for (guint i = below(world, 3); i > 0; i--)
			g_string_append_printf(out, " %s", pick(world));
		if (below(world, 5) == 0)
			g_string_append_c(out, '*');
		return g_string_free(out, FALSE);
	}
	const char *word = pick(world);
	g_autofree char *part = form == 0 || strlen(word) < 4 || !g_str_is_ascii(word)
				    ? g_strdup(word)
				    : g_strndup(word + (form > 1), 3);
	return form == 0   ? g_strdup(part)
	       : form == 1 ? g_strconcat(part, "*", NULL)
	       : form == 2 ? g_strconcat("*", part, NULL)
			   : g_strconcat("*", part, "*", NULL);
}

static char *
party_text(struct world *world)
{
	static const char *const texts[] = { "anna", "nna", "@rival.example", "@corp.example",
		"anna.berg@rival", "berg", "joanna", "@example", "rival", "@nobody.example" };

	return below(world, 3) == 0 ? person(below(world, PEOPLE))
				    : g_strdup(texts[below(world, G_N_ELEMENTS(texts))]);
}

static struct search *
make_date(struct world *world)
{
	gint64 from = MORNING + (gint64)below(world, 10007) * PER_STAMP + below(world, 3) - 1;

	return search_date(below(world, 4) == 0 ? G_MININT64 : from,
	    below(world, 4) == 0 ? G_MAXINT64 : from + (gint64)below(world, 6000) * PER_STAMP);
}

static struct search *
make_leaf(struct world *world)
{
	static const enum search_kind kinds[] = { SEARCH_WORDS, SEARCH_WORDS, SEARCH_WORDS,
		SEARCH_WORDS, SEARCH_BODY, SEARCH_SUBJECT, SEARCH_FROM, SEARCH_TO, SEARCH_DELIVERED,
		SEARCH_FILENAME, SEARCH_FOLDER, SEARCH_RULE, SEARCH_HAS, SEARCH_DATE };
	static const char *const names[] = { "*.pdf", "ba*.xlsx", "*ler*", "*" };
	enum search_kind kind = kinds[below(world, G_N_ELEMENTS(kinds))];
	g_autofree char *text = NULL;

	switch (kind) {
	case SEARCH_FROM:
	case SEARCH_TO:
	case SEARCH_DELIVERED:
		text = party_text(world);
		break;
	case SEARCH_FILENAME:
		text = below(world, 2) == 0 ? query_text(world, false)
					    : g_strdup(names[below(world, G_N_ELEMENTS(names))]);
		break;
	case SEARCH_FOLDER:
		text = g_strdup(below(world, 2) == 0 ? "Sent" : "*");
		break;
	case SEARCH_RULE:
		text = g_strdup("comp*");
		break;
	case SEARCH_HAS:
		text = g_strdup(below(world, 2) == 0 ? "flag" : "attachment");
		break;
	case SEARCH_DATE:
		return make_date(world);
	default:
		text = query_text(world, kind != SEARCH_SUBJECT);
	}
	return search_new(kind, text);
}

static struct search *
make_tree(struct world *world, guint depth)
{
	static const enum search_kind kinds[] = { SEARCH_ALL_OF, SEARCH_ANY_OF, SEARCH_NOT };
	guint kind = below(world, 5);

	if (depth == 0 || kind >= G_N_ELEMENTS(kinds))
		return make_leaf(world);
	struct search *search = search_new(kinds[kind], NULL);
	for (guint i = kinds[kind] == SEARCH_NOT ? 1 : 1 + below(world, 3); i > 0; i--)
		search_add(search, make_tree(world, depth - 1));
	return search;
}

static void
describe(const struct search *search, GString *out)
{
	g_string_append_printf(out, "%d:%s[%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT "](",
	    search->kind, search->text, search->kind == SEARCH_DATE ? search->from : 0,
	    search->kind == SEARCH_DATE ? search->to : 0);
	for (guint i = 0; i < search->children->len; i++)
		describe(search->children->pdata[i], out);
	g_string_append_c(out, ')');
}

/* --- the comparison --- */

static gint
newest_first(gconstpointer a, gconstpointer b)
{
	const struct note *one = *(struct note *const *)a, *other = *(struct note *const *)b;

	return one->time > other->time ? -1 : one->time < other->time;
}

/* own: whose view it is; NULL: all of it. */
static char *
walk(struct world *world, const struct search *search, const char *own, guint offset, guint limit,
    guint *count)
{
	g_autoptr(GPtrArray) found = g_ptr_array_new();
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < world->notes->len; i++) {
		struct note *note = world->notes->pdata[i];
		bool seen = own == NULL || strcmp(note->from, own) == 0 ||
			    strcmp(note->to, own) == 0 || strcmp(note->delivered, own) == 0;
		if (seen && !note->gone && matches(note, search, own == NULL))
			g_ptr_array_add(found, note);
	}
	g_ptr_array_sort(found, newest_first);
	*count = found->len;
	for (guint i = offset; i < found->len && i < offset + limit; i++)
		g_string_append_printf(out, "%u ", ((struct note *)found->pdata[i])->number);
	return g_string_free(out, FALSE);
}

static char *
ask(struct view *view, const struct view_query *query)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) rows = view_search(view, query, &error);
	GString *out = g_string_new(NULL);

	g_assert_no_error(error);
	for (guint i = 0; i < rows->len; i++) {
		const struct view_message *row = rows->pdata[i];
		g_string_append_printf(out, "%s ", row->message_id);
	}
	return g_string_free(out, FALSE);
}

static void
compare(struct world *world, struct view *view, const char *own)
{
	for (guint i = 0; i < QUERIES; i++) {
		g_autoptr(search) search = make_tree(world, DEPTH);
		guint offset = below(world, 2) * below(world, 20), limit = 1 + below(world, 60);
		struct view_query query = { .search = search, .offset = offset, .limit = limit };
		g_autoptr(GString) text = g_string_new(NULL);
		g_autoptr(GError) error = NULL;
		guint64 count;
		guint counted;

		describe(search, text);
		g_test_message(
		    "%s from %u, %u: %s", own != NULL ? own : "all", offset, limit, text->str);
		g_autofree char *expected = walk(world, search, own, offset, limit, &counted);
		g_autofree char *found = ask(view, &query);
		g_assert_cmpstr(found, ==, expected);
		g_assert_true(view_count(view, &query, &count, &error));
		g_assert_cmpuint(count, ==, counted);
	}
}

static void
compare_all(struct world *world)
{
	g_autoptr(view) all = fixture_view(&world->fixture);
	g_autoptr(view) own = fixture_view(&world->fixture);
	g_autoptr(GError) error = NULL;
	g_autofree char *name = person(5);
	const char *names[] = { name, NULL };

	compare(world, all, NULL);
	g_assert_true(view_restrict(own, &(struct view_scope){ VIEW_OWN, names }, &error));
	compare(world, own, name);
}

/* --- the tests --- */

static void
test_young(void)
{
	struct world world = { 0 };

	world_start(&world);
	put_notes(&world, false);
	compare_all(&world);
	world_end(&world);
}

static void
test_settled(void)
{
	struct world world = { 0 };

	world_start(&world);
	put_notes(&world, true);
	g_test_message("blocks, and a young part beside them");
	compare_all(&world);
	settle(&world);
	g_test_message("blocks alone");
	compare_all(&world);
	world_end(&world);
}

/* What is found by rank, for some words of the world each. */
static GPtrArray *
ask_by_rank(struct world *world)
{
	GPtrArray *all = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(view) view = fixture_view(&world->fixture);

	for (guint i = 0; i < world->words->len; i++) {
		g_autoptr(search) any = search_new(SEARCH_ANY_OF, NULL);
		search_add(any, search_new(SEARCH_WORDS, world->words->pdata[i]));
		search_add(any, search_new(SEARCH_SUBJECT, world->words->pdata[i / 2]));
		g_autofree char *two = g_strdup_printf("%s %s", (char *)world->words->pdata[i / 3],
		    (char *)world->words->pdata[i / 4]);
		search_add(any, search_new(SEARCH_WORDS, two));
		g_ptr_array_add(
		    all, ask(view, &(struct view_query){ .search = any, .rank = VIEW_RANK_ALL }));
	}
	return all;
}

static void
assert_ranked(struct world *world, const GPtrArray *expected)
{
	g_autoptr(GPtrArray) all = ask_by_rank(world);

	for (guint i = 0; i < all->len; i++)
		g_assert_cmpstr(all->pdata[i], ==, expected->pdata[i]);
}

/*
 * A message weighs the same before and after it is settled, also one whose texts came when it was:
 * the block still has its doc, and nothing else of it.
 */
static void
test_rank(void)
{
	struct world young = { 0 }, late = { 0 };

	world_start(&young);
	put_notes(&young, false);
	g_autoptr(GPtrArray) expected = ask_by_rank(&young);
	settle(&young);
	assert_ranked(&young, expected);
	world_end(&young);

	world_start(&late);
	put_notes(&late, true);
	g_test_message("late copies beside blocks");
	assert_ranked(&late, expected);
	settle(&late);
	g_test_message("late copies in blocks of their own");
	assert_ranked(&late, expected);
	world_end(&late);
}

static void
purge_some(struct world *world)
{
	g_autoptr(view) view = fixture_view(&world->fixture);
	g_autoptr(GPtrArray) items =
	    g_ptr_array_new_with_free_func((GDestroyNotify)purge_item_free);
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i < MESSAGES; i += 17) {
		struct note *note = world->notes->pdata[i];
		g_autofree char *body = g_strdup_printf("%u", note->number);
		char sha256[DIGEST_HEX];
		digest_bytes(body, strlen(body), sha256);
		g_autoptr(view_message) message = view_find(view, sha256, &error);
		g_assert_no_error(error);
		g_ptr_array_add(items, purge_of_message(view, message->id, "asked", &error));
		note->gone = true;
	}
	g_autoptr(purge) purge = purge_new(view, items, &error);
	enum purge_state state;
	do
		state = purge_step(purge, &error);
	while (state == PURGE_MORE);
	g_assert_no_error(error);
	g_assert_cmpuint(purge_counts(purge)->messages, ==, items->len);
}

static void
test_purged(void)
{
	struct world world = { 0 };

	world_start(&world);
	put_notes(&world, true);
	purge_some(&world);
	for (guint i = 0; i < world.notes->len; i++) {
		struct note *note = world.notes->pdata[i];
		if (!note->gone)
			continue;
		/* What is left of it: when it was, and where. */
		g_ptr_array_remove_index(world.notes, i--);
	}
	g_autoptr(view) view = fixture_view(&world.fixture);
	for (guint i = 0; i < world.words->len; i++) {
		g_autoptr(search) search = search_new(SEARCH_WORDS, world.words->pdata[i]);
		guint counted;
		g_autofree char *expected = walk(&world, search, NULL, 0, MESSAGES, &counted);
		g_autofree char *found = ask(view, &(struct view_query){ .search = search });
		g_assert_cmpstr(found, ==, expected);
	}
	g_clear_pointer(&view, view_close);
	world_end(&world);
}

/* Without a copy first, and with one, before the batch is over. */
static void
test_twice_in_a_batch(void)
{
	struct world world = { 0 };
	g_autoptr(GError) error = NULL;

	world_start(&world);
	struct note *note = make_note(&world, 0);
	note->kept = true;
	g_ptr_array_add(world.notes, note);
	g_assert_true(store_begin(world.fixture.store, &error));
	put_note(&world, note, false);
	put_note(&world, note, true);
	g_assert_true(store_commit(world.fixture.store, &error));
	g_assert_no_error(error);
	g_autofree char *path = g_build_filename(world.fixture.data, STORE_FILE, NULL);
	g_autoptr(database) database = database_open(path, false, &error);
	g_assert_no_error(error);
	assert_index(database);
	g_autoptr(view) view = fixture_view(&world.fixture);
	g_autoptr(search) search = search_new(SEARCH_BODY, note->body);
	g_autofree char *found = ask(view, &(struct view_query){ .search = search });
	g_assert_cmpstr(found, ==, "0 ");
	world_end(&world);
}

/* What cannot be settled stays as it is, and the mail of that commit is kept. */
static void
test_damaged(void)
{
	struct world world = { 0 };
	g_autoptr(GError) error = NULL;
	bool stays;

	world_start(&world);
	g_assert_true(store_begin(world.fixture.store, &error));
	for (guint i = 0; i < 20; i++) {
		g_ptr_array_add(world.notes, make_note(&world, i));
		put_note(
		    &world, world.notes->pdata[i], ((struct note *)world.notes->pdata[i])->kept);
	}
	g_assert_true(store_commit(world.fixture.store, &error));
	g_autofree char *path = g_build_filename(world.fixture.data, STORE_FILE, NULL);
	g_autoptr(database) database = database_open(path, false, &error);
	sqlite3_db_config(database->handle, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
	g_assert_true(database_script(database, "damage",
	    "CREATE TABLE aside AS SELECT id, data FROM term_page ORDER BY id LIMIT 1;"
	    "UPDATE term_page SET data = zeroblob(9) WHERE id IN (SELECT id FROM aside)",
	    &error));
	g_assert_true(settle_try(database, 1, &stays, &error));
	g_assert_no_error(error);
	g_assert_true(stays);
	g_assert_true(store_begin(world.fixture.store, &error));
	for (guint i = 20; i < 30; i++) {
		g_ptr_array_add(world.notes, make_note(&world, i));
		put_note(
		    &world, world.notes->pdata[i], ((struct note *)world.notes->pdata[i])->kept);
	}
	g_assert_true(store_commit(world.fixture.store, &error));
	g_test_message("what was damaged comes back from a backup");
	g_assert_true(database_script(database, "heal",
	    "UPDATE term_page SET data = (SELECT a.data FROM aside a WHERE a.id ="
	    " term_page.id) WHERE id IN (SELECT id FROM aside); DROP TABLE aside",
	    &error));
	g_clear_pointer(&database, database_close);
	g_autoptr(view) view = fixture_view(&world.fixture);
	compare(&world, view, NULL);
	world_end(&world);
}

/* --- slices --- */

/* What happens behind each of them. */
struct between {
	struct database *other; /* another program's */
	guint slices;
	guint stop; /* the one behind which something happens; 0: none */
	bool purge; /* somebody purges words; else: no slice is committed any more */
};

static int
look_between(void *user, sqlite3 *handle, const char *name, int pages)
{
	struct between *between = user;
	g_autoptr(GError) error = NULL;
	bool purges = between->purge && ++between->slices == between->stop;

	(void)handle;
	(void)name;
	(void)pages;
	g_assert_true(database_script(between->other, "write in between",
	    purges ? "UPDATE search_state SET purges = purges + 1"
		   : "UPDATE search_state SET spill = spill",
	    &error));
	return SQLITE_OK;
}

static int
refuse_slice(void *user)
{
	struct between *between = user;

	return !between->purge && between->stop > 0 && ++between->slices >= between->stop;
}

/* Others do not wait at all for the writer's lock: it is free. */
static bool
settle_beside(struct world *world, struct between *between, GError **error)
{
	g_autofree char *path = g_build_filename(world->fixture.data, STORE_FILE, NULL);
	g_autoptr(database) database = database_open(path, false, NULL);

	between->other = database_open(path, false, NULL);
	sqlite3_busy_timeout(between->other->handle, 0);
	sqlite3_wal_hook(database->handle, look_between, between);
	sqlite3_commit_hook(database->handle, refuse_slice, between);
	bool right = settle_slices(database, 1, error);
	g_clear_pointer(&between->other, database_close);
	return right;
}

static gint64
number_of(const struct world *world, const char *sql)
{
	g_autofree char *path = g_build_filename(world->fixture.data, STORE_FILE, NULL);
	g_autoptr(database) database = database_open(path, false, NULL);
	sqlite3_stmt *statement = NULL;

	sqlite3_prepare_v2(database->handle, sql, -1, &statement, NULL);
	g_assert_cmpint(sqlite3_step(statement), ==, SQLITE_ROW);
	gint64 number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return number;
}

#define UNFINISHED "SELECT count(*) FROM term_block WHERE count = 0"

/* A search finds the same wherever it ends, and the next one needs nothing but itself. */
static void
test_slices(void)
{
	for (guint purge = 0; purge < 2; purge++) {
		struct world world = { 0 };
		bool right = false;

		world_start(&world);
		put_notes(&world, false);
		for (guint stop = 1; !right; stop++) {
			struct between between = { .stop = stop, .purge = purge != 0 };
			g_autoptr(GError) error = NULL;
			g_test_message("%s slice %u", purge ? "purged behind" : "ended at", stop);
			right = settle_beside(&world, &between, &error);
			g_assert_true(right || stop < 20);
			if (!right && purge)
				assert_fault(error, FAULT_RETRY, "purged");
			if (!right && stop != 3)
				continue;
			g_assert_cmpuint(stop, >=, 3);
			g_autoptr(view) view = fixture_view(&world.fixture);
			compare(&world, view, NULL);
		}
		g_assert_cmpint(number_of(&world, UNFINISHED), ==, 0);
		world_end(&world);
	}
}

/* --- settled beside --- */

/* One message a batch; what was rolled back comes again; copies come late, to merged blocks too. */
static void
put_alone(struct world *world, guint i, bool late)
{
	struct note *note = late ? world->notes->pdata[i] : make_note(world, i);
	g_autoptr(GError) error = NULL;

	if (!late)
		g_ptr_array_add(world->notes, note);
	for (guint round = i % 5 == 2 ? 0 : 1; round < 2; round++) {
		g_assert_true(store_begin(world->fixture.store, &error));
		put_note(world, note, note->kept && (late || i % 3 == 0));
		if (round == 0)
			store_rollback(world->fixture.store);
		else
			g_assert_true(store_commit(world->fixture.store, &error));
	}
	g_assert_no_error(error);
}

/* closes: who closes the store in the middle of it loses nothing, and the next one goes on. */
static void
run_beside(guint messages, bool closes)
{
	struct world world = { 0 };
	g_autoptr(GError) error = NULL;

	world_start(&world);
	for (guint i = 0; i < 2 * messages; i++) {
		put_alone(&world, i % messages, i >= messages);
		if (!closes || i % 16 != 15)
			continue;
		fixture_close(&world.fixture);
		fixture_open(&world.fixture);
	}
	g_assert_true(store_run_end(world.fixture.store, world.fixture.run, 0, 1, &error));
	/* Of so many batches less than sixteen of each size are left. */
	g_assert_cmpint(number_of(&world, "SELECT count(*) FROM term_block"), <, 3 * 16);
	g_autoptr(view) view = fixture_view(&world.fixture);
	compare(&world, view, NULL);
	world_end(&world);
}

static void
test_beside(void)
{
	run_beside(MESSAGES, false);
	run_beside(200, true);
}

/* --- made anew --- */

/* What a worker would read of their copies. */
static GPtrArray *
read_texts(struct world *world, const GArray *messages)
{
	GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)verdict_free);
	g_autoptr(view) view = fixture_view(&world->fixture);

	for (guint i = 0; i < messages->len; i++) {
		const struct rebuild_message *message =
		    &g_array_index(messages, struct rebuild_message, i);
		g_autoptr(verdict) known = view_verdict(view, message->id, NULL);
		const struct note *note =
		    world->notes->pdata[g_ascii_strtoull(known->message_id, NULL, 10)];
		struct verdict *verdict = verdict_new();
		g_assert_true(message->copy == note->kept);
		g_free(verdict->terms.body);
		g_free(verdict->terms.files);
		verdict->terms = (struct verdict_terms){ .given = true,
			.body = terms_of(note->body),
			.files = terms_of(note->in_file) };
		g_ptr_array_add(list, verdict);
	}
	return list;
}

/* So many batches of it; 0: all. */
static guint64
rebuild(struct world *world, bool anew, guint batches)
{
	g_autoptr(view) view = fixture_view(&world->fixture);
	g_autoptr(GError) error = NULL;
	guint64 left, missing;
	bool resumed;

	g_autoptr(rebuild) rebuild = rebuild_open(view, world->fixture.data, &error);
	g_assert_no_error(error);
	g_assert_true(rebuild_begin(rebuild, anew, &resumed, &left, &error));
	for (guint i = 0; batches == 0 || i < batches; i++) {
		g_autoptr(GArray) messages = rebuild_next(rebuild, 50, &error);
		g_assert_no_error(error);
		if (messages->len == 0)
			break;
		g_autoptr(GPtrArray) verdicts = read_texts(world, messages);
		g_assert_true(rebuild_put(rebuild, messages, verdicts, &error));
	}
	g_assert_no_error(error);
	g_assert_true(rebuild_missing(view, &missing, &error));
	g_assert_true(resumed || left == MESSAGES);
	return missing;
}

static void
break_index(const struct world *world)
{
	static const char *const harms[] = { "UPDATE term_page SET data = zeroblob(length(data))",
		"DELETE FROM word_page", "DELETE FROM tagged WHERE doc % 3 = 0",
		"UPDATE term_block SET docs = zeroblob(3)",
		"UPDATE word_new SET data = zeroblob(length(data))" };
	g_autofree char *path = g_build_filename(world->fixture.data, STORE_FILE, NULL);
	g_autoptr(database) database = database_open(path, false, NULL);
	g_autoptr(GError) error = NULL;

	sqlite3_db_config(database->handle, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
	for (guint i = 0; i < G_N_ELEMENTS(harms); i++) {
		g_assert_true(database_script(database, "damage", harms[i], &error));
		g_assert_no_error(error);
	}
}

/* Whatever was broken; ended in the middle, it goes on; meanwhile nobody who cannot say so
 * searches. */
static void
test_rebuilt(void)
{
	struct world world = { 0 };
	g_autoptr(GError) error = NULL;
	guint64 count;

	world_start(&world);
	put_notes(&world, true);
	gint64 tags = number_of(&world, "SELECT total(tag * doc) FROM tagged");
	fixture_close(&world.fixture);
	break_index(&world);
	guint64 missing = rebuild(&world, false, 3);
	g_assert_cmpuint(missing, ==, MESSAGES - 150);

	g_autoptr(view) half = fixture_view(&world.fixture);
	g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
	g_assert_false(view_count(half, &(struct view_query){ 0 }, &count, &error));
	assert_fault(error, FAULT_RETRY, "210 messages are not in it yet");
	g_clear_error(&error);
	g_assert_true(view_count(half, &(struct view_query){ .notes = notes }, &count, &error));
	g_assert_cmpuint(notes->len, ==, 1);
	g_assert_nonnull(strstr(notes->pdata[0], "210 messages are not found yet"));

	missing = rebuild(&world, false, 0);
	g_assert_cmpuint(missing, ==, 0);
	g_assert_cmpint(number_of(&world, "SELECT total(tag * doc) FROM tagged"), ==, tags);
	g_autoptr(view) view = fixture_view(&world.fixture);
	compare(&world, view, NULL);
	g_test_message("and once more, of an index that is whole");
	missing = rebuild(&world, true, 0);
	g_assert_cmpuint(missing, ==, 0);
	g_autoptr(view) again = fixture_view(&world.fixture);
	compare(&world, again, NULL);
	g_test_message("mail goes on being kept");
	fixture_open(&world.fixture);
	world_end(&world);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/store/search-random/young", test_young);
	g_test_add_func("/store/search-random/settled", test_settled);
	g_test_add_func("/store/search-random/rank", test_rank);
	g_test_add_func("/store/search-random/purged", test_purged);
	g_test_add_func("/store/search-random/twice-in-a-batch", test_twice_in_a_batch);
	g_test_add_func("/store/search-random/damaged", test_damaged);
	g_test_add_func("/store/search-random/rebuilt", test_rebuilt);
	g_test_add_func("/store/search-random/slices", test_slices);
	g_test_add_func("/store/search-random/beside", test_beside);
	return g_test_run();
}
