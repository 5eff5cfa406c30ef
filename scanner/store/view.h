/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_VIEW_H
#define FLAGPOST_STORE_VIEW_H
/*
 * view - the store as one person may see it. Search, report, show and status get a view, never
 * a store: access control has one door, and every look at a mail goes through view_note_access.
 *
 * Reads only, beside a running writer. Lists are GPtrArrays with a free function set; strings
 * in rows are valid UTF-8 and never NULL.
 */
#include <glib.h>
#include <stdbool.h>
#include "base/auto.h"

#include "mail/verdict.h"
#include "store/cipher.h"
#include "store/search.h"

struct view;

/* data_dir must hold a store (FAULT_CONFIG: "nothing polled yet"). person: who looks, for the
 * ledger. */
struct view *view_open(const char *data_dir, const char *person, GError **error);
/* Takes the keys: copies that are sealed can be read. */
void view_take_keys(struct view *view, struct cipher_keys *keys);
void view_close(struct view *view);
AUTO_DEFINE(view, view_close)
/* Who looks, as view_open was told; borrowed. */
const char *view_person(const struct view *view);
/* False once it was narrowed (store/view-scope). */
bool view_sees_all(const struct view *view);

/* Where a message was seen. */
struct view_placement {
	char *account, *folder, *uid;
	guint32 uidvalidity;
	gint64 first_seen; /* microseconds UTC */
	gint64 gone;       /* first seen to be gone; 0: still there at the last poll */
	gint64 last_seen;  /* of what is gone: when it was last known to be there */
	char *fate;        /* of what is gone: "deleted", "moved", "renumbered", "relinked" */
	char *moved_to;    /* the folder where it lies, or "" */
	char *labels, *server_id, *thread_id; /* as in mail/placement.h; "" where there are none */
};

struct view_message {
	gint64 id;
	char *sha256;
	char *message_id, *subject;
	char *from;  /* first From address, or "" */
	GStrv to;    /* all recipients */
	gint64 date; /* Date header or MESSAGE_NO_DATE */
	gint64 seen; /* first seen by Flagpost */
	guint64 size;
	enum direction direction;
	enum outcome outcome;
	guint facts;
	char *reason;   /* why unscannable, or "" */
	char *warnings; /* what of its form was odd: "words; words", or "" */
	char *ruleset;  /* digest of the rule set of its last scan */
	bool has_copy;
	gint64 purged;         /* when it was purged, or 0; then digest, size and times are left */
	guint flags;           /* without excepted ones */
	GPtrArray *placements; /* of struct view_placement */
};

struct view_flag {
	gint64 id;
	gint64 seen;       /* when flagged */
	struct flag *flag; /* with hits */
	char *ruleset;
	char *description, *false_positives, *next_step; /* as they stood that day */
	struct view_message *message;
	GPtrArray *parts;  /* of struct part: the message's attachments */
	gint64 incident;   /* flags of one leak share it */
	gint64 begun;      /* when the incident's first flag was */
	char *fingerprint; /* what a verdict on this flag belongs to */
	enum review_state state;
	char *assignee;  /* who is to look at it, or "" */
	char *note;      /* the last one, or "" */
	char *reviewer;  /* who decided last, or "" */
	gint64 reviewed; /* when; 0: never */
};

struct view_folder {
	char *account, *folder, *role;
	guint32 uidvalidity;
	guint64 server;  /* messages on the server at the last pass */
	guint64 kept;    /* of those, recorded here */
	guint64 failed;  /* of those, not fetched: reason recorded */
	guint64 waiting; /* of those, left for a later pass: the day's budget was used */
	guint64 gone;    /* recorded once, no longer on the server */
	guint64 unseen;  /* numbers of mail that was gone before any pass saw it */
	bool failing;    /* the last pass over it failed */
	char *text;
	gint64 checked; /* last pass; 0 never */
};

/* The longest time in which mail of an account could come and go unseen; 0 and 0: not known. */
struct view_exposure {
	gint64 since, upto; /* from the begin of one complete pass to the end of the next */
};

/* The last message of our own that was to be found in an account; times 0: not (yet). */
struct view_canary {
	gint64 made, planted, seen;
	gint64 due;    /* to be seen until then */
	char *trouble; /* why it was not planted, or "" */
	bool altered;  /* seen with other bytes than ours */
};
enum view_canary_state {
	VIEW_CANARY_NONE, /* there was none within VIEW_CANARY_US */
	VIEW_CANARY_SEEN,
	VIEW_CANARY_AWAITED, /* there is time left */
	VIEW_CANARY_REFUSED, /* it was not planted */
	VIEW_CANARY_LATE,    /* planted, and not seen in time */
};
#define VIEW_CANARY_US (2 * G_TIME_SPAN_DAY)
extern const char *const view_canary_words[]; /* "none", "seen", "awaited", ... */
enum view_canary_state view_canary_state(const struct view_canary *canary, gint64 now);

