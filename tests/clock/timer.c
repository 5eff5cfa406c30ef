/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * timer - flagpost whose long timers a test need not sit out: FLAGPOST_TEST_TIMER=600:3 has those
 * of 600 seconds go off after 3. Linked with --wrap=g_timeout_add_seconds.
 */
#include <glib.h>

guint __real_g_timeout_add_seconds(guint seconds, GSourceFunc function, gpointer data);
guint __wrap_g_timeout_add_seconds(guint seconds, GSourceFunc function, gpointer data);

guint
__wrap_g_timeout_add_seconds(guint seconds, GSourceFunc function, gpointer data)
{
	const char *text = g_getenv("FLAGPOST_TEST_TIMER");
	g_auto(GStrv) both = g_strsplit(text != NULL ? text : "", ":", 2);

	if (g_strv_length(both) == 2 && g_ascii_strtoull(both[0], NULL, 10) == seconds)
		seconds = (guint)g_ascii_strtoull(both[1], NULL, 10);
	return __real_g_timeout_add_seconds(seconds, function, data);
}
