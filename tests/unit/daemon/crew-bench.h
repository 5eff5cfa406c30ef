/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_TESTS_DAEMON_CREW_BENCH_H
#define FLAGPOST_TESTS_DAEMON_CREW_BENCH_H
/*
 * crew-bench - the parent's side of tests of a crew: a crew of players (player.h), messages for
 * them, and a look whether anything was left behind.
 */
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "daemon/crew.h"

#define TRIES_MAX 20
#define GRACE_MS  500

struct bench {
	struct sources *sources;
	struct limits limits;
	struct crew *crew;
	guint descriptors;
};

static const struct reading no_pictures;

struct mail {
	const char *word;
	int fd;
	guint64 size;
	guint done;
	struct verdict *verdict;
	struct crew *crew; /* to submit next from within done */
	struct mail *next;
	const guint *left; /* kills to come, and how many were when it was done */
	guint left_then;
};

static inline guint
count_descriptors(void)
{
	g_autoptr(GDir) folder = g_dir_open("/proc/self/fd", 0, NULL);
	guint n = 0;

	while (g_dir_read_name(folder) != NULL)
		n++;
	return n;
}

static inline void
bench_open(struct bench *bench, guint workers)
{
	g_autoptr(GError) error = NULL;

	*bench = (struct bench){ .sources = sources_new() };
	sources_seal(bench->sources);
	limits_default(&bench->limits);
	bench->limits.seconds_per_message = 2;
	g_main_context_iteration(NULL, FALSE); /* opens its own descriptor */
	bench->descriptors = count_descriptors();
	bench->crew = crew_new(bench->sources, &bench->limits, &no_pictures, workers, &error);
	g_assert_no_error(error);
	g_assert_nonnull(bench->crew);
	crew_set_grace(bench->crew, GRACE_MS);
}

/* Nothing may be left: no descriptor, no process, alive or dead. */
static inline void
bench_close(struct bench *bench)
{
	g_clear_pointer(&bench->crew, crew_free);
	sources_free(bench->sources);
	g_assert_cmpuint(count_descriptors(), ==, bench->descriptors);
	g_assert_cmpint(waitpid(-1, NULL, WNOHANG), ==, -1);
	g_assert_cmpint(errno, ==, ECHILD);
}

static inline void
mail_open(struct mail *mail, const char *word)
{
	g_autofree char *line = g_strconcat(word, "\n", NULL);

	*mail = (struct mail){ .word = word, .fd = memfd_create("mail", MFD_CLOEXEC) };
	mail->size = strlen(line);
	g_assert_true(io_write_all(mail->fd, line, mail->size, NULL));
}

static inline char *
mail_marks(const struct mail *mail)
{
	char marks[TRIES_MAX + 1] = "";
	guint64 size;

	g_assert_true(io_size(mail->fd, &size, NULL));
	g_assert_cmpuint(size - mail->size, <=, TRIES_MAX);
	g_assert_true(io_pread_all(mail->fd, marks, size - mail->size, mail->size, NULL));
	return g_strdup(marks);
}

static inline void
mail_close(struct mail *mail)
{
	io_close(&mail->fd);
	g_clear_pointer(&mail->verdict, verdict_free);
}

static inline void mail_submit(struct crew *crew, struct mail *mail);

static inline void
on_done(struct verdict *verdict, void *data)
{
	struct mail *mail = data;

	g_assert_nonnull(verdict);
	g_assert_cmpuint(mail->done++, ==, 0);
	mail->verdict = verdict;
	mail->left_then = mail->left != NULL ? *mail->left : 0;
	if (mail->next != NULL)
		mail_submit(mail->crew, mail->next);
}

static inline void
mail_submit(struct crew *crew, struct mail *mail)
{
	const struct crew_job job = { 0 };

	crew_submit(crew, &job, mail->fd, mail->size, on_done, mail);
	g_assert_cmpuint(mail->done, ==, 0);
}

static inline void
run_until_done(struct crew *crew)
{
	while (crew_waiting(crew) > 0) {
		g_assert_false(crew_is_broken(crew));
		g_main_context_iteration(NULL, TRUE);
	}
}

static inline void
assert_good(struct mail *mail)
{
	g_assert_cmpuint(mail->done, ==, 1);
	g_assert_cmpint(mail->verdict->outcome, ==, OUTCOME_SCANNED);
	g_assert_cmpstr(mail->verdict->reason, ==, "");
	g_assert_cmpstr(mail->verdict->subject, ==, mail->word);
	g_assert_cmpuint(mail->verdict->size, ==, mail->size);
}
struct killing {
	guint left; /* to come */
	guint done; /* messages at the last one */
	const struct mail *mails;
	guint n_mails;
};

#endif
