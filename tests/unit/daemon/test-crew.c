/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test-crew - a crew of workers that misbehave as player.h says: each message gets one verdict, its
 * neighbours are untouched, and nothing is left behind.
 */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "daemon/crew.h"
#include "crew-bench.h"
#include "player.h"

/* --- misdeeds --- */

struct misdeed {
	const char *word, *marks;
	const char *reason; /* NULL: scanned */
	const char *subject;
};

static const struct misdeed misdeeds[] = {
	{ "segv", "SSR", "crash", "good" },
	{ "abrt", "SSR", "crash", "good" },
	{ "fail", "SSR", "crash", "good" },
	{ "kill", "SSR", "memory", "good" },
	{ "memory", "SSR", "memory", "good" },
	{ "exit", "SSR", "protocol", "good" },
	{ "deaf", "SSR", "protocol", "good" },
	{ "other", "SSR", "protocol", "good" },
	{ "lie", "SSR", "protocol", "good" },
	{ "garbage", "SSR", "protocol", "good" },
	{ "huge", "SSR", "protocol", "good" },
	{ "torn", "SSR", "protocol", "good" },
	{ "ready", "SSR", "protocol", "good" },
	{ "hang", "SR", "time", "good" },
	{ "spin", "SR", "time", "good" },
	{ "stop", "SR", "time", "good" },
	{ "half", "SR", "time", "good" },
	{ "always-segv", "SSR", "crash", "" },
	{ "always-memory", "SSR", "memory", "" },
	{ "always-lie", "SSR", "protocol", "" },
	{ "always-hang", "SR", "time", "" },
	{ "once-segv", "SS", NULL, "good" },
	{ "once-kill", "SS", NULL, "good" },
	{ "once-exit", "SS", NULL, "good" },
	{ "once-garbage", "SS", NULL, "good" },
	{ "part-segv", "SS1", NULL, "good" },
	{ "part-kill", "SS1", NULL, "good" },
	{ "part-exit", "SS1", NULL, "good" },
	{ "parts-segv", "SS1234R", "crash", "good" },
	{ "part-false-segv", "SSR", "crash", "good" },
	{ "twice", "S", NULL, "twice" },
	{ "long", "S", NULL, "long" },
};

/* A worker that lied goes on until it is ended: what it begins then is not held against anybody. */
static bool
are_tries(const char *marks, const char *wanted)
{
	gsize more = strlen(marks) - MIN(strlen(wanted), strlen(marks));

	return strspn(marks, "S") >= more && strcmp(marks + more, wanted) == 0;
}

static void
assert_misdeed(struct mail *mail, const struct misdeed *misdeed)
{
	g_autofree char *marks = mail_marks(mail);

	g_test_message("%s: tried %s, %s %s", misdeed->word, marks,
	    outcome_words[mail->verdict->outcome], mail->verdict->reason);
	g_assert_cmpuint(mail->done, ==, 1);
	g_assert_true(are_tries(marks, misdeed->marks));
	g_assert_cmpint(mail->verdict->outcome, ==,
	    misdeed->reason != NULL ? OUTCOME_UNSCANNABLE : OUTCOME_SCANNED);
	g_assert_cmpstr(mail->verdict->reason, ==, misdeed->reason != NULL ? misdeed->reason : "");
	g_assert_cmpstr(mail->verdict->subject, ==, misdeed->subject);
	g_assert_cmpuint(mail->verdict->size, ==, mail->size);
}

/* Time-outs in a row would take long: only several workers get them. */
static bool
is_left_out(const struct misdeed *misdeed, guint workers)
{
	return workers == 1 && misdeed->reason != NULL && strcmp(misdeed->reason, "time") == 0;
}

