/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test-intake - a message's life on the bench. What is asked each time: what stands in the store,
 * and what the fetcher was given credit for.
 */
#include <signal.h>
#include <sys/resource.h>

#include "base/log.h"
#include "bench.h"

/* --- order --- */

static void
test_slow_first(void)
{
	struct bench bench;

	bench_open(&bench);
	arrive(&bench, 1, 5);
	folder_ends(&bench, 5, NULL);
	account_ends(&bench);
	while (bench.crew.tasks->len > 1)
		answer(&bench.crew, bench.crew.tasks->len - 1);
	time_passes(LATER_MS);
	g_test_message("the first is not judged: nothing behind it is recorded");
	g_assert_cmpuint(bench.commits, ==, 0);
	g_assert_cmpuint(message_count(&bench.fixture), ==, 0);
	g_assert_cmpuint(position(&bench), ==, 0);
	answer(&bench.crew, 0);
	g_test_message("now all of it at once, in order, with nothing to wait for");
	assert_idle(&bench, 1, 5);
	g_assert_cmpuint(position(&bench), ==, 5);
	g_autofree char *sum = folder_sum(&bench.fixture);
	g_assert_cmpstr(sum, ==, "5 5 0 0");
	const struct pass_account *row = g_hash_table_lookup(bench.rows, "hq");
	g_assert_true(row->done);
	g_assert_cmpuint(row->messages, ==, 5);
	bench_close(&bench);
}

static void
test_slow_middle(void)
{
	struct bench bench;

	bench_open(&bench);
	arrive(&bench, 1, 5);
	answer(&bench.crew, 0);
	answer(&bench.crew, 0);
	answer(&bench.crew, 1); /* the fourth */
	time_passes(LATER_MS);
	g_test_message("the position stops before the third");
	g_assert_cmpuint(bench.commits, ==, 1);
	g_assert_cmpuint(bench.messages, ==, 2);
	g_assert_cmpuint(position(&bench), ==, 2);
	bench_again(&bench);
	g_test_message("a crash now: what was not recorded comes again, and is there once");
	arrive(&bench, 3, 5);
	folder_ends(&bench, 5, NULL);
	account_ends(&bench);
	answer_all(&bench.crew);
	assert_idle(&bench, 2, 5);
	g_assert_cmpuint(message_count(&bench.fixture), ==, 5);
	g_assert_cmpuint(copies(&bench), ==, 5);
	bench_close(&bench);
}

/* The end compares what is on the server with what is recorded: it must not come first. */
static void
test_nothing_to_come(void)
{
	struct bench bench;

	bench_open(&bench);
	g_test_message("a folder in which nothing happened costs no process");
	folder_begins_with(&bench, 0);
	folder_ends(&bench, 0, NULL);
	g_assert_false(bench.crew.warm);
	g_test_message("one with mail: workers start while it is fetched");
	folder_begins_with(&bench, 3);
	g_assert_true(bench.crew.warm);
	folder_ends(&bench, 0, NULL);
	bench_close(&bench);
}

static void
test_folder_end_last(void)
{
	struct bench bench;

	bench_open(&bench);
	arrive(&bench, 1, 2);
	fails(&bench, 3);
	arrive(&bench, 4, 4);
	folder_ends(&bench, 4, "1 2 3 4");
	time_passes(LATER_MS);
	g_assert_cmpuint(bench.commits, ==, 0);
	answer_backwards(&bench.crew);
	time_passes(LATER_MS);
	g_test_message("a failure is no message that the fetcher waits for");
	assert_idle(&bench, 1, 3);
	g_assert_cmpuint(position(&bench), ==, 4);
	g_autofree char *sum = folder_sum(&bench.fixture);
	g_assert_cmpstr(sum, ==, "4 3 1 0");
	bench_close(&bench);
}

/* --- batches --- */

static void
test_batch_by_count(void)
{
	struct bench bench;

	bench_open(&bench);
	arrive(&bench, 1, 2 * INTAKE_BATCH_MESSAGES + 10);
	answer_backwards(&bench.crew);
	g_test_message("two full batches go at once, the rest by time");
	g_assert_cmpuint(bench.commits, ==, 2);
	g_assert_cmpuint(bench.messages, ==, 2 * INTAKE_BATCH_MESSAGES);
	g_assert_cmpuint(position(&bench), ==, 2 * INTAKE_BATCH_MESSAGES);
	time_passes(LATER_MS);
	assert_idle(&bench, 3, 2 * INTAKE_BATCH_MESSAGES + 10);
	bench_close(&bench);
}

