/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One thread, one queue, one lock, which is never held while a text is read. The batch and the
 * writer are the thread's while it is busy, else the caller's.
 */
#include "store/block-maker.h"

#include <string.h>

#include "base/thread.h"
#include "store/party.h"

#define GROUP 16 /* texts for which the thread is woken */

enum job_kind { JOB_PUT, JOB_DROP, JOB_PACK };

struct job {
	enum job_kind kind;
	gint64 doc;              /* DROP */
	struct block_text *text; /* PUT */
};

struct block_maker {
	struct block_batch *batch;
	struct block_writer writer;
	bool whole; /* the writer has both halves, or there are none */
	GThread *thread;
	GMutex lock;
	GCond given, done;
	/* Under the lock: */
	GQueue jobs;  /* of struct job */
	bool hurry;   /* they are not to wait for others */
	bool busy;    /* one is under way */
	bool packing; /* it is the last one, or that was done */
	bool ordered; /* the batch can be packed */
	bool leaving; /* the thread is to end */
};

struct block_text *
block_text_new(gint64 doc)
{
	struct block_text *text = g_new0(struct block_text, 1);

	text->doc = doc;
	for (guint i = 0; i < INDEX_COLUMNS; i++)
		text->columns[i] = g_string_new(NULL);
	text->people = g_byte_array_new();
	return text;
}

void
block_text_add_person(struct block_text *text, guint role, const char *address)
{
	guint8 byte = (guint8)role;

	g_byte_array_append(text->people, &byte, 1);
	g_byte_array_append(text->people, (const guint8 *)address, (guint)strlen(address) + 1);
}

void
block_text_free(struct block_text *text)
{
	if (text == NULL)
		return;
	for (guint i = 0; i < INDEX_COLUMNS; i++)
		g_string_free(text->columns[i], TRUE);
	g_byte_array_unref(text->people);
	g_free(text);
}

static void
job_free(gpointer data)
{
	struct job *job = data;

	block_text_free(job->text);
	g_free(job);
}

/* Their tokens, of store/party.h. */
static void
add_people(struct block_batch *batch, const GByteArray *people)
{
	g_autoptr(GString) tokens = g_string_new(NULL);

	for (guint i = 0; i < people->len;) {
		const char *address = (const char *)people->data + i + 1;
		party_append(tokens, people->data[i], address);
		i += (guint)strlen(address) + 2;
	}
	block_batch_words(batch, INDEX_COLUMNS, tokens->str);
}

static void
add_text(struct block_batch *batch, const struct block_text *text)
{
	block_batch_doc(batch, text->doc);
	for (guint i = 0; i < INDEX_COLUMNS; i++)
		block_batch_words(batch, i, text->columns[i]->str);
	add_people(batch, text->people);
}

/* The caller packs the other half beside. */
static void
pack_first(struct block_maker *maker)
{
	bool any = block_batch_order(maker->batch);

	g_mutex_lock(&maker->lock);
	maker->ordered = any;
	g_cond_signal(&maker->done);
	g_mutex_unlock(&maker->lock);
	if (any)
		block_batch_pack(maker->batch, 0, &maker->writer);
}

static void
work(struct block_maker *maker, const struct job *job)
{
	if (job->kind == JOB_PUT)
		add_text(maker->batch, job->text);
	else if (job->kind == JOB_DROP)
		block_batch_drop(maker->batch, job->doc);
	else
		pack_first(maker);
}

/* --- the thread --- */

/* With the lock. NULL: it is to wait. */
static struct job *
next_job(struct block_maker *maker)
{
	if (!maker->hurry && g_queue_get_length(&maker->jobs) < GROUP && !maker->busy)
		return NULL;
	return g_queue_pop_head(&maker->jobs);
}

static gpointer
run(gpointer data)
{
	struct block_maker *maker = data;

	g_mutex_lock(&maker->lock);
	while (!maker->leaving) {
		struct job *job = next_job(maker);
		maker->busy = job != NULL;
		if (job == NULL) {
			g_cond_signal(&maker->done);
			g_cond_wait(&maker->given, &maker->lock);
			continue;
		}
		maker->packing = job->kind == JOB_PACK;
		if (maker->packing)
			g_cond_signal(&maker->done);
		g_mutex_unlock(&maker->lock);
		work(maker, job);
		job_free(job);
		g_mutex_lock(&maker->lock);
	}
	g_mutex_unlock(&maker->lock);
	return NULL;
}