/* All of them at once, each between messages that want nothing but to be read. */
static void
test_misdeeds(gconstpointer data)
{
	enum { N = G_N_ELEMENTS(misdeeds) };
	guint workers = GPOINTER_TO_UINT(data);
	struct mail bad[N], fine[2 * N], last;
	struct bench bench;

	bench_open(&bench, workers);
	for (guint i = 0; i < N; i++) {
		mail_open(&fine[2 * i], "fine");
		mail_open(&bad[i], misdeeds[i].word);
		mail_open(&fine[2 * i + 1], "fine again");
		mail_submit(bench.crew, &fine[2 * i]);
		if (!is_left_out(&misdeeds[i], workers))
			mail_submit(bench.crew, &bad[i]);
		mail_submit(bench.crew, &fine[2 * i + 1]);
	}
	run_until_done(bench.crew);
	/* And it goes on. */
	mail_open(&last, "fine at last");
	mail_submit(bench.crew, &last);
	run_until_done(bench.crew);
	assert_good(&last);
	mail_close(&last);
	for (guint i = 0; i < N; i++) {
		if (!is_left_out(&misdeeds[i], workers))
			assert_misdeed(&bad[i], &misdeeds[i]);
		assert_good(&fine[2 * i]);
		assert_good(&fine[2 * i + 1]);
		mail_close(&bad[i]);
		mail_close(&fine[2 * i]);
		mail_close(&fine[2 * i + 1]);
	}
	bench_close(&bench);
}

/* Workers are killed from outside all the time: nobody is blamed for less than two of them. */
static void
kill_all_workers(void)
{
	g_autofree char *path = g_strdup_printf("/proc/self/task/%d/children", (int)getpid());
	g_autofree char *list = NULL;

	if (!g_file_get_contents(path, &list, NULL, NULL))
		return;
	g_auto(GStrv) pids = g_strsplit(g_strstrip(list), " ", -1);
	for (guint i = 0; pids[i] != NULL && pids[i][0] != '\0'; i++)
		kill((pid_t)g_ascii_strtoll(pids[i], NULL, 10), SIGKILL);
}

