/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BASE_KEYED_H
#define FLAGPOST_BASE_KEYED_H
/*
 * keyed - a hash that says nothing to whoever has not its key: SipHash-2-4 (Aumasson and
 * Bernstein, 2012), a pseudorandom function of 128 bits of key, 64 bits of result.
 *
 * It is made for short inputs, and a text of some megabytes asks for millions of them: some tens of
 * nanoseconds each, where an HMAC over SHA-256 takes some hundred.
 */
#include <glib.h>
#include <stdbool.h>

#define KEYED_KEY 16 /* bytes */

struct keyed {
	guint64 k0, k1;
};

void keyed_set(struct keyed *keyed, const guint8 key[KEYED_KEY]);
guint64 keyed_hash(const struct keyed *keyed, const void *data, gsize size);

/* A key by the system's generator; false when it gives none. */
bool keyed_make(guint8 key[KEYED_KEY], GError **error);

#endif
