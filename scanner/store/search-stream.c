/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never holds more than one doc a stream. Docs and times are read from main.message, whoever
 * asks: store/search.c leaves what the view does not show out of every search.
 */
#include "store/search-stream.h"

#include <time.h>

#include "base/fault.h"
#include "store/block-find.h"
#include "store/index.h"
#include "store/query.h"

#define STEPS          48   /* rows that are walked over before a statement is asked anew */
#define CLOCK_EVERY    1024 /* seeks */
#define BUDGET_EVERY   16   /* the same, while processor time is counted */
#define PROGRESS_STEPS 5000 /* of SQLite, between looks at the clock */
#define NEVER_ASKED    (-1)

enum kind { LEAF, WORDS, NONE, TEST, TIME, AND, OR, NOT };

struct stream {
	enum kind kind;
	struct stream_context *context;
	GPtrArray *children;
	/* LEAF, TEST */
	struct query_text text;
	struct query_text count; /* how many rows in all; no sql: it can only be walked */
	struct query query;
	char *value; /* bound beside the doc; NULL: number is */
	gint64 number;
	bool open;
	gint64 asked, head; /* head: the largest doc at or below asked */
	/* WORDS */
	struct block_find *find; /* NULL after an error */
	/* TIME */
	gint64 from, to, first, last, sure_first, sure_last;
	/* AND */
	struct stream *every; /* made when no child gives docs by itself */
};

static struct stream *
stream_new(struct stream_context *context, enum kind kind)
{
	struct stream *stream = g_new0(struct stream, 1);

	stream->kind = kind;
	stream->context = context;
	stream->asked = NEVER_ASKED;
	stream->children = g_ptr_array_new_with_free_func((GDestroyNotify)stream_free);
	return stream;
}

void
stream_free(struct stream *stream)
{
	if (stream == NULL)
		return;
	if (stream->open)
		query_close(&stream->query, NULL);
	stream_free(stream->every);
	block_find_free(stream->find);
	g_ptr_array_unref(stream->children);
	g_free(stream->value);
	g_free(stream);
}

static struct stream *
stream_words(struct stream_context *context, const char *match, bool people)
{
	struct stream *stream = stream_new(context, WORDS);

	if (context->error == NULL)
		stream->find = block_find_new(
		    context->database, context->phrases, match, people, &context->error);
	return stream;
}

struct stream *
stream_match(struct stream_context *context, const char *match)
{
	return stream_words(context, match, false);
}

struct stream *
stream_party(struct stream_context *context, const char *match)
{
	return stream_words(context, match, true);
}

struct stream *
stream_tag(struct stream_context *context, gint64 tag)
{
	struct stream *stream = stream_new(context, LEAF);

	stream->text = (struct query_text){ "look a tag up",
		"SELECT doc FROM tagged WHERE doc <= ?1 AND tag = ?2 ORDER BY doc DESC" };
	stream->count = (struct query_text){ "count messages with a tag",
		"SELECT count(*) FROM tagged WHERE tag = ?2 AND ?1 > 0" };
	stream->number = tag;
	return stream;
}

struct stream *
stream_all(struct stream_context *context)
{
	struct stream *stream = stream_new(context, LEAF);

	stream->text = (struct query_text){ "walk over messages",
		"SELECT doc FROM main.message WHERE doc <= ?1 AND ?2 = 0 ORDER BY doc DESC" };
	stream->count = (struct query_text){ "count messages",
		"SELECT count(*) FROM main.message WHERE doc > 0 AND ?1 > 0 AND ?2 = 0" };
	return stream;
}

struct stream *
stream_none(struct stream_context *context)
{
	return stream_new(context, NONE);
}

struct stream *
stream_test(struct stream_context *context, const char *sql, const char *text)
{
	struct stream *stream = stream_new(context, TEST);

	stream->text = (struct query_text){ "look closer at a message", sql };
	stream->value = g_strdup(text);
	return stream;
}

struct stream *
stream_time(struct stream_context *context, gint64 from, gint64 to, gint64 spill)
{
	struct stream *stream = stream_new(context, TIME);

	stream->text = (struct query_text){ "look at a message's time",
		"SELECT coalesce(date, seen) FROM main.message WHERE doc = ?1 AND ?2 = 0" };
	stream->from = from;
	stream->to = to;
	/* The second of `to` may have messages before it, and that of `from` too. */
	stream->first = index_first_doc(from);
	stream->sure_first = stream->first + INDEX_PER_SECOND + spill;
	stream->sure_last = index_first_doc(to) - 1;
	stream->last = to == G_MAXINT64 ? G_MAXINT64 : stream->sure_last + INDEX_PER_SECOND + spill;
	return stream;
}

struct stream *
stream_and(struct stream_context *context)
{
	return stream_new(context, AND);
}

struct stream *
stream_or(struct stream_context *context)
{
	return stream_new(context, OR);
}

