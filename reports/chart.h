/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_REPORTS_CHART_H
#define FLAGPOST_REPORTS_CHART_H
/*
 * chart - small drawings within the page (inline SVG), each with the same in words for whoever does
 * not see it.
 */
#include <glib.h>

#include "mail/words.h"

/* One column a value, the last one marked; label is a literal of ours: "Flags a day". */
void chart_days(GString *out, const guint64 *values, guint n, const char *label);

/* One bar, split by severity; drawn for the eye alone, since the numbers stand beside it. */
void chart_severities(GString *out, const guint64 counts[3]);

/* One bar as long as value is of most. */
void chart_gauge(GString *out, guint64 value, guint64 most, enum severity severity);

#endif
