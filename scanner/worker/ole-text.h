/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_OLE_TEXT_H
#define FLAGPOST_WORKER_OLE_TEXT_H
/*
 * ole-text - the strings of Office's binary formats, added to a text in UTF-8.
 *
 * A NUL is left out, half a surrogate pair becomes U+FFFD. Control characters stay: each format
 * has meanings of its own for them; ole_clean is for those that have none.
 */
#include <glib.h>

#include "worker/charset.h"

void ole_utf16(GString *out, const guint8 *data, gsize units); /* little-endian */
void ole_latin1(GString *out, const guint8 *data, gsize size);
#define OLE_LABEL_MAX 32

/* The charset of a code page; the room is used where it has no name of its own. */
const char *ole_codepage_label(guint codepage, char room[OLE_LABEL_MAX]);
/* codepage as Windows numbers them; 0 and unknown ones are windows-1252. At most max bytes. */
void ole_codepage(struct charset *charset, guint codepage, GString *out, const guint8 *data,
    gsize size, gsize max);

/* From offset from on: carriage returns and vertical tabs as line feeds, other controls as blanks.
 */
void ole_clean(GString *out, gsize from);

#endif
