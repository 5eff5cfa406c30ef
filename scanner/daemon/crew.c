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
#define CREW_FORK_MS       10000 /* from a fork to READY: the sandbox laid */
#define CREW_GRACE_MS      2000  /* a worker ends a message itself; this is for those that cannot */
#define CREW_LOOK_MS       250   /* between two looks at what a worker is at */
#define CREW_LATE_MS       100   /* our own lateness, above which no worker is blamed for it */
#define CREW_RETRY_MS      1000  /* to a next try, where the system refused us something */
#define CREW_STARTS_MAX    5     /* failed in a row: the fault is not a message's */
#define CREW_ANOMALY_COUNT 50    /* what a malformed message counts towards a worker's end */

struct task {
	guint64 id;
	struct match_context *context;
	char *only_rule;
	bool explain;
	enum verdict_carry carry;
	int fd; /* borrowed */
	guint64 size;
	enum job_mode mode;
	bool suspect;       /* a worker ended on it: from now on fresh ones look at it */
	gint64 used_us;     /* of the time that all tries together may take */
	struct care care;   /* for the next try */
	const char *reason; /* how its worker ended, once only raw bytes are tried; else NULL */
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
	gint64 due;    /* when the alarm is to go off */
	gint64 looked; /* last */
	gint64 end;    /* when it is to have answered */
	gint64 mercy;  /* not blamed before that: we were late ourselves */
	GIOCondition watched;
};

struct crew {
	const struct sources *sources; /* borrowed */
	const struct limits *limits;   /* borrowed */
	const struct reading *reading; /* borrowed */
	struct hand *hands;
	guint n_hands;
	bool warm;                    /* the first workers were started */
	struct worker_zygote *zygote; /* of all workers; NULL: none is needed yet, or it ended */
	guint zygote_watch;           /* source id; 0: none */
	GIOCondition zygote_watched;
	GQueue waiting; /* of struct task */
	gint64 grace_ms;
	guint in_work;
	guint64 last_id;
	char *sandbox;       /* of the first worker that was ready */
	guint failed_starts; /* in a row: workers that ended before they took a message */
};

static bool crew_watch_zygote(struct crew *crew);
static void hand_start(struct hand *hand);
static void hand_watch(struct hand *hand);
static void hand_look(struct hand *hand, bool late);
static void hand_overdue(struct hand *hand);
static void hand_lost(struct hand *hand, bool timed_out);
static void crew_feed(struct crew *crew);

/*
 * GLib takes the descriptor of a source that must not recurse out of the loop for each call of it,
 * and wakes the loop each time: four system calls a message. Ours are in order when they call.
 */
static guint
watch(int fd, GIOCondition wanted, GUnixFDSourceFunc readable, void *data)
{
	GSource *source = g_unix_fd_source_new(fd, wanted);

	g_source_set_can_recurse(source, TRUE);
	g_source_set_callback(source, G_SOURCE_FUNC(readable), data, NULL);
	guint id = g_source_attach(source, NULL);
	g_source_unref(source);
	return id;
}

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

	return hand->task != NULL && worker_station(hand->worker, &station) &&
	       station.deadline != 0 && now - hand->crew->grace_ms * 1000 > station.deadline;
}

/* To what its message used up; not the time in which we could not have noticed an answer. */
static void
hand_count_time(struct hand *hand)
{
	gint64 now = g_get_monotonic_time();

	if (hand->task != NULL)
		hand->task->used_us +=
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

	if (hand->worker == NULL)
		hand_start(hand);
	else if (hand->ready && hand->task == NULL)
		crew_feed(hand->crew);
	else
		hand_look(hand, late > CREW_LATE_MS * 1000);
}

/* The workers that it has made go on; who waits for one is told by his socket, and asks the next.
 */
static void
crew_end_zygote(struct crew *crew, const char *why)
{
	if (crew->zygote == NULL)
		return;
	g_clear_handle_id(&crew->zygote_watch, g_source_remove);
	bool was_ready = worker_zygote_is_ready(crew->zygote);
	const char *reason = worker_zygote_end(&crew->zygote);
	log_warning("the process that scan workers are forked from ended while %s: %s",
	    was_ready ? "idle" : "starting", *reason != '\0' ? reason : why);
	crew->failed_starts += !was_ready;
}

