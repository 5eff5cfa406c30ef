/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_REVIEW_SCREEN_H
#define FLAGPOST_CMD_REVIEW_SCREEN_H
/*
 * review-screen - steps through the open flags on a terminal: an incident a screen, a key a
 * verdict.
 *
 * No screen is longer than the terminal: what does not fit is counted, and `m` shows it. Mail comes
 * to the screen as printable text alone. Each screen is noted in the ledger before it is drawn. The
 * terminal is as it was when this returns, also after a signal that ends the program by way of it.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/review.h"

struct screen_options {
	GTimeZone *zone;
	const char *person;
	bool clear;  /* excerpts unmasked */
	bool colour; /* the terminal knows it, and nobody forbade it */
};

/* Until `q`, the end of the input, or the last flag. */
bool review_screen(struct view *view, const struct screen_options *options, GError **error);

#endif