struct view_account {
	char *name, *host, *protocol, *user, *purpose, *keep;
	char *state; /* of the last pass: "ok", "away", ...; "" when never polled */
	char *text;
	gint64 checked;       /* last pass */
	gint64 last_ok;       /* last pass that was ok; 0 never */
	gint64 failing_since; /* first failure after the last ok; 0 when ok */
	gint64 newest;        /* first-seen time of its newest mail; 0 none */
	struct view_canary canary;
	gint64 arrived; /* when its newest mail came to the server, as far as that says; 0: none */
	/* The second longest time without mail in the VIEW_SILENCE_DAYS before, where mail came on
	 * VIEW_SILENCE_LEAST days at least; else 0: what is usual is not known. */
	gint64 usual_pause;
	struct view_exposure exposed; /* of VIEW_EXPOSED_DAYS */
	/* Of a pass under way, as told once a minute: when it began, when something of it was
	 * recorded last. 0: none. */
	gint64 pass_begun, pass_moved;
	bool configured;    /* stands in the configuration of the last run */
	GPtrArray *folders; /* of struct view_folder */
};

/* Bytes of mail that came over its line in a second, by its passes that had a MiB to fetch or more;
 * 0: there was none. */
bool view_line(struct view *view, const char *account, guint64 *a_second, GError **error);

/* No mail for longer than twice what is usual, and a day. */
bool view_is_silent(const struct view_account *account, gint64 now);
/* It began and neither ended nor recorded anything for VIEW_STALL_US. */
bool view_is_stalled(const struct view_account *account, gint64 now);
#define VIEW_SILENCE_DAYS  90
#define VIEW_SILENCE_LEAST 10
#define VIEW_EXPOSED_DAYS  30
#define VIEW_STALL_US      G_TIME_SPAN_HOUR
/* A run without a sign of life for longer hangs, or is gone. */
#define VIEW_PULSE_US (5 * G_TIME_SPAN_MINUTE)

bool view_exposure(struct view *view, const char *account, gint64 from, gint64 to,
    struct view_exposure *out, GError **error);

/* Something that was not read: a part, a whole message, a rule that gave up, or a failed fetch. */
struct view_gap {
	char *kind; /* "part", "message", "rule", "fetch", "copies" (a volume, as it is now) */
	char *word; /* outcome or reason word: "encrypted", "over-limit", "crash", "match limit" */
	char *what; /* file name, rule id, uid, or volume */
	char *detail;           /* for people; "" when there is nothing more to say */
	char *account, *folder; /* of the first placement */
	gint64 seen;
	struct view_message *message; /* NULL for "fetch" */
};

struct view_note {
	char *account, *folder, *word, *text;
	gint64 seen;
};

struct view_run {
	gint64 id;
	char *command, *ruleset;
	gint64 begun, ended; /* ended 0: it still runs, or was killed */
	gint64 pulse;        /* its last sign of life; it gives one a minute */
	int exit_code;
};

struct view_totals {
	guint64 messages;             /* first seen in the window */
	guint64 flagged;              /* messages with a flag */
	guint64 flags[3];             /* by enum severity */
	guint64 excepted;             /* flags swallowed by exceptions */
	guint64 partial, unscannable; /* messages */
	guint64 bytes;
	guint64 copies;                   /* kept in the window */
	guint64 deleted, deleted_flagged; /* messages found gone in the window; with a flag */
	guint64 unseen;                   /* gone before they were ever seen, found in the window */
	guint64 drafts, dead_drops;       /* vanished unsent in the window; after a change */
};

/*
 * Windows are [from, to) by the time when Flagpost first saw a thing, never by the Date header.
 * Runs are those under way at some time in the window. The same note twice in it is one.
 */
bool view_totals(
    struct view *view, gint64 from, gint64 to, struct view_totals *out, GError **error);
GPtrArray *view_accounts(struct view *view, GError **error); /* of struct view_account, by name */
/* Flags by severity, then time. excepted: those that an exception swallowed instead. */
struct view_flag_query {
	gint64 from, to;
	bool excepted;
	const char *rule, *account; /* exact; NULL: any */
	const char *people; /* "\na@x\nb@y\n", lower case: one of them has part; NULL: any */
	guint limit;        /* rows, 0: all */
	guint hits;         /* of each flag, 0: all */
};
/* Takes the row over. False, with an error, ends the list. */
typedef bool view_flag_each(struct view_flag *row, gpointer data, GError **error);
/* Holds few rows at a time. each must not read flags of this view. */
bool view_flags_each(struct view *view, const struct view_flag_query *which, view_flag_each *each,
    gpointer data, GError **error);
GPtrArray *view_flags_some(struct view *view, const struct view_flag_query *which, GError **error);
GPtrArray *view_flags(struct view *view, gint64 from, gint64 to, bool excepted, GError **error);
/* Of struct view_gap: the first of each kind, limit in all (0: no limit), the oldest first. */
GPtrArray *view_gaps(struct view *view, gint64 from, gint64 to, guint limit, GError **error);
/* All of them, kind by kind, as they were recorded. As view_flags_each: takes the row over. */
typedef bool view_gap_each(struct view_gap *gap, gpointer data, GError **error);
bool view_gaps_each(
    struct view *view, gint64 from, gint64 to, view_gap_each *each, gpointer data, GError **error);
