/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_VIEW_INNER_H
#define FLAGPOST_STORE_VIEW_INNER_H
/*
 * view-inner - what the files of the view share. Seen by nobody else.
 *
 *	view.c            opening, accounts, runs, notes, sums
 *	view-message.c    one message with what belongs to it
 *	view-copy.c       the bytes of one
 *	view-flags.c      flags of a window
 *	view-gaps.c       what was not looked at in it
 *	view-gone.c       what is no longer on the servers
 *	view-volumes.c    volumes of copies that are missing or too short
 *	search.c          messages by filters
 */
#include "base/digest.h"
#include "store/database.h"
#include "store/query.h"
#include "store/vault.h"
#include "store/view-scope.h"
#include "store/view.h"

struct view {
	struct database *database;
	struct vault *vault;
	enum view_reach reach;
	char *person;
	char *login; /* who has to have been agreed to (store/consent); NULL: nobody */
};

/* Of `message m`; view_message_load reads them. */
#define MESSAGE_COLUMNS                                                                            \
	"m.id, m.sha256, m.message_id, m.subject, m.date, m.seen, m.size, m.direction,"            \
	" m.outcome, m.facts, m.reason, m.ruleset, m.volume IS NOT NULL, m.warnings, m.purged"

/*
 * The message whose MESSAGE_COLUMNS begin at column. cache (may be NULL) is of view_cache_new: rows
 * of one list share their messages, however many parts one has. NULL after an error.
 */
struct view_message *view_message_load(
    struct view *view, struct query *query, int column, GHashTable *cache, GError **error);
GHashTable *view_cache_new(void);

/* Where a message's copy stands; without a volume: nowhere, or it was purged. */
struct view_place {
	struct vault_place at;
	char sha256[DIGEST_HEX]; /* "": no copy, and not purged */
	gint64 purged;
};
bool view_place(struct view *view, gint64 id, struct view_place *out, GError **error);
/* Whether it stands elsewhere by now, as after its volume was rewritten. *out: where it stands, as
 * view_place says it. */
bool view_place_moved(
    struct view *view, gint64 id, const struct vault_place *was, struct view_place *out);

/* The parts of a message, of struct part. */
GPtrArray *view_parts_load(
    struct view *view, gint64 message, bool attachments_only, GError **error);

/* Of `flag g`; view_flag_load reads them and adds the hits. */
#define FLAG_COLUMNS                                                                               \
	"g.id, g.rule, g.title, g.rule_digest, g.severity, g.escalated_by, g.exception,"           \
	" g.except_reason, g.hits_total"
/* hits: at most so many of them, 0: all. */
struct flag *view_flag_load(
    struct view *view, struct query *query, int column, guint hits, GError **error);

/* The sums of view_totals that stand in view-gone.c. */
bool view_gone_totals(
    struct view *view, gint64 from, gint64 to, struct view_totals *out, GError **error);

/* What view-watch.c knows of an account; id is its row. */
bool view_watch_load(struct view *view, gint64 id, struct view_account *account, GError **error);

/* Once for each view: what the search's SQL calls. */
bool view_search_setup(struct view *view, GError **error);

#endif
