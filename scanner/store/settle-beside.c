/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One thread, one slice at a time, one lock, which is never held while something is read or
 * written. The adder's connection is never touched by the thread.
 */
#include "store/settle-beside.h"

#include "base/fault.h"
#include "base/log.h"
#include "base/thread.h"
#include "store/settle-inner.h"

enum slice { SLICE_NONE, SLICE_WAITS, SLICE_SERVED };

struct settler {
	struct database *database; /* the adder's */
	char *path;
	GThread *thread;
	GMutex lock;
	GCond changed;
	/* Under the lock: */
	bool awake;         /* something may be due */
	bool busy;          /* it is settled */
	bool leaving;       /* the thread is to end */
	bool stays;         /* the index cannot be settled */
	bool spoilt;        /* since it was begun */
	bool spoils;        /* the transaction that is open does */
	enum slice slice;   /* of the thread's */
	settle_work *work;  /* of the slice */
	void *user;         /* of work */
	GError *slice_fate; /* why it failed; NULL: it did not */
	GError *trouble;    /* to be logged by the adder */
	struct settle_run run;
};

/* --- the thread --- */

static void
set_retry(GError **error)
{
	g_clear_error(error);
	g_set_error(error, FAULT, FAULT_RETRY, "the index is settled another time");
}

/* A slice, as settle_slice has it: until the adder has written it. */
static bool
post(struct settle_run *run, settle_work *work, void *user, GError **error)
{
	struct settler *settler = run->beside;

	g_mutex_lock(&settler->lock);
	settler->work = work;
	settler->user = user;
	settler->slice = SLICE_WAITS;
	g_cond_broadcast(&settler->changed);
	while (settler->slice != SLICE_NONE && !settler->leaving)
		g_cond_wait(&settler->changed, &settler->lock);
	if (settler->slice != SLICE_NONE) {
		settler->slice = SLICE_NONE;
		set_retry(&settler->slice_fate);
	}
	bool right = settler->slice_fate == NULL;
	if (!right)
		g_propagate_error(error, g_steal_pointer(&settler->slice_fate));
	g_mutex_unlock(&settler->lock);
	return right;
}

/* *reader stays open from one time to the next. */
static bool
settle(struct settler *settler, struct database **reader, GError **error)
{
	struct settle_run *run = &settler->run;

	if (*reader == NULL)
		*reader = database_open(settler->path, false, error);
	if (*reader == NULL || !settle_begin(run, *reader, true, error))
		return false;
	run->database = settler->database;
	run->beside = settler;
	run->post = post;
	return settle_due(run, SETTLE_DOCS, error);
}

static gpointer
run(gpointer data)
{
	struct settler *settler = data;
	g_autoptr(database) reader = NULL;

	g_mutex_lock(&settler->lock);
	while (!settler->leaving) {
		if (!settler->awake || settler->stays) {
			settler->busy = false;
			g_cond_broadcast(&settler->changed);
			g_cond_wait(&settler->changed, &settler->lock);
			continue;
		}
		GError *error = NULL;
		settler->awake = false;
		settler->busy = true;
		settler->spoilt = false;
		g_mutex_unlock(&settler->lock);
		bool right = settle(settler, &reader, &error);
		g_mutex_lock(&settler->lock);
		bool again = g_error_matches(error, FAULT, FAULT_RETRY);
		settler->stays = !right && !again;
		if (settler->stays && settler->trouble == NULL)
			settler->trouble = g_steal_pointer(&error);
		g_clear_error(&error);
	}
	settler->busy = false;
	g_mutex_unlock(&settler->lock);
	return NULL;
}

/* --- the adder --- */

struct settler *
settler_new(struct database *database)
{
	struct settler *settler = g_new0(struct settler, 1);

	settler->database = database;
	settler->path = g_strdup(sqlite3_db_filename(database->handle, "main"));
	g_mutex_init(&settler->lock);
	g_cond_init(&settler->changed);
	return settler;
}

