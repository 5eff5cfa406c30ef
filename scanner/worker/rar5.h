/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_RAR5_H
#define FLAGPOST_WORKER_RAR5_H
/*
 * rar5 - whether a RAR 5 archive is encrypted (rarlab.com/technote.htm), because libarchive 3.6
 * hands out the ciphertext of encrypted members as if it were their content.
 */
#include <stdbool.h>

#include "worker/blob.h"

/* True when a member has an encryption record, or the headers are encrypted. */
bool rar5_is_encrypted(const struct blob *blob);

#endif
