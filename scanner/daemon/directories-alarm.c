/* SPDX-License-Identifier: GPL-3.0-or-later */
/* directories_alarm - see directories.h. One group at a time; nothing waits for it. */
#include "base/clock.h"
#include "base/log.h"
#include "daemon/directories.h"

#define LISTEN_MS     100
#define WORDS_AT_ONCE 64

struct directories_alarm {
	const struct config *config;
	post_note *note;
	void (*changed)(void *data);
	void *data;
	guint timer, listening;
	GHashTable *again; /* char * group -> gint64 *: monotonic, not before */
	struct directory_ask *ask;
	struct directory *asked; /* what is asked; a copy, since configurations come and go */
	gint64 noted;            /* wall clock: staleness was said last */
};

static void
end_ask(struct directories_alarm *alarm)
{
	g_clear_handle_id(&alarm->listening, g_source_remove);
	g_clear_pointer(&alarm->ask, directory_ask_free);
	g_clear_pointer(&alarm->asked, directory_free);
}

static void
leave_alone(struct directories_alarm *alarm, const char *group, gint64 seconds)
{
	gint64 *until = g_new(gint64, 1);

	*until = g_get_monotonic_time() + seconds * G_USEC_PER_SEC;
	g_hash_table_replace(alarm->again, g_strdup(group), until);
}

static bool
has_changed(const struct directories_alarm *alarm, const struct directory_answer *answer)
{
	GStrv mine = g_hash_table_lookup(alarm->config->groups, alarm->asked->group);

	return mine == NULL ||
	       !g_strv_equal((const char *const *)mine, (const char *const *)answer->members);
}

static void
take(struct directories_alarm *alarm, struct directory_answer *answer, GError *error)
{
	const struct directory *asked = alarm->asked;
	gint64 wait = (gint64)asked->every_seconds;

	if (error == NULL)
		directories_keep(alarm->config, asked, answer, &error);
	if (error != NULL) {
		wait = MIN(wait, DIRECTORIES_AGAIN_S);
		log_warning("group=%s directory=%s: %s; the members of last time count",
		    asked->group, asked->name, error->message);
	} else if (has_changed(alarm, answer)) {
		log_info("group=%s directory=%s: other members than before, %u addresses",
		    asked->group, asked->name, g_strv_length(answer->members));
		alarm->changed(alarm->data);
	}
	g_clear_error(&error);
	leave_alone(alarm, asked->group, wait);
}

/* Words may wait in our own buffer, of which the socket shows nothing: so by the clock. */
static gboolean
listen(void *data)
{
	struct directories_alarm *alarm = data;
	struct directory_answer answer = { 0 };
	GError *error = NULL;
	bool over = false;

	for (guint i = 0; i < WORDS_AT_ONCE && !over; i++)
		over = directory_ask_receive(alarm->ask, 0, &answer, &error);
	if (!over)
		return G_SOURCE_CONTINUE;
	take(alarm, &answer, error);
	directory_answer_clear(&answer);
	end_ask(alarm);
	return G_SOURCE_CONTINUE; /* it is removed already */
}

static void
start_ask(struct directories_alarm *alarm, const struct directory *directory)
{
	g_autoptr(GError) error = NULL;

	alarm->ask = directory_ask_new(directory, &error);
	if (alarm->ask == NULL) {
		log_warning("group=%s: %s", directory->group, error->message);
		leave_alone(alarm, directory->group, DIRECTORIES_AGAIN_S);
		return;
	}
	alarm->asked = directory_copy(directory);
	alarm->listening = g_timeout_add(LISTEN_MS, listen, alarm);
}

/* Once a day at most; the report of the day has it then. */
static void
note_stale(struct directories_alarm *alarm)
{
	gint64 now = clock_now();

	if (now - alarm->noted < G_TIME_SPAN_DAY && now >= alarm->noted)
		return;
	alarm->noted = now;
	directories_note(alarm->config, alarm->note, alarm->data);
}

static gboolean
look(void *data)
{
	struct directories_alarm *alarm = data;
	const GPtrArray *all = alarm->config->directories;

	if (all->len > 0)
		note_stale(alarm);
	for (guint i = 0; i < all->len && alarm->ask == NULL; i++) {
		const struct directory *directory = g_ptr_array_index(all, i);
		const gint64 *until = g_hash_table_lookup(alarm->again, directory->group);
		if ((until == NULL || g_get_monotonic_time() >= *until) &&
		    directories_is_due(alarm->config, directory))
			start_ask(alarm, directory);
	}
	return G_SOURCE_CONTINUE;
}

struct directories_alarm *
directories_alarm_new(post_note *note, void (*changed)(void *data), void *data)
{
	struct directories_alarm *alarm = g_new0(struct directories_alarm, 1);

	alarm->note = note;
	alarm->changed = changed;
	alarm->data = data;
	alarm->again = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	return alarm;
}

void
directories_alarm_follow(struct directories_alarm *alarm, const struct config *config)
{
	alarm->config = config;
	g_hash_table_remove_all(alarm->again);
	if (alarm->timer == 0)
		alarm->timer = g_timeout_add_seconds(DIRECTORIES_LOOK_S, look, alarm);
	look(alarm);
}

void
directories_alarm_free(struct directories_alarm *alarm)
{
	if (alarm == NULL)
		return;
	end_ask(alarm);
	g_clear_handle_id(&alarm->timer, g_source_remove);
	g_hash_table_destroy(alarm->again);
	g_free(alarm);
}
