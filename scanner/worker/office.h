/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_OFFICE_H
#define FLAGPOST_WORKER_OFFICE_H
/*
 * office - the XML of one document (ECMA-376, strict or not, Word 2003, OpenDocument 1.2) into
 * streams of text, one member after another.
 *
 * Elements are known by their local names, so that every namespace and every place of a member
 * will do; whatever text stands in an element that is not known is text all the same. Entities of
 * a document's own are not believed, nothing outside is loaded.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"

enum office_stream {
	OFFICE_SEEN,
	OFFICE_HIDDEN, /* hidden letters, rows, columns, sheets, slides; what was deleted */
	OFFICE_TOLD,   /* notes, text boxes, formulas, names, properties, texts of attributes */
	OFFICE_STREAMS
};

struct office;

/* max: bytes of text wanted of all members. */
struct office *office_new(gsize max);
void office_free(struct office *office);
AUTO_DEFINE(office, office_free)

/* Members that others depend on: names and states of sheets, shared strings, styles. They come
 * first. */
bool office_is_first(const char *name);
/* Behind the last of those. */
void office_link(struct office *office);

/* One member: begin, feed ..., end. */
enum office_result {
	OFFICE_FINE,
	OFFICE_BROKEN,
	OFFICE_TANGLED,   /* more attributes, namespaces or depth than worker/markup.h allows */
	OFFICE_OVER_LIMIT /* text */
};
void office_begin(struct office *office, const char *name);
enum office_result office_feed(struct office *office, const char *data, gsize size);
enum office_result office_end(struct office *office);

/* The binary members of .xlsb workbooks: known by name, and read at once. */
bool office_is_xlsb(const char *name);
enum office_result office_xlsb(struct office *office, const guint8 *data, gsize size);

/* After the last member; the caller's. */
GString *office_take(struct office *office, enum office_stream stream);
GString *office_take_urls(struct office *office);
/* Base64 of files within a flat document, or NULL; borrowed. */
const GString *office_binary(const struct office *office, guint index);

#endif
