/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/replace.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"

struct replace {
	char *path, *temporary;
	int fd;
};

struct replace *
replace_new(const char *path, unsigned mode, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(path);
	g_autofree char *name = g_path_get_basename(path);
	g_autofree char *hidden = g_strdup_printf(".%s.XXXXXX", name);
	g_autofree char *temporary = g_build_filename(folder, hidden, NULL);
	int fd = mkostemp(temporary, O_CLOEXEC);

	if (fd < 0) {
		fault_errno(error, "create %s", temporary);
		return NULL;
	}
	struct replace *replace = g_new0(struct replace, 1);
	replace->path = g_strdup(path);
	replace->temporary = g_steal_pointer(&temporary);
	replace->fd = fd;
	if (fchmod(fd, mode) == 0)
		return replace;
	fault_errno(error, "set the mode of %s", replace->temporary);
	replace_free(replace);
	return NULL;
}

bool
replace_write(struct replace *replace, const char *data, gsize size, GError **error)
{
	if (io_write_all(replace->fd, data, size, error))
		return true;
	g_prefix_error(error, "write %s: ", replace->temporary);
	return false;
}

bool
replace_finish(struct replace *replace, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(replace->path);

	if (fsync(replace->fd) != 0) {
		fault_errno(error, "sync %s", replace->temporary);
		return false;
	}
	if (rename(replace->temporary, replace->path) != 0) {
		fault_errno(error, "rename %s to %s", replace->temporary, replace->path);
		return false;
	}
	g_clear_pointer(&replace->temporary, g_free);
	return io_sync_folder(folder, error);
}

void
replace_free(struct replace *replace)
{
	if (replace == NULL)
		return;
	io_close(&replace->fd);
	if (replace->temporary != NULL)
		unlink(replace->temporary);
	g_free(replace->temporary);
	g_free(replace->path);
	g_free(replace);
}
