/* SPDX-License-Identifier: GPL-3.0-or-later */
/* external - see external.h. */
#include "worker/external.h"

#include <string.h>

/* Long links are broken into words; the blanks are not the link's (RFC 2017 section 3). */
static void
append_unbroken(GString *out, const char *text)
{
	for (; *text != '\0'; text++)
		if (!g_ascii_isspace(*text))
			g_string_append_c(out, *text);
}

static void
append_link(GString *out, const struct parameters *type)
{
	const char *url = parameters_get(type, "url");
	const char *site = parameters_get(type, "site");
	const char *server = parameters_get(type, "server");
	const char *directory = parameters_get(type, "directory");
	const char *name = parameters_get(type, "name");

	if (url != NULL) {
		append_unbroken(out, url);
	} else if (site != NULL) {
		g_string_append_printf(out, "ftp://%s", site);
		if (directory != NULL && *directory != '\0')
			g_string_append_printf(
			    out, "%s%s", *directory == '/' ? "" : "/", directory);
		if (name != NULL)
			g_string_append_printf(out, "/%s", name);
	} else if (server != NULL) {
		g_string_append_printf(out, "mailto:%s", server);
	}
}

static void
add(struct scan *scan, enum component component, guint part, GString *text)
{
	gsize size = text->len;
	char *data = g_string_free(text, FALSE);

	if (size > 0)
		scan_add_text(scan, component, part, data, size);
	else
		g_free(data);
}

void
external_note(struct scan *scan, guint part, const struct parameters *type)
{
	GString *all = g_string_new(NULL);
	GString *link = g_string_new(NULL);

	for (guint i = 0; i < type->items->len; i++) {
		const struct parameter *one = type->items->pdata[i];
		g_string_append_printf(all, "%s=%s\n", one->name, one->value);
	}
	append_link(link, type);
	add(scan, COMPONENT_ATTACHMENTS, part, all);
	add(scan, COMPONENT_URLS, part, link);
}
