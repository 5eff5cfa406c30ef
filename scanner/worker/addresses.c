/* SPDX-License-Identifier: GPL-3.0-or-later */
/* addresses - see addresses.h. Never hands GMime an encoded word or a byte that is not UTF-8. */
#include "worker/addresses.h"

#include <gmime/gmime.h>
#include <string.h>

#include "worker/headers.h"

#define GROUPS_MAX 8 /* RFC 5322 has no groups in groups; some senders do */

/* An encoded word travels through GMime as an atom: these signs around its bytes in hex. */
#define SHIELD_OPEN  "=_"
#define SHIELD_CLOSE "_="

bool
addresses_role(const char *header, enum address_role *role)
{
	static const struct {
		const char *header;
		enum address_role role;
	} roles[] = {
		{ "from", ADDRESS_FROM },
		{ "sender", ADDRESS_SENDER },
		{ "reply-to", ADDRESS_REPLY_TO },
		{ "to", ADDRESS_TO },
		{ "cc", ADDRESS_CC },
		{ "bcc", ADDRESS_BCC },
		{ "delivered-to", ADDRESS_DELIVERED },
		{ "x-original-to", ADDRESS_DELIVERED },
		{ "x-envelope-to", ADDRESS_DELIVERED },
		{ "x-clear-delivered-to", ADDRESS_DELIVERED },
		{ "envelope-to", ADDRESS_DELIVERED },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(roles); i++) {
		if (g_ascii_strcasecmp(header, roles[i].header) == 0) {
			*role = roles[i].role;
			return true;
		}
	}
	return false;
}

static char *
shield(const char *text)
{
	GString *out = g_string_sized_new(strlen(text) + 1);

	for (const char *found; (found = strstr(text, "=?")) != NULL;) {
		gsize length = headers_word_length(found);
		g_string_append_len(out, text, found - text);
		if (length == 0) {
			g_string_append(out, "=?");
			text = found + 2;
			continue;
		}
		g_string_append(out, SHIELD_OPEN);
		for (gsize i = 0; i < length; i++)
			g_string_append_printf(out, "%02x", (guint8)found[i]);
		g_string_append(out, SHIELD_CLOSE);
		text = found + length;
	}
	g_string_append(out, text);
	return g_string_free(out, FALSE);
}

/* Gives the encoded words back and decodes them. */
static char *
unshield(struct charset *charset, const char *text)
{
	g_autoptr(GString) raw = g_string_new(NULL);

	if (strstr(text, SHIELD_OPEN) == NULL)
		return headers_decode(charset, text);
	for (const char *found; (found = strstr(text, SHIELD_OPEN)) != NULL;) {
		const char *hex = found + strlen(SHIELD_OPEN);
		gsize length = strspn(hex, "0123456789abcdef");
		g_string_append_len(raw, text, found - text);
		if (length == 0 || length % 2 != 0 ||
		    !g_str_has_prefix(hex + length, SHIELD_CLOSE)) {
			g_string_append(raw, SHIELD_OPEN);
			text = hex;
			continue;
		}
		for (gsize i = 0; i < length; i += 2)
			g_string_append_c(raw, (char)(g_ascii_xdigit_value(hex[i]) << 4 |
						      g_ascii_xdigit_value(hex[i + 1])));
		text = hex + length + strlen(SHIELD_CLOSE);
	}
	g_string_append(raw, text);
	return headers_decode(charset, raw->str);
}

static bool
add_list(struct charset *charset, enum address_role role, InternetAddressList *found, guint depth,
    guint64 max, GPtrArray *list)
{
	int n = internet_address_list_length(found);

	for (int i = 0; i < n; i++) {
		InternetAddress *one = internet_address_list_get_address(found, i);
		if (INTERNET_ADDRESS_IS_GROUP(one)) {
			InternetAddressList *members =
			    internet_address_group_get_members(INTERNET_ADDRESS_GROUP(one));
			if (depth < GROUPS_MAX &&
			    !add_list(charset, role, members, depth + 1, max, list))
				return false;
			continue;
		}
		if (list->len >= max)
			return false;
		const char *raw_name = internet_address_get_name(one);
		const char *raw_spec =
		    internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one));
		g_autofree char *name = unshield(charset, raw_name != NULL ? raw_name : "");
		g_autofree char *spec = unshield(charset, raw_spec != NULL ? raw_spec : "");
		if (*name != '\0' || *spec != '\0')
			g_ptr_array_add(list, address_new(role, name, spec));
	}
	return true;
}

