/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_POSTING_H
#define FLAGPOST_STORE_POSTING_H
/*
 * posting - in which messages of a block a word stands in one column, and at which places.
 *
 * Messages are ranks: numbers below the block's count, in the order of docs. On disk: how many,
 * their gaps (Rice), how often each has the word (gamma), and, where asked for, the places (each as
 * likely as any other in a text whose length is known; gamma elsewhere). Long lists say where the
 * places of each POSTING_STRIDE begin, so that they are read for those alone that matter.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"

#define POSTING_STRIDE 128

struct posting {
	GArray *ranks;  /* guint32, rising */
	GArray *counts; /* guint32 of each, >= 1 */
	GArray *places; /* guint32: counts of them, rising for each */
};

/* What is known of the block. */
struct posting_frame {
	guint32 count;          /* of messages */
	const guint32 *lengths; /* of the column's text in each message, in words; NULL: unknown */
	bool places;            /* whether there are any */
};

struct posting *posting_new(void);
void posting_free(struct posting *posting);
AUTO_DEFINE(posting, posting_free)
void posting_clear(struct posting *posting);
/* Ranks come rising, and places of one rank too. */
void posting_add(struct posting *posting, guint32 rank, guint32 place);
/* All of them at once, in place of what there was. */
struct posting_place {
	guint32 rank, place;
};
void posting_fill(struct posting *posting, const struct posting_place *places, guint n);

void posting_write(
    const struct posting *posting, const struct posting_frame *frame, GByteArray *out);

/* All of these: false when the bytes are no list of the frame. */

/* Sets the bits of the ranks; bits has frame->count of them. */
bool posting_mark(const guint8 *data, gsize size, const struct posting_frame *frame, guint64 *bits);
/* Into out, which is emptied before: of the ranks in wanted, which has bits as above; NULL: all. */
/* How often alone. */
bool posting_count(const guint8 *data, gsize size, const struct posting_frame *frame,
    const guint64 *wanted, struct posting *out);
/* And the places. */
bool posting_read(const guint8 *data, gsize size, const struct posting_frame *frame,
    const guint64 *wanted, struct posting *out);

/* --- posting-list.c --- */

/*
 * A list that is asked again and again: its ranks and counts are read once, and of the places those
 * that are asked for. It has a copy of the bytes; the frame's lengths are borrowed.
 */
struct posting_list {
	struct posting_frame frame;
	GArray *ranks, *counts; /* guint32, as in struct posting */
	gsize begin, size;      /* of the places in all bytes */
	gsize *strides;         /* where in the places each stride begins: bits */
	const guint8 *places;
	guint8 *own;
	bool *has; /* which strides were read */
};

/*
 * whole: bytes in all; size: those that are at hand, from the beginning on. NULL: they are no list
 * of the frame, or too few for all ranks and counts.
 */
struct posting_list *posting_list_new(
    const guint8 *data, gsize size, gsize whole, const struct posting_frame *frame);
void posting_list_free(struct posting_list *list);
AUTO_DEFINE(posting_list, posting_list_free)
/*
 * For a walk over what is still to be read of the places of wanted ranks from <= rank < upto: the
 * next bytes of all, from *stride on, which is 0 at first. False: there are none.
 */
bool posting_list_lacks(const struct posting_list *list, guint32 from, guint32 upto,
    const guint64 *wanted, guint *stride, gsize *begin, gsize *end);
/* Where to put them, all of them: from now on it has them. */
guint8 *posting_list_fill(struct posting_list *list, gsize begin, gsize end);
/* As posting_read, of ranks from <= rank < upto, which it has. */
bool posting_list_read(const struct posting_list *list, guint32 from, guint32 upto,
    const guint64 *wanted, struct posting *out);

#endif
