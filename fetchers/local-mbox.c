/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The messages of an mbox file, known by their digests: whoever rewrites the file (and every
 * mail program does) moves all of them. It is read from its start at each pass, and what is
 * known is not given again. The lock keeps out who delivers by fcntl; a dotlock is respected,
 * and none is made, since nothing is ever written.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "fetchers/local.h"
#include "mail/message.h"

static gint64
change_time(const struct stat *status)
{
	return (gint64)status->st_mtim.tv_sec * 1000000000 + status->st_mtim.tv_nsec;
}

bool
local_lock(int fd, const char *path, char **why)
{
	g_autofree char *dotlock = g_strconcat(path, ".lock", NULL);
	struct flock shared = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
	struct stat status;

	if (lstat(dotlock, &status) == 0)
		*why = g_strdup_printf("locked by another program: %s exists", dotlock);
	else if (fcntl(fd, F_OFD_SETLK, &shared) < 0)
		*why = g_strdup_printf("%s is locked by another program", path);
	return *why == NULL;
}

bool
local_mbox_open(struct local *local, const char *path, char **why)
{
	struct stat status;
	char first[5];
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &status) < 0)
		*why = g_strdup_printf("%s: %s", path, g_strerror(errno));
	else if (!S_ISREG(status.st_mode))
		*why = g_strdup_printf("%s is no regular file", path);
	else if (status.st_size > 0 &&
		 (pread(fd, first, sizeof(first), 0) < (gssize)sizeof(first) ||
		     memcmp(first, "From ", sizeof(first)) != 0))
		*why = g_strdup_printf("%s is no mbox: it does not begin with \"From \"", path);
	else
		local_lock(fd, path, why);
	if (*why != NULL) {
		io_close(&fd);
		return false;
	}
	local_add_folder(local, "INBOX", "inbox");
	local->size = (guint64)status.st_size;
	local->changed = change_time(&status);
	local->file = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	local->mbox = mbox_new(fd, local->session->limits->message, local->session->spool_folder);
	return true;
}

/* The same bytes twice are two messages. Takes base. */
static char *
free_name(struct local *local, char *base)
{
	char *name = g_strdup(base);

	for (guint n = 2; g_hash_table_contains(local->given, name); n++) {
		g_free(name);
		name = g_strdup_printf("%s#%u", base, n);
	}
	g_free(base);
	return name;
}

static void
give_held(struct local *local)
{
	struct local_message message = { .uid = local->held_uid };
	int fd = local->held;

	if (local->held_uid == NULL)
		return;
	local->held = -1;
	g_ptr_array_add(local->present, g_strdup(message.uid));
	if (local_is_known(local, message.uid))
		io_close(&fd);
	else if (fd >= 0)
		local_emit_message(local, &message, local->held_size, MESSAGE_NO_DATE, fd);
	else
		local_emit_failure(
		    local, message.uid, "over-limit", "longer than the limit message", false);
	g_clear_pointer(&local->held_uid, g_free);
}

/* The name of a message over the limit is its place and its size: its bytes were not kept. */
char *
local_name_of(struct local *local, int fd, guint64 size, GError **error)
{
	if (fd < 0)
		return free_name(local, g_strdup_printf("over-limit:%" G_GUINT64_FORMAT, size));
	g_autofree char *digest = io_sha256(fd, NULL, error);
	return digest != NULL ? free_name(local, g_strconcat("sha256:", digest, NULL)) : NULL;
}

bool
local_has_changed(const struct local *local)
{
	struct stat status;

	return local->file < 0 || fstat(local->file, &status) < 0 ||
	       (guint64)status.st_size != local->size || change_time(&status) != local->changed;
}

bool
local_mbox_next(struct local *local, gsize *bytes, char **trouble)
{
	g_autoptr(GError) error = NULL;
	guint64 size = 0;
	int fd = -1;

	if (mbox_next(local->mbox, &fd, &size, &error)) {
		char *uid = local_name_of(local, fd, size, &error);
		*bytes = (gsize)size;
		if (uid != NULL) {
			give_held(local);
			g_hash_table_add(local->given, g_strdup(uid));
			local->held_uid = uid;
			local->held_size = size;
			local->held = fd;
			return true;
		}
		io_close(&fd);
	}
	if (error != NULL)
		*trouble = g_strdup(error->message);
	else if (local_has_changed(local)) /* the last one waits */
		*trouble = g_strdup("it was written to while it was read");
	else
		give_held(local);
	return false;
}

void
local_mbox_close(struct local *local)
{
	g_clear_pointer(&local->mbox, mbox_free);
	g_clear_pointer(&local->held_uid, g_free);
	io_close(&local->held);
	io_close(&local->file);
}
