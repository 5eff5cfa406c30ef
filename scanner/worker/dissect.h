/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_DISSECT_H
#define FLAGPOST_WORKER_DISSECT_H
/*
 * dissect - the exact bytes of one mail into struct message: headers and people by our own
 * readers, structure by GMime where there is anything to choose (worker/plain), content by extract.
 *
 * Life: one a worker. dissect_new loads all that the sandbox forbids to load later. Messages
 * up to DISSECT_MEMORY_MAX are read into memory, larger ones are read where they lie, so that
 * memory does not grow with the message.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "base/limits.h"
#include "base/reading.h"
#include "mail/message.h"

#define DISSECT_MEMORY_MAX (4 * 1024 * 1024)

struct dissect;

/* limits are borrowed. Calls g_mime_init. */
struct dissect *dissect_new(const struct limits *limits, GError **error);
/* What is read beyond the default, once, before the first message. */
bool dissect_set_reading(struct dissect *dissect, const struct reading *reading, GError **error);
void dissect_free(struct dissect *dissect);
AUTO_DEFINE(dissect, dissect_free)

struct care;
struct station_page;

/* For the messages that follow; both are borrowed, and may be NULL. */
void dissect_set_care(struct dissect *dissect, const struct care *care, struct station_page *page);

/* GMime for every message: what comes of it is the same, and tests see that it is. */
void dissect_set_thorough(struct dissect *dissect, bool thorough);

struct taker;

/* For the messages that follow; borrowed. NULL: their bytes are read, and nobody gets them. */
void dissect_set_taker(struct dissect *dissect, const struct taker *taker);

struct cache_counts;

/* How many parts were read, and how many known from earlier messages (worker/cache.h). */
void dissect_count(const struct dissect *dissect, struct cache_counts *counts);

/*
 * Dissects what is behind fd (a regular file or memfd; its offset moves). with_raw: adds the raw
 * bytes as COMPONENT_RAW, up to limits.text. NULL only when fd cannot be read (FAULT_IO).
 */
struct message *dissect_message(struct dissect *dissect, int fd, bool with_raw, GError **error);

/*
 * No library at all, for mail on which workers ended: the header fields, people and subject of the
 * outermost block by our own readers, the raw bytes as the text of the body and as COMPONENT_RAW.
 * No part, no date. Partial.
 */
struct message *dissect_raw(struct dissect *dissect, int fd, GError **error);

#endif
