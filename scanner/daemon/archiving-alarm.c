/* SPDX-License-Identifier: GPL-3.0-or-later */
/* archiving_alarm - see archiving-alarm.h. Makes no archive and holds no password. */
#include "daemon/archiving-alarm.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/archiving.h"

struct archiving_alarm {
	const struct config *config;
	post_note *note;
	void *data;
	guint timer, child_watch;
	GPid child;
	char *done;   /* the month at whose begin all before it was archived, or NULL */
	char *trying; /* the same of the process under way */
	gint64 again; /* monotonic: not before */
};

static void
on_end(GPid child, gint status, void *data)
{
	struct archiving_alarm *alarm = data;
	g_autoptr(GError) error = NULL;

	alarm->child_watch = 0;
	g_spawn_close_pid(child);
	if (g_spawn_check_wait_status(status, &error)) {
		g_free(alarm->done);
		alarm->done = g_steal_pointer(&alarm->trying);
		return;
	}
	g_autofree char *text =
	    g_strdup_printf("months before %s could not be archived (%s): the log says why; it is "
			    "tried again in an hour",
		alarm->trying, error->message);
	log_error("%s", text);
	alarm->note("archive-failed", text, alarm->data);
	alarm->again = g_get_monotonic_time() + ARCHIVING_AGAIN_S * (gint64)G_USEC_PER_SEC;
}

static void
start(struct archiving_alarm *alarm, char *month)
{
	const char *argv[] = { "/proc/self/exe", "flagpost", "--config", alarm->config->path,
		"--quiet", "archive", "create", "--automatic", NULL };
	GSpawnFlags flags = G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_FILE_AND_ARGV_ZERO;
	g_autoptr(GError) error = NULL;

	g_free(alarm->trying);
	alarm->trying = month;
	if (g_spawn_async(NULL, (char **)argv, NULL, flags, NULL, NULL, &alarm->child, &error)) {
		alarm->child_watch = g_child_watch_add(alarm->child, on_end, alarm);
		return;
	}
	log_error("archive the months before %s: %s", month, error->message);
	alarm->again = g_get_monotonic_time() + ARCHIVING_AGAIN_S * (gint64)G_USEC_PER_SEC;
}

static gboolean
look(void *data)
{
	struct archiving_alarm *alarm = data;

	if (!alarm->config->archive.monthly || alarm->child_watch != 0 ||
	    g_get_monotonic_time() < alarm->again)
		return G_SOURCE_CONTINUE;
	g_autofree char *month = archiving_month(alarm->config, clock_now());
	if (alarm->done == NULL || strcmp(alarm->done, month) != 0)
		start(alarm, g_steal_pointer(&month));
	return G_SOURCE_CONTINUE;
}

struct archiving_alarm *
archiving_alarm_new(post_note *note, void *data)
{
	struct archiving_alarm *alarm = g_new0(struct archiving_alarm, 1);

	alarm->note = note;
	alarm->data = data;
	return alarm;
}

void
archiving_alarm_follow(struct archiving_alarm *alarm, const struct config *config)
{
	alarm->config = config;
	alarm->again = 0;
	if (alarm->timer == 0)
		alarm->timer = g_timeout_add_seconds(ARCHIVING_ALARM_S, look, alarm);
	look(alarm);
}

void
archiving_alarm_free(struct archiving_alarm *alarm)
{
	if (alarm == NULL)
		return;
	g_clear_handle_id(&alarm->timer, g_source_remove);
	g_clear_handle_id(&alarm->child_watch, g_source_remove);
	g_free(alarm->done);
	g_free(alarm->trying);
	g_free(alarm);
}
