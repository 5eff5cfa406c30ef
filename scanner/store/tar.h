/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_TAR_H
#define FLAGPOST_STORE_TAR_H
/*
 * tar - headers of POSIX ustar (IEEE Std 1003.1, pax, "ustar Interchange Format").
 *
 * A size of 8 GiB or more does not fit its octal field and is written in base 256, which GNU
 * tar, bsdtar and 7-Zip read.
 */
#include <glib.h>
#include <stdbool.h>

#define TAR_BLOCK   512
#define TAR_TRAILER 1024 /* two blocks of zeros end an archive */
#define TAR_NAME    100  /* bytes of the name field */

/* A regular file, mode 0600, owner 0, modified at mtime (seconds). name: under TAR_NAME bytes. */
void tar_header(guchar header[TAR_BLOCK], const char *name, guint64 size, gint64 mtime);

/* Another name, under TAR_NAME bytes, and the sum that goes with it. */
void tar_rename(guchar header[TAR_BLOCK], const char *name);

/* What a header says; false when its sum is wrong, it is no regular file, or its size does not fit.
 */
bool tar_read_header(const guchar header[TAR_BLOCK], char name[TAR_NAME + 1], guint64 *size);

/* Zero bytes behind size bytes of content. */
gsize tar_padding(guint64 size);

#endif
