/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BASE_DIGEST_H
#define FLAGPOST_BASE_DIGEST_H
/*
 * digest - SHA-256 as lower-case hex: the identity of messages, parts, rules and rule sets.
 *
 * By libcrypto, which uses the processor's own instructions: every byte of every message passes
 * here twice, and GLib's portable GChecksum takes several times as long.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"

#define DIGEST_HEX 65 /* bytes, with the NUL */

struct digest;

struct digest *digest_new(void);
void digest_free(struct digest *digest);
AUTO_DEFINE(digest, digest_free)
void digest_update(struct digest *digest, const void *data, gsize size);
/* Ends it; the digest can then be freed or reset only. */
void digest_finish(struct digest *digest, char hex[DIGEST_HEX]);
void digest_reset(struct digest *digest);

/* Of one stretch of bytes. */
void digest_bytes(const void *data, gsize size, char hex[DIGEST_HEX]);
/* True for 64 lower-case hex digits. */
bool digest_is_hex(const char *text);

#endif
