/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reloads - see reloads.h. A signal goes to a process only when it holds the lock of the data
 * folder and has said there itself that it is the service: a number alone may be another's.
 */
#include "daemon/reloads.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "base/text.h"

#define BYTES_MAX 4096
#define LOOK_MS   100
#define TEXT_MAX  300 /* characters */

static char *
path_of(const char *data_dir, const char *name)
{
	return g_build_filename(data_dir, name, NULL);
}

bool
reloads_write(const char *data_dir, guint64 count, bool taken, const char *text, GError **error)
{
	g_autofree char *path = path_of(data_dir, "reload");
	g_autofree char *safe = text_printable(text, TEXT_MAX);
	g_autofree char *all = g_strdup_printf("%d\n%" G_GUINT64_FORMAT "\n%s\n%s\n", (int)getpid(),
	    count, taken ? "taken" : "refused", safe);

	return io_replace_file(path, all, strlen(all), 0600, error);
}

static bool
parse(const char *all, struct reloads *out)
{
	g_auto(GStrv) lines = g_strsplit(all, "\n", 5);
	guint64 pid;

	if (g_strv_length(lines) != 5 ||
	    !g_ascii_string_to_unsigned(lines[0], 10, 2, G_MAXINT, &pid, NULL) ||
	    !g_ascii_string_to_unsigned(lines[1], 10, 0, G_MAXUINT64, &out->count, NULL))
		return false;
	out->pid = (pid_t)pid;
	out->taken = strcmp(lines[2], "taken") == 0;
	out->text = text_printable(lines[3], TEXT_MAX);
	return true;
}

bool
reloads_read(const char *data_dir, struct reloads *out, GError **error)
{
	g_autofree char *path = path_of(data_dir, "reload");
	g_autoptr(GBytes) bytes = NULL;

	*out = (struct reloads){ 0 };
	if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
		g_set_error(error, FAULT, FAULT_AWAY, "%s: no service runs", data_dir);
		return false;
	}
	bytes = io_read_file(path, BYTES_MAX, error);
	if (bytes == NULL)
		return false;
	g_autofree char *all = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
	if (parse(all, out))
		return true;
	g_set_error(error, FAULT, FAULT_DATA, "%s: not as the service writes it", path);
	return false;
}

void
reloads_clear(struct reloads *reloads)
{
	g_clear_pointer(&reloads->text, g_free);
}

/* The process that holds the lock of the data folder, as it wrote there; 0: nobody does. */
static pid_t
holder_of(const char *data_dir)
{
	g_autofree char *path = path_of(data_dir, "lock");
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char text[16] = "";

	if (fd < 0)
		return 0;
	bool held = fcntl(fd, F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
	ssize_t n = held ? pread(fd, text, sizeof text - 1, 0) : 0;
	io_close(&fd);
	text[MAX(n, 0)] = '\0';
	return (pid_t)g_ascii_strtoll(text, NULL, 10);
}

/* Until the count is another one. */
static bool
await(const char *data_dir, int handle, guint seconds, struct reloads *out, GError **error)
{
	guint64 before = out->count;
	gint64 end = g_get_monotonic_time() + (gint64)seconds * G_USEC_PER_SEC;

	while (g_get_monotonic_time() < end) {
		struct pollfd gone = { handle, POLLIN, 0 };
		bool ended = poll(&gone, 1, LOOK_MS) > 0;
		reloads_clear(out);
		if (!reloads_read(data_dir, out, error))
			return false;
		if (out->count != before)
			return true;
		if (ended) {
			g_set_error(error, FAULT, FAULT_AWAY, "the service ended meanwhile");
			return false;
		}
	}
	g_set_error(error, FAULT, FAULT_RETRY,
	    "the service has not answered for %u s: its log says what it is at", seconds);
	return false;
}

bool
reloads_ask(const char *data_dir, guint seconds, struct reloads *out, GError **error)
{
	if (!reloads_read(data_dir, out, error))
		return false;
	int handle = holder_of(data_dir) == out->pid ? pidfd_open(out->pid, 0) : -1;
	bool done = false;
	if (handle < 0)
		g_set_error(error, FAULT, FAULT_AWAY, "%s: no service runs", data_dir);
	else if (pidfd_send_signal(handle, SIGHUP, NULL, 0) != 0)
		fault_errno(error, "tell the service (process %d)", (int)out->pid);
	else
		done = await(data_dir, handle, seconds, out, error);
	io_close(&handle);
	if (!done)
		reloads_clear(out);
	return done;
}
