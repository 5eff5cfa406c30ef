/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A step that was released is never edited: a change is a new step at the end.
 *
 * Numbers of mail/words.h are stored as they are, so their order is fixed by the first store.
 * Times are microseconds UTC; NULL where there is none. Text is UTF-8. `folded` columns hold what
 * store/fold.h makes of the text beside them.
 */
#include "store/migrations.h"

#include "base/fault.h"
#include "store/query.h"
#include "store/schema-search.h"

/* Who polled what, and with which rules. */
#define TABLES_RUNS                                                                                \
	"CREATE TABLE run (id INTEGER PRIMARY KEY, command TEXT NOT NULL, ruleset TEXT NOT NULL,"  \
	" begun INTEGER NOT NULL, ended INTEGER NOT NULL DEFAULT 0,"                               \
	" exit_code INTEGER NOT NULL DEFAULT 0) STRICT;"                                           \
	"CREATE TABLE ruleset (digest TEXT PRIMARY KEY, seen INTEGER NOT NULL)"                    \
	" STRICT, WITHOUT ROWID;"                                                                  \
	"CREATE TABLE rule_text (digest TEXT NOT NULL, rule TEXT NOT NULL, title TEXT NOT NULL,"   \
	" description TEXT NOT NULL, false_positives TEXT NOT NULL, next_step TEXT NOT NULL,"      \
	" severity INTEGER NOT NULL, text BLOB, PRIMARY KEY (digest, rule))"                       \
	" STRICT, WITHOUT ROWID;"                                                                  \
	"CREATE TABLE ruleset_rule (ruleset TEXT NOT NULL REFERENCES ruleset,"                     \
	" rule TEXT NOT NULL, digest TEXT NOT NULL, file TEXT NOT NULL,"                           \
	" PRIMARY KEY (ruleset, rule), FOREIGN KEY (digest, rule) REFERENCES rule_text)"           \
	" STRICT, WITHOUT ROWID;"

/* Accounts, folders, what could not be fetched, what the report must say. */
#define TABLES_ACCOUNTS                                                                            \
	"CREATE TABLE account (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"                 \
	" host TEXT NOT NULL DEFAULT '', protocol TEXT NOT NULL DEFAULT '',"                       \
	" user TEXT NOT NULL DEFAULT '', purpose TEXT NOT NULL DEFAULT '',"                        \
	" keep TEXT NOT NULL DEFAULT '', configured INTEGER NOT NULL DEFAULT 0,"                   \
	" seen INTEGER NOT NULL, state TEXT NOT NULL DEFAULT '', text TEXT NOT NULL DEFAULT '',"   \
	" checked INTEGER NOT NULL DEFAULT 0, last_ok INTEGER NOT NULL DEFAULT 0,"                 \
	" failing_since INTEGER NOT NULL DEFAULT 0) STRICT;"                                       \
	"CREATE TABLE attempt (id INTEGER PRIMARY KEY,"                                            \
	" account INTEGER NOT NULL REFERENCES account, run INTEGER NOT NULL, state TEXT NOT NULL," \
	" text TEXT NOT NULL, messages INTEGER NOT NULL, bytes INTEGER NOT NULL,"                  \
	" milliseconds INTEGER NOT NULL, seen INTEGER NOT NULL) STRICT;"                           \
	"CREATE TABLE folder (id INTEGER PRIMARY KEY,"                                             \
	" account INTEGER NOT NULL REFERENCES account, name TEXT NOT NULL,"                        \
	" role TEXT NOT NULL DEFAULT '', uidvalidity INTEGER NOT NULL,"                            \
	" last_uid INTEGER NOT NULL DEFAULT 0, server_count INTEGER NOT NULL DEFAULT 0,"           \
	" newest INTEGER NOT NULL DEFAULT 0, checked INTEGER NOT NULL DEFAULT 0,"                  \
	" failing INTEGER NOT NULL DEFAULT 0, text TEXT NOT NULL DEFAULT '',"                      \
	" UNIQUE (account, name)) STRICT;"                                                         \
	"CREATE TABLE failure (folder INTEGER NOT NULL REFERENCES folder,"                         \
	" uidvalidity INTEGER NOT NULL, uid TEXT NOT NULL, reason TEXT NOT NULL,"                  \
	" text TEXT NOT NULL, again INTEGER NOT NULL, seen INTEGER NOT NULL,"                      \
	" tried INTEGER NOT NULL, run INTEGER NOT NULL, PRIMARY KEY (folder, uidvalidity, uid))"   \
	" STRICT, WITHOUT ROWID;"                                                                  \
	"CREATE TABLE note (id INTEGER PRIMARY KEY, account TEXT NOT NULL, folder TEXT NOT NULL,"  \
	" word TEXT NOT NULL, text TEXT NOT NULL, seen INTEGER NOT NULL, run INTEGER NOT NULL)"    \
	" STRICT;"

