/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What lies in a maildrop, and under which names the store knows it. A UIDL is the name where
 * it is one; servers without UIDL, or with one UIDL for several messages, make us retrieve a
 * message to know it by its bytes.
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
	if (!parse_numbers(text, &pop3->count, NULL) || pop3->count > POP3_MESSAGES_MAX) {
		g_autofree char *said = session_quote(text);
		g_set_error(error, FAULT, FAULT_DATA,
		    "STAT: \"%s\" is no number of messages up to %d", said, POP3_MESSAGES_MAX);
		return false;
	}
	g_array_set_size(pop3->entries, (guint)pop3->count);
	return true;
}

/* The entry of a listing's line; what follows its number in *rest. */
static struct pop3_entry *
find_entry(struct pop3 *pop3, const char *line, const char **rest)
{
	guint64 number;

	if (!parse_numbers(line, &number, NULL) || number == 0 || number > pop3->entries->len)
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

static void
say(struct pop3 *pop3, guint missing, guint repeated)
{
	if (missing > 0) {
		g_autofree char *text =
		    g_strdup_printf("%u of %u messages have no usable UIDL: they are read at each "
				    "pass and known by their digest",
			missing, pop3->entries->len);
		session_emit_note(pop3->session, "INBOX", "no-uidl", text);
	}
	if (repeated > 0) {
		g_autofree char *text =
		    g_strdup_printf("%u messages have the UIDL of another one: they are read at "
				    "each pass and known by their digest",
			repeated);
		session_emit_note(pop3->session, "INBOX", "repeated-uidl", text);
	}
}

void
pop3_list_done(struct pop3 *pop3)
{
	guint missing = 0, repeated = 0;

	for (guint i = 0; i < pop3->entries->len; i++) {
		struct pop3_entry *entry = &g_array_index(pop3->entries, struct pop3_entry, i);
		if (entry->uidl == NULL) {
			missing++;
		} else if (g_hash_table_contains(pop3->given, entry->uidl)) {
			entry->repeated = true;
			repeated++;
		} else {
			entry->uid = g_strdup(entry->uidl);
			g_hash_table_add(pop3->given, entry->uid);
		}
		if (entry->uid == NULL || !g_hash_table_contains(pop3->known, entry->uid))
			g_array_append_val(pop3->wanted, i);
	}
	say(pop3, missing, repeated);
}

const char *
pop3_list_name(struct pop3 *pop3, guint index, const char *digest)
{
	struct pop3_entry *entry = &g_array_index(pop3->entries, struct pop3_entry, index);

	if (entry->uid == NULL) {
		g_autofree char *base = g_strdup_printf("%s%ssha256:%s",
		    entry->repeated ? entry->uidl : "", entry->repeated ? "#" : "", digest);
		char *uid = g_strdup(base);
		/* The same bytes twice in one maildrop are two messages still. */
		for (guint n = 2; g_hash_table_contains(pop3->given, uid); n++) {
			g_free(uid);
			uid = g_strdup_printf("%s#%u", base, n);
		}
		entry->uid = uid;
		g_hash_table_add(pop3->given, uid);
	}
	return g_hash_table_contains(pop3->known, entry->uid) ? NULL : entry->uid;
}

GStrv
pop3_list_present(const struct pop3 *pop3)
{
	guint gone = g_hash_table_size(pop3->known);
	GPtrArray *present = g_ptr_array_new();
	bool complete = true;

	for (guint i = 0; i < pop3->entries->len; i++) {
		const struct pop3_entry *entry =
		    &g_array_index(pop3->entries, struct pop3_entry, i);
		if (entry->uid == NULL) {
			complete = false;
			continue;
		}
		g_ptr_array_add(present, g_strdup(entry->uid));
		gone -= g_hash_table_contains(pop3->known, entry->uid) ? 1 : 0;
	}
	g_ptr_array_add(present, NULL);
	GStrv list = (GStrv)g_ptr_array_free(present, FALSE);
	/* A message whose name is not known may be one of those that seem to be gone. */
	if (gone > 0 && complete)
		return list;
	g_strfreev(list);
	return NULL;
}
