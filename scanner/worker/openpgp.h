/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_OPENPGP_H
#define FLAGPOST_WORKER_OPENPGP_H
/*
 * openpgp - the packets of an OpenPGP message (RFC 9580 section 4), one after another. Pure: knows
 * their frame and the start of their bodies, and nothing of keys.
 */
#include <glib.h>
#include <stdbool.h>

enum openpgp_tag {
	OPENPGP_SESSION_KEY = 1,
	OPENPGP_SIGNATURE = 2,
	OPENPGP_PASSWORD_KEY = 3,
	OPENPGP_ONE_PASS = 4,
	OPENPGP_SECRET_KEY = 5,
	OPENPGP_PUBLIC_KEY = 6,
	OPENPGP_COMPRESSED = 8,
	OPENPGP_ENCRYPTED = 9,
	OPENPGP_MARKER = 10,
	OPENPGP_LITERAL = 11,
	OPENPGP_ENCRYPTED_CHECKED = 18,
	OPENPGP_ENCRYPTED_AEAD = 20,
	OPENPGP_PADDING = 21,
};

struct openpgp {
	const guint8 *at, *end; /* the bytes not yet walked over */
	guint tag;
	const guint8 *body; /* of the packet at hand: in the bytes, or in joined */
	gsize size;
	bool cut;           /* less of it than stated */
	GByteArray *joined; /* a body that came in parts */
};

/* Borrows the bytes until openpgp_clear. */
void openpgp_init(struct openpgp *walk, const guint8 *bytes, gsize size);
void openpgp_clear(struct openpgp *walk);
/* False at the end, and where no packet begins: walk->at is where. */
bool openpgp_next(struct openpgp *walk);

/* True when the first bytes are those of a message, by more than one byte of chance. */
bool openpgp_starts(const guint8 *head, gsize size);

/* A literal packet: its file name (not NUL-terminated) and content. False when it is none. */
bool openpgp_literal(
    const struct openpgp *walk, const guint8 **name, gsize *name_size, const guint8 **content);

#endif