/* Messages: identity is the digest; a placement is where one lies. */
#define TABLES_MESSAGES                                                                            \
	"CREATE TABLE volume (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"                  \
	" end INTEGER NOT NULL) STRICT;"                                                           \
	"CREATE TABLE message (id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE,"               \
	" size INTEGER NOT NULL, message_id TEXT NOT NULL, subject TEXT NOT NULL,"                 \
	" subject_folded TEXT NOT NULL, date INTEGER, seen INTEGER NOT NULL,"                      \
	" run INTEGER NOT NULL, direction INTEGER NOT NULL, outcome INTEGER NOT NULL,"             \
	" facts INTEGER NOT NULL, reason TEXT NOT NULL, ruleset TEXT NOT NULL,"                    \
	" volume INTEGER REFERENCES volume, offset INTEGER, length INTEGER, copied INTEGER)"       \
	" STRICT;"                                                                                 \
	"CREATE TABLE placement (folder INTEGER NOT NULL REFERENCES folder,"                       \
	" uidvalidity INTEGER NOT NULL, uid TEXT NOT NULL,"                                        \
	" message INTEGER NOT NULL REFERENCES message, internal_date INTEGER,"                     \
	" server_flags TEXT NOT NULL, draft INTEGER NOT NULL, seen INTEGER NOT NULL,"              \
	" run INTEGER NOT NULL, gone INTEGER, PRIMARY KEY (folder, uidvalidity, uid))"             \
	" STRICT, WITHOUT ROWID;"                                                                  \
	"CREATE INDEX placement_message ON placement (message);"                                   \
	"CREATE TABLE address (message INTEGER NOT NULL REFERENCES message,"                       \
	" position INTEGER NOT NULL, role INTEGER NOT NULL, name TEXT NOT NULL,"                   \
	" address TEXT NOT NULL, domain TEXT NOT NULL, folded TEXT NOT NULL,"                      \
	" PRIMARY KEY (message, position)) STRICT, WITHOUT ROWID;"                                 \
	"CREATE TABLE part (message INTEGER NOT NULL REFERENCES message,"                          \
	" position INTEGER NOT NULL, path TEXT NOT NULL, name TEXT NOT NULL,"                      \
	" declared_type TEXT NOT NULL, true_type TEXT NOT NULL, size INTEGER NOT NULL,"            \
	" sha256 TEXT NOT NULL, outcome INTEGER NOT NULL, facts INTEGER NOT NULL,"                 \
	" depth INTEGER NOT NULL, attachment INTEGER NOT NULL, detail TEXT NOT NULL,"              \
	" PRIMARY KEY (message, position)) STRICT, WITHOUT ROWID;"

/* What the rules said. */
#define TABLES_VERDICTS                                                                            \
	"CREATE TABLE flag (id INTEGER PRIMARY KEY, message INTEGER NOT NULL REFERENCES message,"  \
	" rule TEXT NOT NULL, title TEXT NOT NULL, rule_digest TEXT NOT NULL,"                     \
	" severity INTEGER NOT NULL, escalated_by TEXT NOT NULL, exception TEXT NOT NULL,"         \
	" except_reason TEXT NOT NULL, hits_total INTEGER NOT NULL, ruleset TEXT NOT NULL,"        \
	" seen INTEGER NOT NULL, run INTEGER NOT NULL, UNIQUE (message, rule)) STRICT;"            \
	"CREATE TABLE hit (flag INTEGER NOT NULL REFERENCES flag ON DELETE CASCADE,"               \
	" position INTEGER NOT NULL, section TEXT NOT NULL, component INTEGER NOT NULL,"           \
	" header TEXT NOT NULL, part TEXT NOT NULL, name TEXT NOT NULL, offset INTEGER NOT NULL,"  \
	" length INTEGER NOT NULL, excerpt TEXT NOT NULL, excerpt_start INTEGER NOT NULL,"         \
	" excerpt_length INTEGER NOT NULL, hidden INTEGER NOT NULL, PRIMARY KEY (flag, position))" \
	" STRICT, WITHOUT ROWID;"                                                                  \
	"CREATE TABLE undecided (message INTEGER NOT NULL REFERENCES message,"                     \
	" position INTEGER NOT NULL, rule TEXT NOT NULL, section TEXT NOT NULL,"                   \
	" part TEXT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (message, position))"              \
	" STRICT, WITHOUT ROWID;"

