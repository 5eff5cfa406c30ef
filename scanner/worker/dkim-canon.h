/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_DKIM_CANON_H
#define FLAGPOST_WORKER_DKIM_CANON_H
/*
 * dkim-canon - header fields and bodies in the forms that are signed (RFC 6376 section 3.4), as
 * pieces for whoever hashes them.
 *
 * A copy of which lines end with LF alone (from a Maildir, an mbox) is read as if they ended with
 * CRLF, as they did on the way; one with both has bare LFs in its text, which stay.
 */
#include <glib.h>
#include <stdbool.h>

struct dkim_form {
	bool relaxed_header, relaxed_body;
	bool lines; /* LF for CRLF */
};

/* Takes the next piece. */
typedef void dkim_sink(const void *data, gsize size, void *user);

/* c=: "simple", "relaxed/simple", ..., "" as simple. False: none that is known. */
bool dkim_form_parse(const char *text, struct dkim_form *out);
const char *dkim_form_name(const struct dkim_form *form);

/*
 * A field with its line ends. [cut, cut_end): bytes of it that are left out, the value of b=; both
 * NULL: none. last: without the line end, as the field of the signature itself.
 */
void dkim_canon_field(const struct dkim_form *form, const char *field, gsize size, const char *cut,
    const char *cut_end, bool last, dkim_sink *sink, void *user);
/* The whole body, however long; how many bytes it has in that form. */
guint64 dkim_canon_body(
    const struct dkim_form *form, const char *body, gsize size, dkim_sink *sink, void *user);

#endif
