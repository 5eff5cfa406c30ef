/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_ENTITY_H
#define FLAGPOST_WORKER_ENTITY_H
/*
 * entity - bytes found in a part that are themselves a whole message or a MIME entity (RFC 2045
 * section 2.4): through GMime and the walk into parts below that part ("1.2" -> "1.2.1"), as a
 * message/rfc822 part is read.
 */
#include <glib.h>
#include <stdbool.h>

#include "worker/extract.h"

enum entity_kind {
	ENTITY_MESSAGE, /* subject and people become texts of the part; depth grows by one */
	ENTITY_MIME, /* Content-* fields and a body, as in S/MIME; its parts are the mail's own */
};

/*
 * Reads bytes that the caller keeps until the return. False, with nothing said or added but
 * facts, when they do not begin with a header field or hold no structure: they are to be read
 * otherwise. Nested too deep is over-limit with its fact, and true.
 */
bool entity_read(struct item *item, enum entity_kind kind, const guint8 *bytes, gsize size);

/* The same for the bytes [from, to) of the item's blob, in memory or not. */
bool entity_read_blob(struct item *item, enum entity_kind kind, guint64 from, guint64 to);

#endif