#define TABLES_LEDGER                                                                              \
	"CREATE TABLE ledger (id INTEGER PRIMARY KEY, seen INTEGER NOT NULL, who TEXT NOT NULL,"   \
	" verb TEXT NOT NULL, object TEXT NOT NULL, hash TEXT NOT NULL) STRICT;"                   \
	"CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger"                                  \
	" BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;"                            \
	"CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger"                                  \
	" BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;"

/* What windows, search and the look-up of a reused Message-ID walk along. */
#define INDEXES                                                                                    \
	"CREATE INDEX message_seen ON message (seen);"                                             \
	"CREATE INDEX message_when ON message (coalesce(date, seen));"                             \
	"CREATE INDEX message_copied ON message (copied) WHERE copied IS NOT NULL;"                \
	"CREATE INDEX message_message_id ON message (message_id) WHERE message_id <> '';"          \
	"CREATE INDEX flag_seen ON flag (seen);"                                                   \
	"CREATE INDEX failure_seen ON failure (seen);"                                             \
	"CREATE INDEX note_seen ON note (seen);"

/* What of a message's form programs read differently, in words: "words; words". */
#define MESSAGE_WARNINGS "ALTER TABLE message ADD COLUMN warnings TEXT NOT NULL DEFAULT '';"

/* Up to where a folder was read without a gap (RFC 7162), and what Gmail says of a message. */
#define FOLDER_NUMBERS                                                                             \
	"ALTER TABLE folder ADD COLUMN uidnext INTEGER NOT NULL DEFAULT 0;"                        \
	"ALTER TABLE folder ADD COLUMN modseq INTEGER NOT NULL DEFAULT 0;"                         \
	"ALTER TABLE placement ADD COLUMN labels TEXT NOT NULL DEFAULT '';"                        \
	"ALTER TABLE placement ADD COLUMN server_id TEXT NOT NULL DEFAULT '';"                     \
	"ALTER TABLE placement ADD COLUMN thread_id TEXT NOT NULL DEFAULT '';"

/*
 * What is gone: since when at the earliest, what became of it, and how many were never seen. Of
 * what an older store calls gone no more is known than when it was first seen.
 */
#define EVIDENCE_GONE                                                                              \
	"ALTER TABLE placement ADD COLUMN last_seen INTEGER;"                                      \
	"ALTER TABLE placement ADD COLUMN fate TEXT NOT NULL DEFAULT '';"                          \
	"ALTER TABLE placement ADD COLUMN moved_to INTEGER REFERENCES folder;"                     \
	"UPDATE placement SET last_seen = seen, fate = CASE WHEN uidvalidity = (SELECT"            \
	" f.uidvalidity FROM folder f WHERE f.id = folder) THEN 'deleted' ELSE 'renumbered' END"   \
	" WHERE gone IS NOT NULL;"                                                                 \
	"ALTER TABLE folder ADD COLUMN confirmed INTEGER NOT NULL DEFAULT 0;"                      \
	"ALTER TABLE folder ADD COLUMN counted_to INTEGER NOT NULL DEFAULT 0;"                     \
	"ALTER TABLE folder ADD COLUMN pass INTEGER NOT NULL DEFAULT 0;"                           \
	"ALTER TABLE folder ADD COLUMN watched INTEGER NOT NULL DEFAULT 0;"                        \
	"ALTER TABLE folder ADD COLUMN absent INTEGER NOT NULL DEFAULT 0;"                         \
	"ALTER TABLE account ADD COLUMN pass INTEGER NOT NULL DEFAULT 1;"                          \
	"ALTER TABLE account ADD COLUMN doubtful INTEGER NOT NULL DEFAULT 0;"                      \
	"ALTER TABLE account ADD COLUMN folders TEXT NOT NULL DEFAULT '';"                         \
	"CREATE TABLE unseen (id INTEGER PRIMARY KEY, folder INTEGER NOT NULL REFERENCES folder,"  \
	" count INTEGER NOT NULL, since INTEGER NOT NULL, seen INTEGER NOT NULL) STRICT;"          \
	"CREATE INDEX unseen_seen ON unseen (seen);"                                               \
	"CREATE INDEX unseen_folder ON unseen (folder);"                                           \
	"CREATE INDEX placement_gone ON placement (gone) WHERE gone IS NOT NULL;"                  \
	"CREATE INDEX placement_renumbered ON placement (folder) WHERE fate = 'renumbered';"

