/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_PASS_PARTS_H
#define FLAGPOST_DAEMON_PASS_PARTS_H
/*
 * pass-parts - what the files of a pass share; nobody else includes it.
 */
#include "daemon/admission.h"
#include "daemon/crew.h"
#include "daemon/intake.h"
#include "daemon/pass.h"
#include "daemon/pulse.h"
#include "fetchers/fetch.h"
#include "store/store.h"

struct pass {
	struct pass_setup setup;
	struct store *store;
	struct crew *crew;
	struct intake *intake;
	struct pulse *pulse;
	bool said_workers;       /* what confines them was logged */
	guint beat;              /* the timer of the pulse */
	struct fetcher *fetcher; /* NULL after it was lost, until the next pass_start */
	guint watch;
	GIOCondition watched;
	GPtrArray *rows;
	GHashTable *by_name; /* account -> its row, borrowed */
	guint under_way;
	bool stopped;                /* as asked */
	struct admission *admission; /* of those under_way: who waits, and whom the fetcher has */
	/* Received and not committed yet; and how much of it came from a fetcher that is lost. */
	struct intake_receipt unsettled, stale;
	gint64 run;
	GError *error;
};

/* The row of an account; a new one where it has none yet. */
struct pass_account *pass_row(struct pass *pass, const char *account);

/* --- pass-fetcher: what comes from the fetcher --- */

/* Starts one where there is none. */
bool pass_need_fetcher(struct pass *pass, GError **error);
/* After something was said to it. */
void pass_watch(struct pass *pass);
/* What the fetcher will not say of an account, or not any more. */
void pass_end_early(
    struct pass *pass, struct pass_account *row, enum fetch_account_state state, const char *why);
/* The sentence on a budget that is used, in place of *text. */
void pass_say_budget(struct pass *pass, struct pass_account *row, char **text);

/* --- pass-connect: what goes to it --- */

/* As many of the accounts that wait as may be connected at once. */
void pass_admit(struct pass *pass);

#endif