/* One mailbox in the making, of text that is borrowed. */
struct plain {
	const char *name, *spec;
	gsize name_size, spec_size;
};

/* dot-atom@dot-atom of the signs that nearly all have, without an encoded domain; or 0. */
static gsize
plain_spec(const char *at)
{
	gsize n = 0, signs = 0;
	char last = '.';

	for (; g_ascii_isalnum(at[n]) || (at[n] != '\0' && strchr("._-+@", at[n]) != NULL); n++) {
		bool edge = at[n] == '.' || at[n] == '@';
		if (edge && (last == '.' || last == '@'))
			return 0;
		signs += at[n] == '@';
		last = at[n];
	}
	return signs == 1 && last != '.' && last != '@' && g_strstr_len(at, (gssize)n, "--") == NULL
		   ? n
		   : 0;
}

/* Words with one blank between them, in quotes or without what needs them; or 0. */
static gsize
plain_name(const char *at, bool quoted)
{
	const char *signs = quoted ? "-_'.,& " : "-_' ";
	gsize n = 0;

	while (g_ascii_isalnum(at[n]) || (at[n] != '\0' && strchr(signs, at[n]) != NULL)) {
		if (at[n] == ' ' && (n == 0 || at[n + 1] == ' '))
			return 0;
		n++;
	}
	return n;
}

/* A mailbox as most are written, from *at on, which moves behind it. */
static bool
plain_next(const char **at, struct plain *out)
{
	const char *text = *at + strspn(*at, " \t\r\n");
	bool quoted = *text == '"';

	*out = (struct plain){ .name = "", .spec = text };
	if ((out->spec_size = plain_spec(text)) > 0) {
		text += out->spec_size;
	} else {
		out->name = text + quoted;
		out->name_size = plain_name(out->name, quoted);
		text = out->name + out->name_size;
		if (quoted ? out->name_size == 0 || text[-1] == ' ' || *text++ != '"' : false)
			return false;
		if (!quoted && out->name_size > 0 && out->name[--out->name_size] != ' ')
			return false;
		text += quoted && *text == ' ';
		if (*text != '<' || (out->spec_size = plain_spec(text + 1)) == 0)
			return false;
		out->spec = text + 1;
		text = out->spec + out->spec_size;
		if (*text++ != '>')
			return false;
	}
	*at = text + strspn(text, " \t\r\n");
	return **at == '\0' || **at == ',';
}

/*
 * Mailboxes of which no two readers make two things, without GMime, whose objects cost ten times
 * as much. False, and nothing is added, when anything stands there that is not as plain.
 */
static bool
add_plain(enum address_role role, const char *raw, guint64 max, GPtrArray *list, bool *whole)
{
	guint before = list->len;
	struct plain plain;

	*whole = true;
	for (const char *at = raw; plain_next(&at, &plain); at++) {
		if (list->len < max) {
			g_autofree char *name = g_strndup(plain.name, plain.name_size);
			g_autofree char *spec = g_strndup(plain.spec, plain.spec_size);
			g_ptr_array_add(list, address_new(role, name, spec));
		} else {
			*whole = false;
		}
		if (*at == '\0')
			return true;
	}
	g_ptr_array_set_size(list, (int)before);
	return false;
}

bool
addresses_add(
    struct charset *charset, enum address_role role, const char *raw, guint64 max, GPtrArray *list)
{
	struct charset_result result;
	bool whole = true;

	if (add_plain(role, raw, max, list, &whole))
		return whole;
	g_autofree char *text =
	    charset_decode(charset, NULL, raw, strlen(raw), G_MAXUINT32, &result);
	g_autofree char *safe = shield(text);
	InternetAddressList *found = internet_address_list_parse(NULL, safe);

	if (found != NULL && internet_address_list_length(found) > 0) {
		whole = add_list(charset, role, found, 0, max, list);
	} else if (safe[strspn(safe, " \t\r\n;,")] != '\0' && list->len < max) {
		/* No mailbox that GMime can see: people read it as it stands, and so do rules. */
		g_autofree char *plain = headers_decode(charset, text);
		g_ptr_array_add(list, address_new(role, plain, ""));
	}
	g_clear_object(&found);
	return whole;
}