/*
 * Drafts with their revisions; and the flags that a draft gets should it vanish unsent. state:
 * open, sent, vanished, unknown (no Sent folder is read). pass: the one that found it gone.
 */
#define DRAFTS                                                                                     \
	"CREATE TABLE draft (id INTEGER PRIMARY KEY, folder INTEGER NOT NULL REFERENCES folder,"   \
	" state TEXT NOT NULL DEFAULT 'open', begun INTEGER NOT NULL, ended INTEGER,"              \
	" pass INTEGER NOT NULL DEFAULT 0, judged INTEGER NOT NULL DEFAULT 0) STRICT;"             \
	"CREATE INDEX draft_open ON draft (folder) WHERE judged = 0;"                              \
	"CREATE INDEX draft_ended ON draft (ended) WHERE ended IS NOT NULL;"                       \
	"CREATE TABLE revision (draft INTEGER NOT NULL, number INTEGER NOT NULL,"                  \
	" message INTEGER NOT NULL REFERENCES message,"                                            \
	" folder INTEGER NOT NULL REFERENCES folder, uidvalidity INTEGER NOT NULL,"                \
	" uid TEXT NOT NULL, seen INTEGER NOT NULL, PRIMARY KEY (draft, number))"                  \
	" STRICT, WITHOUT ROWID;"                                                                  \
	"CREATE INDEX revision_message ON revision (message);"                                     \
	"CREATE TABLE supposed_flag (id INTEGER PRIMARY KEY,"                                      \
	" message INTEGER NOT NULL REFERENCES message, rule TEXT NOT NULL, title TEXT NOT NULL,"   \
	" rule_digest TEXT NOT NULL, severity INTEGER NOT NULL, escalated_by TEXT NOT NULL,"       \
	" exception TEXT NOT NULL, except_reason TEXT NOT NULL, hits_total INTEGER NOT NULL,"      \
	" ruleset TEXT NOT NULL, UNIQUE (message, rule)) STRICT;"                                  \
	"CREATE TABLE supposed_hit (flag INTEGER NOT NULL REFERENCES supposed_flag"                \
	" ON DELETE CASCADE, position INTEGER NOT NULL, section TEXT NOT NULL,"                    \
	" component INTEGER NOT NULL, header TEXT NOT NULL, part TEXT NOT NULL,"                   \
	" name TEXT NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL,"                   \
	" excerpt TEXT NOT NULL, excerpt_start INTEGER NOT NULL,"                                  \
	" excerpt_length INTEGER NOT NULL, hidden INTEGER NOT NULL, PRIMARY KEY (flag, position))" \
	" STRICT, WITHOUT ROWID;"

/* When the last complete pass began, and each day's longest time without one. */
#define EXPOSURE                                                                                   \
	"ALTER TABLE account ADD COLUMN complete INTEGER NOT NULL DEFAULT 0;"                      \
	"CREATE TABLE exposure (account INTEGER NOT NULL REFERENCES account,"                      \
	" day INTEGER NOT NULL, since INTEGER NOT NULL, upto INTEGER NOT NULL,"                    \
	" PRIMARY KEY (account, day)) STRICT, WITHOUT ROWID;"                                      \
	"CREATE INDEX exposure_upto ON exposure (upto);"                                           \
	"CREATE INDEX attempt_seen ON attempt (seen);"

/*
 * Flags that are one leak, and what people decided. A verdict belongs to a fingerprint, so that it
 * holds when the same mail is scanned or found again; flag.state repeats it, for searches.
 */
