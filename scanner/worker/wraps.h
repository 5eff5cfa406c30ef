/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_WRAPS_H
#define FLAGPOST_WORKER_WRAPS_H
/*
 * wraps - a text without the line ends that stand between its words, for a second look by rules.
 *
 * Mail programs, narrow cells and the lines of a PDF cut a phrase at a blank; whoever hides a word
 * cuts it anywhere. So there are two such texts: one in which a line end between words is a blank
 * (nothing in scripts that are written without blanks), and one in which it is nothing wherever
 * both sides could be one word: letters, the second not a capital behind a small one. Marks of
 * quotation and blanks at a line's edges go with it. Where lines of one word follow one another,
 * the second text holds them three times: all joined, and the pairs that begin at odd and at even
 * ones. What rules may believe of it is said in rules/twin.h.
 */
#include <glib.h>
#include <stdbool.h>

#include "mail/message.h"

#define WRAPS_SEAMS_MAX 2000000 /* in one text; 8 bytes each */

enum wraps_result {
	WRAPS_NONE, /* no line end that such a text would lack */
	WRAPS_MADE,
	WRAPS_NO_MEMORY, /* or over WRAPS_SEAMS_MAX */
};

struct wrapped {
	char *data; /* valid UTF-8, NUL-terminated; the caller's */
	gsize size;
	struct seam *seams; /* the caller's */
	guint n_seams;
};

/*
 * text is valid UTF-8 and NUL-terminated; wrap is one of the two that undo. Time is linear in
 * size. Only WRAPS_MADE fills in out.
 */
enum wraps_result wraps_undo(
    const char *text, gsize size, enum text_wrap wrap, struct wrapped *out);

#endif
