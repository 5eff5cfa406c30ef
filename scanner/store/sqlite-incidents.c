/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Flags that are one leak: the same mail in Sent and five inboxes, and what is nearly the same.
 *
 * Done before a batch is committed, for every flag that has no incident yet, however it came. An
 * incident is known by keys; whoever shares one belongs to it:
 *
 *	content   author, subject, digests of all parts
 *	mail      author, subject, Message-ID, digests of the attachments
 *	near      author, subject, recipients, names of the attachments, rule and what it matched;
 *	          for NEAR_DAYS only
 *
 * Never a key: the Message-ID alone, which a sender may choose. Verdicts do not go by incidents but
 * by fingerprints (rule, author, recipients, digests of all parts), so that what was decided of
 * one mail never holds for another that merely looks like it.
 */
#include "store/sqlite.h"

#include <string.h>

#include "base/digest.h"
#include "mail/words.h"
#include "mail/address.h"
#include "store/fold.h"

#define NEAR_DAYS     30
#define DAY           (G_GINT64_CONSTANT(86400) * G_USEC_PER_SEC)
#define HITS_MAX      50 /* of a flag that a key is made of */
#define PREFIX_MAX    5  /* characters of a reply's "Re:", "AW:" */
#define FLAGS_AT_ONCE 500

/* What is known of one flag and its message. */
struct subject {
	gint64 flag, message, seen;
	char *rule, *sha256, *message_id, *title;
	char *from;
	GPtrArray *recipients, *parts, *attachments, *names, *matches; /* of char *, sorted, once */
};

static GPtrArray *
texts_new(void)
{
	return g_ptr_array_new_with_free_func(g_free);
}

static void
subject_clear(struct subject *subject)
{
	g_free(subject->rule);
	g_free(subject->sha256);
	g_free(subject->message_id);
	g_free(subject->title);
	g_free(subject->from);
	g_ptr_array_unref(subject->recipients);
	g_ptr_array_unref(subject->parts);
	g_ptr_array_unref(subject->attachments);
	g_ptr_array_unref(subject->names);
	g_ptr_array_unref(subject->matches);
}

