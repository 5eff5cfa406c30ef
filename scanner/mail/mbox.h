/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_MAIL_MBOX_H
#define FLAGPOST_MAIL_MBOX_H
/*
 * mbox - takes an mbox file apart (RFC 4155; mboxrd and mboxo quoting).
 *
 * Not every line that begins with "From " begins a message: people write such lines. A separator
 * stands at the start of the file or behind an empty line, ends in a date as ctime writes it, and
 * is followed by a header line. Where the very first line of the file has no such date, the date
 * is not asked of the others. One '>' is taken off lines that begin with ">From ", ">>From ", ...
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"

struct mbox;

/* Takes fd, positioned at its start. spool_folder is borrowed. */
struct mbox *mbox_new(int fd, guint64 max_bytes, const char *spool_folder);
void mbox_free(struct mbox *mbox);
AUTO_DEFINE(mbox, mbox_free)

/*
 * The next message. *fd is read-only and the caller's, or -1 when the message is longer than
 * max_bytes. False at the end, and after an error.
 */
bool mbox_next(struct mbox *mbox, int *fd, guint64 *size, GError **error);

#endif
