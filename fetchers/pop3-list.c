/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What lies in a maildrop, and under which names the store knows it. Wherever there is doubt a
 * message is retrieved once too often rather than once too seldom.
 */
#include "fetchers/pop3.h"

#include <string.h>

#include "base/fault.h"

void
pop3_entry_clear(gpointer data)
{
	struct pop3_entry *entry = data;

	g_free(entry->uidl);
	g_free(entry->uid);
}

/* Two decimal numbers, or one when second is NULL. */
static bool
parse_numbers(const char *text, guint64 *first, guint64 *second)
{
	char *end;

	if (!g_ascii_isdigit(*text))
		return false;
	*first = g_ascii_strtoull(text, &end, 10);
	if (second == NULL)
		return true;
	while (*end == ' ')
		end++;
	if (!g_ascii_isdigit(*end))
		return false;
	*second = g_ascii_strtoull(end, NULL, 10);
	return true;
}

bool
pop3_list_stat(struct pop3 *pop3, const char *text, GError **error)
{
	pop3->octets = 0;
	parse_numbers(text, &pop3->count, &pop3->octets);
	if (!parse_numbers(text, &pop3->count, NULL) || pop3->count > POP3_MESSAGES_MAX) {
		g_autofree char *said = session_quote(text);
		g_set_error(error, FAULT, FAULT_DATA,
		    "STAT: \"%s\" is no number of messages up to %d", said, POP3_MESSAGES_MAX);
		return false;
	}
	g_array_set_size(pop3->entries, (guint)pop3->count);
	return true;
}

void
pop3_list_plan(struct pop3 *pop3)
{
	struct fetch_folder folder = {
		.folder = (char *)"INBOX",
		.role = (char *)"inbox",
		.server_count = pop3->count,
		.bytes = pop3->octets,
	};

	session_emit_folder(pop3->session, FETCH_EVENT_FOLDER_BEGIN, &folder);
	session_emit_folder(pop3->session, FETCH_EVENT_FOLDER_END, &folder);
	session_finish(pop3->session, FETCH_OK, "");
}

/* The entry of a listing's line; what follows its number in *rest. */
static struct pop3_entry *
find_entry(struct pop3 *pop3, const char *line, const char **rest)
{
	guint64 number;

	if (!parse_numbers(line, &number, NULL) || number == 0 || number > POP3_MESSAGES_MAX)
		return NULL;
	/* STAT may have counted too few: what is listed is there. */
	if (number == pop3->entries->len + 1)
		g_array_set_size(pop3->entries, (guint)number);
	if (number > pop3->entries->len)
		return NULL;
	*rest = line + strspn(line, "0123456789");
	*rest += strspn(*rest, " ");
	return &g_array_index(pop3->entries, struct pop3_entry, number - 1);
}

/* RFC 1939 section 7: one to 70 characters from 0x21 to 0x7E. */
static bool
is_uidl(const char *text)
{
	gsize length = strlen(text);

	for (gsize i = 0; i < length; i++) {
		if (!g_ascii_isgraph(text[i]))
			return false;
	}
	return length > 0 && length <= POP3_UIDL_MAX;
}

void
pop3_list_uidl(struct pop3 *pop3, const char *line)
{
	const char *rest;
	struct pop3_entry *entry = find_entry(pop3, line, &rest);

	if (entry == NULL || entry->uidl != NULL)
		return;
	g_autofree char *uidl = g_strchomp(g_strdup(rest));
	if (is_uidl(uidl))
		entry->uidl = g_steal_pointer(&uidl);
}

void
pop3_list_size(struct pop3 *pop3, const char *line)
{
	guint64 number, size;
	const char *rest;
	struct pop3_entry *entry = find_entry(pop3, line, &rest);

	if (entry != NULL && parse_numbers(line, &number, &size))
		entry->announced = size;
}

/* Which UIDLs can be relied on */

static void
find_repeated(struct pop3 *pop3)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < pop3->entries->len; i++) {
		struct pop3_entry *entry = &g_array_index(pop3->entries, struct pop3_entry, i);
		struct pop3_entry *first =
		    entry->uidl != NULL ? g_hash_table_lookup(seen, entry->uidl) : NULL;
		if (first != NULL)
			first->repeated = entry->repeated = true;
		else if (entry->uidl != NULL)
			g_hash_table_insert(seen, entry->uidl, entry);
	}
}

/* Each UIDL is the number of its message: it names another one after the next deletion. */
static bool
is_positional(const struct pop3 *pop3)
{
	for (guint i = 0; i < pop3->entries->len; i++) {
		const char *uidl = g_array_index(pop3->entries, struct pop3_entry, i).uidl;
		guint64 number;
		if (uidl == NULL ||
		    !g_ascii_string_to_unsigned(uidl, 10, i + 1, i + 1, &number, NULL))
			return false;
	}
	return true;
}

/* Messages whose UIDL another one had. Who gives one away again may give away any. */
static guint
count_recycled(const struct pop3 *pop3)
{
	guint n = 0;

	for (guint i = 0; i < pop3->entries->len; i++) {
		const struct pop3_entry *entry =
		    &g_array_index(pop3->entries, struct pop3_entry, i);
		n += entry->uidl != NULL && !entry->repeated &&
		     known_has_other(pop3->known, entry->uidl, entry->announced);
	}
	return n;
}

static void
set_uid(struct pop3 *pop3, struct pop3_entry *entry, const char *uid)
{
	entry->uid = g_strdup(uid);
	g_hash_table_add(pop3->given, entry->uid);
}