static void
test_batch_by_bytes(void)
{
	const guint64 size = INTAKE_BATCH_BYTES / 2;
	struct bench bench;

	bench_open(&bench);
	for (guint uid = 1; uid <= 3; uid++) {
		g_autofree char *text = g_strdup_printf("id=%u large", uid);
		arrives_in(&bench, "INBOX", uid, text, size);
	}
	answer(&bench.crew, 0);
	g_assert_cmpuint(bench.commits, ==, 0);
	answer(&bench.crew, 0);
	g_assert_cmpuint(bench.commits, ==, 1);
	g_assert_cmpuint(bench.messages, ==, 2);
	g_assert_cmpuint(bench.bytes, ==, 2 * size);
	answer(&bench.crew, 0);
	g_assert_cmpuint(bench.commits, ==, 1);
	time_passes(LATER_MS);
	assert_idle(&bench, 2, 3);
	g_assert_cmpuint(bench.bytes, ==, 3 * size);
	bench_close(&bench);
}

/* A commit waits for the disk: of two hundred accounts without news each would wait for its own. */
static void
test_batch_of_ends(void)
{
	struct bench bench;

	bench_open(&bench);
	for (guint i = 0; i < 3; i++)
		intake_expect(bench.intake);
	arrive(&bench, 1, 2);
	answer_all(&bench.crew);
	account_ends(&bench);
	account_ends(&bench);
	g_test_message("the third is under way: the first two may share its commit");
	g_assert_cmpuint(bench.commits, ==, 0);
	account_ends(&bench);
	g_test_message("the last one: nothing to wait for");
	assert_idle(&bench, 1, 2);
	intake_expect(bench.intake);
	intake_expect(bench.intake);
	account_ends(&bench);
	g_assert_cmpuint(bench.commits, ==, 1);
	time_passes(LATER_MS);
	g_test_message("one that takes long holds nobody's end back for longer than a batch");
	g_assert_cmpuint(bench.commits, ==, 2);
	bench_close(&bench);
}

static void
test_duplicates(void)
{
	struct bench bench;

	bench_open(&bench);
	arrives(&bench, 1, "id=a the same");
	arrives(&bench, 2, "id=a the same");
	arrives_in(&bench, "Sent", 1, "id=a the same", 0);
	arrives(&bench, 2, "id=a the same");
	answer_backwards(&bench.crew);
	time_passes(LATER_MS);
	assert_idle(&bench, 1, 4);
	g_assert_cmpuint(message_count(&bench.fixture), ==, 1);
	g_assert_cmpuint(copies(&bench), ==, 1);
	g_test_message("the same bytes do not reuse their Message-ID");
	g_assert_cmpuint(flagged(&bench, "reused"), ==, 0);
	g_autoptr(view) view = fixture_view(&bench.fixture);
	g_autoptr(GPtrArray) all = view_search(view, &(struct view_query){ 0 }, NULL);
	const struct view_message *message = g_ptr_array_index(all, 0);
	g_assert_cmpuint(message->placements->len, ==, 3);
	bench_close(&bench);
}

/* --- a Message-ID that other bytes had --- */

struct reuse {
	const char *label;
	const char *texts[5];
	guint commit_after; /* so many are recorded before the rest arrives */
	guint flagged;
};

static const struct reuse reuses[] = {
	{ "recorded before", { "id=a one", "id=a two" }, 1, 1 },
	{ "in the same batch", { "id=a one", "id=a two" }, 0, 1 },
	{ "three in a batch", { "id=a one", "id=a two", "id=a three" }, 0, 2 },
	{ "the first again, behind another", { "id=a one", "id=a two", "id=a one" }, 0, 2 },
	{ "none is no Message-ID", { "one", "two" }, 0, 0 },
	{ "each its own", { "id=a one", "id=b two", "id=c three" }, 1, 0 },
	{ "the same bytes", { "id=a one", "id=a one", "id=b x", "id=b x" }, 2, 0 },
	{ "what cannot be judged is not judged twice", { "id=a one", "id=a broken" }, 0, 0 },
};

static void
test_reused(gconstpointer data)
{
	const struct reuse *reuse = data;

	for (guint backwards = 0; backwards < 2; backwards++) {
		struct bench bench;
		guint n = 0;

		bench_open(&bench);
		g_test_message("%s%s", reuse->label, backwards ? ", judged backwards" : "");
		while (n < G_N_ELEMENTS(reuse->texts) && reuse->texts[n] != NULL) {
			if (n > 0 && n == reuse->commit_after) {
				answer_all(&bench.crew);
				time_passes(LATER_MS);
			}
			arrives(&bench, n + 1, reuse->texts[n]);
			n++;
		}
		if (backwards)
			answer_backwards(&bench.crew);
		else
			answer_all(&bench.crew);
		account_ends(&bench);
		assert_idle(&bench, bench.commits, n);
		g_assert_cmpuint(flagged(&bench, "reused"), ==, reuse->flagged);
		bench_close(&bench);
	}
}

