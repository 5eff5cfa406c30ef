/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_OLE_H
#define FLAGPOST_WORKER_OLE_H
/*
 * ole - the storages and streams within an OLE2 compound file (MS-CFB).
 *
 * Our own, because libgsf follows the tree of the directory by recursion (a file of 8 MB ends the
 * process), shows nothing of a file that is cut short, and nothing of entries outside the tree.
 * Nothing here recurses or trusts a size: a chain of sectors is followed as far as the file can
 * hold it, all that is read counts against limits.unpacked, and entries against limits.members.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "base/limits.h"
#include "worker/blob.h"

#define OLE_NONE G_MAXUINT
#define OLE_ROOT 0u

struct ole;

struct ole_entry {
	char *name;   /* valid UTF-8; a control character in front is part of it */
	bool used;    /* false: an empty place in the directory */
	bool storage; /* holds entries; else a stream of bytes */
	guint parent; /* OLE_NONE for the root and for empty places */
	guint64 size; /* of a stream, as stated */
	guint32 start;
	guint8 class_id[16];
};

/* Borrows the blob. FAULT_DATA when the header or the directory cannot be read at all. */
struct ole *ole_open(const struct blob *blob, const struct limits *limits, GError **error);
void ole_close(struct ole *ole);
AUTO_DEFINE(ole, ole_close)

/* Entries in the order of the directory; entry OLE_ROOT is always there. */
guint ole_count(const struct ole *ole);
const struct ole_entry *ole_entry(const struct ole *ole, guint index);
/* The entry of that name (ASCII case does not count) directly within a storage, or OLE_NONE. */
guint ole_child(const struct ole *ole, guint storage, const char *name);

/*
 * As many bytes of a stream as can be had, at most max, with two NUL bytes behind; the caller's.
 * NULL for what is no stream, and when limits.unpacked or the memory are used up.
 */
guint8 *ole_bytes(struct ole *ole, guint index, gsize max, gsize *size);

/* What was found broken up to now, for people; NULL when nothing was. */
const char *ole_problem(const struct ole *ole);
bool ole_is_over(const struct ole *ole); /* a limit kept something from being read */
bool ole_is_odd(const struct ole *ole);  /* readable, but no program writes it so */

/* Numbers, little-endian; 0 where they would lie outside. */
guint16 ole_u16(const guint8 *data, gsize size, gsize at);
guint32 ole_u32(const guint8 *data, gsize size, gsize at);

#endif