static int
compare_texts(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
sort_once(GPtrArray *texts)
{
	guint kept = 0;

	g_ptr_array_sort(texts, compare_texts);
	for (guint i = 0; i < texts->len; i++) {
		char *text = texts->pdata[i];
		if (kept > 0 && strcmp(texts->pdata[kept - 1], text) == 0) {
			g_free(text);
			continue;
		}
		texts->pdata[kept++] = text;
	}
	/* What lies behind was moved or freed. */
	for (guint i = kept; i < texts->len; i++)
		texts->pdata[i] = NULL;
	g_ptr_array_set_size(texts, (gint)kept);
}

/* "re: fwd: offer" and "AW[2]: offer" are answers to "offer". */
static char *
base_subject(const char *folded)
{
	for (;;) {
		gsize letters = 0;
		folded += strspn(folded, " \t");
		while (letters < PREFIX_MAX && g_ascii_isalpha(folded[letters]))
			letters++;
		const char *p = folded + letters;
		if (*p == '[') {
			gsize digits = strspn(p + 1, "0123456789");
			if (digits == 0 || p[1 + digits] != ']')
				break;
			p += digits + 2;
		}
		if (letters < 2 || letters == PREFIX_MAX || *p != ':')
			break;
		folded = p + 1;
	}
	char *base = g_strdup(folded);
	return g_strchomp(base);
}

/* --- what keys are made of --- */

static bool
load_people(struct database *database, struct subject *subject, GError **error)
{
	static const struct query_text all = { "read the people of a flag",
		"SELECT role, address FROM address WHERE message = ? ORDER BY position" };
	struct query query;

	if (!query_open(&query, database, &all, VALUES(query_int_value(subject->message)), error))
		return false;
	while (query_next(&query)) {
		guint role = query_enum(&query, 0, word_count(address_role_words));
		g_autofree char *address = fold_text(query_text(&query, 1));
		if (role == ADDRESS_FROM && subject->from == NULL)
			subject->from = g_steal_pointer(&address);
		else if (role == ADDRESS_TO || role == ADDRESS_CC || role == ADDRESS_BCC)
			g_ptr_array_add(subject->recipients, g_steal_pointer(&address));
	}
	sort_once(subject->recipients);
	if (subject->from == NULL)
		subject->from = g_strdup("");
	return query_close(&query, error);
}

static bool
load_parts(struct database *database, struct subject *subject, GError **error)
{
	static const struct query_text all = { "read the parts of a flag",
		"SELECT sha256, name, attachment FROM part WHERE message = ? ORDER BY position" };
	struct query query;

	if (!query_open(&query, database, &all, VALUES(query_int_value(subject->message)), error))
		return false;
	while (query_next(&query)) {
		if (query_text(&query, 0)[0] != '\0')
			g_ptr_array_add(subject->parts, query_dup(&query, 0));
		if (query_int(&query, 2) == 0)
			continue;
		g_ptr_array_add(subject->attachments, query_dup(&query, 0));
		g_ptr_array_add(subject->names, fold_text(query_text(&query, 1)));
	}
	/* Nothing is known of its inside: the bytes as a whole stand for it. */
	if (subject->parts->len == 0)
		g_ptr_array_add(subject->parts, g_strdup(subject->sha256));
	sort_once(subject->parts);
	sort_once(subject->attachments);
	sort_once(subject->names);
	return query_close(&query, error);
}

static bool
load_matches(struct database *database, struct subject *subject, GError **error)
{
	static const struct query_text all = { "read the matches of a flag",
		"SELECT section, excerpt, excerpt_start, excerpt_length FROM hit WHERE flag = ?"
		" ORDER BY position LIMIT ?" };
	struct query query;

	if (!query_open(&query, database, &all,
		VALUES(query_int_value(subject->flag), query_int_value(HITS_MAX)), error))
		return false;
	while (query_next(&query)) {
		const char *excerpt = query_text(&query, 1);
		gsize size = strlen(excerpt);
		gsize start = MIN((gsize)query_int(&query, 2), size);
		g_autofree char *match =
		    g_strndup(excerpt + start, MIN((gsize)query_int(&query, 3), size - start));
		g_autofree char *folded = fold_text(match);
		g_ptr_array_add(
		    subject->matches, g_strconcat(query_text(&query, 0), "\n", folded, NULL));
	}
	sort_once(subject->matches);
	return query_close(&query, error);
}

/* --- keys --- */

/* The length goes first: no two different lists give the same bytes. */
static void
add_text(struct digest *digest, const char *text)
{
	guint64 length = GUINT64_TO_LE((guint64)strlen(text));

	digest_update(digest, &length, sizeof length);
	digest_update(digest, text, strlen(text));
}

static void
add_texts(struct digest *digest, const GPtrArray *texts)
{
	guint64 count = GUINT64_TO_LE((guint64)texts->len);

	digest_update(digest, &count, sizeof count);
	for (guint i = 0; i < texts->len; i++)
		add_text(digest, texts->pdata[i]);
}

enum key { KEY_CONTENT, KEY_MAIL, KEY_NEAR, KEYS };

/* "" where there is nothing to tell it by. */
static void
make_key(const struct subject *subject, enum key which, char key[DIGEST_HEX])
{
	static const char *const names[] = { "content", "mail", "near" };
	g_autoptr(digest) digest = digest_new();

	key[0] = '\0';
	if ((which == KEY_MAIL && subject->message_id[0] == '\0') ||
	    (which == KEY_NEAR && subject->matches->len == 0))
		return;
	add_text(digest, names[which]);
	add_text(digest, subject->from);
	add_text(digest, subject->title);
	if (which == KEY_CONTENT) {
		add_texts(digest, subject->parts);
	} else if (which == KEY_MAIL) {
		add_text(digest, subject->message_id);
		add_texts(digest, subject->attachments);
	} else {
		add_texts(digest, subject->recipients);
		add_texts(digest, subject->names);
		add_text(digest, subject->rule);
		add_texts(digest, subject->matches);
	}
	digest_finish(digest, key);
}

static void
make_fingerprint(const struct subject *subject, char fingerprint[DIGEST_HEX])
{
	g_autoptr(digest) digest = digest_new();

	add_text(digest, "flag");
	add_text(digest, subject->rule);
	add_text(digest, subject->from);
	add_texts(digest, subject->recipients);
	add_texts(digest, subject->parts);
	digest_finish(digest, fingerprint);
}

/* --- the incident --- */

static bool
find_incident(struct database *database, const struct subject *subject, char keys[KEYS][DIGEST_HEX],
    gint64 *incident, GError **error)
{
	static const struct query_text find = { "find an incident",
		"SELECT incident FROM incident_key WHERE key = ? AND seen >= ?" };

	*incident = 0;
	for (int i = 0; i < KEYS && *incident == 0; i++) {
		gint64 since = i == KEY_NEAR ? subject->seen - NEAR_DAYS * DAY : 0;
		if (keys[i][0] != '\0' &&
		    !query_number(database, &find,
			VALUES(query_text_value(keys[i]), query_int_value(since)), incident, error))
			return false;
	}
	return true;
}

static bool
put_keys(struct database *database, const struct subject *subject, char keys[KEYS][DIGEST_HEX],
    gint64 incident, GError **error)
{
	/* A near key that had run out now leads to where it was used last. */
	static const struct query_text put = { "record an incident's key",
		"INSERT INTO incident_key (key, incident, seen) VALUES (?1, ?2, ?3)"
		" ON CONFLICT (key) DO UPDATE SET"
		" incident = CASE WHEN seen < ?4 THEN excluded.incident ELSE incident END,"
		" seen = max(seen, excluded.seen)" };

	for (int i = 0; i < KEYS; i++) {
		gint64 since = i == KEY_NEAR ? subject->seen - NEAR_DAYS * DAY : 0;
		if (keys[i][0] != '\0' &&
		    !query_run(database, &put,
			VALUES(query_text_value(keys[i]), query_int_value(incident),
			    query_int_value(subject->seen), query_int_value(since)),
			error))
			return false;
	}
	return true;
}

static bool
fold_flag(struct database *database, const struct subject *subject, GError **error)
{
	static const struct query_text insert = { "open an incident",
		"INSERT INTO incident (fingerprint, begun) VALUES (?, ?)" };
	/* What was decided of the same mail before holds. */
	static const struct query_text update = { "put a flag into its incident",
		"UPDATE flag SET incident = ?2, fingerprint = ?3, state = coalesce((SELECT r.state"
		" FROM review r WHERE r.fingerprint = ?3), 0) WHERE id = ?1" };
	char keys[KEYS][DIGEST_HEX], fingerprint[DIGEST_HEX];
	gint64 incident;

	for (int i = 0; i < KEYS; i++)
		make_key(subject, (enum key)i, keys[i]);
	make_fingerprint(subject, fingerprint);
	if (!find_incident(database, subject, keys, &incident, error))
		return false;
	if (incident == 0) {
		if (!query_run(database, &insert,
			VALUES(query_text_value(keys[KEY_CONTENT]), query_int_value(subject->seen)),
			error))
			return false;
		incident = sqlite3_last_insert_rowid(database->handle);
	}
	return put_keys(database, subject, keys, incident, error) &&
	       query_run(database, &update,
		   VALUES(query_int_value(subject->flag), query_int_value(incident),
		       query_text_value(fingerprint)),
		   error);
}

static bool
load_rest(struct database *database, struct subject *subject, GError **error)
{
	return load_people(database, subject, error) && load_parts(database, subject, error) &&
	       load_matches(database, subject, error);
}

/* The next flags without an incident; each is read to its end before the next statement. */
static bool
next_flags(struct database *database, GArray *flags, GError **error)
{
	static const struct query_text find = { "find new flags",
		"SELECT id FROM flag WHERE incident IS NULL ORDER BY id LIMIT ?" };
	struct query query;

	g_array_set_size(flags, 0);
	if (!query_open(&query, database, &find, VALUES(query_int_value(FLAGS_AT_ONCE)), error))
		return false;
	while (query_next(&query)) {
		gint64 id = query_int(&query, 0);
		g_array_append_val(flags, id);
	}
	return query_close(&query, error);
}

static bool
fold_one(struct database *database, gint64 id, GError **error)
{
	static const struct query_text find = { "read a new flag",
		"SELECT g.message, g.seen, g.rule, m.sha256, m.message_id, m.subject_folded"
		" FROM flag g JOIN message m ON m.id = g.message WHERE g.id = ?" };
	struct subject subject = { .flag = id };
	struct query query;

	if (!query_open(&query, database, &find, VALUES(query_int_value(id)), error))
		return false;
	if (query_next(&query)) {
		subject.message = query_int(&query, 0);
		subject.seen = query_int(&query, 1);
		subject.rule = query_dup(&query, 2);
		subject.sha256 = query_dup(&query, 3);
		subject.message_id = query_dup(&query, 4);
		subject.title = base_subject(query_text(&query, 5));
	}
	if (!query_close(&query, error))
		return false;
	subject.recipients = texts_new();
	subject.parts = texts_new();
	subject.attachments = texts_new();
	subject.names = texts_new();
	subject.matches = texts_new();
	bool right = load_rest(database, &subject, error) && fold_flag(database, &subject, error);
	subject_clear(&subject);
	return right;
}

bool
sqlite_incidents(struct database *database, GError **error)
{
	g_autoptr(GArray) flags = g_array_new(FALSE, FALSE, sizeof(gint64));

	for (;;) {
		if (!next_flags(database, flags, error))
			return false;
		if (flags->len == 0)
			return true;
		for (guint i = 0; i < flags->len; i++) {
			if (!fold_one(database, g_array_index(flags, gint64, i), error))
				return false;
		}
	}
}
