/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * jump - flagpost on a machine whose clock is set while it runs: linked so that the time of day
 * goes through here. Seconds to be added to it stand in the file that FLAGPOST_TEST_JUMP names, and
 * are read anew each time; the monotonic clock runs on, as it does there.
 */
#include <fcntl.h>
#include <glib.h>
#include <stdlib.h>
#include <unistd.h>

gint64 __real_g_get_real_time(void);
gint64 __wrap_g_get_real_time(void);

gint64
__wrap_g_get_real_time(void)
{
	const char *path = g_getenv("FLAGPOST_TEST_JUMP");
	char text[32] = "";
	int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	if (fd >= 0) {
		ssize_t n = read(fd, text, sizeof text - 1);
		text[MAX(n, 0)] = '\0';
		close(fd);
	}
	return __real_g_get_real_time() + g_ascii_strtoll(text, NULL, 10) * G_USEC_PER_SEC;
}
