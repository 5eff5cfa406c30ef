/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_STAMPS_H
#define FLAGPOST_STORE_STAMPS_H
/*
 * stamps - rows of the ledger that a time stamping authority signed: each stamp is a row itself,
 * verb "stamp", which names the row that was stamped, its hash, and the digest of the answer; the
 * answer lies in a file beside (daemon/stamping.h). What proves the chain proves these too.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/view.h"

struct stamp {
	gint64 id, seen; /* of the stamp's own row */
	gint64 row;      /* that was stamped */
	char *hash;      /* of it, as it was then */
	char *sha256;    /* of the answer */
	bool in_chain;   /* the ledger's row has that hash */
};

/* Of struct stamp, the oldest first. FAULT_DENIED as for the ledger; FAULT_DATA: a row of that verb
 * that says something else. */
GPtrArray *stamps_list(struct view *view, GError **error);
bool stamps_note(struct view *view, gint64 row, const char *hash, const char *sha256,
    const char *by, GError **error);

#endif
