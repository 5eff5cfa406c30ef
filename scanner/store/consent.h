/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_CONSENT_H
#define FLAGPOST_STORE_CONSENT_H
/*
 * consent - four eyes: content opens when a second officer has agreed.
 *
 * Who wants to open messages asks, with a reason; another login agrees; for CONSENT_HOLDS_US the
 * one who asked opens these messages. Both are rows of the ledger and nothing else, so that they
 * cannot be changed, and what is in force is read from there. Where a view demands it, view_copy
 * refuses what nobody agreed to, whoever calls it.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "store/view.h"

#define CONSENT_ASK_US       (24 * G_TIME_SPAN_HOUR) /* a request is answered until then, or not */
#define CONSENT_HOLDS_US     (8 * G_TIME_SPAN_HOUR)
#define CONSENT_MESSAGES_MAX 500 /* of one request */

/* What stands for a digest where the sealed names of a month are to be opened: "names-2026-11". */
#define CONSENT_NAMES "names-"
bool consent_is_names(const char *what);

struct consent_request {
	gint64 row; /* of the ledger: its number */
	gint64 asked;
	gint64 given;   /* 0: nobody agreed yet */
	char *who, *by; /* "anna as chief"; by "": nobody yet */
	char *reason;
	GStrv digests;
};

/* From here on the copies of this view open for who asked and was agreed to alone. login: who sits
 * there, whatever person he acts for. */
void consent_demand(struct view *view, const char *login);
bool consent_is_demanded(const struct view *view);

/*
 * Writes a request down, of SHA-256s (char *) that the view shows. FAULT_USAGE when there are none,
 * or more than CONSENT_MESSAGES_MAX.
 */
bool consent_ask(
    struct view *view, const GPtrArray *digests, const char *reason, gint64 *row, GError **error);
/*
 * Agrees. FAULT_DENIED to the login that asked, to who is no officer, and to one who does not see
 * all of these messages; FAULT_USAGE when there is no such request, it is too old, or it was
 * answered.
 */
bool consent_give(struct view *view, gint64 row, gint64 now, GError **error);
/* Of struct consent_request: those of CONSENT_ASK_US, and of CONSENT_HOLDS_US behind it, the oldest
 * first. */
GPtrArray *consent_list(struct view *view, gint64 now, GError **error);

/* True where nothing is demanded, or it is agreed to. FAULT_DENIED says how to ask. */
bool consent_check(struct view *view, const char *sha256, gint64 now, GError **error);

#endif
