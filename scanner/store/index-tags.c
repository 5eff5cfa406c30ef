/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tags are facts of a message by which it is found; those that change are kept by triggers
 * (store/schema-search.h). Numbers of the few tags that are put here are remembered: no tag is ever
 * removed.
 */
#include "store/index-tags.h"

#include <string.h>

#include "mail/message.h"
#include "mail/words.h"
#include "store/fates.h"
#include "store/query.h"

/* Tables of words, by whose numbers tags are remembered. */
enum table {
	TABLE_DIRECTION,
	TABLE_OUTCOME,
	TABLE_MESSAGE_FACTS,
	TABLE_PART_FACTS,
	TABLE_MORE,
	TABLES,
};

enum more { MORE_ATTACHMENT, MORE_COPY };

#define WORDS_MAX 32 /* of a table: facts are bits */

static const char *const more_words[] = { "attachment", "copy", NULL };

struct index_tags {
	struct database *database;
	gint64 ids[TABLES][WORDS_MAX]; /* 0: not known */
};

/* What is to be said of a message. */
struct facts {
	guint direction, outcome, message, parts;
	bool attachment, copy;
};

struct index_tags *
index_tags_new(struct database *database)
{
	struct index_tags *tags = g_new0(struct index_tags, 1);

	tags->database = database;
	return tags;
}

void
index_tags_free(struct index_tags *tags)
{
	g_free(tags);
}

void
index_tags_forget(struct index_tags *tags)
{
	memset(tags->ids, 0, sizeof tags->ids);
}

/* --- one tag --- */

static bool
find_tag(struct database *database, const char *kind, const char *name, gint64 *id, GError **error)
{
	static const struct query_text find = { "find a tag",
		"SELECT id FROM tag WHERE kind = ? AND name = ?" };
	static const struct query_text make = { "make a tag",
		"INSERT INTO tag (kind, name) VALUES (?, ?)" };
	const struct query_value key[] = { query_text_value(kind), query_text_value(name),
		{ .kind = QUERY_END } };

	if (!query_number(database, &find, key, id, error))
		return false;
	if (*id != 0)
		return true;
	if (!query_run(database, &make, key, error))
		return false;
	*id = sqlite3_last_insert_rowid(database->handle);
	return true;
}

static bool
add_tag(struct index_tags *tags, enum table table, guint word, gint64 doc, GError **error)
{
	static const struct query_text put = { "tag a message",
		"INSERT INTO tagged (tag, doc) VALUES (?, ?) ON CONFLICT DO NOTHING" };
	static const char *const kinds[TABLES] = { [TABLE_DIRECTION] = "direction",
		[TABLE_OUTCOME] = "outcome",
		[TABLE_MESSAGE_FACTS] = "has",
		[TABLE_PART_FACTS] = "has",
		[TABLE_MORE] = "has" };
	const char *const *const words[TABLES] = { direction_words, outcome_words,
		message_fact_words, part_fact_words, more_words };
	gint64 *id = &tags->ids[table][word];

	return (*id != 0 ||
		   find_tag(tags->database, kinds[table], words[table][word], id, error)) &&
	       query_run(
		   tags->database, &put, VALUES(query_int_value(*id), query_int_value(doc)), error);
}

static bool
add_facts(struct index_tags *tags, enum table table, const char *const *words, guint facts,
    gint64 doc, GError **error)
{
	for (guint i = 0; i < WORDS_MAX && words[i] != NULL; i++) {
		if ((facts & (1u << i)) != 0 && !add_tag(tags, table, i, doc, error))
			return false;
	}
	return true;
}

/* --- a message --- */

static bool
put(struct index_tags *tags, gint64 doc, const struct facts *facts, GError **error)
{
	return add_tag(tags, TABLE_DIRECTION, facts->direction, doc, error) &&
	       add_tag(tags, TABLE_OUTCOME, facts->outcome, doc, error) &&
	       (!facts->attachment || add_tag(tags, TABLE_MORE, MORE_ATTACHMENT, doc, error)) &&
	       (!facts->copy || add_tag(tags, TABLE_MORE, MORE_COPY, doc, error)) &&
	       add_facts(
		   tags, TABLE_MESSAGE_FACTS, message_fact_words, facts->message, doc, error) &&
	       add_facts(tags, TABLE_PART_FACTS, part_fact_words, facts->parts, doc, error);
}

