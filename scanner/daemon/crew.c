/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * crew - see crew.h. Never looks into a message: what waits goes to the next hand that is free.
 */
#include "base/fault.h"
#include "daemon/crew-parts.h"

#define CREW_WORKERS_MAX 64
#define CREW_GRACE_MS    2000 /* a worker ends a message itself; this is for those that cannot */

static bool
crew_has_worker(const struct crew *crew)
{
	for (guint i = 0; i < crew->n_hands; i++)
		if (crew->hands[i].worker != NULL)
			return true;
	return false;
}

bool
crew_is_broken(const struct crew *crew)
{
	return crew->failed_starts >= CREW_STARTS_MAX && !crew_has_worker(crew);
}

static bool
hand_is_fresh(const struct hand *hand)
{
	return hand->worker != NULL && hand->n_tasks == 0 && hand->served == 0;
}

/* What a hand is to do next: suspects wait for a fresh worker as long as there is one. */
static GList *
crew_next(struct crew *crew, const struct hand *hand)
{
	GList *link = crew->waiting.head;
	bool skip = !hand_is_fresh(hand), fresh = false;

	for (guint i = 0; i < crew->n_hands && skip; i++)
		fresh |= hand_is_fresh(&crew->hands[i]);
	while (link != NULL && skip && fresh && ((struct task *)link->data)->suspect)
		link = link->next;
	return link != NULL && hand_may_have(hand, link->data) ? link : NULL;
}

/* Workers that start: each will want a message. */
static guint
crew_expected(const struct crew *crew)
{
	guint n = 0;

	for (guint i = 0; i < crew->n_hands; i++)
		n += crew->hands[i].worker != NULL && !crew->hands[i].ready;
	return n;
}

/* Idle ones first; and what a worker will take that is starting waits behind no other message. */
void
crew_feed(struct crew *crew)
{
	for (guint ahead = 0; ahead < WORKER_JOBS_MAX && crew->waiting.length > 0; ahead++) {
		for (guint i = 0; i < crew->n_hands; i++) {
			struct hand *hand = &crew->hands[i];
			if (!hand->ready || hand->n_tasks != ahead)
				continue;
			if (ahead > 0 && crew->waiting.length <= crew_expected(crew))
				return;
			GList *link = crew_next(crew, hand);
			if (link == NULL)
				continue;
			if (!hand_give(hand, link->data))
				return;
			g_queue_delete_link(&crew->waiting, link);
		}
	}
}

void
crew_warm(struct crew *crew)
{
	for (guint i = 0; i < crew->n_hands && !crew->warm; i++)
		hand_start(&crew->hands[i]);
	crew->warm = true;
}

bool
crew_wait(struct crew *crew, GError **error)
{
	crew_warm(crew);
	while (!crew_is_broken(crew)) {
		for (guint i = 0; i < crew->n_hands; i++)
			if (crew->hands[i].ready)
				return true;
		g_main_context_iteration(NULL, TRUE);
	}
	g_set_error(error, FAULT, FAULT_BUG, "no scan worker starts (the log says how they ended)");
	return false;
}

struct crew *
crew_start(const struct sources *sources, const struct limits *limits,
    const struct reading *reading, guint workers)
{
	struct crew *crew = g_new0(struct crew, 1);

	crew->sources = sources;
	crew->limits = limits;
	crew->reading = reading;
	crew->grace_ms = CREW_GRACE_MS;
	crew->n_hands = CLAMP(workers, 1, CREW_WORKERS_MAX);
	crew->hands = g_new0(struct hand, crew->n_hands);
	g_queue_init(&crew->waiting);
	for (guint i = 0; i < crew->n_hands; i++)
		crew->hands[i].crew = crew;
	return crew;
}

struct crew *
crew_new(const struct sources *sources, const struct limits *limits, const struct reading *reading,
    guint workers, GError **error)
{
	struct crew *crew = crew_start(sources, limits, reading, workers);

	if (crew_wait(crew, error))
		return crew;
	crew_free(crew);
	return NULL;
}

void
crew_free(struct crew *crew)
{
	if (crew == NULL)
		return;
	/* All at once: each takes its time to end. */
	for (guint i = 0; i < crew->n_hands; i++)
		if (crew->hands[i].ready)
			worker_hang_up(crew->hands[i].worker);
	g_clear_pointer(&crew->zygote_watch, watch_free);
	worker_zygote_end(&crew->zygote);
	for (guint i = 0; i < crew->n_hands; i++) {
		struct hand *hand = &crew->hands[i];
		hand_quiet(hand);
		if (hand->worker != NULL)
			worker_end(&hand->worker, false);
		while (hand->n_tasks > 0)
			task_free(hand->tasks[--hand->n_tasks]);
	}
	g_queue_clear_full(&crew->waiting, (GDestroyNotify)task_free);
	g_free(crew->hands);
	g_free(crew->sandbox);
	g_free(crew);
}

void
crew_set_grace(struct crew *crew, guint milliseconds)
{
	crew->grace_ms = milliseconds;
}

const char *
crew_sandbox(const struct crew *crew)
{
	return crew->sandbox != NULL ? crew->sandbox : "";
}

void
crew_submit(struct crew *crew, const struct crew_job *job, int fd, guint64 size, crew_done *done,
    void *data)
{
	struct task *task = g_new0(struct task, 1);

	task->id = ++crew->last_id;
	task->context = match_context_copy(job->context);
	task->only_rule = g_strdup(job->only_rule);
	task->explain = job->explain;
	task->carry = job->carry;
	task->fd = fd;
	task->size = size;
	task->mode = JOB_SCAN;
	task->care.milliseconds = (guint32)(crew->limits->seconds_per_message * 1000);
	task->done = done;
	task->data = data;
	crew->in_work++;
	g_queue_push_tail(&crew->waiting, task);
	crew_warm(crew);
	crew_feed(crew);
}

guint
crew_waiting(const struct crew *crew)
{
	return crew->in_work;
}

static void
take_verdict(struct verdict *verdict, void *data)
{
	struct verdict **out = data;

	*out = verdict;
}

struct verdict *
crew_scan(struct crew *crew, const struct crew_job *job, int fd, guint64 size)
{
	struct verdict *verdict = NULL;

	crew_submit(crew, job, fd, size, take_verdict, &verdict);
	while (verdict == NULL && !crew_is_broken(crew))
		g_main_context_iteration(NULL, TRUE);
	return verdict != NULL ? verdict : verdict_unscannable("crash", size);
}