void
stream_add(struct stream *stream, struct stream *child)
{
	g_ptr_array_add(stream->children, child);
}

struct stream *
stream_not(struct stream_context *context, struct stream *child)
{
	struct stream *stream = stream_new(context, NOT);

	stream_add(stream, child);
	return stream;
}

/* --- statements --- */

/* True on a row; the statement is opened once and asked anew after that. */
static bool
ask(struct stream *stream, gint64 doc)
{
	struct query_value values[] = { query_int_value(doc),
		stream->value != NULL ? query_text_value(stream->value)
				      : query_int_value(stream->number),
		{ .kind = QUERY_END } };
	GError **error = &stream->context->error;

	if (!stream->open) {
		stream->open = query_open_once(
		    &stream->query, stream->context->database, &stream->text, values, error);
		if (!stream->open)
			return false;
	} else if (!query_again(&stream->query, values, error)) {
		return false;
	}
	return query_next(&stream->query);
}

static gint64
row_of(struct stream *stream, bool row)
{
	if (!row && stream->open && stream->query.failed && stream->context->error == NULL)
		database_fault(
		    stream->context->database, stream->text.name, &stream->context->error);
	return row ? query_int(&stream->query, 0) : 0;
}

static gint64
seek_leaf(struct stream *stream, gint64 at_most)
{
	if (stream->asked >= at_most && stream->head <= at_most)
		return stream->head;
	/* What lies near is walked to; a statement that is asked anew costs as much as many rows.
	 */
	for (guint i = 0; stream->asked >= at_most && i < STEPS && stream->head > at_most; i++)
		stream->head = row_of(stream, query_next(&stream->query));
	if (stream->asked < at_most || stream->head > at_most)
		stream->head = row_of(stream, ask(stream, at_most));
	stream->asked = at_most;
	return stream->head;
}

static gint64
seek_words(struct stream *stream, gint64 at_most)
{
	return stream->find == NULL
		   ? 0
		   : block_find_seek(stream->find, at_most, &stream->context->error);
}

/* --- what only says yes or no of a doc --- */

static bool
holds(struct stream *check, gint64 doc)
{
	if (check->kind == NOT)
		return stream_seek(check->children->pdata[0], doc) != doc;
	if (check->kind == TIME) {
		if (doc >= check->sure_first && doc <= check->sure_last)
			return true;
		bool row = ask(check, doc);
		gint64 time = row_of(check, row);
		return row && time >= check->from && time < check->to;
	}
	return row_of(check, ask(check, doc)) != 0;
}

static bool
is_check(const struct stream *stream)
{
	return stream->kind == NOT || stream->kind == TIME || stream->kind == TEST;
}

/* --- all of --- */

static bool
all_hold(struct stream *stream, gint64 doc)
{
	for (guint i = 0; i < stream->children->len; i++) {
		struct stream *child = stream->children->pdata[i];
		if (is_check(child) && !holds(child, doc))
			return false;
	}
	return true;
}

/* The largest doc at or below at_most that all children with docs of their own have. */
static gint64
meet(struct stream *stream, gint64 at_most)
{
	gint64 doc = at_most;
	bool moved = true;

	while (moved && doc > 0) {
		moved = false;
		for (guint i = 0; i < stream->children->len && doc > 0; i++) {
			struct stream *child = stream->children->pdata[i];
			if (is_check(child))
				continue;
			gint64 next = stream_seek(child, doc);
			moved = moved || next != doc;
			doc = next;
		}
		if (stream->every != NULL)
			doc = stream_seek(stream->every, doc);
	}
	return doc;
}

static void
window(const struct stream *stream, gint64 *first, gint64 *last)
{
	for (guint i = 0; i < stream->children->len; i++) {
		const struct stream *child = stream->children->pdata[i];
		if (child->kind == TIME) {
			*first = MAX(*first, child->first);
			*last = MIN(*last, child->last);
		}
	}
}

static bool
has_source(const struct stream *stream)
{
	for (guint i = 0; i < stream->children->len; i++) {
		if (!is_check(stream->children->pdata[i]))
			return true;
	}
	return false;
}

static gint64
seek_and(struct stream *stream, gint64 at_most)
{
	gint64 first = 1, last = G_MAXINT64;

	if (stream->asked >= at_most && stream->head <= at_most)
		return stream->head;
	if (stream->every == NULL && !has_source(stream))
		stream->every = stream_all(stream->context);
	window(stream, &first, &last);
	gint64 doc = meet(stream, MIN(at_most, last));
	while (doc >= first && !all_hold(stream, doc) && stream->context->error == NULL)
		doc = meet(stream, doc - 1);
	stream->asked = at_most;
	stream->head = doc >= first ? doc : 0;
	return stream->head;
}

/* --- the rest --- */