/* Only who got somewhere is killed again: a crew of which none ever starts is another matter. */
static gboolean
on_tick(void *data)
{
	struct killing *killing = data;
	guint done = 0;

	for (guint i = 0; i < killing->n_mails; i++)
		done += killing->mails[i].done;
	if (done == killing->done)
		return G_SOURCE_CONTINUE;
	killing->done = done;
	kill_all_workers();
	return --killing->left > 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void
test_killed(void)
{
	enum { N = 100, KILLS = 6 };
	struct mail mails[N];
	struct bench bench;
	struct killing killing = { .left = KILLS, .mails = mails, .n_mails = N };
	guint unscannable = 0;

	bench_open(&bench, 3);
	bench.limits.seconds_per_message = 10; /* a busy machine is no reason to give one up */
	for (guint i = 0; i < N; i++) {
		mail_open(&mails[i], "slow");
		mails[i].left = &killing.left;
		mail_submit(bench.crew, &mails[i]);
	}
	guint timer = g_timeout_add(150, on_tick, &killing);
	run_until_done(bench.crew);
	if (killing.left > 0)
		g_source_remove(timer);
	for (guint i = 0; i < N; i++) {
		g_assert_cmpuint(mails[i].done, ==, 1);
		if (mails[i].verdict->outcome == OUTCOME_UNSCANNABLE) {
			unscannable++;
			/* A worker may be gone before it marked what it was given. */
			g_assert_cmpuint(mails[i].left_then, <=, KILLS - 2);
		} else {
			assert_good(&mails[i]);
		}
		mail_close(&mails[i]);
	}
	g_test_message("%u of %d unscannable", unscannable, N);
	bench_close(&bench);
}

/* --- starts --- */

static void
test_never_starts(void)
{
	struct limits limits;
	g_autoptr(sources) sources = sources_new();
	g_autoptr(GError) error = NULL;
	guint before = count_descriptors();

	sources_seal(sources);
	limits_default(&limits);
	g_setenv("TZ", "never", TRUE);
	g_assert_null(crew_new(sources, &limits, &no_pictures, 3, &error));
	g_unsetenv("TZ");
	g_assert_nonnull(error);
	g_assert_cmpuint(count_descriptors(), ==, before);
	g_assert_cmpint(waitpid(-1, NULL, WNOHANG), ==, -1);
}

/* From some moment on none starts any more: what waits is decided by nobody. */
static void
test_starts_no_more(void)
{
	struct mail mails[4];
	struct bench bench;
	g_autofree char *file = NULL;
	int fd = g_file_open_tmp("flagpost-crew-XXXXXX", &file, NULL);
	g_autofree char *how = g_strconcat("while:", file, NULL);

	close(fd);
	g_setenv("TZ", how, TRUE);
	bench_open(&bench, 2);
	unlink(file);
	for (guint i = 0; i < G_N_ELEMENTS(mails); i++) {
		mail_open(&mails[i], "segv");
		mail_submit(bench.crew, &mails[i]);
	}
	while (!crew_is_broken(bench.crew))
		g_main_context_iteration(NULL, TRUE);
	g_unsetenv("TZ");
	g_assert_cmpuint(crew_waiting(bench.crew), ==, G_N_ELEMENTS(mails));
	for (guint i = 0; i < G_N_ELEMENTS(mails); i++) {
		g_assert_cmpuint(mails[i].done, ==, 0);
		mail_close(&mails[i]);
	}
	bench_close(&bench);
}

/* Two starts in three fail and every second message kills a worker: all places stay in use. */
static void
test_bad_starts(void)
{
	enum { N = 24 };
	struct mail mails[N];
	struct bench bench;
	g_autofree char *file = NULL;
	int counter = g_file_open_tmp("flagpost-crew-XXXXXX", &file, NULL);

	g_setenv("TZ", file, TRUE);
	bench_open(&bench, 6);
	for (guint i = 0; i < N; i++) {
		mail_open(&mails[i], i % 2 == 0 ? "always-segv" : "fine");
		mail_submit(bench.crew, &mails[i]);
	}
	run_until_done(bench.crew);
	for (guint i = 0; i < N; i++) {
		g_assert_cmpuint(mails[i].done, ==, 1);
		if (i % 2 == 1)
			assert_good(&mails[i]);
		else
			g_assert_cmpstr(mails[i].verdict->reason, ==, "crash");
		mail_close(&mails[i]);
	}
	g_unsetenv("TZ");
	bench_close(&bench);
	unlink(file);
	close(counter);
}

/* Six crashes at the same moment are no reason to give a place up. */
static void
test_crash_together(void)
{
	struct mail mails[8], after[8];
	struct bench bench;
	gint64 begun;

	bench_open(&bench, 8);
	bench.limits.seconds_per_message = 1;
	g_usleep(500000); /* all have started */
	for (guint i = 0; i < 8; i++) {
		mail_open(&mails[i], "once-segv");
		mail_submit(bench.crew, &mails[i]);
	}
	run_until_done(bench.crew);
	begun = g_get_monotonic_time();
	for (guint i = 0; i < 8; i++) {
		mail_open(&after[i], "always-hang");
		mail_submit(bench.crew, &after[i]);
	}
	run_until_done(bench.crew);
	/* Eight at once take as long as one; with a place less, twice as long. */
	g_assert_cmpint(g_get_monotonic_time() - begun, <, 11 * G_USEC_PER_SEC);
	for (guint i = 0; i < 8; i++) {
		g_assert_cmpint(mails[i].verdict->outcome, ==, OUTCOME_SCANNED);
		g_assert_cmpstr(after[i].verdict->reason, ==, "time");
		mail_close(&mails[i]);
		mail_close(&after[i]);
	}
	bench_close(&bench);
}

/* A reader that never ends is left out, in less time than its message has; one alone. */
static void
test_stuck(void)
{
	static const struct misdeed stuck[] = {
		{ "part-stuck-hang", "S1", NULL, "good" },
		{ "part-stuck-spin", "S1", NULL, "good" },
		{ "part-false-stuck-hang", "SR", "time", "good" },
	};
	struct mail mails[G_N_ELEMENTS(stuck)];
	struct bench bench;

	bench_open(&bench, G_N_ELEMENTS(stuck));
	bench.limits.seconds_per_message = 4;
	for (guint i = 0; i < G_N_ELEMENTS(stuck); i++) {
		mail_open(&mails[i], stuck[i].word);
		mail_submit(bench.crew, &mails[i]);
	}
	run_until_done(bench.crew);
	for (guint i = 0; i < G_N_ELEMENTS(stuck); i++) {
		assert_misdeed(&mails[i], &stuck[i]);
		mail_close(&mails[i]);
	}
	bench_close(&bench);
}

/* --- what waits in a worker --- */

/* Nobody is blamed for a worker's end but the message that it had begun. */
static void
test_ahead_of_end(gconstpointer word)
{
	enum { BAD = 3, N = 3 * WORKER_JOBS_MAX };
	struct mail mails[N];
	struct bench bench;

	bench_open(&bench, 1);
	for (guint i = 0; i < N; i++) {
		mail_open(&mails[i], i == BAD ? word : "fine");
		mail_submit(bench.crew, &mails[i]);
	}
	run_until_done(bench.crew);
	for (guint i = 0; i < N; i++) {
		g_autofree char *marks = mail_marks(&mails[i]);
		g_assert_cmpstr(marks, ==,
		    i != BAD                       ? "S"
		    : strstr(word, "hang") != NULL ? "SR"
						   : "SSR");
		if (i != BAD)
			assert_good(&mails[i]);
		mail_close(&mails[i]);
	}
	bench_close(&bench);
}

/* The time of each begins when its worker is at it: together they take longer than one may. */
static void
test_ahead_of_time(void)
{
	enum { N = 10 };
	struct mail mails[N];
	struct bench bench;

	G_STATIC_ASSERT(N <= WORKER_JOBS_MAX);
	bench_open(&bench, 1);
	for (guint i = 0; i < N; i++) {
		mail_open(&mails[i], "tardy");
		mail_submit(bench.crew, &mails[i]);
	}
	run_until_done(bench.crew);
	for (guint i = 0; i < N; i++) {
		assert_good(&mails[i]);
		mail_close(&mails[i]);
	}
	bench_close(&bench);
}

/* --- our own faults are not the workers' --- */

/* A disk that takes long holds the loop up for longer than a message's time. */
static void
test_late_ourselves(void)
{
	struct mail fine, large;
	struct bench bench;

	bench_open(&bench, 2);
	mail_open(&fine, "fine");
	mail_open(&large, "long"); /* more than the socket holds: it waits for us to read */
	mail_submit(bench.crew, &fine);
	mail_submit(bench.crew, &large);
	bench.limits.seconds_per_message = 1;
	crew_set_grace(bench.crew, 2000); /* for a machine that is busy */
	g_usleep(3500000);
	run_until_done(bench.crew);
	assert_good(&fine);
	g_assert_cmpint(large.verdict->outcome, ==, OUTCOME_SCANNED);
	g_assert_cmpuint(large.verdict->undecided->len, ==, 15000);
	mail_close(&fine);
	mail_close(&large);
	bench_close(&bench);
}

static void
test_no_descriptor_left(void)
{
	struct rlimit before, none;
	struct mail fine;
	struct bench bench;

	bench_open(&bench, 1);
	mail_open(&fine, "fine");
	g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &before), ==, 0);
	none = before;
	none.rlim_cur = 5;
	g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &none), ==, 0);
	mail_submit(bench.crew, &fine);
	g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &before), ==, 0);
	run_until_done(bench.crew);
	assert_good(&fine);
	mail_close(&fine);
	bench_close(&bench);
}

