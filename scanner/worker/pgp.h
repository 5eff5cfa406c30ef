/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_PGP_H
#define FLAGPOST_WORKER_PGP_H
/*
 * pgp - what can be read of OpenPGP without a key: that it is encrypted, and the content of
 * messages that are merely signed, compressed or wrapped.
 */
#include <glib.h>
#include <stdbool.h>

#include "worker/extract.h"

/* Binary packets: literal content becomes files within item, the rest its outcome. */
void pgp_read(struct item *item, const guint8 *bytes, gsize size);

/*
 * A text that may have armoured blocks in it (RFC 9580 section 6): messages are read as pgp_read
 * does, the escapes of signed text are undone in place. The new size; the text stays otherwise.
 */
gsize pgp_text(struct item *item, char *text, gsize size);

#endif
