/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/schedule.h"

#define DOUBLINGS_MAX      16                     /* beyond any limit, and far from overflow */
#define SCHEDULE_SPREAD_US (600 * G_USEC_PER_SEC) /* of those that may come back at one moment */

struct slot {
	gint64 interval, started;
	gint64 not_before; /* left alone until then */
	guint failures;    /* in a row */
	bool wanted;       /* while under way */
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
	slot->wanted = false;
	slot->not_before = now + SCHEDULE_WANTED_US;
	slot->started = now;
	slot->due = now + (gint64)((double)slot->interval * stretch);
}

/* After n failures in a row; the first one costs nothing beyond the interval. */
static gint64
back_off(const struct slot *slot)
{
	guint doublings = MIN(slot->failures - 1, DOUBLINGS_MAX);

	return MIN(slot->interval << doublings, MAX(SCHEDULE_BACK_OFF_US, slot->interval));
}

void
schedule_ended(struct schedule *schedule, guint index, gint64 now, bool failed, gint64 alone)
{
	struct slot *slot = &schedule->slots[index];
	double stretch = g_rand_double_range(schedule->random, 0.9, 1.1);

	slot->under_way = false;
	slot->failures = failed ? slot->failures + 1 : 0;
	if (slot->failures > 1)
		slot->due = slot->not_before =
		    slot->started + (gint64)((double)back_off(slot) * stretch);
	/* Never a moment early, and not all accounts of the server at the same one. */
	gint64 spread = MIN(alone / 10, SCHEDULE_SPREAD_US);
	gint64 later = (gint64)(g_rand_double(schedule->random) * (double)spread);
	if (alone > 0)
		slot->not_before = MAX(slot->not_before, now + alone + later);
	slot->due = MAX(slot->due, slot->not_before);
	if (slot->wanted)
		schedule_wanted(schedule, index, now);
}

void
schedule_wanted(struct schedule *schedule, guint index, gint64 now)
{
	struct slot *slot = &schedule->slots[index];

	slot->wanted = slot->under_way;
	if (!slot->under_way)
		slot->due = MIN(slot->due, MAX(now, slot->not_before));
}

gint64
schedule_when(const struct schedule *schedule, guint index)
{
	return schedule->slots[index].due;
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
