/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/repacking.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "daemon/daemon.h"
#include "worker/worker.h"

#define NO_END 0 /* seconds: as long as it takes */

/* A process that is at work. */
struct work {
	GPid pid;
	int handle; /* readable once it ended; -1: the kernel has none */
	int said;   /* what it says */
	gint64 deadline;
	GString *text; /* the first bytes of that */
	bool late;
};

/* False at the end. */
static bool
take_piece(struct work *work)
{
	char piece[4096];
	gssize n = TEMP_FAILURE_RETRY(read(work->said, piece, sizeof piece));

	if (n > 0 && work->text->len < REPACKING_SAID_MAX)
		g_string_append_len(work->text, piece, n);
	return n > 0;
}

/* Milliseconds until it is late; -1: never. */
static int
time_left(const struct work *work)
{
	gint64 left = (work->deadline - g_get_monotonic_time() + 999) / 1000;

	return work->deadline == NO_END ? -1 : (int)CLAMP(left, 0, G_MAXINT);
}

/* Until it has ended, or is late. It may have closed what it speaks by, and live. */
static void
attend(struct work *work)
{
	struct pollfd fds[] = { { work->said, POLLIN, 0 }, { work->handle, POLLIN, 0 } };

	while (fds[0].fd >= 0 || fds[1].fd >= 0) {
		int left = time_left(work);
		int n = poll(fds, G_N_ELEMENTS(fds), left);
		work->late = left == 0;
		if (work->late || (n < 0 && errno != EINTR))
			return;
		if (n <= 0)
			continue;
		if (fds[0].revents != 0) {
			if (!take_piece(work))
				fds[0].fd = -1;
		} else if (fds[1].revents != 0) {
			return; /* and all that it said was read */
		}
	}
}

/* Its exit code; FAULT_BUG where it has none. */
static int
await(struct work *work)
{
	int status = 0;

	work->handle = pidfd_open(work->pid, 0);
	attend(work);
	if (work->late)
		kill(work->pid, SIGKILL);
	io_close(&work->handle);
	io_close(&work->said);
	return TEMP_FAILURE_RETRY(waitpid(work->pid, &status, 0)) == work->pid && WIFEXITED(status)
		   ? WEXITSTATUS(status)
		   : FAULT_BUG;
}

/* The end of a pipe that holds the passphrase, which fits into it; -1: none. */
static bool
hand_over(const char *passphrase, int *end, GError **error)
{
	int ends[2];

	*end = -1;
	if (passphrase == NULL)
		return true;
	if (pipe2(ends, O_CLOEXEC) < 0) {
		fault_errno(error, "pipe");
		return false;
	}
	bool right = strlen(passphrase) <= WORKER_PASSPHRASE_MAX &&
		     io_write_all(ends[1], passphrase, strlen(passphrase), error);
	io_close(&ends[1]);
	*end = ends[0];
	if (!right && error != NULL && *error == NULL)
		g_set_error(error, FAULT, FAULT_CONFIG, "the password is longer than %d bytes",
		    WORKER_PASSPHRASE_MAX);
	return right;
}

static bool
judge(int code, const char *lines, GError **error)
{
	g_auto(GStrv) split = g_strsplit(lines, "\n", 2);

	if (code == 0 || code == DAEMON_EXIT_GAPS)
		return true;
	if (split[0] != NULL && split[0][0] != '\0')
		g_set_error(error, FAULT, code == FAULT_IO ? FAULT_IO : FAULT_DATA, "%s", split[0]);
	else
		g_set_error(
		    error, FAULT, FAULT_DATA, "the worker program ended before it was done");
	return false;
}

static bool
run(guint seconds, const char *const *argv, const char *passphrase, int in, int out, char **lines,
    bool *gaps, GError **error)
{
	GSpawnFlags flags = G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_FILE_AND_ARGV_ZERO;
	struct work work = { .handle = -1, .said = -1 };
	const int at = WORKER_FD;
	int secret = -1;

	*lines = NULL;
	*gaps = false;
	if (lseek(in, 0, SEEK_SET) < 0) {
		fault_errno(error, "seek");
		return false;
	}
	bool started =
	    hand_over(passphrase, &secret, error) &&
	    g_spawn_async_with_pipes_and_fds(NULL, argv, NULL, flags, NULL, NULL, in, out, -1,
		&secret, &at, secret >= 0 ? 1 : 0, &work.pid, NULL, NULL, &work.said, error);
	io_close(&secret);
	if (!started)
		return false;
	work.deadline =
	    seconds == NO_END ? NO_END : g_get_monotonic_time() + seconds * G_USEC_PER_SEC;
	work.text = g_string_new(NULL);
	int code = await(&work);
	*lines = g_string_free(work.text, FALSE);
	*gaps = code == DAEMON_EXIT_GAPS;
	if (!work.late)
		return judge(code, *lines, error);
	g_set_error(
	    error, FAULT, FAULT_DATA, "the worker program took longer than %u seconds", seconds);
	return false;
}

bool
repacking_run(const char *command, const char *option, guint64 memory, const char *passphrase,
    int in, int out, char **lines, bool *gaps, GError **error)
{
	g_autofree char *bytes = g_strdup_printf("%" G_GUINT64_FORMAT, memory);
	const char *argv[] = { "/proc/self/exe", "flagpost", command, option, bytes, NULL };

	return run(NO_END, argv, passphrase, in, out, lines, gaps, error);
}

bool
repacking_run_within(guint seconds, const char *command, const char *option, guint64 memory, int in,
    int out, char **lines, bool *gaps, GError **error)
{
	g_autofree char *bytes = g_strdup_printf("%" G_GUINT64_FORMAT, memory);
	const char *argv[] = { "/proc/self/exe", "flagpost", command, option, bytes, NULL };

	return run(seconds, argv, NULL, in, out, lines, gaps, error);
}
