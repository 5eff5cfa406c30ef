/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_RAR5_H
#define FLAGPOST_WORKER_RAR5_H
/*
 * rar5 - which members of a RAR 5 archive are encrypted (rarlab.com/technote.htm), because
 * libarchive 3.6 hands out the ciphertext of encrypted members as if it were their content.
 */
#include <glib.h>
#include <stdbool.h>

#include "worker/blob.h"

/*
 * One byte for each member in order, 1: encrypted. NULL for what is no RAR 5. *encrypted: a member
 * is, or the headers are, names and all.
 */
GByteArray *rar5_locks(const struct blob *blob, bool *encrypted);

#endif
