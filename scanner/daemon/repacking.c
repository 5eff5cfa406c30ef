/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/repacking.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "daemon/daemon.h"
#include "worker/worker.h"

/* All that comes, of which the first bytes are kept. */
static char *
drain(int fd)
{
	GString *text = g_string_new(NULL);
	char piece[4096];
	gssize n;

	while ((n = read(fd, piece, sizeof piece)) > 0 || (n < 0 && errno == EINTR))
		if (n > 0 && text->len < REPACKING_SAID_MAX)
			g_string_append_len(text, piece, n);
	return g_string_free(text, FALSE);
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

bool
repacking_run(const char *command, const char *option, guint64 memory, const char *passphrase,
    int in, int out, char **lines, bool *gaps, GError **error)
{
	g_autofree char *bytes = g_strdup_printf("%" G_GUINT64_FORMAT, memory);
	const char *argv[] = { "/proc/self/exe", "flagpost", command, option, bytes, NULL };
	GSpawnFlags flags = G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_FILE_AND_ARGV_ZERO;
	const int at = WORKER_FD;
	int said, status = 0, code = FAULT_BUG, secret = -1;
	GPid pid;

	*lines = NULL;
	*gaps = false;
	if (lseek(in, 0, SEEK_SET) < 0) {
		fault_errno(error, "seek");
		return false;
	}
	bool started =
	    hand_over(passphrase, &secret, error) &&
	    g_spawn_async_with_pipes_and_fds(NULL, argv, NULL, flags, NULL, NULL, in, out, -1,
		&secret, &at, secret >= 0 ? 1 : 0, &pid, NULL, NULL, &said, error);
	io_close(&secret);
	if (!started)
		return false;
	*lines = drain(said);
	io_close(&said);
	if (TEMP_FAILURE_RETRY(waitpid(pid, &status, 0)) == pid && WIFEXITED(status))
		code = WEXITSTATUS(status);
	*gaps = code == DAEMON_EXIT_GAPS;
	return judge(code, *lines, error);
}
