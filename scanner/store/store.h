/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_STORE_H
#define FLAGPOST_STORE_STORE_H
/*
 * store - the durable facts, written by the parent alone.
 *
 * This header is for the writer (daemon/). Readers get a view (store/view.h). SQL stays behind
 * struct store_ops; SQLite in WAL mode with synchronous=FULL is the driver.
 *
 * One batch is one transaction: messages with their placements, parts, flags, hits and volume
 * offsets, folder states and failures are all visible after store_commit or not at all.
 */
#include <glib.h>
#include <stdbool.h>
#include "base/auto.h"

#include "mail/placement.h"
#include "mail/verdict.h"
#include "store/vault.h"

#define STORE_FILE "flagpost.db"
/* How long passes, notes and counts of what was never seen are kept: a year's reports need them. */
#define STORE_HISTORY_DAYS 400

struct store;

/*
 * Opens or creates data_dir/flagpost.db (0600, folder 0700), migrates it to the newest schema and
 * takes the writer's lock (data_dir/lock): a second writer gets FAULT_RETRY naming the first's pid.
 * Then brings the vault in data_dir/copies back to the committed state; whole copies that it does
 * not know are put aside first (store/vault-aside.h), and stay there until they are all kept, which
 * store_run_end looks at, and notes what is left ("copies-aside"). A volume that is missing
 * or was shortened is logged, is a note ("volume-missing", "volume-shortened") of each day's runs,
 * and stops nothing: see view_volumes_amiss.
 */
struct store *store_open(const char *data_dir, GTimeZone *zone, GError **error);
/*
 * The same with keys, which it takes: with one for new copies they are sealed. FAULT_CONFIG when a
 * key is not among them that copies are sealed with: nobody could read those. keys NULL: none.
 */
struct store *store_open_with(
    const char *data_dir, GTimeZone *zone, struct cipher_keys *keys, GError **error);
/*
 * The writer's lock alone (FAULT_RETRY: another has it), until the descriptor is closed: what is
 * done to copies meanwhile meets nobody who writes.
 */
int store_hold(const char *data_dir, GError **error);
void store_close(struct store *store);
AUTO_DEFINE(store, store_close)
struct vault *store_vault(struct store *store);

/* --- outside batches; each durable when it returns --- */

/* A run is one pass of poll, or the life of `run`. */
bool store_run_begin(struct store *store, const char *command, const char *ruleset, gint64 now,
    gint64 *run, GError **error);
bool store_run_end(struct store *store, gint64 run, int exit_code, gint64 now, GError **error);

/* Remembers a rule set under its digest, once: for each rule what people were told of it. */
struct store_rule {
	const char *id, *digest, *file, *title, *description, *false_positives, *next_step;
	enum severity severity;
	GBytes *text; /* the rule's file that day */
};
/* What a rule set is made of: "10-leak.ini", "lists/rivals", "groups/sales". */
struct store_source {
	const char *name;
	GBytes *text;
	bool is_rule; /* it is the file of a rule among the rules */
};
struct store_ruleset {
	const char *digest;
	const struct store_rule *rules;
	guint n_rules;
	const struct store_source *sources;
	guint n_sources;
};
/*
 * A change of the digest or of any source is a row of the ledger, with the digest of its diff,
 * which is kept (audit_diff).
 */
bool store_ruleset(
    struct store *store, const struct store_ruleset *set, gint64 now, GError **error);

/* An account as configured now; accounts no longer configured stay, marked. */
struct store_account {
	const char *name, *host, *protocol, *user, *purpose, *keep;
	const char *folders; /* which are read; after a change a missing one proves nothing */
	bool once;           /* read this once: it does not count as configured */
};
bool store_accounts(
    struct store *store, const struct store_account *accounts, guint n, gint64 now, GError **error);

/* Where to go on. */
struct store_folder {
	char *folder;
	guint32 uidvalidity, last_uid;
	guint32 present; /* placements not gone, and failures not to be tried again */
	/* IMAP: what the last pass that left no gap read up to; 0: not known */
	guint32 uidnext;
	guint64 modseq;
	GArray *retry; /* of guint32 */
	/* POP3: uids of all placements present and of all failures not to be tried again; else
	 * NULL */
	GStrv uidls;
	/* IMAP: UIDs above from and up to upto, below last_uid, that are still to be read, but for
	 * those of done (of guint32); 0, 0 and NULL: none */
	guint32 rest_from, rest_upto;
	GArray *rest_done;
};
void store_folder_free(struct store_folder *folder);
/* All folders of an account, by name; of struct store_folder. */
GPtrArray *store_folders(struct store *store, const char *account, bool with_uidls, GError **error);

/* What was counted of an account's day by store_traffic; 0: nothing. */
bool store_traffic_of(
    struct store *store, const char *account, gint64 day, guint64 *bytes, GError **error);

/*
 * A message of our own that is to be found in the account (daemon/canary.h), one for each day.
 * Times are 0 until it happened.
 */
struct store_canary {
	gint64 day, made; /* the day began; it was made, before it was planted */
	char token[33];   /* 128 random bits as hex; nobody else knows them before it is planted */
	gint64 due;       /* it must be seen until then */
	gint64 planted, seen;
};
/* The last one; all 0: none. */
bool store_canary_get(
    struct store *store, const char *account, struct store_canary *out, GError **error);
/* Made known before it is planted. One of the same day is brought up to date. */
bool store_canary_put(struct store *store, const char *account, const struct store_canary *canary,
    const char *message_id, const char *sha256, GError **error);
