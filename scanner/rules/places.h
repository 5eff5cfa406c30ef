/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_PLACES_H
#define FLAGPOST_RULES_PLACES_H
/*
 * places - the stretches of a text in which factors for places (factor.h) are looked for: where
 * digits, capitals, long runs and codes stand, with as much around them as a match may take.
 *
 * One pass, a table look-up a byte. Stretches of one kind that touch are one.
 */
#include <glib.h>
#include <stdbool.h>

#include "rules/factor.h"

/* What to look for: kinds (bits), and of each how many bytes before and behind a place. */
struct places_window {
	guint kinds;
	guint before[FACTOR_PLACES], after[FACTOR_PLACES];
};

/* Takes the stretch [start, end) of a kind; false ends the pass. */
typedef bool places_take(enum factor_place place, gsize start, gsize end, void *data);

/* False when take said so. */
bool places_walk(const struct places_window *window, const char *text, gsize size,
    places_take *take, void *data);

#endif
