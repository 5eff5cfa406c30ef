/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_PARSE_H
#define FLAGPOST_WORKER_PARSE_H
/*
 * parse - GMime over one message or MIME entity: its structure, and what GMime stumbled over as
 * facts of the message at hand.
 */
#include <gmime/gmime.h>

#include "worker/headers.h"
#include "worker/scan.h"

#define PARSE_HEADER_WINDOW(limits) ((limits)->header + 64 * 1024) /* bytes for headers_split */

/*
 * What GMime is to read of the bytes [from, to) of whole: without what stands before the first
 * field, and without the fields that are over a limit. block is what headers_split says of their
 * start.
 */
GMimeStream *parse_window(
    GMimeStream *whole, gint64 from, gint64 to, const struct header_block *block);

/*
 * NULL when GMime finds no message, and when more lines look like boundaries than a message of
 * many times the parts that are allowed has (FACT_TOO_MANY_PARTS): GMime would make an object for
 * each before anyone could stop it.
 */
GMimeMessage *parse_message(struct scan *scan, GMimeStream *stream);

#endif
