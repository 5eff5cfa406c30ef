/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_SEARCH_STREAM_H
#define FLAGPOST_STORE_SEARCH_STREAM_H
/*
 * search_stream - docs of messages that match, newest first, each found when it is asked for.
 *
 * A stream answers one question: which is the largest doc at or below this one? So streams
 * leap over one another's gaps: what is common and what is rare together cost as the rare one
 * alone, and the first page of what is common costs no more than a page.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "store/database.h"

struct stream;
struct block_phrases;

/* What all streams of one search share; the first error stays. */
struct stream_context {
	struct database *database;
	gint64 deadline;   /* monotonic */
	gint64 budget_end; /* by stream_clock, for a count that need not be whole; 0: none */
	bool over;         /* it came */
	struct block_phrases *phrases; /* borrowed: what was read of them */
	guint steps;
	GError *error;
};

/* Leaves. match is an expression of store/block-expr.h. */
struct stream *stream_match(struct stream_context *context, const char *match);
/* The same of people; match is of store/party.h. */
struct stream *stream_party(struct stream_context *context, const char *match);
struct stream *stream_tag(struct stream_context *context, gint64 tag);
struct stream *stream_all(struct stream_context *context);
struct stream *stream_none(struct stream_context *context);
/* Docs for which sql gives a row: ?1 is the doc, ?2 text. Cheap only beside a leaf in an AND. */
struct stream *stream_test(struct stream_context *context, const char *sql, const char *text);
/* Messages of a time; spill: how far docs may lie behind it. Cheap everywhere. */
struct stream *stream_time(struct stream_context *context, gint64 from, gint64 to, gint64 spill);

/* Take their children. */
struct stream *stream_and(struct stream_context *context);
struct stream *stream_or(struct stream_context *context);
void stream_add(struct stream *stream, struct stream *child);
struct stream *stream_not(struct stream_context *context, struct stream *child);

/* 0: none, or an error in the context. */
gint64 stream_seek(struct stream *stream, gint64 at_most);

/*
 * How many docs there are in all. False when there may be more than *count: the processor time of
 * the context was over, or there is an error in it.
 */
bool stream_count(struct stream *stream, guint64 *count);
/* Of this thread, in microseconds. */
gint64 stream_clock(void);

void stream_free(struct stream *stream);
AUTO_DEFINE(stream, stream_free)

#endif