/* A check alone is one beside every message. */
static gint64
seek_check(struct stream *stream, gint64 at_most)
{
	gint64 first = 1, last = G_MAXINT64;

	if (stream->every == NULL)
		stream->every = stream_all(stream->context);
	if (stream->kind == TIME) {
		first = stream->first;
		last = stream->last;
	}
	gint64 doc = stream_seek(stream->every, MIN(at_most, last));
	while (doc >= first && !holds(stream, doc) && stream->context->error == NULL)
		doc = stream_seek(stream->every, doc - 1);
	return doc >= first ? doc : 0;
}

static gint64
seek_or(struct stream *stream, gint64 at_most)
{
	gint64 doc = 0;

	for (guint i = 0; i < stream->children->len && doc < at_most; i++)
		doc = MAX(doc, stream_seek(stream->children->pdata[i], at_most));
	return doc;
}

gint64
stream_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (gint64)now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static bool
is_late(struct stream_context *context)
{
	guint step = ++context->steps;

	if (context->budget_end != 0 && step % BUDGET_EVERY == 0)
		context->over = context->over || stream_clock() > context->budget_end;
	if (step % CLOCK_EVERY == 0 && context->error == NULL &&
	    g_get_monotonic_time() > context->deadline)
		g_set_error(&context->error, FAULT, FAULT_RETRY,
		    "the search takes too long: say more of what is looked for, or a time");
	return context->over || context->error != NULL;
}

gint64
stream_seek(struct stream *stream, gint64 at_most)
{
	if (at_most <= 0 || is_late(stream->context))
		return 0;
	switch (stream->kind) {
	case LEAF:
		return seek_leaf(stream, at_most);
	case WORDS:
		return seek_words(stream, at_most);
	case AND:
		return seek_and(stream, at_most);
	case OR:
		return seek_or(stream, at_most);
	case TEST:
	case TIME:
	case NOT:
		return seek_check(stream, at_most);
	case NONE:
		break;
	}
	return 0;
}

/* --- how many --- */

/* What there is to count of a stream that only wraps another. */
static struct stream *
unwrapped(struct stream *stream)
{
	while ((stream->kind == AND || stream->kind == OR) && stream->children->len == 1)
		stream = stream->children->pdata[0];
	if (stream->kind != AND || stream->children->len > 0)
		return stream;
	if (stream->every == NULL)
		stream->every = stream_all(stream->context);
	return stream->every;
}

static int
is_over(void *data)
{
	const gint64 *until = data;

	return *until != 0 && stream_clock() > *until;
}

static bool
is_block_over(void *data)
{
	return is_over(data) != 0;
}

/* SQLite counts a list four times as fast as it hands it over. False: there was no time for it. */
static bool
count_rows(struct stream *stream, gint64 until, guint64 *count)
{
	sqlite3 *handle = stream->context->database->handle;
	const struct query_value values[] = { query_int_value(G_MAXINT64),
		stream->value != NULL ? query_text_value(stream->value)
				      : query_int_value(stream->number),
		{ .kind = QUERY_END } };
	GError **error = &stream->context->error;
	struct query query;

	if (!query_open_once(&query, stream->context->database, &stream->count, values, error))
		return false;
	if (until != 0)
		sqlite3_progress_handler(handle, PROGRESS_STEPS, is_over, &until);
	bool row = query_next(&query);
	if (row)
		*count = (guint64)query_int(&query, 0);
	bool late = !row && (sqlite3_errcode(handle) & 0xff) == SQLITE_INTERRUPT;
	sqlite3_progress_handler(handle, 0, NULL, NULL);
	return query_close(&query, late ? NULL : error) && row;
}

/* False: there was no time for all of it, and there may be more than *count. */
static bool
count_words(struct stream *words, guint64 *count)
{
	struct stream_context *context = words->context;

	return words->find != NULL && block_find_count(words->find, count, is_block_over,
					  &context->budget_end, &context->error);
}

/* Of a list alone. The same; where it can be counted at once at all it leaves some of the time. */
static bool
count_list(struct stream *list, guint64 *count)
{
	gint64 now = stream_clock(), end = list->context->budget_end;

	return list->kind == WORDS
		   ? count_words(list, count)
		   : count_rows(list, end != 0 ? now + (end - now) * 3 / 4 : 0, count);
}

bool
stream_count(struct stream *stream, guint64 *count)
{
	struct stream_context *context = stream->context;
	struct stream *inner = unwrapped(stream);
	gint64 doc = G_MAXINT64;

	*count = 0;
	if (inner->kind == LEAF || inner->kind == WORDS) {
		bool whole = count_list(inner, count);
		if (whole || *count > 0 || context->error != NULL)
			return whole && context->error == NULL;
	}
	context->over = is_over(&context->budget_end) != 0;
	/* What is not to be there was not looked for to its end when the time was over. */
	while ((doc = stream_seek(inner, doc - 1)) > 0 && !context->over)
		(*count)++;
	return !context->over && context->error == NULL;
}