static void
give(struct block_maker *maker, enum job_kind kind, gint64 doc, struct block_text *text)
{
	struct job *job = g_new(struct job, 1);

	*job = (struct job){ kind, doc, text };
	if (maker->thread == NULL)
		maker->thread = thread_begin("index", run, maker);
	if (maker->thread == NULL) {
		work(maker, job);
		job_free(job);
		return;
	}
	g_mutex_lock(&maker->lock);
	g_queue_push_tail(&maker->jobs, job);
	maker->hurry = maker->hurry || kind == JOB_PACK;
	if (!maker->busy && (maker->hurry || g_queue_get_length(&maker->jobs) >= GROUP))
		g_cond_signal(&maker->given);
	g_mutex_unlock(&maker->lock);
}

/* --- its life --- */

struct block_maker *
block_maker_new(void)
{
	struct block_maker *maker = g_new0(struct block_maker, 1);

	maker->batch = block_batch_new();
	block_writer_start(&maker->writer);
	g_queue_init(&maker->jobs);
	g_mutex_init(&maker->lock);
	g_cond_init(&maker->given);
	g_cond_init(&maker->done);
	return maker;
}

void
block_maker_free(struct block_maker *maker)
{
	if (maker == NULL)
		return;
	g_mutex_lock(&maker->lock);
	maker->leaving = true;
	g_cond_signal(&maker->given);
	g_mutex_unlock(&maker->lock);
	if (maker->thread != NULL)
		g_thread_join(maker->thread);
	g_queue_clear_full(&maker->jobs, job_free);
	block_writer_end(&maker->writer);
	block_batch_free(maker->batch);
	g_mutex_clear(&maker->lock);
	g_cond_clear(&maker->given);
	g_cond_clear(&maker->done);
	g_free(maker);
}

void
block_maker_put(struct block_maker *maker, struct block_text *text)
{
	give(maker, JOB_PUT, text->doc, text);
}

void
block_maker_drop(struct block_maker *maker, gint64 doc)
{
	give(maker, JOB_DROP, doc, NULL);
}

void
block_maker_pack(struct block_maker *maker)
{
	give(maker, JOB_PACK, 0, NULL);
}

/* With the lock, and without a thread at once. */
static void
rest(struct block_maker *maker)
{
	while (maker->busy || (maker->hurry && !g_queue_is_empty(&maker->jobs)))
		g_cond_wait(&maker->done, &maker->lock);
}

const struct block_batch *
block_maker_batch(struct block_maker *maker)
{
	g_mutex_lock(&maker->lock);
	while (!maker->packing && (maker->busy || !g_queue_is_empty(&maker->jobs)))
		g_cond_wait(&maker->done, &maker->lock);
	g_mutex_unlock(&maker->lock);
	return maker->batch;
}

struct block_writer *
block_maker_take(struct block_maker *maker)
{
	struct block_writer second;

	g_mutex_lock(&maker->lock);
	while (!maker->ordered && (maker->busy || !g_queue_is_empty(&maker->jobs)))
		g_cond_wait(&maker->done, &maker->lock);
	bool any = maker->ordered;
	g_mutex_unlock(&maker->lock);
	if (!any || maker->whole)
		return any ? &maker->writer : NULL;
	block_writer_start(&second);
	block_batch_pack(maker->batch, 1, &second);
	g_mutex_lock(&maker->lock);
	rest(maker);
	g_mutex_unlock(&maker->lock);
	block_writer_take(&maker->writer, &second);
	block_writer_end(&second);
	maker->whole = true;
	return &maker->writer;
}

void
block_maker_clear(struct block_maker *maker)
{
	g_mutex_lock(&maker->lock);
	g_queue_clear_full(&maker->jobs, job_free);
	maker->hurry = false;
	rest(maker);
	g_mutex_unlock(&maker->lock);
	block_batch_free(maker->batch);
	block_writer_end(&maker->writer);
	maker->batch = block_batch_new();
	block_writer_start(&maker->writer);
	maker->whole = false;
	maker->packing = false;
	maker->ordered = false;
}
