/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_DKIM_H
#define FLAGPOST_WORKER_DKIM_H
/*
 * dkim - verifies the DKIM-Signature fields of an exact copy (RFC 6376 section 6, RFC 8301,
 * RFC 8463) with keys as DNS had them at the fetch. Nothing is asked here, and no clock is read:
 * the same copy and keys have the same results at any time.
 */
#include <glib.h>

#include "mail/signature.h"

/* What is known of the key of a signature. */
struct dkim_answer {
	const char *outcome; /* "found", "none", "failed" (deliver/resolver.h); else: not asked */
	const char *text;    /* the records, one a line; or why there is none */
};

/*
 * Of struct signature, one for each signature in the order of fields_signers (mail/fields.h); a
 * message without one has one SIGNATURE_NONE. answers: for each of them, so many as there are;
 * those beyond are not asked for. fetched: seconds since 1970.
 */
GPtrArray *dkim_verify(const char *data, gsize size, const struct dkim_answer *answers,
    guint n_answers, gint64 fetched);

#endif
