/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BASE_SHARE_H
#define FLAGPOST_BASE_SHARE_H
/*
 * share - what a random sample says of the whole: Wilson's interval (Journal of the American
 * Statistical Association 22, 1927) at 95 percent. It stays within 0 and 1, and says something
 * honest also when nothing was found.
 */
#include <glib.h>

/* found of looked_at; of nothing looked at: 0, between 0 and 1. found is looked_at at most. */
void share_bounds(guint64 found, guint64 looked_at, double *share, double *low, double *high);

#endif
