/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_SCAN_H
#define FLAGPOST_WORKER_SCAN_H
/*
 * scan - one message on its way through dissection: what is found so far, and how much of
 * each limit is used up. Every part and every text passes through here, so that no reader can
 * forget a limit or the outcome that it means.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/limits.h"
#include "mail/message.h"
#include "worker/charset.h"
#include "worker/sniff.h"
#include "worker/station.h"

struct cache;
struct ocr;
struct seen;
struct blob;

/* Gets the bytes of each part that was decoded as a whole; then readers that find no mail or file
 * in a mail's own forms are not run. */
struct taker {
	void (*take)(const struct part *part, const struct blob *blob, void *data);
	void *data;
};

struct scan {
	const struct limits *limits; /* borrowed, like all here but what the message owns */
	struct charset *charset;
	struct sniff *sniff;
	struct ocr *ocr;               /* NULL: pictures are not read for text */
	struct cache *cache;           /* readings of earlier messages; NULL: none are kept */
	const struct care *care;       /* NULL: nothing is known of it */
	struct station_page *page;     /* NULL: nobody looks */
	const struct station *station; /* where a reader is now; NULL: at no part */
	const struct taker *taker;     /* NULL: nobody wants the bytes */
	struct message *message;
	struct seen *seen;     /* the leaves delivered so far */
	const void *bytes;     /* of the message, where GMime reads it in memory; else NULL */
	int fd;                /* where GMime reads it; else -1 */
	guint64 unpacked;      /* bytes decoded and unpacked */
	guint64 text;          /* bytes of text kept */
	gint64 deadline;       /* monotonic microseconds after which readers stop; 0: none */
	gint64 part_deadline;  /* the same for the part that is read now; 0: none is */
	gint64 (*clock)(void); /* NULL: g_get_monotonic_time */
	guint visible;         /* words of visible body text, counted as far as anyone asks */
	guint readings;        /* begun beyond GMime's and our own first one */
	guint archives;        /* being read, one within another */
	guint images;          /* parts that are pictures */
	bool out_of_time;      /* seen once, true for good */
};

/* The index of a new part, or TEXT_NO_PART when limits.parts are there (said in the message). */
guint scan_add_part(struct scan *scan, const char *path, guint depth);
struct part *scan_part(const struct scan *scan, guint part);

/*
 * Sets an outcome and why. A part that was not read makes the message partial; the first reason
 * stays, unless it was "read" or "no text".
 */
void scan_outcome(struct scan *scan, guint part, enum part_outcome outcome, const char *format, ...)
    G_GNUC_PRINTF(4, 5);
void scan_partial(struct scan *scan);
/* Sets the part's detail and no outcome. */
void scan_detail(struct scan *scan, guint part, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Takes text. What is over limits.text or limits.text_message is cut: over-limit. */
struct text *scan_add_text(
    struct scan *scan, enum component component, guint part, char *text, gsize size);

/* Bytes of text that a part, and the message, may still have. */
gsize scan_text_room(const struct scan *scan);

/* Counts unpacked bytes; false when limits.unpacked are used up. */
bool scan_unpack(struct scan *scan, gsize size);

/*
 * True when the time for the part at hand is over, or that for the message nearly: readers stop
 * and say PART_TIMEOUT.
 */
bool scan_late(struct scan *scan);

/*
 * Begins limits.seconds_per_part, within the time of the part around. Returns what is to be given
 * to scan_end_part, which goes back to that.
 */
gint64 scan_begin_part(struct scan *scan);
void scan_end_part(struct scan *scan, gint64 around);

/*
 * Has run look at a part under a reader's name, where the parent can see it. False, and it is not
 * run, when a worker ended there before: the part is crashed or timeout, and says so.
 */
bool scan_watched(
    struct scan *scan, guint part, const char *reader, void (*run)(void *), void *data);

#endif
