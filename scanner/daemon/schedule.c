/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/schedule.h"

struct slot {
	gint64 interval;
	gint64 due;
	bool under_way;
};

struct schedule {
	struct slot *slots;
	guint n;
	GRand *random;
};

struct schedule *
schedule_new(const gint64 *intervals, guint n, gint64 now, guint32 seed)
{
	struct schedule *schedule = g_new0(struct schedule, 1);

	schedule->slots = g_new0(struct slot, MAX(n, 1));
	schedule->n = n;
	schedule->random = g_rand_new_with_seed(seed);
	for (guint i = 0; i < n; i++) {
		gint64 spread = MIN(intervals[i] / 10, SCHEDULE_FIRST_US);
		schedule->slots[i].interval = intervals[i];
		schedule->slots[i].due =
		    now + (gint64)(g_rand_double(schedule->random) * (double)spread);
	}
	return schedule;
}

void
schedule_free(struct schedule *schedule)
{
	if (schedule == NULL)
		return;
	g_rand_free(schedule->random);
	g_free(schedule->slots);
	g_free(schedule);
}

bool
schedule_due(const struct schedule *schedule, gint64 now, guint *index)
{
	gint64 earliest = SCHEDULE_NEVER;

	for (guint i = 0; i < schedule->n; i++) {
		const struct slot *slot = &schedule->slots[i];
		if (slot->under_way || slot->due > now || slot->due >= earliest)
			continue;
		earliest = slot->due;
		*index = i;
	}
	return earliest != SCHEDULE_NEVER;
}

void
schedule_started(struct schedule *schedule, guint index, gint64 now)
{
	struct slot *slot = &schedule->slots[index];
	double stretch = g_rand_double_range(schedule->random, 0.9, 1.1);

	slot->under_way = true;
	slot->due = now + (gint64)((double)slot->interval * stretch);
}

void
schedule_ended(struct schedule *schedule, guint index)
{
	schedule->slots[index].under_way = false;
}

gint64
schedule_next(const struct schedule *schedule)
{
	gint64 next = SCHEDULE_NEVER;

	for (guint i = 0; i < schedule->n; i++)
		if (!schedule->slots[i].under_way)
			next = MIN(next, schedule->slots[i].due);
	return next;
}
