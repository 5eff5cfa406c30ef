/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_ZIP_H
#define FLAGPOST_WORKER_ZIP_H
/*
 * zip - the two tables of contents of a ZIP archive held against each other (APPNOTE.TXT sections
 * 4.3.7 and 4.3.12): readers that follow the directory at the end and readers that follow the
 * headers at each member see different files when the two differ.
 */
#include <glib.h>
#include <stdbool.h>

#include "worker/blob.h"

#define ZIP_STRAYS_MAX 64 /* remembered; more are a fault all the same */

struct zip_survey {
	bool directory; /* there is one at the end, and it can be followed */
	bool differs;   /* the two differ, or a name stands there twice, or holds a NUL */
	bool overlaps;  /* members share bytes: small archives that unpack to anything */
	guint n_strays;
	guint64 strays[ZIP_STRAYS_MAX]; /* offsets of headers of which no directory knows */
	GPtrArray *names; /* char *, as they stand in the directory where the header has another */
	GString *remarks; /* of the archive and its members, bytes of any charset, a line each */
	bool remarks_cut; /* there are more of them than are looked at */
};

/* limit: members looked at. Reads the kept bytes of the blob, twice at most. out is to be cleared.
 */
void zip_survey(const struct blob *blob, guint64 limit, struct zip_survey *out);
void zip_survey_clear(struct zip_survey *survey);

/*
 * True when the bytes end in a directory of ZIP that can be followed, whatever they begin with:
 * a picture, a PDF or a program that is an archive too.
 */
bool zip_is_behind(const struct blob *blob);

#endif
