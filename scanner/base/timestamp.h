/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BASE_TIMESTAMP_H
#define FLAGPOST_BASE_TIMESTAMP_H
/*
 * timestamp - requests to a time stamping authority and its answers (RFC 3161), by libcrypto: an
 * authority signs that a SHA-256 was known at a time, and anybody can check that with
 * `openssl ts -verify` and the certificates of the authority.
 */
#include <glib.h>
#include <stdbool.h>

#define TIMESTAMP_ANSWER_MAX (64 * 1024)
#define TIMESTAMP_SKEW_US    (10 * G_TIME_SPAN_MINUTE) /* of a fresh answer, from our clock */

struct timestamp {
	gint64 time;      /* microseconds UTC, as the authority says */
	char signer[256]; /* the subject of its certificate */
};

/* The DER of a request for sha256 (lower-case hex), with a nonce of its own and for the signer's
 * certificate. */
GBytes *timestamp_request(const char *sha256, GError **error);

/*
 * Whether answer (DER, a TimeStampResp) is granted, for the digest and the nonce of request, by a
 * signer that ca_file (PEM) leads to and whose certificate is for time stamps and valid now, within
 * TIMESTAMP_SKEW_US of now. FAULT_DENIED says what is not so; FAULT_DATA: no such answer;
 * FAULT_CONFIG: ca_file cannot be read.
 */
bool timestamp_check(GBytes *request, GBytes *answer, const char *ca_file, gint64 now,
    struct timestamp *out, GError **error);

/* The same of one that was kept, for a digest; the certificate must have been valid at its time. */
bool timestamp_verify(
    const char *sha256, GBytes *answer, const char *ca_file, struct timestamp *out, GError **error);

#endif