/* --- the caller --- */

static void
test_submit_when_done(void)
{
	static const char *const words[] = { "always-segv", "fine", "always-hang", "segv", "fine",
		"twice", "fine" };
	struct mail mails[G_N_ELEMENTS(words)];
	struct bench bench;

	bench_open(&bench, 1);
	for (guint i = 0; i < G_N_ELEMENTS(words); i++)
		mail_open(&mails[i], words[i]);
	for (guint i = 0; i + 1 < G_N_ELEMENTS(words); i++) {
		mails[i].crew = bench.crew;
		mails[i].next = &mails[i + 1];
	}
	mail_submit(bench.crew, &mails[0]);
	run_until_done(bench.crew);
	for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
		g_assert_cmpuint(mails[i].done, ==, 1);
		mail_close(&mails[i]);
	}
	bench_close(&bench);
}

static void
test_freed_at_work(void)
{
	static const char *const words[] = { "hang", "spin", "fine", "segv", "stop", "slow" };

	for (guint round = 0; round < 12; round++) {
		struct mail mails[4 * G_N_ELEMENTS(words)];
		struct bench bench;

		bench_open(&bench, 3);
		for (guint i = 0; i < G_N_ELEMENTS(mails); i++) {
			mail_open(&mails[i], words[(i + round) % G_N_ELEMENTS(words)]);
			mail_submit(bench.crew, &mails[i]);
		}
		for (guint i = 0; i < 2 * round; i++)
			g_main_context_iteration(NULL, TRUE);
		g_clear_pointer(&bench.crew, crew_free);
		while (g_main_context_iteration(NULL, FALSE))
			;
		for (guint i = 0; i < G_N_ELEMENTS(mails); i++)
			mail_close(&mails[i]);
		bench_close(&bench);
	}
}

