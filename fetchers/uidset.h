/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_FETCHERS_UIDSET_H
#define FLAGPOST_FETCHERS_UIDSET_H
/*
 * uidset - lists of UIDs (GArray of guint32), and how a command names them (RFC 3501 section 9).
 */
#include <glib.h>
#include <stdbool.h>

#define UIDSET_TEXT_MAX 4000 /* bytes; many servers take command lines of 8,192 */

struct uidset_range {
	guint32 from, to; /* to included */
};

gint uidset_compare(gconstpointer left, gconstpointer right);

/* Sorts and removes what stands twice, and 0. */
void uidset_sort(GArray *uids);

/*
 * Appends "3,7:9" for uids[from] and the following, sorted ones, at most max of them and about
 * UIDSET_TEXT_MAX bytes. Returns the index behind the last one that went in.
 */
guint uidset_print(GString *out, const GArray *uids, guint from, guint max);

/* Appends the ranges of "3,7:9" to ranges. False when it is none, or there are more than max. */
bool uidset_parse(const char *text, GArray *ranges, guint max);

#endif