#define REVIEWS                                                                                    \
	"CREATE TABLE incident (id INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL UNIQUE,"         \
	" begun INTEGER NOT NULL) STRICT;"                                                         \
	"CREATE TABLE incident_key (key TEXT PRIMARY KEY,"                                         \
	" incident INTEGER NOT NULL REFERENCES incident, seen INTEGER NOT NULL)"                   \
	" STRICT, WITHOUT ROWID;"                                                                  \
	"CREATE TABLE review (fingerprint TEXT PRIMARY KEY, state INTEGER NOT NULL,"               \
	" assignee TEXT NOT NULL, note TEXT NOT NULL, who TEXT NOT NULL, changed INTEGER NOT "     \
	"NULL)"                                                                                    \
	" STRICT, WITHOUT ROWID;"                                                                  \
	"CREATE TABLE review_change (id INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL,"           \
	" flag INTEGER NOT NULL, seen INTEGER NOT NULL, who TEXT NOT NULL, was INTEGER NOT NULL,"  \
	" state INTEGER NOT NULL, assignee TEXT NOT NULL, note TEXT NOT NULL) STRICT;"             \
	"CREATE INDEX review_change_of ON review_change (fingerprint);"                            \
	"CREATE INDEX review_change_seen ON review_change (seen);"                                 \
	"ALTER TABLE flag ADD COLUMN incident INTEGER REFERENCES incident;"                        \
	"ALTER TABLE flag ADD COLUMN fingerprint TEXT NOT NULL DEFAULT '';"                        \
	"ALTER TABLE flag ADD COLUMN state INTEGER NOT NULL DEFAULT 0;"                            \
	"CREATE INDEX flag_without_incident ON flag (id) WHERE incident IS NULL;"                  \
	"CREATE INDEX flag_incident ON flag (incident, seen);"                                     \
	"CREATE INDEX flag_fingerprint ON flag (fingerprint);"                                     \
	"CREATE INDEX flag_severity ON flag (severity, seen);"                                     \
	"CREATE INDEX flag_open ON flag (seen, severity) WHERE state < 3 AND exception = '';"

/*
 * What came from a server in a day, mail that waits for the next one; what arrived on which day
 * (UTC, days since 1970), to tell when an account grew silent; signs of life of a run and of the
 * passes that it has under way; messages of our own that prove the whole way.
 */
#define FETCHING                                                                                   \
	"CREATE TABLE traffic (account INTEGER NOT NULL REFERENCES account,"                       \
	" day INTEGER NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY (account, day))"               \
	" STRICT, WITHOUT ROWID;"                                                                  \
	"ALTER TABLE folder ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0;"                        \
	"CREATE TABLE arrival (account INTEGER NOT NULL REFERENCES account,"                       \
	" day INTEGER NOT NULL, count INTEGER NOT NULL, latest INTEGER NOT NULL,"                  \
	" PRIMARY KEY (account, day)) STRICT, WITHOUT ROWID;"                                      \
	"INSERT INTO arrival (account, day, count, latest)"                                        \
	" SELECT account, time / 86400000000, count(*), max(time) FROM (SELECT f.account,"         \
	" min(coalesce(p.internal_date, m.date, p.seen), p.seen) AS time FROM placement p"         \
	" JOIN folder f ON f.id = p.folder JOIN message m ON m.id = p.message)"                    \
	" WHERE time >= 0 GROUP BY 1, 2;"                                                          \
	"ALTER TABLE run ADD COLUMN pulse INTEGER NOT NULL DEFAULT 0;"                             \
	"ALTER TABLE account ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;"                         \
	"ALTER TABLE account ADD COLUMN moved INTEGER NOT NULL DEFAULT 0;"                         \
	"CREATE TABLE canary (account INTEGER NOT NULL REFERENCES account, day INTEGER NOT NULL,"  \
	" made INTEGER NOT NULL, token TEXT NOT NULL, message_id TEXT NOT NULL,"                   \
	" sha256 TEXT NOT NULL, due INTEGER NOT NULL, planted INTEGER NOT NULL DEFAULT 0,"         \
	" seen INTEGER NOT NULL DEFAULT 0, altered INTEGER NOT NULL DEFAULT 0,"                    \
	" trouble TEXT NOT NULL DEFAULT '', PRIMARY KEY (account, day)) STRICT, WITHOUT ROWID;"    \
	"CREATE INDEX canary_message ON canary (message_id);"

/*
 * A report on a day of a million messages looks at those alone that something is the matter with,
 * and sums the others up along an index.
 */
#define REPORTS                                                                                    \
	"DROP INDEX message_seen;"                                                                 \
	"CREATE INDEX message_seen ON message (seen, outcome, size);"                              \
	"CREATE INDEX message_not_whole ON message (seen) WHERE outcome <> 0;"                     \
	"CREATE INDEX part_unread ON part (message) WHERE outcome NOT IN (0, 1);"

