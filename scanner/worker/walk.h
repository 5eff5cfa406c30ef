/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_WALK_H
#define FLAGPOST_WORKER_WALK_H
/*
 * walk - GMime's tree of one message into parts: paths as IMAP numbers them (RFC 9051 section
 * 6.4.5), names, declared types, and each leaf's decoded bytes through extract.
 */
#include <gmime/gmime.h>

#include "worker/scan.h"

/* Walks from the outermost message. Sets the message's facts and outcome as it goes. */
void walk_message(struct scan *scan, GMimeMessage *message);

/*
 * Walks a message whose bytes were found in a part: what it holds stands below that part, as with
 * message/rfc822. entity: a MIME entity alone, whose fields are no mail's and whose content is of
 * the message around. The caller has seen that level is below limits.depth.
 */
void walk_below(struct scan *scan, GMimeMessage *message, guint part, guint level, bool entity);

#endif
