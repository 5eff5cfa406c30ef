/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * crew-hand - a place in the crew, at which one worker after another works. Believes no worker:
 * each is one process that may be dead, hung or lying, and whose worst is one message without a
 * verdict of its own.
 */
#include <string.h>

#include "base/log.h"
#include "daemon/crew-parts.h"

#define CREW_START_MS      60000 /* from exec to READY: rules compiled, libraries loaded */
#define CREW_FORK_MS       10000 /* from a fork to READY: the sandbox laid */
#define CREW_LOOK_MS       250   /* between two looks at what a worker is at */
#define CREW_LATE_MS       100   /* our own lateness, above which no worker is blamed for it */
#define CREW_RETRY_MS      1000  /* to a next try, where the system refused us something */
#define CREW_ANOMALY_COUNT 50    /* what a malformed message counts towards a worker's end */
#define CREW_REST_US       1000  /* a rest that is worth while, and the longest one */
#define CREW_REST_MAX_US   4000

static void hand_overdue(struct hand *hand);
static void hand_readable(void *data);
static void hand_lost(struct hand *hand, bool timed_out);

void
hand_quiet(struct hand *hand)
{
	g_clear_pointer(&hand->watch, watch_free);
	g_clear_handle_id(&hand->alarm, g_source_remove);
}

static gboolean
hand_alarmed(void *data)
{
	struct hand *hand = data;

	hand->alarm = 0;
	hand_overdue(hand);
	return G_SOURCE_REMOVE;
}

static void
hand_set_alarm(struct hand *hand, guint64 milliseconds)
{
	g_clear_handle_id(&hand->alarm, g_source_remove);
	hand->due = g_get_monotonic_time() + (gint64)milliseconds * 1000;
	hand->alarm = g_timeout_add((guint)MIN(milliseconds, G_MAXINT), hand_alarmed, hand);
}

/* True for one whose reader ought to have stopped a while ago and cannot. */
static bool
hand_is_stuck(const struct hand *hand, gint64 now)
{
	struct station station;

	return hand->n_tasks > 0 && worker_station(hand->worker, &station) &&
	       station.deadline != 0 && now - hand->crew->grace_ms * 1000 > station.deadline;
}

/* To what its message used up; not the time in which we could not have noticed an answer. */
static void
hand_count_time(struct hand *hand)
{
	gint64 now = g_get_monotonic_time();

	if (hand->n_tasks > 0)
		hand->tasks[0]->used_us +=
		    MIN(now - hand->looked, (CREW_LOOK_MS + CREW_LATE_MS) * 1000);
	hand->looked = now;
}

/* At work, or starting: has it been for too long? */
static void
hand_look(struct hand *hand, bool late)
{
	gint64 now = g_get_monotonic_time();

	hand_count_time(hand);
	if (late) {
		/* We were held up (a slow disk): its answer may lie there, or wait for room. */
		hand->mercy = now + hand->crew->grace_ms * 1000;
		hand->end = MAX(hand->end, hand->mercy);
	}
	if (now >= hand->mercy && (now >= hand->end || hand_is_stuck(hand, now))) {
		hand_lost(hand, true);
		return;
	}
	gint64 left = hand->end > now ? (hand->end - now + 999) / 1000 : 1;
	hand_set_alarm(hand, (guint64)MIN(left, CREW_LOOK_MS));
}

static void
hand_overdue(struct hand *hand)
{
	gint64 late = g_get_monotonic_time() - hand->due;

	/* What lies there unread is an answer in time, and tells what it is at now. */
	if (hand->n_tasks > 0)
		hand_readable(hand);
	if (hand->alarm != 0)
		return;
	if (hand->worker == NULL)
		hand_start(hand);
	else if (hand->ready && hand->n_tasks == 0)
		crew_feed(hand->crew);
	else
		hand_look(hand, late > CREW_LATE_MS * 1000);
}

/* The one that it is at. */
static struct task *
hand_shift(struct hand *hand)
{
	struct task *task = hand->tasks[0];

	hand->n_tasks--;
	memmove(&hand->tasks[0], &hand->tasks[1], hand->n_tasks * sizeof hand->tasks[0]);
	hand->bytes -= task->size;
	return task;
}

/* It never began these: they are first in the row again, and nothing is held against them. */
static void
hand_put_back(struct hand *hand)
{
	while (hand->n_tasks > 0)
		g_queue_push_head(&hand->crew->waiting, hand->tasks[--hand->n_tasks]);
	hand->bytes = 0;
}

/* From now on it is at the first of its messages. */
static void
hand_begin(struct hand *hand)
{
	gint64 now = g_get_monotonic_time();

	hand->looked = now;
	hand->end = now + ((gint64)hand->tasks[0]->care.milliseconds + hand->crew->grace_ms) * 1000;
	hand->mercy = 0;
	if (hand->alarm == 0 || hand->due > MIN(hand->end, now + CREW_LOOK_MS * 1000))
		hand_look(hand, false);
}

/* Ends the worker and says how; its place is empty then, and takes no message. */
static const char *
hand_end(struct hand *hand, bool timed_out)
{
	hand_quiet(hand);
	hand->ready = false;
	return worker_end(&hand->worker, timed_out);
}

