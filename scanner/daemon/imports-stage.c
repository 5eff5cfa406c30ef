/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The archive's bytes are never looked at here: they go to another process as a descriptor, and
 * what comes of them is a tar file that the fetcher takes apart like any other.
 */
#include "daemon/imports-stage.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "daemon/daemon.h"
#include "store/tar.h"
#include "worker/worker.h"

#define PIECE (128 * 1024)

static int
create(const char *path, GError **error)
{
	/* One that an interrupted import left is of the same name, and of no use. */
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		fault_errno(error, "%s", path);
	return fd;
}

/* --- archives --- */

/* All that comes, of which the first bytes are kept. */
static char *
drain(int fd)
{
	GString *text = g_string_new(NULL);
	char piece[4096];
	gssize n;

	while ((n = read(fd, piece, sizeof piece)) > 0 || (n < 0 && errno == EINTR))
		if (n > 0 && text->len < IMPORTS_GAPS_BYTES)
			g_string_append_len(text, piece, n);
	return g_string_free(text, FALSE);
}

static bool
unpack(int in, int out, const struct limits *limits, char **lines, int *code, GError **error)
{
	g_autofree char *most = g_strdup_printf("%" G_GUINT64_FORMAT, limits->import);
	g_autofree char *memory = g_strdup_printf("%" G_GUINT64_FORMAT, limits->worker_memory);
	const char *argv[] = { "/proc/self/exe", "flagpost", WORKER_UNPACK, most, memory, NULL };
	GSpawnFlags flags = G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_FILE_AND_ARGV_ZERO;
	int said, status;
	GPid pid;

	if (!g_spawn_async_with_pipes_and_fds(NULL, argv, NULL, flags, NULL, NULL, in, out, -1,
		NULL, NULL, 0, &pid, NULL, NULL, &said, error)) {
		g_prefix_error(error, "start the unpacker: ");
		return false;
	}
	*lines = drain(said);
	io_close(&said);
	long reaped = TEMP_FAILURE_RETRY(waitpid(pid, &status, 0));
	*code = reaped == pid && WIFEXITED(status) ? WEXITSTATUS(status) : FAULT_BUG;
	return true;
}

static bool
judge(const char *archive, int code, const char *lines, GError **error)
{
	g_auto(GStrv) split = g_strsplit(lines, "\n", 2);

	if (code == 0 || code == DAEMON_EXIT_GAPS)
		return true;
	if (code == FAULT_DATA || code == FAULT_IO)
		g_set_error(
		    error, FAULT, code, "%s: %s", archive, split[0] != NULL ? split[0] : "");
	else
		g_set_error(error, FAULT, FAULT_DATA,
		    "%s: the process that unpacks it ended before it was done", archive);
	return false;
}

bool
imports_stage_archive(const char *archive, const char *path, const struct limits *limits,
    char **lines, bool *gaps, GError **error)
{
	int code = FAULT_BUG;
	int in = open(archive, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	*lines = NULL;
	if (in < 0) {
		fault_errno(error, "%s", archive);
		return false;
	}
	int out = create(path, error);
	bool right = out >= 0 && unpack(in, out, limits, lines, &code, error) &&
		     judge(archive, code, *lines, error);
	io_close(&in);
	io_close(&out);
	*gaps = code == DAEMON_EXIT_GAPS;
	if (!right)
		unlink(path);
	return right;
}

/* --- files --- */

static bool
copy_file(int from, guint64 size, int to, guint64 *at, GError **error)
{
	g_autofree guchar *piece = g_malloc(PIECE);

	for (guint64 done = 0; done < size;) {
		gsize n = (gsize)MIN(PIECE, size - done);
		if (!io_pread_all(from, piece, n, done, error) ||
		    !io_pwrite_all(to, piece, n, *at, error))
			return false;
		done += n;
		*at += n;
	}
	return true;
}

/* An entry at *at, which moves behind it once all of it stands there. */
static bool
add_file(const char *file, guint number, int to, guint64 *at, GError **error)
{
	g_autofree char *name = g_strdup_printf("%08u.eml", number);
	static const guchar zeros[TAR_BLOCK];
	guchar header[TAR_BLOCK];
	struct stat status;
	int from = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	guint64 end = *at + TAR_BLOCK;

	if (from < 0 || fstat(from, &status) < 0) {
		fault_errno(error, "%s", file);
		io_close(&from);
		return false;
	}
	guint64 size = (guint64)status.st_size;
	tar_header(header, name, size, status.st_mtim.tv_sec);
	bool right = S_ISREG(status.st_mode) && copy_file(from, size, to, &end, error) &&
		     io_pwrite_all(to, zeros, tar_padding(size), end, error) &&
		     io_pwrite_all(to, header, sizeof header, *at, error);
	io_close(&from);
	if (right)
		*at = end + tar_padding(size);
	else if (error != NULL && *error == NULL)
		g_set_error(error, FAULT, FAULT_DATA, "%s: no regular file", file);
	return right;
}

bool
imports_stage_files(const GPtrArray *files, const char *path, imports_say *say, void *data,
    bool *gaps, GError **error)
{
	static const guchar zeros[TAR_TRAILER];
	guint64 at = 0;
	int to = create(path, error);

	for (guint i = 0; to >= 0 && i < files->len; i++) {
		g_autoptr(GError) fault = NULL;
		if (add_file(files->pdata[i], i + 1, to, &at, &fault))
			continue;
		*gaps = true;
		say(files->pdata[i], fault->message, true, data);
	}
	bool right = to >= 0 && ftruncate(to, (off_t)at) == 0 &&
		     io_pwrite_all(to, zeros, sizeof zeros, at, error);
	io_close(&to);
	if (!right)
		unlink(path);
	return right;
}
