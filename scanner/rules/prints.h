/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_PRINTS_H
#define FLAGPOST_RULES_PRINTS_H
/*
 * prints - documents recognised by a selection of keyed hashes of their words: winnowed shingles
 * (Schleimer, Wilkerson and Aiken, 2003). A document is not kept, and cannot be made of its prints.
 *
 * Each run of PRINTS_WORDS words has a hash; of PRINTS_WINDOW hashes side by side the smallest is
 * a print. So a passage of ten words that a document and a text share gives both the same print,
 * wherever it stands, and however words are written or parted.
 */
#include <glib.h>
#include <stdbool.h>

#include "rules/data.h"
#include "rules/pattern.h"

#define PRINTS_WORDS     6
#define PRINTS_WINDOW    5
#define PRINTS_LEAST     3       /* of a document in a text, where it has as many */
#define PRINTS_FOUND_MAX 1000000 /* prints of documents in one text */

/* Only 32 bits count, so that a set can be read back and added to. */
struct print {
	guint32 hash;
	struct span span;
};

struct prints_query {
	guint min_share;  /* percent of a document; 0: does not count */
	guint min_copied; /* percent of the text that stands in it; 0: does not count */
};

/* A document that a text shows. */
struct prints_match {
	struct span span; /* from its first print to its last */
	guint document;
	guint share;  /* percent of its prints that the text has */
	guint copied; /* percent of the text's prints that it has */
};

/* Of struct print, in order. text must be valid UTF-8. */
GArray *prints_of(const struct keyed *keyed, const char *text, gsize size);

/* Documents of which a text has enough: of struct prints_match, by document. Else as edm_find. */
GArray *prints_find(const struct data *data, const struct prints_query *query, const char *text,
    gsize size, gint64 deadline_us, const char **stuck);

/* --- sets --- */

/* Adds a document, and its prints but for those in without (a set of GUINT_TO_POINTER, or NULL).
 * Returns how many; each counts once. */
guint prints_add(struct data_maker *maker, guint document, const char *name, const char *text,
    GHashTable *without);
/* Adds those of a set whose name is not in but (a set of char *, or NULL); document: the number of
 * the first. Returns the number of the next. */
guint prints_add_set(
    struct data_maker *maker, guint document, const struct data *data, GHashTable *but);
/* Adds the prints of a text to a set for prints_add. */
void prints_collect(const struct keyed *keyed, const char *text, GHashTable *without);

/* A set of one document, for a rule's own test. */
struct data *prints_of_text(const char *name, const char *text);

#endif