static void
hand_lost(struct hand *hand, bool timed_out)
{
	struct crew *crew = hand->crew;
	hand_count_time(hand);
	struct task *task = hand->n_tasks > 0 ? hand_shift(hand) : NULL;
	bool was_ready = hand->ready;
	struct station station;
	bool located = task != NULL && worker_station(hand->worker, &station);
	bool born = worker_pid(hand->worker) != 0;
	const char *reason = hand_end(hand, timed_out);

	if (*reason == '\0')
		reason = "protocol";
	hand_put_back(hand);
	if (task != NULL) {
		crew->failed_starts = 0;
		task = crew_try_again(crew, task, reason, located ? &station : NULL);
	} else if (born) {
		log_warning(
		    "a scan worker ended while %s: %s", was_ready ? "idle" : "starting", reason);
		crew->failed_starts += hand->served == 0;
	} else if (timed_out) {
		crew_end_zygote(crew, "it did not answer");
	}
	hand_start(hand);
	crew_feed(crew);
	if (task != NULL)
		task_finish(task, verdict_unscannable(task->reason, task->size));
}

static void
hand_done(struct hand *hand, struct verdict *verdict, guint64 id)
{
	struct crew *crew = hand->crew;

	if (hand->n_tasks == 0 || id != hand->tasks[0]->id) {
		verdict_free(verdict);
		hand_lost(hand, false);
		return;
	}
	struct task *task = hand_shift(hand);
	hand->verdicts++;
	hand->served += verdict->facts & FACT_MALFORMED ? CREW_ANOMALY_COUNT : 1;
	crew->failed_starts = 0;
	crew->in_work--;
	if (hand->n_tasks > 0) {
		hand_begin(hand);
	} else if (hand->served >= crew->limits->messages_per_worker) {
		hand_end(hand, false);
		hand_start(hand);
	}
	/* The next message goes out before this one is recorded: the worker need not wait. */
	crew_feed(crew);
	task_finish(task, verdict);
}

/* Takes what it said. True when that was a verdict, and another may be there. */
static bool
hand_take(struct hand *hand)
{
	struct verdict *verdict = NULL;
	guint64 id = 0;

	switch (worker_receive(hand->worker, &verdict, &id)) {
	case WORKER_NOTHING:
		break;
	case WORKER_READY:
		hand->ready = true;
		if (hand->crew->sandbox == NULL)
			hand->crew->sandbox = g_strdup(worker_sandbox(hand->worker));
		g_clear_handle_id(&hand->alarm, g_source_remove);
		crew_feed(hand->crew);
		break;
	case WORKER_VERDICT:
		hand_done(hand, verdict, id);
		return hand->n_tasks > 0;
	case WORKER_LOST:
		hand_lost(hand, false);
		break;
	}
	return false;
}

/*
 * As long as a worker has enough to do we need not be woken for each of its verdicts, which on
 * another processor costs more than a small message is worth. By the pace of those just taken it
 * has half of its messages left at the end of the rest.
 */
static void
hand_rest(struct hand *hand, guint taken)
{
	gint64 now = g_get_monotonic_time();
	gint64 rest = (now - hand->paced) / taken * hand->n_tasks / 2;

	hand->paced = now;
	if (rest >= CREW_REST_US)
		watch_rest(hand->watch, MIN(rest, CREW_REST_MAX_US));
}

static void
hand_readable(void *data)
{
	struct hand *hand = data;
	guint64 before = hand->verdicts;

	while (hand_take(hand))
		;
	if (hand->watch == NULL)
		return;
	watch_set_write(hand->watch, worker_wants_write(hand->worker));
	if (hand->verdicts > before)
		hand_rest(hand, (guint)(hand->verdicts - before));
}

/* A place stays empty for a while when starts fail, and for good when nobody is left at work. */
void
hand_start(struct hand *hand)
{
	struct crew *crew = hand->crew;
	g_autoptr(GError) error = NULL;

	hand->served = 0;
	if (crew->failed_starts < CREW_STARTS_MAX) {
		hand->worker = crew_spawn(crew, &error);
		if (hand->worker != NULL) {
			bool forks = worker_zygote_is_ready(crew->zygote);
			hand->end =
			    g_get_monotonic_time() + (forks ? CREW_FORK_MS : CREW_START_MS) * 1000;
			hand->mercy = 0;
			hand_look(hand, false);
			hand->watch = watch_new(worker_fd(hand->worker), hand_readable, hand);
			return;
		}
		log_error("start a scan worker: %s", error->message);
		crew->failed_starts++;
	}
	if (!crew_is_broken(crew))
		hand_set_alarm(hand, CREW_RETRY_MS);
}

bool
hand_may_have(const struct hand *hand, const struct task *task)
{
	if (hand->n_tasks == 0)
		return true;
	return hand->n_tasks < WORKER_JOBS_MAX && !task->suspect && !hand->tasks[0]->suspect &&
	       hand->served + hand->n_tasks < hand->crew->limits->messages_per_worker &&
	       hand->bytes + task->size <= CREW_AHEAD_BYTES;
}

bool
hand_give(struct hand *hand, struct task *task)
{
	struct job job = {
		.id = task->id,
		.mode = task->mode,
		.explain = task->explain,
		.carry = task->carry,
		.only_rule = task->only_rule,
		.context = task->context,
		.care = task->care,
	};
	g_autoptr(GError) error = NULL;

	if (!worker_send(hand->worker, &job, task->fd, &error)) {
		/* Too many open files, say: no fault of the message, nor of the worker. */
		log_warning("give a message to a scan worker: %s", error->message);
		if (hand->n_tasks == 0)
			hand_set_alarm(hand, CREW_RETRY_MS);
		return false;
	}
	hand->tasks[hand->n_tasks++] = task;
	hand->bytes += task->size;
	if (hand->n_tasks == 1) {
		hand_begin(hand);
		hand->paced = hand->looked;
	}
	watch_set_write(hand->watch, worker_wants_write(hand->worker));
	return true;
}
