/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_MAIL_TARBALL_H
#define FLAGPOST_MAIL_TARBALL_H
/*
 * tarball - takes a plain tar file of messages apart (POSIX pax and ustar, GNU's long names):
 * volumes of our own, and what import makes of other archives.
 *
 * Every header's sum is proved. Names are data: nothing is ever written by one. Links, folders and
 * devices are stepped over and counted, as is every file that looks_like takes for no message.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"

#define TARBALL_NAME_MAX 4096 /* bytes; a longer one is cut */

struct tarball;

/* Takes fd, a regular file. spool_folder is borrowed. */
struct tarball *tarball_new(int fd, guint64 max_bytes, const char *spool_folder);
void tarball_free(struct tarball *tarball);
AUTO_DEFINE(tarball, tarball_free)

/*
 * The next message. *fd is read-only and the caller's, or -1 when the message is longer than
 * max_bytes. False at the end, and after an error (FAULT_DATA: cut off, or no tar from there on).
 * Without an end mark, as a volume has it between a commit and its sync, the end of the file is
 * the end.
 */
bool tarball_next(struct tarball *tarball, int *fd, guint64 *size, GError **error);
const char *tarball_name(const struct tarball *tarball); /* of that message, as it stands there */
guint64 tarball_at(const struct tarball *tarball);       /* bytes of the file behind us */
guint tarball_left_out(const struct tarball *tarball);   /* entries that are no messages */

#endif
