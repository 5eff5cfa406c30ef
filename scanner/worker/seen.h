/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_SEEN_H
#define FLAGPOST_WORKER_SEEN_H
/*
 * seen - the leaves of a message that were delivered already, so that no reading of it delivers
 * the same bytes to the same rules twice.
 *
 * A leaf is known by where it lies in the message and how it was decoded, which costs nothing to
 * compare, and by the digest of its decoded bytes and how those were looked at.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "worker/decode.h"
#include "worker/parameters.h"
#include "worker/scan.h"

/* How decoded bytes were looked at: what decides the texts that come of them. */
struct look {
	bool body; /* else a file */
	bool html;
	char *charset; /* lower case, "" for none */
};

struct seen_leaf {
	gint64 begin, end; /* in the message; -1 when it lies elsewhere */
	enum decode_kind kind;
	bool irregular; /* base64 that programs decode differently */
	guint part;
	struct look look;
};

struct seen;

struct seen *seen_new(void);
void seen_free(struct seen *seen);
AUTO_DEFINE(seen, seen_free)

/* What was delivered within a file of the message: known by its bytes from now on. */
void seen_add_all(struct seen *seen, const struct seen *inner);

/* A leaf that is in the message, its digest set. Takes look's charset. */
void seen_add(struct seen *seen, const struct seen_leaf *leaf);

/*
 * The leaf that lies there, or NULL. bytes are the whole message: blanks and line breaks at the
 * end of a leaf do not count: `end` is one of seen_trim.
 */
const struct seen_leaf *seen_at(
    struct seen *seen, const char *bytes, gint64 begin, gint64 end, enum decode_kind kind);

/* end without the blanks and line breaks before it. */
const char *seen_trim(const char *begin, const char *end);

/* The part with those bytes, looked at that way; or TEXT_NO_PART. */
guint seen_same(
    struct seen *seen, const struct scan *scan, const char *sha256, const struct look *look);

bool look_same(const struct look *one, const struct look *other);

#endif
