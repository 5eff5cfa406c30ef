/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/watch.h"

#include <stdarg.h>
#include <string.h>

#include "base/clock.h"

/* Shorter times unwatched are not worth a line; JSON has them all. */
#define UNWATCHED_TOLD (60 * G_USEC_PER_SEC)

static void
line_free(void *data)
{
	struct watch_line *line = data;

	g_free(line->text);
	g_free(line);
}

static void G_GNUC_PRINTF(3, 4) add(GPtrArray *lines, bool bad, const char *format, ...)
{
	struct watch_line *line = g_new0(struct watch_line, 1);
	va_list arguments;

	va_start(arguments, format);
	line->text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	line->bad = bad;
	g_ptr_array_insert(lines, bad ? 0 : -1, line);
}

char *
watch_time(gint64 time)
{
	gint64 seconds = MAX(time, 0) / G_USEC_PER_SEC;

	if (seconds < 100)
		return g_strdup_printf("%" G_GINT64_FORMAT " s", seconds);
	if (seconds < 100 * 60)
		return g_strdup_printf("%" G_GINT64_FORMAT " min", seconds / 60);
	if (seconds < 72 * 3600)
		return g_strdup_printf("%" G_GINT64_FORMAT " h", seconds / 3600);
	return g_strdup_printf("%" G_GINT64_FORMAT " d", seconds / 86400);
}

/* "2026-11-22 09:00", without the day when it is that of another time. */
static char *
hour(gint64 time, gint64 other, GTimeZone *zone)
{
	g_autofree char *text = clock_local(time, zone);
	g_autofree char *beside = clock_local(other, zone);
	const char *blank = strchr(text, ' ');
	bool same = blank != NULL && strncmp(text, beside, (gsize)(blank - text) + 1) == 0;

	return g_strdup(same ? blank + 1 : text);
}

static void
add_canary(GPtrArray *lines, const struct view_canary *canary, GTimeZone *zone, gint64 now)
{
	g_autofree char *planted = clock_local(canary->planted, zone);
	g_autofree char *seen = hour(canary->seen, canary->planted, zone);

	switch (view_canary_state(canary, now)) {
	case VIEW_CANARY_NONE:
		break;
	case VIEW_CANARY_SEEN:
		add(lines, false, "canary: planted %s, seen %s%s", planted, seen,
		    canary->altered ? ", with other bytes than ours" : "");
		break;
	case VIEW_CANARY_AWAITED:
		if (canary->planted != 0)
			add(lines, false, "canary: planted %s, not seen yet", planted);
		break;
	case VIEW_CANARY_REFUSED:
		add(lines, true, "canary: not planted: %s", canary->trouble);
		break;
	case VIEW_CANARY_LATE:
		add(lines, true,
		    "canary: planted %s and not seen: mail of this account may not be read",
		    planted);
		break;
	}
}

GPtrArray *
watch_lines(const struct view_account *account, GTimeZone *zone, gint64 now)
{
	GPtrArray *lines = g_ptr_array_new_with_free_func(line_free);
	gint64 exposed = account->exposed.upto - account->exposed.since;

	if (!account->configured)
		return lines;
	if (view_is_stalled(account, now)) {
		g_autofree char *begun = clock_local(account->pass_begun, zone);
		g_autofree char *last =
		    watch_time(now - MAX(account->pass_begun, account->pass_moved));
		add(lines, true, "the pass that began %s records nothing for %s", begun, last);
	}
	add_canary(lines, &account->canary, zone, now);
	if (view_is_silent(account, now)) {
		g_autofree char *pause = watch_time(now - account->arrived);
		g_autofree char *usual = watch_time(account->usual_pause);
		add(lines, false, "silent: no mail for %s, where %s is usual at most", pause,
		    usual);
	}
	if (exposed >= UNWATCHED_TOLD) {
		g_autofree char *longest = watch_time(exposed);
		g_autofree char *since = clock_local(account->exposed.since, zone);
		add(lines, false, "longest time unwatched in %d days: %s, from %s",
		    VIEW_EXPOSED_DAYS, longest, since);
	}
	return lines;
}