/* --- what stays --- */

struct keeping {
	enum account_keep keep;
	const char *text;
	bool copy, people; /* people: who wrote what to whom stays */
};

static const struct keeping keepings[] = {
	{ KEEP_ALL, "id=a plain", true, true },
	{ KEEP_HITS, "id=a plain", false, true },
	{ KEEP_HITS, "id=a falcon", true, true },
	{ KEEP_HITS, "id=a quiet", false, true },
	{ KEEP_HITS, "id=a quiet falcon", true, true },
	{ KEEP_HITS, "id=a malformed", true, true },
	{ KEEP_HITS, "id=a broken", true, false },
	{ KEEP_HEADERS, "id=a falcon", false, true },
	{ KEEP_NONE, "id=a plain", false, false },
	{ KEEP_NONE, "id=a falcon", false, true },
};

static void
test_keep(gconstpointer data)
{
	const struct keeping *keeping = data;
	struct bench bench;

	bench_open(&bench);
	bench.account->keep = keeping->keep;
	g_test_message("keep = %s: %s", account_keep_words[keeping->keep], keeping->text);
	arrives(&bench, 1, keeping->text);
	account_ends(&bench);
	answer_all(&bench.crew);
	assert_idle(&bench, 1, 1);
	g_assert_cmpuint(copies(&bench), ==, keeping->copy);
	g_autoptr(view) view = fixture_view(&bench.fixture);
	g_autoptr(GPtrArray) all = view_search(view, &(struct view_query){ 0 }, NULL);
	const struct view_message *message = g_ptr_array_index(all, 0);
	g_autoptr(verdict) verdict = view_verdict(view, message->id, NULL);
	g_assert_cmpuint(message->size, ==, strlen(keeping->text));
	g_assert_cmpstr(verdict->subject, ==, keeping->people ? "Offer" : "");
	g_assert_cmpuint(verdict->addresses->len, ==, keeping->people);
	if (verdict->outcome != OUTCOME_UNSCANNABLE) {
		const struct part *part = g_ptr_array_index(verdict->parts, 0);
		const struct undecided *undecided = g_ptr_array_index(verdict->undecided, 0);
		g_test_message("what was not read is listed all the same");
		g_assert_cmpint(part->outcome, ==, PART_ENCRYPTED);
		g_assert_cmpstr(part->name, ==, keeping->people ? "plan.docx" : "");
		g_assert_cmpstr(part->path, ==, keeping->people ? "2/inner.zip/plan.docx" : "2");
		g_assert_cmpstr(
		    undecided->part, ==, keeping->people ? "2/inner.zip/plan.docx" : "2");
	}
	bench_close(&bench);
}

/* --- errors --- */

static guint
count_descriptors(void)
{
	g_autoptr(GDir) folder = g_dir_open("/proc/self/fd", 0, NULL);
	guint n = 0;

	while (g_dir_read_name(folder) != NULL)
		n++;
	return n;
}

/* After it nothing is recorded or credited, whatever still comes. */
static void
assert_stands_still(struct bench *bench, guint commits, guint at_uid)
{
	g_assert_nonnull(intake_error(bench->intake));
	g_test_message("%s", intake_error(bench->intake)->message);
	arrive(bench, 50, 52);
	account_ends(bench);
	answer_backwards(&bench->crew);
	time_passes(LATER_MS);
	g_assert_cmpuint(bench->commits, ==, commits);
	g_assert_cmpuint(position(bench), ==, at_uid);
}

/* Everything from uid on comes again, and is there once. */
static void
assert_recovers(struct bench *bench, guint first, guint last)
{
	bench_again(bench);
	g_assert_cmpuint(position(bench), ==, first - 1);
	g_assert_cmpuint(message_count(&bench->fixture), ==, first - 1);
	arrive(bench, first, last);
	folder_ends(bench, last, NULL);
	account_ends(bench);
	answer_all(&bench->crew);
	g_assert_no_error(intake_error(bench->intake));
	g_assert_true(intake_is_idle(bench->intake));
	g_assert_cmpuint(position(bench), ==, last);
	g_assert_cmpuint(message_count(&bench->fixture), ==, last);
	g_assert_cmpuint(copies(bench), ==, bench->account->keep == KEEP_ALL ? last : 0);
}

struct room {
	guint bytes; /* in one file */
	enum account_keep keep;
};

/* For the copies at once or in mid-batch; for the database alone. */
static const struct room rooms[] = {
	{ 0, KEEP_ALL },
	{ 3000, KEEP_ALL },
	{ 60000, KEEP_ALL },
	{ 0, KEEP_HEADERS },
	{ 40000, KEEP_HEADERS },
};

