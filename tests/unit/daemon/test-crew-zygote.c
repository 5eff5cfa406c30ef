/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test-crew-zygote - what becomes of messages when the process ends that their workers are forked
 * from, or stands still.
 */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "crew-bench.h"
#include "player.h"

/* To all of our children that call themselves so. */
static void
signal_zygotes(int number)
{
	g_autofree char *path = g_strdup_printf("/proc/self/task/%d/children", (int)getpid());
	g_autofree char *list = NULL;

	g_assert_true(g_file_get_contents(path, &list, NULL, NULL));
	g_auto(GStrv) pids = g_strsplit(g_strstrip(list), " ", -1);
	for (guint i = 0; pids[i] != NULL && pids[i][0] != '\0'; i++) {
		g_autofree char *file = g_strdup_printf("/proc/%s/cmdline", pids[i]);
		g_autofree char *line = NULL;
		gsize size = 0;
		if (g_file_get_contents(file, &line, &size, NULL) &&
		    memmem(line, size, WORKER_ZYGOTE, strlen(WORKER_ZYGOTE)) != NULL)
			kill((pid_t)g_ascii_strtoll(pids[i], NULL, 10), number);
	}
}

/* Only when somebody got somewhere since: what never starts is another matter. */
static gboolean
on_zygote_tick(void *data)
{
	struct killing *killing = data;
	guint done = 0;

	for (guint i = 0; i < killing->n_mails; i++)
		done += killing->mails[i].done;
	if (done == killing->done || done == killing->n_mails)
		return G_SOURCE_CONTINUE;
	killing->done = done;
	killing->left--;
	signal_zygotes(SIGKILL);
	return killing->left > 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* It is started again as often as it ends: no message is lost by that, and none is blamed. */
static void
test_zygote_killed(void)
{
	enum { N = 60, KILLS = 5 };
	struct mail mails[N];
	struct bench bench;
	struct killing killing = { .left = KILLS, .mails = mails, .n_mails = N };

	bench_open(&bench, 3);
	bench.limits.messages_per_worker = 4;
	bench.limits.seconds_per_message = 10;
	guint timer = g_timeout_add(10, on_zygote_tick, &killing);
	for (guint i = 0; i < N; i++) {
		mail_open(&mails[i], "slow");
		mail_submit(bench.crew, &mails[i]);
	}
	run_until_done(bench.crew);
	if (killing.left > 0)
		g_source_remove(timer);
	g_assert_cmpuint(killing.left, <, KILLS);
	for (guint i = 0; i < N; i++) {
		assert_good(&mails[i]);
		mail_close(&mails[i]);
	}
	g_assert_false(crew_is_broken(bench.crew));
	bench_close(&bench);
}

/* One that does not answer is ended like a worker, and its successor serves. */
static void
test_zygote_stopped(void)
{
	struct mail mails[3];
	struct bench bench;

	bench_open(&bench, 1);
	signal_zygotes(SIGSTOP);
	for (guint i = 0; i < G_N_ELEMENTS(mails); i++) {
		mail_open(&mails[i], i == 0 ? "once-segv" : "fine");
		mail_submit(bench.crew, &mails[i]);
	}
	run_until_done(bench.crew);
	g_assert_cmpint(mails[0].verdict->outcome, ==, OUTCOME_SCANNED);
	assert_good(&mails[1]);
	for (guint i = 0; i < G_N_ELEMENTS(mails); i++)
		mail_close(&mails[i]);
	bench_close(&bench);
	g_assert_cmpint(waitpid(-1, NULL, WNOHANG), ==, -1);
}

int
main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], WORKER_ZYGOTE) == 0)
		return player_main(argv);
	g_test_init(&argc, &argv, NULL);
	log_open("", LOG_LEVEL_ERROR);
	g_test_add_func("/crew-zygote/killed", test_zygote_killed);
	g_test_add_func("/crew-zygote/stopped", test_zygote_stopped);
	return g_test_run();
}
