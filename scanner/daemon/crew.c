/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * crew - see crew.h. Never looks into a message and believes no worker: each is one process
 * that may be dead, hung or lying, and whose worst is one message without a verdict of its own.
 */
#include "daemon/crew.h"

#include <glib-unix.h>

#include "base/fault.h"
#include "base/log.h"
#include "worker/worker.h"

#define CREW_WORKERS_MAX   64
#define CREW_START_MS      60000 /* from exec to READY: rules compiled, libraries loaded */
#define CREW_GRACE_MS      2000  /* a worker ends a message itself; this is for those that cannot */
#define CREW_STARTS_MAX    5     /* in a row without one READY: the fault is not a message's */
#define CREW_ANOMALY_COUNT 50    /* what a malformed message counts towards a worker's end */

struct task {
	guint64 id;
	struct match_context *context;
	char *only_rule;
	bool explain;
	int fd; /* borrowed */
	guint64 size;
	enum job_mode mode;
	const char *reason; /* how its first worker ended; NULL: not tried yet */
	crew_done *done;
	void *data;
};

/* A place in the crew: one worker after another works there. */
struct hand {
	struct crew *crew;
	struct worker *worker; /* NULL between two */
	struct task *task;     /* NULL: idle */
	bool ready;
	guint64 served;
	guint watch; /* source ids; 0: none */
	guint alarm;
	GIOCondition watched;
};

struct crew {
	const struct sources *sources; /* borrowed */
	const struct limits *limits;   /* borrowed */
	struct hand *hands;
	guint n_hands;
	GQueue waiting; /* of struct task */
	guint in_work;
	guint64 last_id;
	guint starts; /* since the last READY */
};

static void hand_start(struct hand *hand);
static void hand_watch(struct hand *hand);
static void hand_lost(struct hand *hand, bool timed_out);
static void crew_feed(struct crew *crew);

static void
task_free(struct task *task)
{
	match_context_free(task->context);
	g_free(task->only_rule);
	g_free(task);
}

/* The one way in which a task ends. Takes both. */
static void
task_finish(struct task *task, struct verdict *verdict)
{
	if (task->reason != NULL) {
		/* What the raw bytes showed counts; that the message was read does not. */
		verdict->outcome = OUTCOME_UNSCANNABLE;
		g_free(verdict->reason);
		verdict->reason = g_strdup(task->reason);
	}
	verdict->size = task->size;
	task->done(verdict, task->data);
	task_free(task);
}

static void
hand_quiet(struct hand *hand)
{
	g_clear_handle_id(&hand->watch, g_source_remove);
	g_clear_handle_id(&hand->alarm, g_source_remove);
}

static gboolean
hand_alarmed(void *data)
{
	struct hand *hand = data;

	hand->alarm = 0;
	hand_lost(hand, true);
	return G_SOURCE_REMOVE;
}

static void
hand_set_alarm(struct hand *hand, guint64 milliseconds)
{
	g_clear_handle_id(&hand->alarm, g_source_remove);
	hand->alarm = g_timeout_add((guint)MIN(milliseconds, G_MAXINT), hand_alarmed, hand);
}

/* Ends a worker that did its share; a fresh one follows. */
static void
hand_relieve(struct hand *hand)
{
	hand_quiet(hand);
	worker_end(&hand->worker, false);
	hand_start(hand);
}

static void
hand_lost(struct hand *hand, bool timed_out)
{
	struct crew *crew = hand->crew;
	struct task *task = g_steal_pointer(&hand->task);

	hand_quiet(hand);
	const char *reason = worker_end(&hand->worker, timed_out);
	if (*reason == '\0')
		reason = "protocol";
	if (task == NULL) {
		log_warning(
		    "a scan worker ended while %s: %s", hand->ready ? "idle" : "starting", reason);
	} else if (task->reason == NULL) {
		log_warning("a scan worker ended on a message of %" G_GUINT64_FORMAT
			    " bytes: %s; trying its raw bytes",
		    task->size, reason);
		task->reason = reason;
		task->mode = JOB_RAW;
		g_queue_push_head(&crew->waiting, task);
	} else {
		log_warning("a scan worker ended on the raw bytes too: %s", reason);
		crew->in_work--;
		task_finish(task, verdict_unscannable(task->reason, task->size));
	}
	hand_start(hand);
	crew_feed(crew);
}

static void
hand_done(struct hand *hand, struct verdict *verdict, guint64 id)
{
	struct crew *crew = hand->crew;

	if (hand->task == NULL || id != hand->task->id) {
		verdict_free(verdict);
		hand_lost(hand, false);
		return;
	}
	struct task *task = g_steal_pointer(&hand->task);
	g_clear_handle_id(&hand->alarm, g_source_remove);
	hand->served += verdict->facts & FACT_MALFORMED ? CREW_ANOMALY_COUNT : 1;
	crew->in_work--;
	if (hand->served >= crew->limits->messages_per_worker)
		hand_relieve(hand);
	/* The next message goes out before this one is recorded: the worker need not wait. */
	crew_feed(crew);
	task_finish(task, verdict);
}

