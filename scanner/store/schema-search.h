/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_SCHEMA_SEARCH_H
#define FLAGPOST_STORE_SCHEMA_SEARCH_H
/*
 * schema_search - the step of store/migrations.c that makes the search; seen by it alone.
 *
 * doc: a message's number in the order of its date (store/sqlite-index.c gives it), so that the
 * newest hits are found first whatever was recorded when. indexed: enum index_level. spill: how far
 * a doc lies behind the one that its date asks for, at most.
 *
 * A tag is a fact that may change (a rule's flag, a state, a place): tagged by triggers, whoever
 * writes the fact. Texts are in term_index and never change; word knows each word of the few fields
 * in which parts of words are looked for, by the bits of enum word_kind.
 */

/* The message's doc; nothing before it has one. */
#define TAG_IT(message, kinds)                                                                     \
	"INSERT INTO tagged (tag, doc) SELECT t.id, m.doc FROM tag t, message m WHERE m.id "       \
	"= " message " AND m.doc IS NOT NULL AND (" kinds ") ON CONFLICT DO NOTHING;"
#define TAG_NAMES(values) "INSERT INTO tag (kind, name) " values " ON CONFLICT DO NOTHING;"

#define FLAG_TAGGED                                                                                \
	TAG_NAMES("VALUES ('rule', new.rule), ('flagged', ''), ('state', new.state)")              \
	TAG_IT("new.message", "(t.kind = 'rule' AND t.name = new.rule) OR t.kind = 'flagged'"      \
			      " OR (t.kind = 'state' AND t.name = CAST(new.state AS TEXT))")
/* What no other flag of the message says as well. */
#define FLAG_UNTAGGED                                                                              \
	"DELETE FROM tagged WHERE doc = (SELECT m.doc FROM message m WHERE m.id = old.message)"    \
	" AND tag IN (SELECT t.id FROM tag t WHERE (t.kind = 'rule' AND t.name = old.rule)"        \
	" OR t.kind = 'flagged' OR (t.kind = 'state' AND t.name = CAST(old.state AS TEXT)))"       \
	" AND NOT EXISTS (SELECT 1 FROM flag g, tag t WHERE g.message = old.message"               \
	" AND g.exception = '' AND t.id = tagged.tag AND (t.kind = 'flagged'"                      \
	" OR (t.kind = 'rule' AND t.name = g.rule)"                                                \
	" OR (t.kind = 'state' AND t.name = CAST(g.state AS TEXT))));"

#define SEARCH_TABLES                                                                              \
	"ALTER TABLE message ADD COLUMN doc INTEGER;"                                              \
	"ALTER TABLE message ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0;"                       \
	"CREATE UNIQUE INDEX message_doc ON message (doc) WHERE doc IS NOT NULL;"                  \
	"CREATE INDEX message_without_doc ON message (id) WHERE doc IS NULL;"                      \
	"CREATE TABLE search_state (one INTEGER PRIMARY KEY CHECK (one = 1),"                      \
	" spill INTEGER NOT NULL) STRICT;"                                                         \
	"INSERT INTO search_state VALUES (1, 0);"                                                  \
	"CREATE VIRTUAL TABLE term_index USING fts5 (body, files, subject, names, sender,"         \
	" recipients, delivered, content = '', tokenize = 'ascii');"                               \
	"CREATE TABLE word (id INTEGER PRIMARY KEY, term TEXT NOT NULL UNIQUE,"                    \
	" kinds INTEGER NOT NULL) STRICT;"                                                         \
	"CREATE VIRTUAL TABLE word_index USING fts5 (term, content = '', detail = none,"           \
	" columnsize = 0, tokenize = 'trigram case_sensitive 1');"                                 \
	"CREATE TABLE tag (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL,"        \
	" UNIQUE (kind, name)) STRICT;"                                                            \
	"CREATE TABLE tagged (tag INTEGER NOT NULL, doc INTEGER NOT NULL,"                         \
	" PRIMARY KEY (tag, doc)) STRICT, WITHOUT ROWID;"

