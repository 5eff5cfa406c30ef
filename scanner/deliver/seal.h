/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DELIVER_SEAL_H
#define FLAGPOST_DELIVER_SEAL_H
/*
 * seal - the proof that a mail is one of ours: a field with an HMAC over the header that we wrote
 * and the body as it was sent.
 *
 *	X-Flagpost-Seal: v=1; k=KEY-ID; b=BODY; i=ID; s=SEAL
 *
 * BODY is SHA-256 of the body, its lines ending in LF and without empty lines at its end, since
 * mailboxes differ in both. SEAL is HMAC-SHA-256 over the fields of our header, unfolded, each
 * present once, and BODY. ID is one over Message-ID alone: it tells a mail of ours that was changed
 * on its way from one that was never ours.
 *
 * Whoever copies the field onto other bytes gains nothing: only bytes that we wrote fit, with such
 * fields before them as mail servers add on the way (a closed list, of limited size).
 */
#include <glib.h>
#include <stdbool.h>

#define SEAL_FIELD     "X-Flagpost-Seal"
#define SEAL_KEY_BYTES 32
#define SEAL_HEAD_MAX  (128 * 1024) /* bytes of a header that is looked at */
#define SEAL_TRACE_MAX (32 * 1024)  /* bytes of fields that servers added */

struct seal_key {
	guint8 bytes[SEAL_KEY_BYTES];
	char id[17]; /* of its digest */
};

/*
 * DATA_DIR/seal.key (0600), made at first use unless make is false: then *there says whether there
 * is one. FAULT_CONFIG for a file that is no key or that others may read.
 */
bool seal_key_load(
    const char *data_dir, bool make, struct seal_key *key, bool *there, GError **error);

/* The message, lines ending in CRLF, with the field before it; NULL when it has not our header. */
GBytes *seal_add(GBytes *message, const struct seal_key *key, GError **error);

enum seal_state {
	SEAL_NONE,    /* there is no such field */
	SEAL_OURS,    /* as it was sent */
	SEAL_ALTERED, /* sent by us, and changed on its way; or its field and Message-ID copied */
	SEAL_FORGED,  /* never ours */
};
/* *what: in words, static; "" for none and ours. Reads all of fd; uses pread only. */
bool seal_check(
    int fd, const struct seal_key *key, enum seal_state *state, const char **what, GError **error);

#endif
