/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tags are facts of a message by which it is found; those that change are kept by triggers
 * (store/schema-search.h).
 */
#include "store/index-tags.h"

#include "mail/verdict.h"
#include "mail/words.h"
#include "store/query.h"

static bool
add_tag(struct database *database, const char *kind, const char *name, gint64 doc, GError **error)
{
	static const struct query_text make = { "make a tag",
		"INSERT INTO tag (kind, name) VALUES (?, ?) ON CONFLICT DO NOTHING" };
	static const struct query_text put = { "tag a message",
		"INSERT INTO tagged (tag, doc) SELECT id, ?3 FROM tag WHERE kind = ?1 AND name = ?2"
		" ON CONFLICT DO NOTHING" };
	struct query_value key[] = { query_text_value(kind), query_text_value(name),
		{ .kind = QUERY_END }, { .kind = QUERY_END } };

	/* Most tags were made by earlier messages. */
	key[2] = query_int_value(doc);
	if (!query_run(database, &put, key, error))
		return false;
	if (sqlite3_changes(database->handle) > 0)
		return true;
	key[2] = (struct query_value){ .kind = QUERY_END };
	if (!query_run(database, &make, key, error))
		return false;
	key[2] = query_int_value(doc);
	return query_run(database, &put, key, error);
}

static bool
add_facts(
    struct database *database, const char *const *words, guint facts, gint64 doc, GError **error)
{
	for (guint i = 0; words[i] != NULL; i++) {
		if ((facts & (1u << i)) != 0 && !add_tag(database, "has", words[i], doc, error))
			return false;
	}
	return true;
}

bool
index_tags(struct database *database, gint64 message, gint64 doc, GError **error)
{
	static const struct query_text find = { "read facts for the search",
		"SELECT direction, outcome, facts, volume IS NOT NULL FROM message WHERE id = ?" };
	static const struct query_text parts = { "read facts of parts for the search",
		"SELECT attachment, facts FROM part WHERE message = ?" };
	guint direction = 0, outcome = 0, facts = 0, part_facts = 0;
	bool copy = false, attachment = false;
	struct query query;

	if (!query_open(&query, database, &find, VALUES(query_int_value(message)), error))
		return false;
	if (query_next(&query)) {
		direction = query_enum(&query, 0, word_count(direction_words));
		outcome = query_enum(&query, 1, word_count(outcome_words));
		facts = (guint)query_int(&query, 2);
		copy = query_int(&query, 3) != 0;
	}
	if (!query_close(&query, error) ||
	    !query_open(&query, database, &parts, VALUES(query_int_value(message)), error))
		return false;
	while (query_next(&query)) {
		attachment = attachment || query_int(&query, 0) != 0;
		part_facts |= (guint)query_int(&query, 1);
	}
	return query_close(&query, error) &&
	       add_tag(database, "direction", direction_words[direction], doc, error) &&
	       add_tag(database, "outcome", outcome_words[outcome], doc, error) &&
	       (!attachment || add_tag(database, "has", "attachment", doc, error)) &&
	       (!copy || add_tag(database, "has", "copy", doc, error)) &&
	       add_facts(database, message_fact_words, facts, doc, error) &&
	       add_facts(database, part_fact_words, part_facts, doc, error);
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
		    " AND fate = 'deleted' ON CONFLICT DO NOTHING" },
		{ "tag an old message",
		    "INSERT INTO tagged (tag, doc) SELECT t.id, ?2 FROM tag t JOIN (SELECT 'rule' "
		    "AS"
		    " kind, rule AS name FROM flag WHERE message = ?1 AND exception = '' UNION "
		    "SELECT"
		    " 'state', CAST(state AS TEXT) FROM flag WHERE message = ?1 AND exception = ''"
		    " UNION SELECT 'flagged', '' FROM flag WHERE message = ?1 AND exception = ''"
		    " UNION SELECT 'place', CAST(folder AS TEXT) FROM placement WHERE message = ?1"
		    " UNION SELECT 'gone', '' FROM placement WHERE message = ?1"
		    " AND fate = 'deleted') x ON x.kind = t.kind AND x.name = t.name WHERE true"
		    " ON CONFLICT DO NOTHING" },
	};

	return query_run(database, &texts[0], VALUES(query_int_value(message)), error) &&
	       query_run(database, &texts[1],
		   VALUES(query_int_value(message), query_int_value(doc)), error);
}
