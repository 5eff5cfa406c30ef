/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mailboxes - see mailboxes.h. Never calls a library but for the charsets of names. */
#include "worker/mailboxes.h"

#include <string.h>

#include "worker/headers.h"

#define COMMENT_MAX 1000 /* bytes; a longer one is no comment */

/* One mailbox as far as it is read. */
struct mailbox {
	GString *name;
	GString *spec; /* within angle brackets */
	GString *comment;
	bool angle; /* there were some */
};

/* A quoted string or a comment at `at`, its text to out. Returns what is behind it. */
static const char *
take_quoted(const char *at, char end, GString *out)
{
	for (at++; *at != '\0' && *at != end; at++) {
		if (*at == '\\' && at[1] != '\0')
			at++;
		g_string_append_c(out, *at);
	}
	return *at != '\0' ? at + 1 : at;
}

static bool
is_quote(const char *at)
{
	/* One that never ends is a character as any other: the rest is not swallowed. */
	return *at == '"' && strchr(at + 1, '"') != NULL;
}

static bool
is_comment(const char *at)
{
	return *at == '(' && memchr(at, ')', strnlen(at, COMMENT_MAX)) != NULL;
}

/* One mailbox, up to a comma or a semicolon; a group's name is dropped. last: the last '>'. */
static const char *
take_mailbox(const char *at, const char *last, struct mailbox *box)
{
	bool inside = false;

	for (; *at != '\0'; at++) {
		gsize word = headers_word_length(at);
		if (word > 0) {
			g_string_append_len(inside ? box->spec : box->name, at, (gssize)word);
			at += word - 1;
		} else if (inside && *at == '>') {
			inside = false;
		} else if (!inside && is_quote(at)) {
			at = take_quoted(at, '"', box->name) - 1;
		} else if (!inside && is_comment(at)) {
			g_string_append_c(box->name, ' ');
			at = take_quoted(at, ')', box->comment) - 1;
		} else if (!inside && (*at == ',' || *at == ';')) {
			return at + 1;
		} else if (!inside && *at == '<' && at < last) {
			inside = box->angle = true;
			g_string_truncate(box->spec, 0);
		} else if (!inside && *at == ':') {
			g_string_truncate(box->name, 0);
		} else {
			g_string_append_c(inside ? box->spec : box->name, *at);
		}
	}
	return at;
}

static void
add_mailbox(
    struct charset *charset, enum address_role role, const struct mailbox *box, GPtrArray *list)
{
	g_autofree char *name = headers_decode(charset, box->name->str);
	g_autofree char *spec = headers_decode(charset, box->spec->str);

	g_strstrip(name);
	g_strstrip(spec);
	if (box->angle && *spec != '\0') {
		g_ptr_array_add(list, address_new(role, name, spec));
		return;
	}
	/* Without brackets: the word that looks like one. */
	g_auto(GStrv) words = g_strsplit_set(name, " \t", -1);
	const char *found = "";
	for (guint i = 0; words[i] != NULL && *found == '\0'; i++)
		if (strchr(words[i], '@') != NULL)
			found = words[i];
	if (*found != '\0' || *name != '\0')
		g_ptr_array_add(
		    list, address_new(role, *found != '\0' ? box->comment->str : name, found));
}

bool
mailboxes_add(
    struct charset *charset, enum address_role role, const char *raw, guint64 max, GPtrArray *list)
{
	g_autoptr(GString) name = g_string_new(NULL);
	g_autoptr(GString) spec = g_string_new(NULL);
	g_autoptr(GString) comment = g_string_new(NULL);
	const char *last = strrchr(raw, '>');

	if (last == NULL)
		last = raw;
	while (*raw != '\0') {
		struct mailbox box = { name, spec, comment, false };
		g_string_truncate(name, 0);
		g_string_truncate(spec, 0);
		g_string_truncate(comment, 0);
		raw = take_mailbox(raw, last, &box);
		if (list->len < max)
			add_mailbox(charset, role, &box, list);
		else if (spec->len > 0 || strspn(name->str, " \t\r\n") < name->len)
			return false;
	}
	return true;
}
