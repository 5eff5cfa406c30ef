/* SPDX-License-Identifier: GPL-3.0-or-later */
/* journal - see journal.h. Looks at the first body alone: that is the report's own text. */
#include "worker/journal.h"

#include <string.h>

#include "worker/addresses.h"

#define MARK "x-ms-journal-report"

static bool
is_report(const struct message *message)
{
	for (guint i = 0; i < message->texts->len; i++) {
		const struct text *text = message->texts->pdata[i];
		if (text->component == COMPONENT_HEADERS && text->header != NULL &&
		    g_ascii_strcasecmp(text->header, MARK) == 0)
			return true;
	}
	return false;
}

/* The first body's first reading; NULL: none was read. */
static const struct text *
first_body(const struct message *message)
{
	for (guint i = 0; i < message->texts->len; i++) {
		const struct text *text = message->texts->pdata[i];
		if (text->component == COMPONENT_BODY && text->offsets == NULL)
			return text;
	}
	return NULL;
}

/* What a line is about: the value behind the colon, or NULL. */
static const char *
value_of(const char *line, enum address_role *role)
{
	static const struct {
		const char *label;
		enum address_role role;
	} labels[] = {
		{ "sender:", ADDRESS_SENDER },
		{ "on-behalf-of:", ADDRESS_SENDER },
		{ "recipient:", ADDRESS_DELIVERED },
		{ "recipients:", ADDRESS_DELIVERED },
		{ "to:", ADDRESS_DELIVERED },
		{ "cc:", ADDRESS_DELIVERED },
		{ "bcc:", ADDRESS_DELIVERED },
	};

	line += strspn(line, " \t");
	for (gsize i = 0; i < G_N_ELEMENTS(labels); i++) {
		gsize n = strlen(labels[i].label);
		if (g_ascii_strncasecmp(line, labels[i].label, n) != 0)
			continue;
		*role = labels[i].role;
		return line + n;
	}
	return NULL;
}

static bool
is_known(const GPtrArray *addresses, const struct address *one)
{
	for (guint i = 0; i < addresses->len; i++) {
		const struct address *other = addresses->pdata[i];
		if (other->role == one->role &&
		    g_ascii_strcasecmp(other->address, one->address) == 0)
			return true;
	}
	return false;
}

/* The list that a recipient came from is one that it was sent to as well. */
static bool
add_value(struct scan *scan, enum address_role role, const char *value)
{
	static const char *const words[] = { ", Expanded:", ", Forwarded:" };
	GPtrArray *people = scan->message->addresses;
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func((GDestroyNotify)address_free);
	g_autoptr(GString) list = g_string_new(value);

	for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
		g_string_replace(list, words[i], ",", 0);
	bool whole = addresses_add(scan->charset, role, list->str, scan->limits->addresses, found);
	for (guint i = 0; i < found->len; i++) {
		struct address *one = found->pdata[i];
		if (is_known(people, one))
			continue;
		if (people->len >= scan->limits->addresses)
			return false;
		g_ptr_array_add(people, one);
		found->pdata[i] = NULL;
	}
	return whole;
}

void
journal_add(struct scan *scan)
{
	const struct text *body = is_report(scan->message) ? first_body(scan->message) : NULL;
	enum address_role role;

	if (body == NULL)
		return;
	g_auto(GStrv) lines = g_strsplit(body->data, "\n", -1);
	for (guint i = 0; lines[i] != NULL; i++) {
		const char *value = value_of(g_strchomp(lines[i]), &role);
		if (value != NULL && !add_value(scan, role, value)) {
			scan->message->facts |= FACT_MALFORMED;
			scan_partial(scan);
			return;
		}
	}
}
