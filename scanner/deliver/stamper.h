/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DELIVER_STAMPER_H
#define FLAGPOST_DELIVER_STAMPER_H
/*
 * stamper - a digest to a time stamping authority and its answer back (RFC 3161 section 3.4), by a
 * mailer process (deliver/mailer.h) that lives for it alone: it speaks to the server and verifies
 * what came, so that the parent gets an answer that holds, or a sentence.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/timestamp.h"
#include "base/wire.h"

#define STAMPER_TIME_MS 60000 /* for all of it */

struct stamper_order {
	const char *url;     /* http: or https: */
	const char *sha256;  /* lower-case hex */
	const char *signers; /* PEM: certificates that the signer's must lead to */
	const char *ca_file; /* PEM, of the server's own; "": the system's */
};

/* http://HOST/PATH or https://HOST/PATH, without user and password; else FAULT_CONFIG. */
bool stamper_check_url(const char *url, GError **error);

/*
 * Waits for it. *answer (DER) and *out are set when it holds. FAULT_AWAY: nobody answers;
 * FAULT_RETRY: the server is busy; FAULT_DENIED, FAULT_DATA: it refuses, or its answer does not
 * hold; FAULT_CONFIG.
 */
bool stamper_ask(
    const struct stamper_order *order, GBytes **answer, struct timestamp *out, GError **error);

/* In the mailer process: carries a MAILER_DIGEST out and says what came of it. */
bool stamper_serve(struct wire *wire, const struct wire_frame *frame, GError **error);

#endif