void view_gap_free(struct view_gap *gap);
/* How many there are of each kind and word, sorted by them. */
struct view_gap_sum {
	char *kind, *word;
	guint64 count;
};
GPtrArray *view_gap_sums(struct view *view, gint64 from, gint64 to, GError **error);
/* Volumes of copies that are not as they were committed, by their size, as they are now. */
struct view_amiss {
	char *name;
	bool missing;            /* else it is too short */
	guint64 size, committed; /* bytes */
	guint64 messages;        /* whose copies were in it */
};
GPtrArray *view_volumes_amiss(struct view *view, GError **error);
/* What was seen against what is kept: the same bytes at many places are one message, one copy. */
struct view_space {
	guint64 messages, purged;
	guint64 places, seen_bytes; /* at each place, also where nothing lies any more */
	guint64 copies, kept_bytes;
};
bool view_space(struct view *view, struct view_space *out, GError **error);
/* What is known of a message as a draft; *found is false when it never was one. */
struct view_draft {
	guint number, revisions; /* this is revision `number` of so many */
	enum { VIEW_DRAFT_OPEN, VIEW_DRAFT_SENT, VIEW_DRAFT_VANISHED, VIEW_DRAFT_UNKNOWN } state;
};
bool view_draft(
    struct view *view, gint64 message, bool *found, struct view_draft *out, GError **error);
/* Messages found to be deleted in the window, those with a flag first; at most limit rows. */
struct view_gone {
	struct view_message *message;
	struct view_placement *placement; /* one of the message's */
	gint64 flagged;                   /* when it got its first flag; 0: none */
};
GPtrArray *view_gone(struct view *view, gint64 from, gint64 to, guint limit, GError **error);
GPtrArray *view_notes(struct view *view, gint64 from, gint64 to, GError **error);
GPtrArray *view_runs(struct view *view, gint64 from, gint64 to, GError **error);

/*
 * Filters are ANDed with one another and with search; NULL and 0 leave one out. Texts mean what
 * they mean in store/search.h. By date the newest comes first; by rank what matches best, of the
 * newest SEARCH_RANKED or of all, where there are words to rank by.
 */
enum view_rank { VIEW_RANK_NONE, VIEW_RANK_NEWEST, VIEW_RANK_ALL };
struct view_query {
	const struct search *search;
	const char *from, *to, *subject, *rule, *account, *folder;
	gint64 after, before; /* by Date header, else by first seen; microseconds; 0: none */
	bool flagged;         /* only messages with a flag */
	bool gone;            /* only messages that were deleted from an account */
	enum view_rank rank;
	guint *ranked;    /* or NULL: of how many of the newest it is by rank; 0: of all */
	guint offset;     /* so many are left out */
	guint limit;      /* rows at most; 0: all */
	GPtrArray *notes; /* of char *, or NULL: gets what was searched otherwise than asked */
	bool whole;       /* FAULT_RETRY while the index lacks something; so it is without notes */
};
GPtrArray *view_search(struct view *view, const struct view_query *query, GError **error);
/*
 * How many there are; offset and limit do not matter. _within: what is counted in so much processor
 * time, or in any; unless *whole there may be more.
 */
#define VIEW_COUNT_ALL (-1)
bool view_count_within(struct view *view, const struct view_query *query, gint64 budget_us,
    guint64 *count, bool *whole, GError **error);
bool view_count(struct view *view, const struct view_query *query, guint64 *count, GError **error);

/*
 * A message by a prefix (8 digits or more) of its SHA-256. NULL: none, or more than one
 * (FAULT_USAGE says which).
 */
struct view_message *view_find(struct view *view, const char *prefix, GError **error);
/* Its whole verdict as recorded: addresses, parts, flags with hits, undecided. */
struct verdict *view_verdict(struct view *view, gint64 id, GError **error);
/* The exact bytes, checked against the digest. FAULT_DATA when no copy was kept or it was altered.
 */
GBytes *view_copy(struct view *view, gint64 id, GError **error);

/* What a search does not find: messages that are not back in an index that is made anew, and
 * whether texts could not be put into one that is damaged. */
bool view_index_lacks(struct view *view, guint64 *missing, bool *damaged, GError **error);

/* Records who looked at what, and why, before it is shown: verb "show", "report", "search". */
bool view_note_access(struct view *view, const char *verb, const char *object, GError **error);

/* By its number; FAULT_USAGE when there is none. */
struct view_flag *view_flag_one(struct view *view, gint64 flag, GError **error);
/* Of char *: what the flags of a message matched, where it has `least` of them or more; excepted
 * ones too. Whoever shows something of it masks that (reports/quote.h). */
GPtrArray *view_matches(struct view *view, gint64 message, guint least, GError **error);
void view_flag_free(struct view_flag *row);
AUTO_DEFINE(view_flag, view_flag_free)

void view_message_free(struct view_message *message);
AUTO_DEFINE(view_message, view_message_free)

#endif
