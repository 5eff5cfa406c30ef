/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_DKIM_H
#define FLAGPOST_STORE_DKIM_H
/*
 * dkim - keys of DKIM signatures as DNS had them, and when: evidence of what a receiver could have
 * verified with at the time of the fetch. Keys change and go; a row says from when to when DNS gave
 * the same answer to us.
 *
 * Which messages were looked at for names to ask is remembered by the last one's number. The view
 * sees everything, unless something else is said.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "mail/signature.h"
#include "store/view.h"

/* A key that was asked for so long before or behind the fetch counts as of its time. */
#define DKIM_NEAR (G_GINT64_CONSTANT(86400) * G_USEC_PER_SEC)

struct dkim_key {
	char *selector, *domain;
	char *outcome;      /* a word of deliver/resolver.h: "found", "none", "failed" */
	char *text;         /* the records, or why there is none */
	gint64 first, last; /* asked, with this answer; microseconds */
};
void dkim_key_free(struct dkim_key *key);
AUTO_DEFINE(dkim_key, dkim_key_free)

/*
 * Messages with a copy that were not looked at yet, the first `most` of those that were seen since
 * then; of gint64. *upto: what comes up to this number need not be looked at again.
 */
GArray *dkim_unseen(struct view *view, gint64 since, guint most, gint64 *upto, GError **error);
/* Whether there is an answer since then that is not "failed". */
bool dkim_is_known(struct view *view, const char *selector, const char *domain, gint64 since,
    bool *known, GError **error);
/* Names of which all there is since then is "failed", without those asked after `before`; of
 * struct dkim_key. */
GPtrArray *dkim_failed(struct view *view, gint64 since, gint64 before, guint most, GError **error);

/* In one transaction: the answers (of struct dkim_key; their times are now), and what was looked
 * at. */
bool dkim_record(
    struct view *view, const GPtrArray *answers, gint64 upto, gint64 now, GError **error);

/*
 * The answer nearest to a fetch, among those within DKIM_NEAR; one that found a key before others.
 * NULL without an error: none was asked for by then.
 */
struct dkim_key *dkim_at(
    struct view *view, const char *selector, const char *domain, gint64 fetched, GError **error);
/*
 * What came of verifying signatures, as it was computed then: soon after the fetch, and once more
 * when DNS answered only later. A row is never changed. Of a signature its form and the fields that
 * it names are not kept: they stand in the copy.
 */
struct dkim_verified {
	gint64 message;
	gint64 computed; /* microseconds */
	GPtrArray *list; /* of struct signature, in the order of the header block */
};
void dkim_verified_free(struct dkim_verified *verified);
AUTO_DEFINE(dkim_verified, dkim_verified_free)

struct dkim_fetched {
	gint64 message;
	gint64 seen; /* first; microseconds */
};
/*
 * Messages with a copy whose keys were asked for and that were not verified yet, the first `most`;
 * behind them those without a result for want of a key that is known by now, of results since then.
 * Of struct dkim_fetched. *upto as of dkim_unseen.
 */
GArray *dkim_unverified(struct view *view, gint64 since, guint most, gint64 *upto, GError **error);
/* In one transaction: results (of struct dkim_verified; computed now), and how far it is done. */
bool dkim_record_verified(
    struct view *view, const GPtrArray *verified, gint64 upto, gint64 now, GError **error);
/* What was computed of a message that the view has shown, oldest first; of struct dkim_verified. */
GPtrArray *dkim_verified_of(struct view *view, gint64 message, GError **error);

/* All, by domain, selector and time; of struct dkim_key. FAULT_DENIED for who sees some mail only:
 * names tell from whom mail comes. */
GPtrArray *dkim_list(struct view *view, GError **error);

#endif