static gboolean
hand_readable(G_GNUC_UNUSED int fd, G_GNUC_UNUSED GIOCondition condition, void *data)
{
	struct hand *hand = data;
	struct verdict *verdict = NULL;
	guint64 id = 0;

	switch (worker_receive(hand->worker, &verdict, &id)) {
	case WORKER_NOTHING:
		break;
	case WORKER_READY:
		hand->ready = true;
		hand->crew->starts = 0;
		g_clear_handle_id(&hand->alarm, g_source_remove);
		crew_feed(hand->crew);
		break;
	case WORKER_VERDICT:
		hand_done(hand, verdict, id);
		break;
	case WORKER_LOST:
		hand_lost(hand, false);
		break;
	}
	if (hand->worker != NULL && hand->watch != 0)
		hand_watch(hand);
	return g_source_is_destroyed(g_main_current_source()) ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

static void
hand_watch(struct hand *hand)
{
	GIOCondition wanted = G_IO_IN | G_IO_HUP | G_IO_ERR;

	if (worker_wants_write(hand->worker))
		wanted |= G_IO_OUT;
	if (hand->watch != 0 && hand->watched == wanted)
		return;
	g_clear_handle_id(&hand->watch, g_source_remove);
	hand->watch = g_unix_fd_add(worker_fd(hand->worker), wanted, hand_readable, hand);
	hand->watched = wanted;
}

static void
hand_start(struct hand *hand)
{
	struct crew *crew = hand->crew;
	g_autoptr(GError) error = NULL;

	hand->ready = false;
	hand->served = 0;
	if (crew->starts >= CREW_STARTS_MAX)
		return;
	crew->starts++;
	hand->worker = worker_spawn(crew->sources, crew->limits, &error);
	if (hand->worker == NULL) {
		log_error("start a scan worker: %s", error->message);
		crew->starts = CREW_STARTS_MAX;
		return;
	}
	hand_set_alarm(hand, CREW_START_MS);
	hand_watch(hand);
}

static void
hand_give(struct hand *hand, struct task *task)
{
	struct job job = {
		.id = task->id,
		.mode = task->mode,
		.explain = task->explain,
		.only_rule = task->only_rule,
		.context = task->context,
	};
	g_autoptr(GError) error = NULL;

	hand->task = task;
	hand_set_alarm(hand, hand->crew->limits->seconds_per_message * 1000 + CREW_GRACE_MS);
	if (!worker_send(hand->worker, &job, task->fd, &error)) {
		/* It died idle: no fault of this message. Its end is read from the same socket. */
		log_debug("give a message to a scan worker: %s", error->message);
		hand->ready = false;
		hand->task = NULL;
		g_queue_push_head(&hand->crew->waiting, task);
	}
	hand_watch(hand);
}

static void
crew_feed(struct crew *crew)
{
	for (guint i = 0; i < crew->n_hands && !g_queue_is_empty(&crew->waiting); i++) {
		struct hand *hand = &crew->hands[i];
		if (hand->ready && hand->task == NULL)
			hand_give(hand, g_queue_pop_head(&crew->waiting));
	}
}

bool
crew_is_broken(const struct crew *crew)
{
	if (crew->starts < CREW_STARTS_MAX)
		return false;
	for (guint i = 0; i < crew->n_hands; i++)
		if (crew->hands[i].worker != NULL)
			return false;
	return true;
}

/* Waits for the first READY, so that a crew that cannot work is known before a message waits. */
static bool
crew_wait_ready(struct crew *crew, GError **error)
{
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
crew_new(const struct sources *sources, const struct limits *limits, guint workers, GError **error)
{
	struct crew *crew = g_new0(struct crew, 1);

	crew->sources = sources;
	crew->limits = limits;
	crew->n_hands = CLAMP(workers, 1, CREW_WORKERS_MAX);
	crew->hands = g_new0(struct hand, crew->n_hands);
	g_queue_init(&crew->waiting);
	for (guint i = 0; i < crew->n_hands; i++) {
		crew->hands[i].crew = crew;
		/* A start in a row is counted per place, not over the whole first line-up. */
		crew->starts = 0;
		hand_start(&crew->hands[i]);
	}
	if (crew_wait_ready(crew, error))
		return crew;
	crew_free(crew);
	return NULL;
}

void
crew_free(struct crew *crew)
{
	if (crew == NULL)
		return;
	for (guint i = 0; i < crew->n_hands; i++) {
		struct hand *hand = &crew->hands[i];
		hand_quiet(hand);
		if (hand->worker != NULL)
			worker_end(&hand->worker, false);
		g_clear_pointer(&hand->task, task_free);
	}
	g_queue_clear_full(&crew->waiting, (GDestroyNotify)task_free);
	g_free(crew->hands);
	g_free(crew);
}

static struct match_context *
context_copy(const struct match_context *context)
{
	if (context == NULL)
		return match_context_new();
	g_autoptr(GVariant) variant = g_variant_ref_sink(match_context_put(context));
	struct match_context *copy = match_context_get(variant, NULL);
	return copy != NULL ? copy : match_context_new();
}

void
crew_submit(struct crew *crew, const struct crew_job *job, int fd, guint64 size, crew_done *done,
    void *data)
{
	struct task *task = g_new0(struct task, 1);

	task->id = ++crew->last_id;
	task->context = context_copy(job->context);
	task->only_rule = g_strdup(job->only_rule);
	task->explain = job->explain;
	task->fd = fd;
	task->size = size;
	task->mode = JOB_SCAN;
	task->done = done;
	task->data = data;
	crew->in_work++;
	g_queue_push_tail(&crew->waiting, task);
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
