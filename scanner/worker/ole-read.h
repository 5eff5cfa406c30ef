/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_OLE_READ_H
#define FLAGPOST_WORKER_OLE_READ_H
/*
 * ole-read - the family of readers of documents within an OLE file: one member a file, ole-doc.c,
 * ole-xls.c and so on; extract-ole.c finds out which of them a storage is for.
 *
 * Each takes the storage of the document and the stream that told its kind, adds texts, link
 * targets and facts, and names what it could not read by an outcome. A stream with an end that
 * is missing is read as far as it goes.
 */
#include <glib.h>
#include <stdbool.h>

#include "worker/extract.h"
#include "worker/ole.h"

/* One document on its way into text. */
struct ole_read {
	struct item *item;
	struct ole *ole;
	guint storage;   /* of the document */
	GString *text;   /* what people see */
	GString *hidden; /* what they do not: hidden sheets, field codes, macros */
	GString *urls;   /* one a line */
};

/* What a part says whose password is none. */
#define OPENED "encrypted with the password that every program tries"

typedef void ole_reader(struct ole_read *read, guint stream);

ole_reader ole_doc_read, ole_xls_read, ole_ppt_read, ole_msg_read;

/* The property sets of a document: title, author, keywords and the like (MS-OLEPS). */
void ole_properties_read(struct ole_read *read);
/* Macros of the whole file: their presence is a fact, their source is text (MS-OVBA). */
void ole_macros_read(struct ole_read *read);
/*
 * Objects in a document's storage become parts of their own. known: its kind is, and an object that
 * nobody can read is to be said. True when the storage is itself a package around a file.
 */
bool ole_objects_read(struct ole_read *read, bool known);
/* True when a storage is of a kind that is read. */
bool ole_is_document(const struct ole *ole, guint storage);

/* False when there is no room for more text, or no time: the outcome is set. */
bool ole_room(struct ole_read *read);
void ole_broken(struct ole_read *read, const char *what);
/* Takes a link target that is on its way: "" and what is over 4 KB is left out. */
void ole_add_url(struct ole_read *read, const char *url);

/*
 * A storage that is a document of its own within the same file becomes a part below the item, as
 * extract_member makes one. False when no more parts are to be looked at.
 */
bool ole_storage(struct ole_read *read, guint storage, const char *name);

#endif
