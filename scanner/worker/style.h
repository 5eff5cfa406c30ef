/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_STYLE_H
#define FLAGPOST_WORKER_STYLE_H
/*
 * style - what CSS says of an element's being seen: declarations as they stand in a style
 * attribute, and the simple rules of a style sheet that take a class or an id out of sight.
 *
 * It is no CSS engine: whatever is not understood leaves an element in sight.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"

/* Of an inherited property. */
enum style_says { STYLE_SILENT, STYLE_YES, STYLE_NO };

#define STYLE_NO_COLOUR (-1) /* not said */
#define STYLE_UNKNOWN   (-2) /* a picture, a gradient, a name that is not known */
#define STYLE_CLEAR     (-3) /* transparent */

struct style {
	bool gone;              /* it and all within: display, size, place, opacity */
	bool shown;             /* display says that it is there */
	enum style_says tiny;   /* letters too small to be read */
	enum style_says veiled; /* visibility */
	gint32 colour, ground;  /* 0xRRGGBB or one of the above */
};

/* The declarations of one element or rule; url() within go to urls, one a line, unless NULL. */
void style_read(const char *declarations, struct style *style, GString *urls);

/* A colour as HTML and CSS write it; blanks and case do not count. */
gint32 style_colour(const char *value);

/* True when letters of one colour cannot be told from a ground of the other. */
bool style_is_same(gint32 colour, gint32 ground);

/* The style sheets of a page. */
struct style_sheet;

struct style_sheet *style_sheet_new(void);
void style_sheet_free(struct style_sheet *sheet);
AUTO_DEFINE(style_sheet, style_sheet_free)

/* Rules for screens of one kind (@media) hide nothing; classes that they show are not hidden. */
void style_sheet_read(struct style_sheet *sheet, const char *css, GString *urls);
bool style_sheet_hides(const struct style_sheet *sheet, const char *classes, const char *id);
/* True when a rule gives a background, so that an element's own is not known. */
bool style_sheet_has_ground(const struct style_sheet *sheet);

#endif