/* A worker is replaced after its share of messages, and nobody notices. */
static void
test_relieved(void)
{
	struct mail mails[20];
	struct bench bench;

	bench_open(&bench, 2);
	bench.limits.messages_per_worker = 3;
	for (guint i = 0; i < G_N_ELEMENTS(mails); i++) {
		mail_open(&mails[i], i % 7 == 3 ? "twice" : "fine");
		mail_submit(bench.crew, &mails[i]);
	}
	run_until_done(bench.crew);
	for (guint i = 0; i < G_N_ELEMENTS(mails); i++) {
		assert_good(&mails[i]);
		mail_close(&mails[i]);
	}
	bench_close(&bench);
}

static void
test_scan_one(void)
{
	const struct crew_job job = { 0 };
	struct mail mail;
	struct bench bench;

	bench_open(&bench, 1);
	mail_open(&mail, "always-abrt");
	mail.verdict = crew_scan(bench.crew, &job, mail.fd, mail.size);
	g_assert_cmpstr(mail.verdict->reason, ==, "crash");
	mail_close(&mail);
	bench_close(&bench);
}

int
main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], WORKER_ZYGOTE) == 0)
		return player_main(argv);
	g_test_init(&argc, &argv, NULL);
	log_open("", LOG_LEVEL_ERROR);
	g_test_add_data_func("/crew/misdeeds/one", GUINT_TO_POINTER(1), test_misdeeds);
	g_test_add_data_func("/crew/misdeeds/four", GUINT_TO_POINTER(4), test_misdeeds);
	g_test_add_func("/crew/killed", test_killed);
	g_test_add_func("/crew/never-starts", test_never_starts);
	g_test_add_func("/crew/starts-no-more", test_starts_no_more);
	g_test_add_func("/crew/bad-starts", test_bad_starts);
	g_test_add_func("/crew/crash-together", test_crash_together);
	g_test_add_func("/crew/stuck", test_stuck);
	g_test_add_data_func("/crew/ahead/segv", "segv", test_ahead_of_end);
	g_test_add_data_func("/crew/ahead/exit", "exit", test_ahead_of_end);
	g_test_add_data_func("/crew/ahead/hang", "hang", test_ahead_of_end);
	g_test_add_data_func("/crew/ahead/once-hang", "once-hang", test_ahead_of_end);
	g_test_add_func("/crew/ahead/time", test_ahead_of_time);
	g_test_add_func("/crew/late-ourselves", test_late_ourselves);
	g_test_add_func("/crew/no-descriptor-left", test_no_descriptor_left);
	g_test_add_func("/crew/submit-when-done", test_submit_when_done);
	g_test_add_func("/crew/freed-at-work", test_freed_at_work);
	g_test_add_func("/crew/relieved", test_relieved);
	g_test_add_func("/crew/scan-one", test_scan_one);
	return g_test_run();
}
