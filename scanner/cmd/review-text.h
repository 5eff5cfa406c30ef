/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_REVIEW_TEXT_H
#define FLAGPOST_CMD_REVIEW_TEXT_H
/*
 * review-text - an incident as text for a terminal, as much of it as fits there.
 *
 * What comes from mail is printable text alone. What is left out is counted.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/view.h"

struct review_text {
	const struct view_flag *flag; /* the first one of the incident */
	const gint64 *others;         /* its other flags */
	guint others_count;
	guint at, open; /* flag at of so many that are open */
	GTimeZone *zone;
	bool clear;  /* excerpts unmasked */
	bool colour; /* matches in bold print, else in brackets */
};

/* All that is held, long lines too. */
char *review_text_whole(const struct review_text *what);

/*
 * So much that it takes no more than `rows` rows of `columns`; of excerpts, people, places,
 * attachments and flags one stays of each, so that more rows come where they are too few for that.
 */
char *review_text_fit(const struct review_text *what, guint rows, guint columns);

#endif