#define SEARCH_TRIGGERS                                                                                      \
	"CREATE TRIGGER flag_tagged AFTER INSERT ON flag WHEN new.exception = ''"                            \
	" BEGIN " FLAG_TAGGED " END;"                                                                        \
	"CREATE TRIGGER flag_untagged AFTER DELETE ON flag WHEN old.exception = ''"                          \
	" BEGIN " FLAG_UNTAGGED " END;"                                                                      \
	"CREATE TRIGGER flag_retagged AFTER UPDATE OF state ON flag"                                         \
	" WHEN new.exception = '' AND old.state <> new.state"                                                \
	" BEGIN " FLAG_UNTAGGED FLAG_TAGGED " END;"                                                          \
	"CREATE TRIGGER placement_tagged AFTER INSERT ON placement BEGIN " TAG_NAMES(                        \
	    "VALUES ('place', new.folder)") TAG_IT("new.message",                                            \
	    "t.kind = 'place' AND t.name = CAST(new.folder AS TEXT)") " END;"                                \
								      "CREATE TRIGGER "                      \
								      "placement_retagged AFTER "            \
								      "UPDATE OF message ON "                \
								      "placement BEGIN " TAG_IT(             \
									  "new.message",                     \
									  "t.kind = 'place' AND "            \
									  "t.name = "                        \
									  "CAST(new.folder AS "              \
									  "TEXT)") " END;"                   \
										   "CREATE "                 \
										   "TRIGGER "                \
										   "placement_"              \
										   "gone AFTER "             \
										   "UPDATE OF "              \
										   "fate ON "                \
										   "placement"               \
										   " WHEN "                  \
										   "new.fate = "             \
										   "'deleted' "              \
										   "BEGIN"                   \
										   " " TAG_NAMES(            \
										       "VALUES "             \
										       "('gone', "           \
										       "'')") TAG_IT("new."  \
												     "messa" \
												     "ge",   \
										       "t."                  \
										       "kind "               \
										       "= "                  \
										       "'gone"               \
										       "'") " END"           \
											    ";"              \
											    "CREA"           \
											    "TE "            \
											    "TRIG"           \
											    "GER "           \
											    "plac"           \
											    "emen"           \
											    "t_"             \
											    "back"           \
											    " AFT"           \
											    "ER "            \
											    "UPDA"           \
											    "TE "            \
											    "OF "            \
											    "fate"           \
											    " ON "           \
											    "plac"           \
											    "emen"           \
											    "t"              \
											    " WHE"           \
											    "N "             \
											    "old."           \
											    "fate"           \
											    " = "            \
											    "'del"           \
											    "eted"           \
											    "' "             \
											    "AND "           \
											    "new."           \
											    "fate"           \
											    " <> "           \
											    "'del"           \
											    "eted"           \
											    "' "             \
											    "BEGI"           \
											    "N"              \
											    " DEL"           \
											    "ETE "           \
											    "FROM"           \
											    " tag"           \
											    "ged "           \
											    "WHER"           \
											    "E "             \
											    "doc "           \
											    "= "             \
											    "(SEL"           \
											    "ECT "           \
											    "m."             \
											    "doc "           \
											    "FROM"           \
											    " mes"           \
											    "sage"           \
											    " m "            \
											    "WHER"           \
											    "E "             \
											    "m."             \
											    "id "            \
											    "= "             \
											    "old."           \
											    "mess"           \
											    "age)"           \
											    " AND"           \
											    " tag"           \
											    " = "            \
											    "(SEL"           \
											    "ECT "           \
											    "t."             \
											    "id "            \
											    "FROM"           \
											    " tag"           \
											    " t "            \
											    "WHER"           \
											    "E "             \
											    "t."             \
											    "kind"           \
											    " = "            \
											    "'gon"           \
											    "e') "           \
											    "AND "           \
											    "NOT "           \
											    "EXIS"           \
											    "TS "            \
											    "(SEL"           \
											    "ECT "           \
											    "1"              \
											    " FRO"           \
											    "M "             \
											    "plac"           \
											    "emen"           \
											    "t p "           \
											    "WHER"           \
											    "E "             \
											    "p."             \
											    "mess"           \
											    "age "           \
											    "= "             \
											    "old."           \
											    "mess"           \
											    "age "           \
											    "AND "           \
											    "p."             \
											    "fate"           \
											    " = "            \
											    "'del"           \
											    "eted"           \
											    "'); "           \
											    "END;"

#define SEARCH SEARCH_TABLES SEARCH_TRIGGERS

#endif
