/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_UNPACK_H
#define FLAGPOST_WORKER_UNPACK_H
/*
 * unpack - the members of an archive, one after another, through libarchive.
 *
 * Formats and filters are named one by one: libarchive's "all" takes any text for mtree and
 * starts programs for lrzip, grzip and lzop.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "worker/extract.h"

enum unpack_mode {
	UNPACK_ARCHIVE, /* every container format that is known */
	UNPACK_PACKED,  /* tar and cpio within a compressed file */
	UNPACK_SINGLE,  /* one compressed file, whatever it is: gzip, bzip2, xz, zstd, ... */
	UNPACK_BEHIND,  /* a container that other bytes stand in front of */
};

enum unpack_result {
	UNPACK_MEMBER,
	UNPACK_END,
	UNPACK_LOCKED, /* names are encrypted too */
	UNPACK_BROKEN, /* unpack_error says how */
};

/* What libarchive says went wrong, with the system's words where a write failed; the caller's. */
struct archive;
char *unpack_why(struct archive *archive);

struct unpack;

/*
 * Borrows the item's blob and scan. NULL when no format knows the bytes. Of UNPACK_PACKED every
 * byte counts that comes out of the compression, those too that libarchive passes over by itself,
 * such as gigabytes of NUL behind the end of a tar file.
 */
struct unpack *unpack_open(const struct item *item, enum unpack_mode mode);
/* Members of a ZIP by their own headers, from an offset on. */
struct unpack *unpack_open_stray(const struct item *item, guint64 offset);
void unpack_close(struct unpack *unpack);
AUTO_DEFINE(unpack, unpack_close)

enum unpack_result unpack_next(struct unpack *unpack);
/*
 * True when there is no member at all, none that can be read, or none within the limits; before the
 * first unpack_next, which then stays the first.
 */
bool unpack_is_empty(struct unpack *unpack);
const char *unpack_error(const struct unpack *unpack); /* printable */
/* After UNPACK_BROKEN: it asked for more memory than a worker may have. */
bool unpack_wants_memory(const struct unpack *unpack);
/* After UNPACK_BROKEN: a compressed file gave more than the limits let through. */
bool unpack_is_over(const struct unpack *unpack);

/* Of the member at hand. The name is valid UTF-8, "" when there is none. */
const char *unpack_name(const struct unpack *unpack);
bool unpack_is_file(const struct unpack *unpack);
bool unpack_is_encrypted(const struct unpack *unpack);
/* UNPACK_MEMBER with the next bytes (valid until the next call), UNPACK_END, or a fault. */
enum unpack_result unpack_data(struct unpack *unpack, const guint8 **data, gsize *size);

/*
 * Puts the member into the message as a part below item ("1.2/name") and reads it. False when
 * no more members are to be looked at: the outcome of item says why.
 */
bool unpack_member(struct unpack *unpack, struct item *item, const char *name);

#endif
