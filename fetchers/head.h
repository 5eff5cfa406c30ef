/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_FETCHERS_HEAD_H
#define FLAGPOST_FETCHERS_HEAD_H
/*
 * head - the header of a message as it goes by, and a short digest that tells it from others.
 *
 * What TOP n 0 and RETR n show of one message has one digest: the bytes before the first empty
 * line, at most HEAD_BYTES. Only a header with a Received line has one: the time and the number
 * that a relay wrote there are what no other message has.
 */
#include <glib.h>
#include <stdbool.h>

#define HEAD_BYTES (64 * 1024) /* of a header that are looked at */
#define HEAD_HEX   32          /* characters of a digest */

struct head {
	GString *text; /* NULL: nothing taken yet */
	bool complete;
};

void head_begin(struct head *head); /* also anew */
void head_feed(struct head *head, const guint8 *bytes, gsize size);
/* The digest; "" where there is none. */
void head_finish(struct head *head, char hex[HEAD_HEX + 1]);
void head_clear(struct head *head);

#endif