static void
test_no_room(gconstpointer data)
{
	const struct room *room = data;
	struct rlimit before, small;
	struct bench bench;
	guint descriptors = count_descriptors();

	bench_open(&bench);
	bench.account->keep = room->keep;
	arrive(&bench, 1, 2);
	answer_all(&bench.crew);
	time_passes(LATER_MS);
	g_assert_cmpuint(bench.messages, ==, 2);
	arrive(&bench, 3, 80);
	g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &before), ==, 0);
	small = before;
	small.rlim_cur = room->bytes;
	g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &small), ==, 0);
	answer_all(&bench.crew);
	time_passes(LATER_MS);
	g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &before), ==, 0);
	g_assert_cmpint(fault_exit_code(intake_error(bench.intake)), ==, FAULT_IO);
	assert_stands_still(&bench, 1, 2);
	assert_recovers(&bench, 3, 80);
	bench_close(&bench);
	g_assert_cmpuint(count_descriptors(), ==, descriptors);
}

/* Bytes that change behind the digest: the batch is not recorded, nor what stands before them. */
static void
test_bytes_change(void)
{
	struct fetch_event event = { .kind = FETCH_EVENT_MESSAGE };
	struct bench bench;

	bench_open(&bench);
	arrive(&bench, 1, 3);
	event.message.placement = at("INBOX", 4);
	event.message.fd = fixture_spool("id=4 message 4", 14);
	event.message.size = 14;
	int fd = dup(event.message.fd);
	intake_event(bench.intake, &event);
	g_assert_cmpint(pwrite(fd, "id=5", 4, 0), ==, 4);
	close(fd);
	answer_all(&bench.crew);
	time_passes(LATER_MS);
	assert_stands_still(&bench, 0, 0);
	assert_recovers(&bench, 1, 4);
	bench_close(&bench);
}

/* No digest can be made: what its worker says later finds an intake that stands still. */
static void
test_unreadable(void)
{
	struct fetch_event event = { .kind = FETCH_EVENT_MESSAGE };
	struct bench bench;
	int ends[2];

	bench_open(&bench);
	arrive(&bench, 1, 1);
	event.message.placement = at("INBOX", 2);
	g_assert_cmpint(pipe(ends), ==, 0);
	event.message.fd = ends[0];
	intake_event(bench.intake, &event);
	close(ends[1]);
	assert_stands_still(&bench, 0, 0);
	assert_recovers(&bench, 1, 2);
	bench_close(&bench);
}

/* The crew is gone first, as pass_close does it; nothing is left open. */
static void
test_freed_at_work(void)
{
	struct bench bench;
	guint descriptors = count_descriptors();

	bench_open(&bench);
	arrive(&bench, 1, 20);
	answer(&bench.crew, 0);
	answer(&bench.crew, 3);
	folder_ends(&bench, 20, NULL);
	account_ends(&bench);
	intake_end(&bench);
	time_passes(LATER_MS);
	g_assert_cmpuint(bench.commits, ==, 0);
	intake_start(&bench);
	assert_recovers(&bench, 1, 20);
	bench_close(&bench);
	g_assert_cmpuint(count_descriptors(), ==, descriptors);
}

static void
add_cases(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(reuses); i++) {
		g_autofree char *path = g_strdup_printf("/intake/reused/%" G_GSIZE_FORMAT, i);
		g_test_add_data_func(path, &reuses[i], test_reused);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(keepings); i++) {
		g_autofree char *path = g_strdup_printf("/intake/keep/%" G_GSIZE_FORMAT, i);
		g_test_add_data_func(path, &keepings[i], test_keep);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(rooms); i++) {
		g_autofree char *path = g_strdup_printf("/intake/no-room/%" G_GSIZE_FORMAT, i);
		g_test_add_data_func(path, &rooms[i], test_no_room);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	log_open("", LOG_LEVEL_ERROR);
	signal(SIGXFSZ, SIG_IGN);
	g_main_context_iteration(NULL, FALSE); /* opens its own descriptor */
	g_test_add_func("/intake/slow-first", test_slow_first);
	g_test_add_func("/intake/slow-middle", test_slow_middle);
	g_test_add_func("/intake/folder-end-last", test_folder_end_last);
	g_test_add_func("/intake/nothing-to-come", test_nothing_to_come);
	g_test_add_func("/intake/batch-by-count", test_batch_by_count);
	g_test_add_func("/intake/batch-by-bytes", test_batch_by_bytes);
	g_test_add_func("/intake/batch-of-ends", test_batch_of_ends);
	g_test_add_func("/intake/duplicates", test_duplicates);
	g_test_add_func("/intake/bytes-change", test_bytes_change);
	g_test_add_func("/intake/unreadable", test_unreadable);
	g_test_add_func("/intake/freed-at-work", test_freed_at_work);
	add_cases();
	return g_test_run();
}
