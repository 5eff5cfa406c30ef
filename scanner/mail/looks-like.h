/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_MAIL_LOOKS_LIKE_H
#define FLAGPOST_MAIL_LOOKS_LIKE_H
/*
 * looks-like - whether a file that somebody wants imported is a message, or holds some, by its
 * name and its first bytes.
 *
 * Careful in one direction: what is no message is counted and named, never taken for one.
 */
#include <glib.h>

#define LOOKS_LIKE_BYTES 512 /* of a file's beginning are enough */

enum looks_like {
	LOOKS_LIKE_NOTHING,
	LOOKS_LIKE_MESSAGE, /* *.eml; in a Maildir's cur or new; or a header, in a file whose name
			       has no ending (as MH numbers them) */
	LOOKS_LIKE_MBOX,    /* begins with "From " */
	LOOKS_LIKE_TAR,
	LOOKS_LIKE_PACKED, /* zip, 7z, and what gzip, bzip2, xz and zstd pack */
};

/* path: with as many folders as are known. first: the first bytes, size of them. */
enum looks_like looks_like(const char *path, const guint8 *first, gsize size);

#endif
