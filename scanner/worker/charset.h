/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_CHARSET_H
#define FLAGPOST_WORKER_CHARSET_H
/*
 * charset - bytes under any label into valid UTF-8, through converters that stay open.
 *
 * Converters are opened once and kept, because the sandbox forbids to open more (a converter that
 * cannot be opened is an unknown label, and said to be one). Nothing is refused: what a
 * charset has no character for becomes U+FFFD and is counted, NUL too.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"

struct charset;

struct charset_result {
	gsize size;     /* of the text, in bytes */
	guint replaced; /* places where U+FFFD stands for broken input */
	bool unknown;   /* no converter under that label: read as UTF-8 or windows-1252 */
	bool cut;       /* the text would be longer than max */
};

/* Opens the converters that are promised: one of every table that glibc has; 30 ms or so. */
struct charset *charset_new(void);
void charset_free(struct charset *charset);
AUTO_DEFINE(charset, charset_free)

/*
 * At most max bytes of text, NUL-terminated, the caller's. label NULL or "": none was given, so
 * a byte order mark, the pattern of NUL bytes of UTF-16, validity as UTF-8 and at last
 * windows-1252 decide. A byte order mark wins over a label.
 */
char *charset_decode(struct charset *charset, const char *label, const void *data, gsize size,
    gsize max, struct charset_result *result);

/* True when bytes with NULs among them are UTF-16 or UTF-32 without a mark. */
bool charset_is_wide(const void *data, gsize size);

#endif
