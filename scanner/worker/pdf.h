/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_PDF_H
#define FLAGPOST_WORKER_PDF_H
/*
 * pdf - one PDF (ISO 32000-1) while it is read through poppler: opened where its bytes lie, with
 * what poppler complains of kept instead of printed.
 *
 * pdf_set_up once before the sandbox, then open -> pages, notes, files -> close. The poppler of
 * Debian 12 has no limits of its own beyond loops: each caller asks pdf_may_go_on.
 */
#include <glib.h>
#include <poppler.h>
#include <stdbool.h>

#include "worker/extract.h"

struct pdf {
	struct item *item;    /* borrowed */
	GInputStream *stream; /* what document reads: pdf-stream */
	PopplerDocument *document;
	GString *about;   /* properties, bookmarks, notes, fields: a line each */
	GString *urls;    /* link targets: a line each */
	guint64 things;   /* bookmarks, notes, fields and links so far */
	guint complaints; /* errors that poppler named, warnings not counted */
	char *complaint;  /* the latest of them, printable */
	char *repaired;   /* the one from opening: the structure is damaged; printable */
	char *lost;       /* the first that means that text was left out, printable */
	guint handler;    /* of poppler's messages */
	bool active;      /* JavaScript, or an action that starts a program */
};

/*
 * Lets poppler find its tables (poppler-data), which would be out of reach in the sandbox, and
 * maps them by cmaps_load, to be read when a PDF asks for one. Without poppler-data there is
 * nothing to keep.
 */
void pdf_set_up(void);

/*
 * False when it cannot be opened: encrypted or broken, as the part's outcome then says. The empty
 * password is tried; a PDF that it opens is no encrypted one. pdf_close is due either way.
 */
bool pdf_open(struct pdf *pdf, struct item *item);
void pdf_close(struct pdf *pdf);

/* True, with the outcome set, when poppler no longer gets bytes: no time, or too much on a page. */
bool pdf_is_cut(struct pdf *pdf);

/* False, with the outcome set, when the time is over or limits.members things were looked at. */
bool pdf_may_go_on(struct pdf *pdf);

/* Notes that something could not be read; text is data. */
void pdf_set_lost(struct pdf *pdf, const char *text);

/* Adds text as a line of its own, made valid UTF-8, up to limits.text in all; NULL is nothing. */
void pdf_add_line(struct pdf *pdf, GString *out, const char *text);

#endif
