/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_CREW_PARTS_H
#define FLAGPOST_DAEMON_CREW_PARTS_H
/*
 * crew-parts - what the files of the crew share; nobody else includes it.
 */
#include <glib.h>

#include "daemon/crew.h"
#include "worker/worker.h"

#define CREW_STARTS_MAX 5 /* failed in a row: the fault is not a message's */
/* Messages that a worker has at once, if more than one: large ones take long, and others are quick
 * to be free. */
#define CREW_AHEAD_BYTES (256 * 1024)

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
	/* Given to it, in that order. It is at the first; the others lie in its socket, so that it
	 * need not sleep until we have taken its verdict. */
	struct task *tasks[WORKER_JOBS_MAX];
	guint n_tasks;
	guint64 bytes; /* of all these */
	bool ready;
	guint64 served;
	guint64 verdicts;    /* taken */
	gint64 paced;        /* the last of them, or since when it is at work */
	struct watch *watch; /* NULL: none */
	guint alarm;         /* source id; 0: none */
	gint64 due;          /* when the alarm is to go off */
	gint64 looked;       /* last */
	gint64 end;          /* when it is to have answered */
	gint64 mercy;        /* not blamed before that: we were late ourselves */
};

struct crew {
	const struct sources *sources; /* borrowed */
	const struct limits *limits;   /* borrowed */
	const struct reading *reading; /* borrowed */
	struct hand *hands;
	guint n_hands;
	bool warm;                    /* the first workers were started */
	struct worker_zygote *zygote; /* of all workers; NULL: none is needed yet, or it ended */
	struct watch *zygote_watch;   /* NULL: none */
	GQueue waiting;               /* of struct task */
	gint64 grace_ms;
	guint in_work;
	guint64 last_id;
	char *sandbox;       /* of the first worker that was ready */
	guint failed_starts; /* in a row: workers that ended before they took a message */
};

/* --- crew-task: a message on its way --- */

void task_free(struct task *task);
/* The one way in which a task ends. Takes both. */
void task_finish(struct task *task, struct verdict *verdict);
/*
 * A worker ended on it: with what it is tried once more, if with anything. Returns the task when
 * nothing is left to try. station: where the worker was; NULL: nowhere.
 */
struct task *crew_try_again(
    struct crew *crew, struct task *task, const char *reason, const struct station *station);

/* --- crew-watch: a descriptor in the main loop --- */

struct watch;

/* readable is called when there is something to read, or write, or the end. It may free this. */
struct watch *watch_new(int fd, void (*readable)(void *data), void *data);
void watch_free(struct watch *watch);
/* From now on it waits for room to write as well, or no longer; a rest ends. */
void watch_set_write(struct watch *watch, bool write);
/* What comes within that time is read behind it, all at once; but not the end. */
void watch_rest(struct watch *watch, gint64 microseconds);

/* --- crew-zygote: the process that workers are forked from --- */

/* Asks for a worker; starts the zygote where there is none. */
struct worker *crew_spawn(struct crew *crew, GError **error);
/* What becomes of one that hung up or does not answer. why: unless it says itself how it ended. */
void crew_end_zygote(struct crew *crew, const char *why);

/* --- crew-hand: a place in the crew --- */

/* A worker for it, now or in a while. */
void hand_start(struct hand *hand);
/* True when it may have that message now. */
bool hand_may_have(const struct hand *hand, const struct task *task);
/* False when the message could not be given; it then stays with the caller. */
bool hand_give(struct hand *hand, struct task *task);
/* No source of its own is left: nothing calls it any more. */
void hand_quiet(struct hand *hand);

/* --- crew --- */

/* Gives to idle workers what waits. */
void crew_feed(struct crew *crew);

#endif
