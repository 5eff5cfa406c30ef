/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BASE_DIFF_H
#define FLAGPOST_BASE_DIFF_H
/*
 * diff - what changed from one text to another, line by line, in the unified form that patch and
 * people read.
 *
 * The fewest lines are shown where what differs has up to DIFF_LINES_MAX lines on each side; of
 * longer ones all old lines are shown as removed and all new ones as added.
 */
#include <glib.h>

#define DIFF_LINES_MAX 1500
#define DIFF_AROUND    3 /* unchanged lines around a change */

/* Adds nothing when both are alike. NULL is an empty text; names stand behind --- and +++. */
void diff_unified(
    const char *old_name, const char *new_name, GBytes *old_text, GBytes *new_text, GString *out);

#endif