static gboolean
zygote_readable(G_GNUC_UNUSED int fd, G_GNUC_UNUSED GIOCondition condition, void *data)
{
	struct crew *crew = data;

	if (worker_zygote_receive(crew->zygote) == WORKER_LOST) {
		crew_end_zygote(crew, "it hung up");
		return G_SOURCE_REMOVE;
	}
	return crew_watch_zygote(crew) ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

/* True when it is watched by another source from now on. */
static bool
crew_watch_zygote(struct crew *crew)
{
	GIOCondition wanted = G_IO_IN | G_IO_HUP | G_IO_ERR;

	if (worker_zygote_wants_write(crew->zygote))
		wanted |= G_IO_OUT;
	if (crew->zygote_watch != 0 && crew->zygote_watched == wanted)
		return false;
	g_clear_handle_id(&crew->zygote_watch, g_source_remove);
	crew->zygote_watch = watch(worker_zygote_fd(crew->zygote), wanted, zygote_readable, crew);
	crew->zygote_watched = wanted;
	return true;
}

static struct worker *
crew_spawn(struct crew *crew, GError **error)
{
	if (crew->zygote == NULL)
		crew->zygote =
		    worker_zygote_spawn(crew->sources, crew->limits, crew->reading, error);
	struct worker *worker = crew->zygote != NULL ? worker_spawn(crew->zygote, error) : NULL;
	if (crew->zygote != NULL)
		crew_watch_zygote(crew);
	return worker;
}

/* Ends the worker and says how; its place is empty then, and takes no message. */
static const char *
hand_end(struct hand *hand, bool timed_out)
{
	hand_quiet(hand);
	hand->ready = false;
	return worker_end(&hand->worker, timed_out);
}

/*
 * All tries of a message together take at most one and a half times seconds_per_message and two
 * times the grace. What is left of that for another, in milliseconds: of a try of the whole,
 * a quarter is kept for its raw bytes; 0 when too little is left for it to be worth while.
 */
static guint32
crew_time_left(const struct crew *crew, const struct task *task, enum job_mode mode)
{
	guint64 grace = (guint64)crew->grace_ms;
	guint64 one = crew->limits->seconds_per_message * 1000;
	guint64 all = one * 3 / 2 + 2 * grace;
	guint64 kept = grace + (mode == JOB_SCAN ? one / 4 + grace : 0);
	guint64 used = (guint64)task->used_us / 1000;
	guint64 left = all > used + kept ? all - used - kept : 0;

	if (mode == JOB_SCAN && left < one / 8)
		return 0;
	return (guint32)CLAMP(left, mode == JOB_RAW ? 1 : 0, one);
}

/*
 * A worker ended on a message. The fault may be another's: a message before it, the system
 * short of memory, an administrator's kill. So it gets a fresh one; but for time, which it would
 * take once more. From then on the part that its reader was at is left out, and in the end all of
 * them. Returns the task when nothing is left to try.
 */
static struct task *
crew_try_again(
    struct crew *crew, struct task *task, const char *reason, const struct station *station)
{
	g_autofree char *next = g_strdup("trying it again");
	bool time = g_str_equal(reason, "time");

	if (task->reason != NULL) {
		log_warning("a scan worker ended on the raw bytes too: %s", reason);
		crew->in_work--;
		return task;
	}
	bool full = !task->suspect && !time;
	bool without = !full && station != NULL && care_add(&task->care, station, reason);
	task->care.milliseconds = full || without ? crew_time_left(crew, task, JOB_SCAN) : 0;
	task->suspect = true;
	if (task->care.milliseconds == 0) {
		task->reason = reason;
		task->mode = JOB_RAW;
		task->care.milliseconds = crew_time_left(crew, task, JOB_RAW);
		g_free(next);
		next = g_strdup("trying its raw bytes");
	} else if (without) {
		g_free(next);
		next = station->rule[0] != '\0'
			   ? g_strdup_printf("trying it without the rule %s", station->rule)
			   : g_strdup_printf("trying it without part %u for the reader %s",
				 station->part + 1, station->reader);
	}
	log_warning("a scan worker ended on a message of %" G_GUINT64_FORMAT " bytes: %s; %s",
	    task->size, reason, next);
	g_queue_push_head(&crew->waiting, task);
	return NULL;
}

static void
hand_lost(struct hand *hand, bool timed_out)
{
	struct crew *crew = hand->crew;
	hand_count_time(hand);
	struct task *task = g_steal_pointer(&hand->task);
	bool was_ready = hand->ready;
	struct station station;
	bool located = task != NULL && worker_station(hand->worker, &station);
	bool born = worker_pid(hand->worker) != 0;
	const char *reason = hand_end(hand, timed_out);

	if (*reason == '\0')
		reason = "protocol";
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

	if (hand->task == NULL || id != hand->task->id) {
		verdict_free(verdict);
		hand_lost(hand, false);
		return;
	}
	struct task *task = g_steal_pointer(&hand->task);
	g_clear_handle_id(&hand->alarm, g_source_remove);
	hand->served += verdict->facts & FACT_MALFORMED ? CREW_ANOMALY_COUNT : 1;
	crew->failed_starts = 0;
	crew->in_work--;
	if (hand->served >= crew->limits->messages_per_worker) {
		hand_end(hand, false);
		hand_start(hand);
	}
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
		if (hand->crew->sandbox == NULL)
			hand->crew->sandbox = g_strdup(worker_sandbox(hand->worker));
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
	hand->watch = watch(worker_fd(hand->worker), wanted, hand_readable, hand);
	hand->watched = wanted;
}

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

/* A place stays empty for a while when starts fail, and for good when nobody is left at work. */
static void
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
			hand_watch(hand);
			return;
		}
		log_error("start a scan worker: %s", error->message);
		crew->failed_starts++;
	}
	if (!crew_is_broken(crew))
		hand_set_alarm(hand, CREW_RETRY_MS);
}