/* Of drafts: what they answer joins revisions whose Message-ID and subject both changed. */
#define ANSWERS "ALTER TABLE message ADD COLUMN in_reply_to TEXT NOT NULL DEFAULT '';"

/* What of a folder is still to be read behind its position; see store_folder. */
#define FOLDER_REST                                                                                \
	"ALTER TABLE folder ADD COLUMN rest_from INTEGER NOT NULL DEFAULT 0;"                      \
	"ALTER TABLE folder ADD COLUMN rest_upto INTEGER NOT NULL DEFAULT 0;"

/*
 * What must not be purged; which messages were, and which of their copies are still to be
 * overwritten. A volume's purged bytes belong to no message any more. purges: how often words were
 * taken out of the search.
 */
#define RETENTION                                                                                  \
	"ALTER TABLE message ADD COLUMN purged INTEGER;"                                           \
	"CREATE INDEX message_purged ON message (purged) WHERE purged IS NOT NULL;"                \
	"ALTER TABLE volume ADD COLUMN purged INTEGER NOT NULL DEFAULT 0;"                         \
	"ALTER TABLE search_state ADD COLUMN purges INTEGER NOT NULL DEFAULT 0;"                   \
	"CREATE TABLE purging (message INTEGER PRIMARY KEY REFERENCES message,"                    \
	" volume INTEGER NOT NULL REFERENCES volume, offset INTEGER NOT NULL,"                     \
	" length INTEGER NOT NULL) STRICT;"                                                        \
	"CREATE TABLE hold (id INTEGER PRIMARY KEY, name TEXT NOT NULL, query TEXT NOT NULL,"      \
	" note TEXT NOT NULL, who TEXT NOT NULL, begun INTEGER NOT NULL, released INTEGER)"        \
	" STRICT;"                                                                                 \
	"CREATE UNIQUE INDEX hold_in_force ON hold (name) WHERE released IS NULL;"                 \
	"CREATE TABLE held (hold INTEGER NOT NULL REFERENCES hold,"                                \
	" message INTEGER NOT NULL REFERENCES message, PRIMARY KEY (hold, message))"               \
	" STRICT, WITHOUT ROWID;"                                                                  \
	"CREATE INDEX held_message ON held (message);"

/* Monthly archives, and the name of the one that a message's only copy stands in. */
#define ARCHIVES                                                                                   \
	"CREATE TABLE archive (name TEXT PRIMARY KEY, file TEXT NOT NULL, form TEXT NOT NULL,"     \
	" sha256 TEXT NOT NULL, size INTEGER NOT NULL, messages INTEGER NOT NULL,"                 \
	" bytes INTEGER NOT NULL, made INTEGER NOT NULL, restored INTEGER NOT NULL DEFAULT 0)"     \
	" STRICT, WITHOUT ROWID;"                                                                  \
	"ALTER TABLE message ADD COLUMN archive TEXT;"                                             \
	"CREATE INDEX message_archive ON message (archive) WHERE archive IS NOT NULL;"

/* In which forms copies stand in a volume: store/forms.h. */
#define VOLUME_FORMS                                                                               \
	"CREATE TABLE volume_form (volume INTEGER NOT NULL REFERENCES volume ON DELETE CASCADE,"   \
	" form TEXT NOT NULL, PRIMARY KEY (volume, form)) STRICT, WITHOUT ROWID;"                  \
	"INSERT INTO volume_form SELECT id, 'plain' FROM volume;"

/* Up to which of those purges nothing of the words is left in any page or in the log. */
#define PURGES_CLEANED "ALTER TABLE search_state ADD COLUMN cleaned INTEGER NOT NULL DEFAULT 0;"

/*
 * Mail without a flag that people are to look at, and what they said; of how many such messages of
 * an account and a day it was drawn (store/drawn.h). rank is the draw: the lowest ones stay.
 */
#define SAMPLES                                                                                    \
	"CREATE TABLE sample (message INTEGER PRIMARY KEY REFERENCES message,"                     \
	" day INTEGER NOT NULL, rank INTEGER NOT NULL, state INTEGER NOT NULL DEFAULT 0,"          \
	" rule TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '',"                           \
	" who TEXT NOT NULL DEFAULT '', decided INTEGER NOT NULL DEFAULT 0) STRICT;"               \
	"CREATE INDEX sample_drawn ON sample (day, rank);"                                         \
	"CREATE TABLE sample_day (account INTEGER NOT NULL REFERENCES account,"                    \
	" day INTEGER NOT NULL, eligible INTEGER NOT NULL, cut INTEGER NOT NULL DEFAULT 0,"        \
	" PRIMARY KEY (account, day)) STRICT, WITHOUT ROWID;"

