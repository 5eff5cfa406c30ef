/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_READINGS_PARTS_H
#define FLAGPOST_WORKER_READINGS_PARTS_H
/*
 * readings-parts - what the files of readings share; nobody else includes it.
 */
#include "worker/block.h"
#include "worker/readings.h"

struct readings {
	struct scan *scan;
	const char *bytes; /* of the message */
	bool original;     /* these are they, not what was decoded out of them */
	guint number;      /* of the reading under way; GMime's is 1 */
	guint64 leaves;    /* looked at */
	guint oddities;    /* of blocks and boundary lines, in all of the message */
};

/* Where an entity stands. */
struct spot {
	const char *path; /* of the parts around */
	const char *own;  /* of the entity, when it is a leaf */
	guint level;
	guint messages;
	bool whole;  /* a message, else a part of one */
	bool digest; /* a part of multipart/digest: a message unless it says otherwise */
};

/* The message may be read in more ways than one: these words say why. */
void readings_note(struct readings *all, const char *words);
/* True for one reading more; false, and said, when there were enough. */
bool readings_begin(struct readings *all, const char *words);

/* A leaf by every Content-Type and charset that it has. */
void readings_leaf(struct readings *all, const struct block *block, const char *begin,
    const char *end, const struct spot *spot);

#endif
