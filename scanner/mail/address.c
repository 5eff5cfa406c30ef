/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/address.h"

#include <string.h>

const char *const address_role_words[] = { "from", "sender", "reply-to", "to", "cc", "bcc",
	"delivered", NULL };

/*
 * Lower case character by character: g_utf8_strdown follows the locale, and a Turkish one would
 * make another domain of EXAMPLE.INFO.
 */
static char *
fold_domain(const char *domain)
{
	GString *out = g_string_new(NULL);

	for (const char *p = domain; *p != '\0'; p = g_utf8_next_char(p))
		g_string_append_unichar(out, g_unichar_tolower(g_utf8_get_char(p)));
	if (g_str_has_suffix(out->str, "."))
		g_string_truncate(out, out->len - 1);
	return g_string_free(out, FALSE);
}

struct address *
address_new(enum address_role role, const char *name, const char *address)
{
	struct address *out = g_new0(struct address, 1);

	out->role = role;
	out->name = g_utf8_make_valid(name != NULL ? name : "", -1);
	out->address = g_utf8_make_valid(address != NULL ? address : "", -1);
	const char *at = strrchr(out->address, '@');
	out->domain = at != NULL ? fold_domain(at + 1) : g_strdup("");
	return out;
}

void
address_free(struct address *address)
{
	if (address == NULL)
		return;
	g_free(address->name);
	g_free(address->address);
	g_free(address->domain);
	g_free(address);
}

bool
address_is_recipient(const struct address *address)
{
	switch (address->role) {
	case ADDRESS_TO:
	case ADDRESS_CC:
	case ADDRESS_BCC:
	case ADDRESS_DELIVERED:
		return true;
	case ADDRESS_FROM:
	case ADDRESS_SENDER:
	case ADDRESS_REPLY_TO:
		break;
	}
	return false;
}

bool
domain_is_among(const char *domain, const char *const *domains)
{
	gsize length = strlen(domain);

	for (gsize i = 0; domains != NULL && domains[i] != NULL; i++) {
		gsize n = strlen(domains[i]);
		if (n == 0 || n > length)
			continue;
		const char *tail = domain + length - n;
		/* "notcorp.example" must not pass for "corp.example". */
		if ((n == length || tail[-1] == '.') && g_ascii_strcasecmp(tail, domains[i]) == 0)
			return true;
	}
	return false;
}