/* What the rule set is made of, as recorded last; of each change its diff, by its ledger row. */
#define RULE_SOURCES                                                                               \
	"CREATE TABLE rule_source (name TEXT PRIMARY KEY, digest TEXT NOT NULL,"                   \
	" text BLOB NOT NULL) STRICT, WITHOUT ROWID;"                                              \
	"CREATE TABLE rule_change (row INTEGER PRIMARY KEY REFERENCES ledger, diff BLOB NOT NULL)" \
	" STRICT;"

/* People of messages to the letter: store/party.h. */
#define PARTIES                                                                                    \
	"CREATE VIRTUAL TABLE party_index USING fts5 (tokens, content = '', detail = none,"        \
	" columnsize = 0, tokenize = 'ascii');"                                                    \
	"ALTER TABLE search_state ADD COLUMN parties INTEGER NOT NULL DEFAULT 0;"                  \
	"UPDATE search_state SET parties = (SELECT coalesce(max(id), 0) FROM message);"

/*
 * Volumes that are still to be overwritten: store/leaving.h. A name that is a volume's again, as
 * when a day is written anew, is none of these.
 */
#define LEAVING                                                                                    \
	"CREATE TABLE leaving (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;"                      \
	"CREATE TRIGGER volume_again AFTER INSERT ON volume BEGIN"                                 \
	" DELETE FROM leaving WHERE name = new.name; END;"

/* Keys as DNS had them: store/dkim.h. Of what was fetched before nobody asked. */
#define DKIM_KEYS                                                                                  \
	"CREATE TABLE dkim_key (id INTEGER PRIMARY KEY, domain TEXT NOT NULL,"                     \
	" selector TEXT NOT NULL, outcome TEXT NOT NULL, text TEXT NOT NULL,"                      \
	" first INTEGER NOT NULL, last INTEGER NOT NULL) STRICT;"                                  \
	"CREATE INDEX dkim_key_name ON dkim_key (domain, selector, last);"                         \
	"CREATE TABLE dkim_state (upto INTEGER NOT NULL) STRICT;"                                  \
	"INSERT INTO dkim_state SELECT coalesce(max(id), 0) FROM message;"

/* The settled part of the search's index: store/block.h. */
#define BLOCKS                                                                                     \
	"CREATE TABLE term_block (id INTEGER PRIMARY KEY, count INTEGER NOT NULL,"                 \
	" first INTEGER NOT NULL, last INTEGER NOT NULL, docs BLOB NOT NULL) STRICT;"              \
	"CREATE TABLE term_page (id INTEGER PRIMARY KEY,"                                          \
	" block INTEGER NOT NULL REFERENCES term_block, first TEXT NOT NULL,"                      \
	" data BLOB NOT NULL) STRICT;"                                                             \
	"CREATE INDEX term_page_first ON term_page (block, first);"

/* Words of what is settled, in which parts are looked for: store/vocabulary.h. */
#define VOCABULARY                                                                                 \
	"CREATE TABLE word_page (id INTEGER PRIMARY KEY, first TEXT NOT NULL UNIQUE,"              \
	" data BLOB NOT NULL) STRICT;"                                                             \
	"CREATE TABLE word_gram (gram INTEGER PRIMARY KEY, pages BLOB NOT NULL) STRICT;"

/* New words as packets: store/new-words.h. What is left of their tables is given back where the
 * file does that. */
#define NEW_WORDS                                                                                  \
	"CREATE TABLE word_new (id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;"               \
	"INSERT INTO word_new (data) SELECT CAST(group_concat(char(kinds) || term, '') AS BLOB)"   \
	" FROM word WHERE kinds BETWEEN 1 AND 15 AND term <> '' GROUP BY id / 4096;"               \
	"DROP TABLE word_index;"                                                                   \
	"DROP TABLE word;"                                                                         \
	"PRAGMA incremental_vacuum;"

/* What came of verifying signatures: store/dkim.h. Of what was fetched before nothing is recorded.
 */
