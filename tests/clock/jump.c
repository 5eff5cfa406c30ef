/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * jump - flagpost on a machine whose clock is set: linked so that the time of day goes through
 * here. FLAGPOST_TEST_CLOCK (2026-03-01T09:00:00Z) is the time of day, and it stands still. Else
 * seconds to be added to it stand in the file that FLAGPOST_TEST_JUMP names, and are read anew each
 * time. The monotonic clock runs on, as it does there.
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
	const char *fixed = g_getenv("FLAGPOST_TEST_CLOCK");
	if (fixed != NULL) {
		g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(fixed, NULL);
		g_assert_nonnull(time);
		return g_date_time_to_unix(time) * G_USEC_PER_SEC;
	}
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