/* Signs of life: of the run, and of a pass that is under way (begun 0: it is over). */
bool store_pulse(struct store *store, gint64 run, gint64 now, GError **error);
/* The latest one of any run, 0: none. It lies ahead when the clock was set back. */
bool store_last_pulse(struct store *store, gint64 *last, GError **error);
bool store_pulse_account(
    struct store *store, const char *account, gint64 begun, gint64 moved, GError **error);

/* --- batches --- */

/*
 * store_begin waits for another writer (a view noting an access) up to 30 s, then FAULT_RETRY.
 * store_commit syncs the vault first. When anything in the batch failed it commits nothing and
 * rolls back. store_rollback, also outside a batch, cuts the vault back to the last commit: what
 * was appended since must be appended again.
 */
bool store_begin(struct store *store, GError **error);
bool store_commit(struct store *store, GError **error);
void store_rollback(struct store *store);

struct store_message {
	const char *sha256;
	guint64 size;
	struct placement *placement;
	struct verdict *verdict;
	const char *ruleset;             /* digest */
	const struct vault_place *place; /* NULL: no copy kept (or there is one already) */
	gint64 seen;                     /* when the parent got it */
	gint64 run;
	bool draft;
	/* Of a draft: the flags that it gets when it vanishes unsent after a change, of struct
	 * flag; NULL: none */
	const GPtrArray *supposed;
	/* Whether it may be drawn for a look by people (store/drawn.h), once nothing is known of
	 * it and it got no flag */
	struct store_draw {
		bool eligible, drawn;
		gint64 day;  /* when the day began that it is drawn for */
		gint64 rank; /* the draw; the lowest at_most of a day stay */
		guint at_most;
	} draw;
};

/*
 * True in *known when these bytes are recorded already, *copied when a copy is kept (one that went
 * with its volume is none, so it is made anew where the mail is met again), and
 * *reused when another message, which is no draft, has the same (non-empty) Message-ID. Sees the
 * open batch.
 */
bool store_lookup(struct store *store, const char *sha256, const char *message_id, bool *known,
    bool *copied, bool *reused, GError **error);
/*
 * Records a message at a placement. Bytes known already get one more placement and any new flags
 * (a flag is one rule on one message; one that an exception swallowed gives way to a real one).
 * The same placement twice is no error and changes nothing.
 *
 * The folder's position moves to this UID, so the messages and failures of one folder must come in
 * the order of their UIDs.
 */
bool store_record(struct store *store, const struct store_message *message, GError **error);

struct store_failure {
	const struct placement *placement;
	const char *reason, *text;
	bool again;
	gint64 seen, run;
};
bool store_fail(struct store *store, const struct store_failure *failure, GError **error);

/* The last canary is planted now; or trouble says why it is not. */
bool store_canary_planted(
    struct store *store, const char *account, const char *trouble, gint64 now, GError **error);
/*
 * A message with that Message-ID was found in the account: where it is a canary's it counts as
 * seen. *exact: all its bytes are ours.
 */
bool store_canary_seen(struct store *store, const char *account, const char *message_id,
    const char *sha256, gint64 now, bool *exact, GError **error);

/* So many bytes more came from the account's server on the day that began at day. */
bool store_traffic(
    struct store *store, const char *account, gint64 day, guint64 bytes, GError **error);

/*
 * All new UIDs of a folder up to upto are settled but for those above from, which are still to be
 * read: the position comes to upto. 0, 0: there is no such range any more.
 */
bool store_folder_rest(struct store *store, const char *account, const char *folder,
    guint32 uidvalidity, guint32 from, guint32 upto, gint64 seen, GError **error);

/*
 * The end of a pass over a folder. UIDs in present up to the position that are neither recorded
 * nor failed become failures of reason "missed", to be tried again.
 *
 * What present lacks is gone: moved, when it lies elsewhere in the account (now or later) by its
 * digest, or by Message-ID and size; else deleted, between the last pass that proved it there and
 * this one. UIDs below uidnext that were never shown are counted as gone before the scan.
 */
struct store_folder_end {
	const char *account, *folder, *role;
	guint32 uidvalidity;
	guint64 server_count;
	guint64 waiting; /* of those, left for a later pass: the budget is used */
	const char *const
	    *present; /* all UIDs there now, or NULL when not asked: the rest is gone */
	bool failed;
	const char *text; /* why it failed, or "" */
	/* IMAP: where nothing is missing below them, else 0. A pass that failed leaves the old
	 * ones. */
	guint32 uidnext;
	guint64 modseq;
	gint64 begun; /* when the pass over it began; 0: unknown */
	gint64 seen, run;
};
bool store_folder_end(struct store *store, const struct store_folder_end *end, GError **error);

/*
 * The end of a pass over an account; state is a word of fetch_account_state_words; "waiting" is no
 * failure, and not complete either. A folder that
 * two passes in a row end ok without is gone with all that lay in it. Of a draft that is gone a
 * pass says that it was sent, when its Message-ID, or its author and subject, came to lie outside
 * of drafts and trash; or, when it began with the draft gone, that it vanished: then a draft with
 * more than one revision is a dead drop and gets its supposed flags.
 */
struct store_account_end {
	const char *account, *state, *text;
	guint64 messages, bytes, milliseconds;
	gint64 seen, run;
};
bool store_account_end(struct store *store, const struct store_account_end *end, GError **error);

/* Something that the report must say. account and folder may be "". */
bool store_note(struct store *store, const char *account, const char *folder, const char *word,
    const char *text, gint64 seen, gint64 run, GError **error);
/* The same, unless the very note was recorded at or after since. */
bool store_note_once(struct store *store, const char *account, const char *folder, const char *word,
    const char *text, gint64 since, gint64 seen, gint64 run, GError **error);

#endif