bool
index_tags_put(struct index_tags *tags, gint64 message, gint64 doc, GError **error)
{
	static const struct query_text find = { "read facts for the search",
		"SELECT direction, outcome, facts, volume IS NOT NULL FROM message WHERE id = ?" };
	static const struct query_text parts = { "read facts of parts for the search",
		"SELECT attachment, facts FROM part WHERE message = ?" };
	struct facts facts = { 0 };
	struct query query;

	if (!query_open(&query, tags->database, &find, VALUES(query_int_value(message)), error))
		return false;
	if (query_next(&query)) {
		facts.direction = query_enum(&query, 0, word_count(direction_words));
		facts.outcome = query_enum(&query, 1, word_count(outcome_words));
		facts.message = (guint)query_int(&query, 2);
		facts.copy = query_int(&query, 3) != 0;
	}
	if (!query_close(&query, error) ||
	    !query_open(&query, tags->database, &parts, VALUES(query_int_value(message)), error))
		return false;
	while (query_next(&query)) {
		facts.attachment = facts.attachment || query_int(&query, 0) != 0;
		facts.parts |= (guint)query_int(&query, 1);
	}
	return query_close(&query, error) && put(tags, doc, &facts, error);
}

bool
index_tags_put_new(
    struct index_tags *tags, gint64 doc, const struct verdict *verdict, bool copy, GError **error)
{
	struct facts facts = { .direction = verdict->direction,
		.outcome = verdict->outcome,
		.message = verdict->facts,
		.copy = copy };

	for (guint i = 0; i < verdict->parts->len; i++) {
		const struct part *part = verdict->parts->pdata[i];
		facts.attachment = facts.attachment || part->attachment;
		facts.parts |= part->facts;
	}
	return put(tags, doc, &facts, error);
}

/* As the triggers would have done. */
bool
index_tags_old(struct database *database, gint64 message, gint64 doc, GError **error)
{
	static const struct query_text texts[] = {
		{ "tag old flags",
		    "INSERT INTO tag (kind, name) SELECT 'rule', rule FROM flag WHERE message = ?"
		    " AND exception = '' UNION SELECT 'state', state FROM flag WHERE message = ?1"
		    " AND exception = '' UNION SELECT 'flagged', '' FROM flag WHERE message = ?1"
		    " AND exception = '' UNION SELECT 'place', folder FROM placement"
		    " WHERE message = ?1 UNION SELECT 'gone', '' FROM placement WHERE message = ?1"
		    " AND fate = '" FATE_DELETED "' ON CONFLICT DO NOTHING" },
		{ "tag an old message",
		    "INSERT INTO tagged (tag, doc) SELECT t.id, ?2 FROM tag t JOIN (SELECT 'rule' "
		    "AS"
		    " kind, rule AS name FROM flag WHERE message = ?1 AND exception = '' UNION "
		    "SELECT"
		    " 'state', CAST(state AS TEXT) FROM flag WHERE message = ?1 AND exception = ''"
		    " UNION SELECT 'flagged', '' FROM flag WHERE message = ?1 AND exception = ''"
		    " UNION SELECT 'place', CAST(folder AS TEXT) FROM placement WHERE message = ?1"
		    " UNION SELECT 'gone', '' FROM placement WHERE message = ?1"
		    " AND fate = '" FATE_DELETED
		    "') x ON x.kind = t.kind AND x.name = t.name WHERE true"
		    " ON CONFLICT DO NOTHING" },
	};

	return query_run(database, &texts[0], VALUES(query_int_value(message)), error) &&
	       query_run(database, &texts[1],
		   VALUES(query_int_value(message), query_int_value(doc)), error);
}
