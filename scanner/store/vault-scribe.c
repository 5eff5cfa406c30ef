/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One thread, one queue, one lock, which is never held while a file is touched. Never writes behind
 * an entry that failed.
 *
 * Waking costs more than a small entry does: the thread is woken for several at a time, and the
 * caller once what it waits for has come. Each side says under the lock, before it sleeps, what it
 * waits for; the other looks there under the lock whenever it has changed what that depends on.
 */
#include "store/vault-scribe.h"

#include <fcntl.h>

#include "base/fault.h"
#include "base/io.h"
#include "base/thread.h"

struct vault_scribe {
	struct vault_pen *pen;
	vault_scribe_end *end;
	void *user;
	GThread *thread;
	GMutex lock;
	GCond given, done;
	/* Under the lock: */
	GQueue jobs;  /* of struct vault_entry: to be begun; with fd -1: the end */
	bool busy;    /* one is under way */
	bool hurried; /* what is there is to be begun, however little it is */
	bool asleep;  /* the thread is to be woken */
	bool awaited; /* the caller is to be woken when no more than so many are to be done: */
	guint low;
	bool leaving;  /* the thread is to end */
	GError *error; /* the first */
};

static void
job_free(gpointer data)
{
	struct vault_entry *job = data;

	io_close(&job->fd);
	g_free(job);
}

static bool
work(struct vault_scribe *scribe, const struct vault_entry *job, GError **error)
{
	struct vault_place place;

	return job->fd < 0 ? scribe->end(scribe->user, error)
			   : vault_pen_put(scribe->pen, job->fd, job->size, job->sha256, job->clock,
				 job->mtime, &place, error);
}

/* With the lock, as all that follows but who says otherwise. */
static guint
left(const struct vault_scribe *scribe)
{
	return g_queue_get_length((GQueue *)&scribe->jobs) + scribe->busy;
}

static bool
is_due(const struct vault_scribe *scribe)
{
	guint n = g_queue_get_length((GQueue *)&scribe->jobs);

	return n >= VAULT_SCRIBE_GROUP || (scribe->hurried && n > 0);
}

/* Lets the lock go while a file is touched. */
static void
do_one(struct vault_scribe *scribe, struct vault_entry *job)
{
	bool failed = scribe->error != NULL;
	GError *error = NULL;

	scribe->busy = true;
	g_mutex_unlock(&scribe->lock);
	if (!failed)
		work(scribe, job, &error);
	job_free(job);
	g_mutex_lock(&scribe->lock);
	scribe->busy = false;
	if (error != NULL)
		scribe->error = error;
	if (scribe->awaited && left(scribe) <= scribe->low) {
		scribe->awaited = false;
		g_cond_signal(&scribe->done);
	}
}

/* The thread. */
static gpointer
run(gpointer data)
{
	struct vault_scribe *scribe = data;
	struct vault_entry *job;

	g_mutex_lock(&scribe->lock);
	while (!scribe->leaving) {
		if (!is_due(scribe)) {
			scribe->asleep = true;
			g_cond_wait(&scribe->given, &scribe->lock);
			scribe->asleep = false;
			continue;
		}
		while (!scribe->leaving && (job = g_queue_pop_head(&scribe->jobs)) != NULL)
			do_one(scribe, job);
		scribe->hurried = false;
	}
	g_mutex_unlock(&scribe->lock);
	return NULL;
}

/* What was changed may be what the thread waits for. */
static void
wake(struct vault_scribe *scribe)
{
	if (!scribe->asleep || !(scribe->leaving || is_due(scribe)))
		return;
	scribe->asleep = false;
	g_cond_signal(&scribe->given);
}

/* The caller's; until no more than so many are to be done. */
static void
await(struct vault_scribe *scribe, guint low)
{
	while (left(scribe) > low) {
		scribe->hurried = true;
		wake(scribe);
		scribe->low = low;
		scribe->awaited = true;
		g_cond_wait(&scribe->done, &scribe->lock);
		scribe->awaited = false;
	}
}

struct vault_scribe *
vault_scribe_new(struct vault_pen *pen, vault_scribe_end *end, void *user)
{
	struct vault_scribe *scribe = g_new0(struct vault_scribe, 1);

	scribe->pen = pen;
	scribe->end = end;
	scribe->user = user;
	g_queue_init(&scribe->jobs);
	g_mutex_init(&scribe->lock);
	g_cond_init(&scribe->given);
	g_cond_init(&scribe->done);
	scribe->thread = thread_begin("scribe", run, scribe);
	if (scribe->thread != NULL)
		return scribe;
	vault_scribe_free(scribe);
	return NULL;
}

void
vault_scribe_free(struct vault_scribe *scribe)
{
	if (scribe == NULL)
		return;
	g_mutex_lock(&scribe->lock);
	scribe->leaving = true;
	wake(scribe);
	g_mutex_unlock(&scribe->lock);
	if (scribe->thread != NULL)
		g_thread_join(scribe->thread);
	g_queue_clear_full(&scribe->jobs, job_free);
	g_clear_error(&scribe->error);
	g_mutex_clear(&scribe->lock);
	g_cond_clear(&scribe->given);
	g_cond_clear(&scribe->done);
	g_free(scribe);
}

/* Takes the lock. */
static void
give(struct vault_scribe *scribe, struct vault_entry *job, bool hurried)
{
	g_mutex_lock(&scribe->lock);
	if (g_queue_get_length(&scribe->jobs) >= VAULT_SCRIBE_QUEUE)
		await(scribe, VAULT_SCRIBE_QUEUE / 2);
	g_queue_push_tail(&scribe->jobs, job);
	scribe->hurried = scribe->hurried || hurried;
	wake(scribe);
	g_mutex_unlock(&scribe->lock);
}

bool
vault_scribe_put(struct vault_scribe *scribe, const struct vault_entry *entry, GError **error)
{
	struct vault_entry *job = g_memdup2(entry, sizeof *entry);

	job->fd = fcntl(entry->fd, F_DUPFD_CLOEXEC, 0);
	if (job->fd < 0) {
		fault_errno(error, "keep a message");
		g_free(job);
		return false;
	}
	give(scribe, job, false);
	return true;
}

void
vault_scribe_finish(struct vault_scribe *scribe)
{
	struct vault_entry *job = g_new0(struct vault_entry, 1);

	job->fd = -1;
	give(scribe, job, true);
}

bool
vault_scribe_wait(struct vault_scribe *scribe, GError **error)
{
	g_mutex_lock(&scribe->lock);
	await(scribe, 0);
	bool right = scribe->error == NULL;
	if (!right)
		g_propagate_error(error, g_error_copy(scribe->error));
	g_mutex_unlock(&scribe->lock);
	return right;
}

void
vault_scribe_forget(struct vault_scribe *scribe)
{
	g_mutex_lock(&scribe->lock);
	await(scribe, 0);
	g_clear_error(&scribe->error);
	g_mutex_unlock(&scribe->lock);
}