void
settler_free(struct settler *settler)
{
	if (settler == NULL)
		return;
	g_mutex_lock(&settler->lock);
	settler->leaving = true;
	g_cond_broadcast(&settler->changed);
	g_mutex_unlock(&settler->lock);
	if (settler->thread != NULL)
		g_thread_join(settler->thread);
	g_clear_error(&settler->slice_fate);
	g_clear_error(&settler->trouble);
	g_mutex_clear(&settler->lock);
	g_cond_clear(&settler->changed);
	g_free(settler->path);
	g_free(settler);
}

static void
tell(struct settler *settler)
{
	g_mutex_lock(&settler->lock);
	GError *trouble = g_steal_pointer(&settler->trouble);
	g_mutex_unlock(&settler->lock);
	if (trouble != NULL)
		log_warning("%s; the search goes on with what there is", trouble->message);
	g_clear_error(&trouble);
}

void
settler_wake(struct settler *settler)
{
	if (settler->thread == NULL)
		settler->thread = thread_begin("settle", run, settler);
	g_mutex_lock(&settler->lock);
	settler->awake = true;
	g_cond_broadcast(&settler->changed);
	g_mutex_unlock(&settler->lock);
	tell(settler);
}

/* Half of a slice is none. */
static bool
write_slice(struct settler *settler, bool *whole, GError **fate, GError **error)
{
	struct database *database = settler->database;

	if (!database_script(database, "settle the index", "SAVEPOINT settle", error))
		return false;
	*whole = settle_is_unchanged(&settler->run, fate) && settler->work(settler->user, fate);
	return database_script(database, "settle the index",
	    *whole ? "RELEASE settle" : "ROLLBACK TO settle; RELEASE settle", error);
}

bool
settler_serve(struct settler *settler, GError **error)
{
	g_autoptr(GError) fate = NULL;
	bool whole = false;

	g_mutex_lock(&settler->lock);
	bool waits = settler->slice == SLICE_WAITS;
	if (waits && settler->spoilt) {
		set_retry(&settler->slice_fate);
		settler->slice = SLICE_NONE;
		g_cond_broadcast(&settler->changed);
		waits = false;
	}
	if (waits)
		settler->slice = SLICE_SERVED;
	g_mutex_unlock(&settler->lock);
	if (!waits)
		return true;
	bool right = write_slice(settler, &whole, &fate, error);
	g_mutex_lock(&settler->lock);
	if (!right || !whole) {
		if (fate == NULL)
			set_retry(&fate);
		settler->slice_fate = g_steal_pointer(&fate);
	}
	g_mutex_unlock(&settler->lock);
	return right;
}

void
settler_served(struct settler *settler, bool committed)
{
	g_mutex_lock(&settler->lock);
	/* What was begun since then has read what was there before, too. */
	settler->spoilt = settler->spoilt || settler->spoils;
	settler->spoils = false;
	if (settler->slice == SLICE_SERVED) {
		if (!committed && settler->slice_fate == NULL)
			set_retry(&settler->slice_fate);
		settler->slice = SLICE_NONE;
		g_cond_broadcast(&settler->changed);
	}
	g_mutex_unlock(&settler->lock);
}

void
settler_spoil(struct settler *settler)
{
	g_mutex_lock(&settler->lock);
	settler->spoilt = settler->spoils = true;
	g_mutex_unlock(&settler->lock);
}

static bool
serve_alone(struct settler *settler, GError **error)
{
	bool right = database_begin(settler->database, error);

	right = right && settler_serve(settler, error) && database_commit(settler->database, error);
	if (!right)
		database_rollback(settler->database);
	settler_served(settler, right);
	return right;
}

/* False: nothing is under way any more. */
static bool
await_slice(struct settler *settler)
{
	g_mutex_lock(&settler->lock);
	while (
	    settler->slice != SLICE_WAITS && (settler->busy || (settler->awake && !settler->stays)))
		g_cond_wait(&settler->changed, &settler->lock);
	bool waits = settler->slice == SLICE_WAITS;
	g_mutex_unlock(&settler->lock);
	return waits;
}

bool
settler_finish(struct settler *settler, GError **error)
{
	bool right = true;

	if (settler->thread == NULL)
		return true;
	while (right && await_slice(settler))
		right = serve_alone(settler, error);
	tell(settler);
	return right;
}