#define DKIM_RESULTS                                                                               \
	"CREATE TABLE dkim_result (message INTEGER NOT NULL REFERENCES message,"                   \
	" computed INTEGER NOT NULL, number INTEGER NOT NULL, result TEXT NOT NULL,"               \
	" facts INTEGER NOT NULL, domain TEXT NOT NULL, selector TEXT NOT NULL,"                   \
	" algorithm TEXT NOT NULL, body INTEGER NOT NULL, covered INTEGER NOT NULL,"               \
	" made INTEGER NOT NULL, expires INTEGER NOT NULL, reason TEXT NOT NULL,"                  \
	" PRIMARY KEY (message, computed, number)) STRICT, WITHOUT ROWID;"                         \
	"CREATE INDEX dkim_result_open ON dkim_result (computed) WHERE result = 'temperror';"      \
	"ALTER TABLE dkim_state ADD COLUMN verified INTEGER NOT NULL DEFAULT 0;"                   \
	"UPDATE dkim_state SET verified = upto;"

/* Whether the index is being made anew: store/rebuild.h. */
#define REBUILDS "ALTER TABLE search_state ADD COLUMN rebuild INTEGER NOT NULL DEFAULT 0;"

/* Of pages that were written before nothing tells whether they are as they were written. */
#define PAGE_SUMS "ALTER TABLE term_page ADD COLUMN sum INTEGER;"

/* Nothing is in tables of FTS5 any more: store/settle-old.c moved it, and dropped them. */
#define NO_FTS5 ""

static const char *const migrations[] = {
	TABLES_RUNS TABLES_ACCOUNTS TABLES_MESSAGES TABLES_VERDICTS TABLES_LEDGER,
	INDEXES,
	MESSAGE_WARNINGS,
	FOLDER_NUMBERS,
	EVIDENCE_GONE,
	DRAFTS,
	EXPOSURE,
	REVIEWS,
	SEARCH,
	FETCHING,
	REPORTS,
	ANSWERS,
	FOLDER_REST,
	RETENTION,
	ARCHIVES,
	VOLUME_FORMS,
	PURGES_CLEANED,
	SAMPLES,
	RULE_SOURCES,
	PARTIES,
	LEAVING,
	DKIM_KEYS,
	BLOCKS,
	VOCABULARY,
	NEW_WORDS,
	DKIM_RESULTS,
	REBUILDS,
	PAGE_SUMS,
	NO_FTS5,
};
G_STATIC_ASSERT(G_N_ELEMENTS(migrations) > MIGRATIONS_INDEX);

guint
migrations_newest(void)
{
	return G_N_ELEMENTS(migrations);
}

bool
migrations_version(struct database *database, guint *out, GError **error)
{
	static const struct query_text read_version = { "read the schema's version",
		"PRAGMA user_version" };
	gint64 version = 0;

	if (!query_number(database, &read_version, NO_VALUES, &version, error))
		return false;
	*out = version >= 0 ? (guint)version : G_MAXUINT;
	return true;
}

static bool
refuse_newer(guint version, GError **error)
{
	if (version <= migrations_newest())
		return true;
	g_set_error(error, FAULT, FAULT_CONFIG,
	    "the store has schema %u, this program knows %u: a newer Flagpost wrote it", version,
	    migrations_newest());
	return false;
}

static bool
take_step(struct database *database, guint step, GError **error)
{
	g_autofree char *what = g_strdup_printf("migrate the store to schema %u", step);
	g_autofree char *number = g_strdup_printf("PRAGMA user_version = %u", step);

	if (!database_begin(database, error))
		return false;
	if (database_script(database, what, migrations[step - 1], error) &&
	    database_script(database, what, number, error) && database_commit(database, error))
		return true;
	database_rollback(database);
	return false;
}

bool
migrations_apply(struct database *database, guint upto, GError **error)
{
	guint version;

	if (!migrations_version(database, &version, error) || !refuse_newer(version, error))
		return false;
	for (guint step = version + 1; step <= upto && step <= migrations_newest(); step++) {
		if (!take_step(database, step, error))
			return false;
	}
	return true;
}

bool
migrations_check(struct database *database, GError **error)
{
	guint version;

	if (!migrations_version(database, &version, error) || !refuse_newer(version, error))
		return false;
	if (version == migrations_newest())
		return true;
	g_set_error(error, FAULT, FAULT_CONFIG,
	    "the store has schema %u, this program needs %u: the next poll brings it up to date",
	    version, migrations_newest());
	return false;
}
