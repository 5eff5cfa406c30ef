/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_STATION_H
#define FLAGPOST_WORKER_STATION_H
/*
 * station - which part a worker's reader is at, or which rule is asked, in a page that its parent
 * sees; and what it is to leave out, since a worker before it ended there.
 *
 * The page outlives the worker, however that ends: SIGSEGV, SIGKILL, no memory, no answer. The
 * worker writes it with plain stores. To the parent it is hostile input: it reads a copy, takes
 * what is in range and nothing else, and the page can be neither shrunk nor grown.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "base/digest.h"
#include "base/pack.h"

#define STATION_READER_MAX 24 /* bytes of a reader's name, with the NUL */
#define STATION_RULE_MAX   65 /* bytes of a rule's id, with the NUL */
#define STATION_PART_MAX   1000000
#define CARE_PARTS_MAX                                                                             \
	4 /* parts and rules that one message is tried without; then its raw bytes are             \
	   */

struct station {
	guint32 part;            /* its index in the order of reading */
	char sha256[DIGEST_HEX]; /* of its decoded bytes; "" when they are not known as a whole */
	char reader[STATION_READER_MAX]; /* "pdf" */
	char rule[STATION_RULE_MAX];     /* not "": it is asked; part 0, no digest, no reader */
	gint64 deadline; /* monotonic microseconds after which it ought to have stopped; 0: none */
};

struct station_page;

/* The parent's: a page, nobody there yet. *fd is the caller's, to be handed to the worker. */
struct station_page *station_page_new(int *fd, GError **error);
/* The worker's, of that descriptor, which stays the caller's. */
struct station_page *station_page_open(int fd, GError **error);
void station_page_free(struct station_page *page);
AUTO_DEFINE(station_page, station_page_free)

/* The parent's: false when the worker is nowhere, or what it says cannot be. */
bool station_page_look(const struct station_page *page, struct station *station);

/* The worker's: from now on it is there (NULL: nowhere). page may be NULL. */
void station_page_set(struct station_page *page, const struct station *station);

/* What is known of a message before it is read. */
struct care {
	guint32 milliseconds; /* that it may take; 0: limits.seconds_per_message */
	guint n_avoid;
	struct avoid {
		struct station station;
		char reason[STATION_READER_MAX]; /* as worker_end returned it */
	} avoid[CARE_PARTS_MAX];
};

/* In packed form (base/pack.h). */
void care_put(GByteArray *out, const struct care *care);
bool care_get(struct packed *in, struct care *care, GError **error); /* FAULT_DATA */
/* False when the list is full or has that already. */
bool care_add(struct care *care, const struct station *station, const char *reason);
/*
 * Why a reader is not to look at a part again, or NULL. A part is known by its bytes; by its index
 * when those are not known as a whole.
 */
const char *care_reason(
    const struct care *care, guint part, const char *sha256, const char *reader);
/* Why a rule is not to be asked again, or NULL. */
const char *care_rule_reason(const struct care *care, const char *rule);

#endif