void
pop3_list_done(struct pop3 *pop3)
{
	pop3->recycled = count_recycled(pop3);
	bool doubt_all = pop3->recycled > 0 || is_positional(pop3);

	find_repeated(pop3);
	for (guint i = 0; i < pop3->entries->len; i++) {
		struct pop3_entry *entry = &g_array_index(pop3->entries, struct pop3_entry, i);
		entry->doubted = entry->uidl == NULL || entry->repeated || doubt_all ||
				 known_is_doubled(pop3->known, entry->uidl);
		const char *uid =
		    entry->doubted ? NULL
				   : known_claim_name(pop3->known, entry->uidl, entry->announced);
		if (uid != NULL)
			set_uid(pop3, entry, uid);
	}
	for (guint i = 0; i < pop3->entries->len; i++) {
		const struct pop3_entry *entry =
		    &g_array_index(pop3->entries, struct pop3_entry, i);
		if (entry->uid != NULL)
			continue;
		bool ask = !pop3->no_top && known_may_have(pop3->known, entry->announced);
		g_array_append_val(ask ? pop3->doubtful : pop3->wanted, i);
	}
}

void
pop3_list_head(struct pop3 *pop3, guint index, const char *head)
{
	struct pop3_entry *entry = &g_array_index(pop3->entries, struct pop3_entry, index);
	const char *uid = known_claim_head(pop3->known, entry->announced, head);

	if (uid == NULL) {
		g_array_append_val(pop3->wanted, index);
		return;
	}
	set_uid(pop3, entry, uid);
	pop3->renumbered += !entry->doubted;
}

static gint
compare_indexes(gconstpointer left, gconstpointer right)
{
	const guint *a = left, *b = right;

	return *a < *b ? -1 : *a > *b;
}

static void
say(struct pop3 *pop3, const char *word, guint n, const char *what)
{
	/* Not again over a second connection. */
	if (n == 0 || pop3->begun)
		return;
	g_autofree char *text =
	    g_strdup_printf("%u of %u messages %s", n, pop3->entries->len, what);
	session_emit_note(pop3->session, "INBOX", word, text);
}

void
pop3_list_settle(struct pop3 *pop3)
{
	guint missing = 0, repeated = 0;

	for (guint i = 0; i < pop3->entries->len; i++) {
		const struct pop3_entry *entry =
		    &g_array_index(pop3->entries, struct pop3_entry, i);
		missing += entry->uidl == NULL;
		repeated += entry->repeated;
	}
	say(pop3, "no-uidl", missing,
	    "have no usable UIDL: they are known by their header and size, else by their digest");
	say(pop3, "repeated-uidl", repeated,
	    "share a UIDL: they are known by their header and size, else by their digest");
	say(pop3, "recycled-uidl", pop3->recycled,
	    "have a UIDL that stood for another size before: in this pass no UIDL is relied on");
	say(pop3, "renumbered-uidl", pop3->renumbered,
	    "have another UIDL than before and were found by their header and size");
	g_array_sort(pop3->wanted, compare_indexes);
}

/* Names of what was retrieved */

bool
pop3_list_needs_digest(const struct pop3 *pop3, guint index)
{
	return g_array_index(pop3->entries, struct pop3_entry, index).doubted;
}

/* The same bytes twice in one maildrop are two messages still. */
static char *
digest_uid(struct pop3 *pop3, const struct pop3_entry *entry, const char *digest, const char *head)
{
	g_autofree char *base = g_strdup_printf("%s%ssha256:%s",
	    entry->uidl != NULL ? entry->uidl : "", entry->uidl != NULL ? "#" : "", digest);
	g_autofree char *name = g_strdup(base);

	for (guint n = 2;; n++) {
		const char *known = known_claim_name(pop3->known, name, entry->announced);
		char *uid =
		    known != NULL ? g_strdup(known) : known_uid(name, entry->announced, head);
		if (!g_hash_table_contains(pop3->given, uid))
			return uid;
		g_free(uid);
		g_free(name);
		name = g_strdup_printf("%s#%u", base, n);
	}
}

const char *
pop3_list_name(struct pop3 *pop3, guint index, const char *digest, const char *head)
{
	struct pop3_entry *entry = &g_array_index(pop3->entries, struct pop3_entry, index);
	g_autofree char *uid = entry->doubted ? digest_uid(pop3, entry, digest, head)
					      : known_uid(entry->uidl, entry->announced, head);

	g_clear_pointer(&entry->uid, g_free);
	set_uid(pop3, entry, uid);
	if (known_has_uid(pop3->known, uid))
		return NULL;
	known_add(pop3->known, uid);
	return entry->uid;
}

char *
pop3_list_failed(struct pop3 *pop3, guint index)
{
	struct pop3_entry *entry = &g_array_index(pop3->entries, struct pop3_entry, index);

	if (entry->uid == NULL && !entry->doubted) {
		g_autofree char *uid = known_uid(entry->uidl, entry->announced, "");
		set_uid(pop3, entry, uid);
	}
	return g_strdup(entry->uid);
}

GStrv
pop3_list_present(const struct pop3 *pop3)
{
	g_autoptr(GStrvBuilder) present = g_strv_builder_new();

	for (guint i = 0; i < pop3->entries->len; i++) {
		const char *uid = g_array_index(pop3->entries, struct pop3_entry, i).uid;
		/* A message whose name is not known may be one of those that seem to be gone. */
		if (uid == NULL)
			return NULL;
		g_strv_builder_add(present, uid);
	}
	return g_strv_builder_end(present);
}
