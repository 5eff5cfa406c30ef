/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DELIVER_RESOLVER_H
#define FLAGPOST_DELIVER_RESOLVER_H
/*
 * resolver - what DNS has in TXT records of names, by a mailer process (deliver/mailer.h) that
 * lives for one list of them. Answers are taken as they come: nothing proves them (no DNSSEC).
 */
#include <glib.h>
#include <stdbool.h>

#include "base/wire.h"

#define RESOLVER_NAMES_MAX 10000 /* of one list */
#define RESOLVER_TEXT_MAX  4096  /* bytes of one name's records together */

enum resolver_outcome {
	RESOLVER_FOUND,  /* text: the records, one a line, the strings of each put together */
	RESOLVER_NONE,   /* text: that there is no such name, or no such record of it */
	RESOLVER_FAILED, /* text: why nobody answered, or that the answer is none */
};
extern const char *const resolver_words[]; /* "found", "none", "failed" */

struct resolver_answer {
	enum resolver_outcome outcome;
	char *text; /* printable ASCII and UTF-8; what is none of it as \u{...} */
};
void resolver_answer_free(struct resolver_answer *answer);

/* "192.0.2.1", "192.0.2.1:5353", "[2001:db8::1]:53"; else FAULT_CONFIG. */
bool resolver_check(const char *server, GError **error);

/*
 * Waits, seconds at most and a little. server "": those of the system. Of struct resolver_answer,
 * one for each name in its order; those for which time was over are RESOLVER_FAILED. NULL: it could
 * not be asked at all.
 */
GPtrArray *resolver_ask(
    const char *server, const char *const *names, guint64 seconds, GError **error);

/* In the mailer process: carries a MAILER_NAMES out and says what came of each. */
bool resolver_serve(struct wire *wire, const struct wire_frame *frame, GError **error);

#endif