/* False when it could not be given; it then stays with the caller. */
static bool
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
		hand_set_alarm(hand, CREW_RETRY_MS);
		return false;
	}
	hand->task = task;
	hand->looked = g_get_monotonic_time();
	hand->end = hand->looked + ((gint64)task->care.milliseconds + hand->crew->grace_ms) * 1000;
	hand->mercy = 0;
	hand_look(hand, false);
	hand_watch(hand);
	return true;
}

static bool
hand_is_fresh(const struct hand *hand)
{
	return hand->worker != NULL && hand->task == NULL && hand->served == 0;
}

/* What a hand is to do next: suspects wait for a fresh worker as long as there is one. */
static GList *
crew_next(struct crew *crew, const struct hand *hand)
{
	GList *link = crew->waiting.head;
	bool fresh = hand->served == 0;

	for (guint i = 0; i < crew->n_hands && hand->served > 0; i++)
		fresh |= hand_is_fresh(&crew->hands[i]);
	while (link != NULL && hand->served > 0 && fresh && ((struct task *)link->data)->suspect)
		link = link->next;
	return link;
}

static void
crew_feed(struct crew *crew)
{
	for (guint i = 0; i < crew->n_hands; i++) {
		struct hand *hand = &crew->hands[i];
		if (!hand->ready || hand->task != NULL)
			continue;
		GList *link = crew_next(crew, hand);
		if (link == NULL)
			continue;
		if (!hand_give(hand, link->data))
			return;
		g_queue_delete_link(&crew->waiting, link);
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
	g_clear_handle_id(&crew->zygote_watch, g_source_remove);
	worker_zygote_end(&crew->zygote);
	for (guint i = 0; i < crew->n_hands; i++) {
		struct hand *hand = &crew->hands[i];
		hand_quiet(hand);
		if (hand->worker != NULL)
			worker_end(&hand->worker, false);
		g_clear_pointer(&hand->task, task_free);
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
