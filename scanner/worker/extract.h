/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_EXTRACT_H
#define FLAGPOST_WORKER_EXTRACT_H
/*
 * extract - the family of readers: each turns the decoded bytes of one part into texts and facts.
 *
 * The first reader in the table that takes a type reads it. It sets the part's outcome; what no
 * reader takes is `unknown-type`, pictures, sound and films are `no-text`. A reader that
 * finds parts within (an archive) sends each through extract_begin again.
 */
#include <glib.h>
#include <stdbool.h>

#include "worker/blob.h"
#include "worker/scan.h"

/* One part while it is read. */
struct item {
	struct scan *scan;
	guint part;                     /* index */
	guint level;                    /* nesting: multiparts, messages and archives around it */
	bool body;                      /* text that a mail program shows in place; else a file */
	char *charset;                  /* declared, or NULL */
	struct blob *blob;              /* owned */
	const struct extractor *reader; /* NULL: none takes this type */
	gint64 around;                  /* as scan_begin_part returned it */
	bool left_out;                  /* a worker ended on it before its type was known */
};

#define WANTED_TEXT   0                 /* limits.text */
#define WANTED_OBJECT (G_MAXUINT64 - 1) /* limits.object */

struct extractor {
	const char *name;
	/* type is the true type. */
	bool (*takes)(const struct item *item, const char *type, const guint8 *head, gsize size);
	guint64 wanted; /* bytes it looks at, G_MAXUINT64 for all, or one of those below */
	void (*read)(struct item *item);
	void (*set_up)(void); /* what its library loads once, before the sandbox; or NULL */
};

extern const struct extractor extract_smime, extract_archive, extract_ooxml, extract_apple,
    extract_tnef, extract_message, extract_html, extract_image, extract_image_text, extract_ole,
    extract_pdf, extract_text, extract_rtf, extract_pgp, extract_card;

/* Calls set_up of each reader; before extract_begin, and before the sandbox. */
void extract_set_up(void);

/*
 * begin -> add ... -> end, for the decoded bytes of a part that is in the message already, with its
 * name, declared type and attachment set. end fills in size, digest, true type, outcome and
 * facts, adds the texts and frees. add returns false when limits.unpacked are used up or the time
 * is over: the rest is not wanted (the outcome is set).
 */
struct item *extract_begin(
    struct scan *scan, guint part, guint level, bool body, const char *charset);
bool extract_add(struct item *item, const guint8 *data, gsize size);
void extract_end(struct item *item);
void extract_drop(struct item *item); /* instead of end: its bytes cannot be had */

/*
 * begin for a file within item: it becomes a part below it ("1.2/name"), an attachment. NULL when
 * no more are looked at: the outcome of item says why. Name and type are valid UTF-8, or "".
 */
struct item *extract_begin_member(struct item *item, const char *name, const char *declared);

/* All three for bytes at hand. False when no more members are wanted: item's outcome says why. */
bool extract_member(
    struct item *item, const char *name, const char *declared, const guint8 *data, gsize size);

/* The part of an item, and its component of texts. */
struct part *extract_part(const struct item *item);
enum component extract_component(const struct item *item);

/* The bytes kept, as one block of memory with a NUL behind it; NULL (broken) when there is none. */
char *extract_bytes(struct item *item, gsize *size);

/* The bytes as text by the declared charset; replaced and unknown ones become facts of the part. */
char *extract_decoded(
    struct item *item, const char *charset, const char *bytes, gsize size, gsize *text_size);

/*
 * Another plausible reading of the same bytes, where their label does not fit them; NULL when there
 * is none. text is what extract_decoded gave.
 */
GString *extract_second(
    struct item *item, const char *charset, const char *bytes, gsize size, const char *text);

/* Adds a text of the item's component (or of COMPONENT_URLS). Takes out; frees an empty one. */
void extract_add_text(struct item *item, enum component component, GString *out, bool hidden);

/* Reads an archive that stands behind other bytes, where there is one, which the part then is too.
 */
void extract_archive_behind(struct item *item);

/* Marks the part, and for mail as such its message, as encrypted. */
void extract_set_encrypted(struct item *item, const char *detail);

#endif
