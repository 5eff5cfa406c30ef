/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_FILTERS_H
#define FLAGPOST_CMD_FILTERS_H
/*
 * filters - the filter words of `search`: from:x subject:"two words" before:2026-11-01, and bare
 * words, which stand for the subject. All must hold; each filter may stand once.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "store/view.h"

struct filters {
	struct view_query query; /* strings borrowed from words */
	GPtrArray *words;        /* of char * */
};

/* NULL after a FAULT_USAGE that names the word and the filter meant. Days are days of zone. */
struct filters *filters_new(const char *const *words, GTimeZone *zone, GError **error);
void filters_free(struct filters *filters);
AUTO_DEFINE(filters, filters_free)

#endif
