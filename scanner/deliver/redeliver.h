/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DELIVER_REDELIVER_H
#define FLAGPOST_DELIVER_REDELIVER_H
/*
 * redeliver - a kept message on its way once more: its exact bytes, with Resent fields (RFC 5322
 * section 3.6.6) and a mark of ours in front.
 *
 * Where the copy's lines end in LF alone, as those of files do, they end in CRLF then: SMTP knows
 * no other (RFC 5321 section 2.3.8).
 */
#include <glib.h>
#include <stdbool.h>

/* Against loops: what has it was redelivered already. */
#define REDELIVER_MARK "X-Flagpost-Redelivered"

struct redeliver {
	const char *from;      /* [smtp] from */
	const char *const *to; /* NULL-terminated, one at least */
	const char *sha256;    /* of the copy */
	const char *token;     /* of this attempt, hex: makes its Message-ID */
	gint64 date;           /* microseconds UTC */
};

/*
 * The bytes to send. FAULT_CONFIG when an address is none (smtp_check_address). *changed: line ends
 * were made CRLF.
 */
GBytes *redeliver_message(
    const struct redeliver *redeliver, GBytes *copy, bool *changed, GError **error);

/* True when a field of its header block is our mark. */
bool redeliver_is_marked(GBytes *copy);

#endif
