/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_BLOB_H
#define FLAGPOST_WORKER_BLOB_H
/*
 * blob - the decoded bytes of one part or archive member, seen once: digest, size, head for
 * the sniffer, and as much of the rest as the reader for its type wants.
 *
 * Small ones lie in memory. Those over BLOB_MEMORY_MAX move to a memfd, which does not count
 * against the worker unless it is mapped, and nothing here maps it.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"

#define BLOB_HEAD_MAX   (64 * 1024)
#define BLOB_MEMORY_MAX (1024 * 1024)

struct blob;

/* How many bytes a reader wants, asked once the head (head_size bytes, or all) is there. */
typedef guint64 blob_wanted(void *data, const guint8 *head, gsize head_size);

struct blob *blob_new(blob_wanted *wanted, void *data);
void blob_free(struct blob *blob);
AUTO_DEFINE(blob, blob_free)

/* False when there is no memory for what the reader wants: the blob stays usable, shorter. */
bool blob_write(struct blob *blob, const guint8 *data, gsize size);
/* After the last byte; fills sha256 (65 bytes) and asks wanted if that was not done yet. */
void blob_end(struct blob *blob, char *sha256);

guint64 blob_size(const struct blob *blob); /* all bytes */
guint64 blob_kept(const struct blob *blob); /* those that can be read again */
/* Bytes in memory: all that are kept, or NULL when they lie behind blob_fd. */
const guint8 *blob_data(const struct blob *blob);
int blob_fd(const struct blob *blob); /* -1 when they are in memory; borrowed */
/* Copies up to size bytes from offset; the number copied. */
gsize blob_read(const struct blob *blob, guint64 offset, void *data, gsize size);
/* True when the bytes occur among those kept, within [from, from + length). */
bool blob_contains(
    const struct blob *blob, guint64 from, guint64 length, const void *bytes, gsize size);

#endif
