/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/url.h"

#include <string.h>

#include "base/fault.h"

#define HOST_MAX 253 /* RFC 1035 section 2.3.4, in text form */

static bool
refuse_url(GError **error, const char *why)
{
	g_set_error(error, FAULT, FAULT_CONFIG, "url: %s", why);
	return false;
}

/* "imaps://, imap://, pop3s:// or pop3://" */
static bool
refuse_scheme(GError **error, const struct url_scheme *schemes)
{
	g_autoptr(GString) text = g_string_new("begins with ");

	for (gsize i = 0; schemes[i].name != NULL; i++) {
		bool last = schemes[i + 1].name == NULL;
		g_string_append_printf(text, "%s%s://",
		    i == 0 ? ""
		    : last ? " or "
			   : ", ",
		    schemes[i].name);
	}
	return refuse_url(error, text->str);
}

static const struct url_scheme *
find_scheme(const char *url, const struct url_scheme *schemes, const char **rest)
{
	const char *end = strstr(url, "://");

	for (gsize i = 0; end != NULL && schemes[i].name != NULL; i++) {
		if (strlen(schemes[i].name) == (gsize)(end - url) &&
		    g_ascii_strncasecmp(url, schemes[i].name, (gsize)(end - url)) == 0) {
			*rest = end + 3;
			return &schemes[i];
		}
	}
	return NULL;
}

static bool
is_host_name(const char *host)
{
	g_auto(GStrv) labels = g_strsplit(host, ".", -1);

	if (strlen(host) > HOST_MAX)
		return false;
	for (gsize i = 0; labels[i] != NULL; i++) {
		gsize size = strlen(labels[i]);
		if (size == 0 || size > 63 || labels[i][0] == '-' || labels[i][size - 1] == '-')
			return false;
		for (gsize j = 0; j < size; j++) {
			if (!g_ascii_isalnum(labels[i][j]) && strchr("-_", labels[i][j]) == NULL)
				return false;
		}
	}
	return true;
}

/* Cuts "[address]" or "name" off; *rest is what follows: a port, or nothing. */
static char *
cut_host(const char *text, const char **rest, GError **error)
{
	if (text[0] == '[') {
		const char *end = strchr(text, ']');
		g_autofree char *host =
		    g_strndup(text + 1, end != NULL ? (gsize)(end - text - 1) : 0);
		if (strchr(host, ':') == NULL || strchr(host, '%') != NULL ||
		    !g_hostname_is_ip_address(host)) {
			refuse_url(error, "no IPv6 address between the brackets");
			return NULL;
		}
		*rest = end + 1;
		return g_steal_pointer(&host);
	}
	gsize size = strcspn(text, ":");
	g_autofree char *host = g_strndup(text, size);
	*rest = text + size;
	if (size == 0) {
		refuse_url(error, "the host is missing");
		return NULL;
	}
	g_autofree char *ascii = g_hostname_to_ascii(host);
	if (ascii == NULL || !is_host_name(ascii)) {
		refuse_url(error, strchr(*rest + (*rest[0] != '\0'), ':') != NULL
				      ? "an IPv6 address stands in brackets"
				      : "not a host name");
		return NULL;
	}
	return g_steal_pointer(&ascii);
}

static bool
parse_port(const char *rest, guint *port, GError **error)
{
	guint64 number;

	if (rest[0] == '\0')
		return true;
	if (rest[0] != ':' || !g_ascii_string_to_unsigned(rest + 1, 10, 1, 65535, &number, NULL))
		return refuse_url(error, "the port is not a number from 1 to 65535");
	*port = (guint)number;
	return true;
}

bool
url_parse(const char *text, const struct url_scheme *schemes, const char *path_mend, guint *scheme,
    char **host, guint *port, GError **error)
{
	const char *rest = NULL;
	const struct url_scheme *found = find_scheme(text, schemes, &rest);

	if (found == NULL)
		return refuse_scheme(error, schemes);
	if (strchr(rest, '@') != NULL)
		return refuse_url(
		    error, "holds a user or a password; write user = and password_file =");
	if (strpbrk(rest, "?#;") != NULL)
		return refuse_url(error, "holds a query; only a host and a port belong here");
	if (strchr(rest, '/') != NULL) {
		g_autofree char *why = g_strconcat("holds a path; ", path_mend, NULL);
		return refuse_url(error, why);
	}
	guint number = found->port;
	char *name = cut_host(rest, &rest, error);
	if (name == NULL || !parse_port(rest, &number, error)) {
		g_free(name);
		return false;
	}
	*scheme = (guint)(found - schemes);
	*host = name;
	*port = number;
	return true;
}

char *
url_make(const char *scheme, const char *host, guint port)
{
	bool is_v6 = strchr(host, ':') != NULL;

	return g_strdup_printf(
	    "%s://%s%s%s:%u/", scheme, is_v6 ? "[" : "", host, is_v6 ? "]" : "", port);
}
