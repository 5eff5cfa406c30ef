/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/iso.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "base/text.h"

#define PROGRAM "xorriso"
#define TOLD    300 /* characters of what it says */

bool
iso_check(GError **error)
{
	g_autofree char *path = g_find_program_in_path(PROGRAM);

	if (path != NULL)
		return true;
	g_set_error(error, FAULT, FAULT_CONFIG,
	    "--iso needs the program " PROGRAM ": apt-get install " PROGRAM);
	return false;
}

/* Its own file, 0600: the program writes into what is there. */
static bool
make_empty(const char *path, GError **error)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0) {
		fault_errno(error, "%s", path);
		return false;
	}
	io_close(&fd);
	return true;
}

static bool
make_durable(const char *path, GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	bool right = fd >= 0 && fsync(fd) == 0;

	if (!right)
		fault_errno(error, "%s", path);
	io_close(&fd);
	return right;
}

bool
iso_make(const char *folder, const char *label, const char *path, GError **error)
{
	/* "/=FOLDER": a name that begins with '-' is no option. No disc and no start file of a user
	 * is looked at. */
	g_autofree char *from = g_strconcat("/=", folder, NULL);
	const char *const argv[] = { PROGRAM, "-no_rc", "-as", "mkisofs", "-quiet", "-r", "-J",
		"-joliet-long", "-V", label, "-o", path, "-graft-points", from, NULL };
	g_autofree char *said = NULL;
	int status = 0;

	if (!make_empty(path, error))
		return false;
	if (!g_spawn_sync(NULL, (char **)argv, NULL,
		G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, &said, &status,
		error)) {
		g_prefix_error(error, PROGRAM ": ");
		return false;
	}
	if (status == 0)
		return make_durable(path, error);
	g_autofree char *told = text_printable(g_strstrip(said), TOLD);
	g_set_error(
	    error, FAULT, FAULT_IO, "%s: " PROGRAM " ended with %d: %s", path, status, told);
	return false;
}
