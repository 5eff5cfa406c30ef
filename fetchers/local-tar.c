/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The messages of a plain tar file, known by their digests as those of an mbox: a volume of our
 * own, or what import made of another archive.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "fetchers/local.h"
#include "mail/message.h"

bool
local_tar_open(struct local *local, const char *path, char **why)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &status) < 0)
		*why = g_strdup_printf("%s: %s", path, g_strerror(errno));
	else if (!S_ISREG(status.st_mode))
		*why = g_strdup_printf("%s is no regular file", path);
	else
		local_lock(fd, path, why);
	if (*why != NULL) {
		io_close(&fd);
		return false;
	}
	local_add_folder(local, "INBOX", "inbox");
	local->size = (guint64)status.st_size;
	local->changed =
	    (gint64)status.st_mtim.tv_sec * G_GINT64_CONSTANT(1000000000) + status.st_mtim.tv_nsec;
	local->file = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	local->tarball =
	    tarball_new(fd, local->session->limits->message, local->session->spool_folder);
	return true;
}

/* Takes fd. */
static void
give(struct local *local, char *uid, guint64 size, int fd)
{
	struct local_message message = { .uid = uid };

	g_hash_table_add(local->given, g_strdup(uid));
	g_ptr_array_add(local->present, g_strdup(uid));
	if (local_is_known(local, uid))
		io_close(&fd);
	else if (fd >= 0)
		local_emit_message(local, &message, size, MESSAGE_NO_DATE, fd);
	else
		local_emit_failure(
		    local, uid, "over-limit", "longer than the limit message", false);
}

/* Files that are no messages by their looks are counted; nothing of them is read. */
static void
say_left_out(struct local *local)
{
	guint n = tarball_left_out(local->tarball);

	if (n == 0)
		return;
	g_autofree char *text =
	    g_strdup_printf("%u entries of the tar file are no messages; they were not read", n);
	session_emit_note(local->session, "INBOX", "not-read", text);
}

bool
local_tar_next(struct local *local, gsize *bytes, char **trouble)
{
	g_autoptr(GError) error = NULL;
	guint64 size = 0;
	int fd = -1;

	if (tarball_next(local->tarball, &fd, &size, &error)) {
		g_autofree char *uid = local_name_of(local, fd, size, &error);
		*bytes = (gsize)size;
		if (uid != NULL) {
			give(local, uid, size, fd);
			return true;
		}
		io_close(&fd);
	}
	if (error != NULL)
		*trouble = g_strdup(error->message);
	else if (local_has_changed(local))
		*trouble = g_strdup("it was written to while it was read");
	say_left_out(local);
	return false;
}

void
local_tar_close(struct local *local)
{
	g_clear_pointer(&local->tarball, tarball_free);
}
