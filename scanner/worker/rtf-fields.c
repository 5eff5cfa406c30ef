/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rtf-fields - see rtf-fields.h. */
#include "worker/rtf-fields.h"

#include <string.h>

#define URLS_MAX (256 * 1024)

bool
rtf_fields_add_url(GString *urls, const char *url, gsize size)
{
	if (size == 0 || *url == '#')
		return true;
	if (urls->len + size > URLS_MAX)
		return false;
	if (urls->len > 0)
		g_string_append_c(urls, '\n');
	g_string_append_len(urls, url, (gssize)size);
	return true;
}

/* The next argument of an instruction: a word, or what stands in quotes. NULL at the end. */
static const char *
next_argument(const char *text, const char **argument, gsize *size)
{
	text += strspn(text, " \t\n");
	if (*text == '\0')
		return NULL;
	if (*text == '"') {
		*argument = text + 1;
		*size = strcspn(text + 1, "\"");
		text += 1 + *size;
		return *text == '"' ? text + 1 : text;
	}
	*argument = text;
	*size = strcspn(text, " \t\n\"");
	return text + *size;
}

static bool
is_dull(const char *verb, gsize size)
{
	static const char *const dull[] = { "PAGE", "NUMPAGES", "SECTIONPAGES", "DATE", "TIME",
		"TOC", "PAGEREF", "REF", "SEQ", "SYMBOL", "FORMTEXT", "FORMCHECKBOX",
		"FORMDROPDOWN", "CREATEDATE", "SAVEDATE", "PRINTDATE", "HYPERLINK" };

	for (gsize i = 0; i < G_N_ELEMENTS(dull); i++)
		if (strlen(dull[i]) == size && g_ascii_strncasecmp(dull[i], verb, size) == 0)
			return true;
	return false;
}

bool
rtf_fields_instruction(const char *text, GString *urls, GString *hidden)
{
	const char *argument = "";
	gsize size = 0;
	bool room = true;
	const char *at = next_argument(text, &argument, &size);

	if (at == NULL)
		return true;
	if (!is_dull(argument, size)) {
		g_string_append(hidden, text);
		g_string_append_c(hidden, '\n');
	}
	while (room && (at = next_argument(at, &argument, &size)) != NULL) {
		bool target = memchr(argument, ':', size) != NULL ||
			      memchr(argument, '/', size) != NULL ||
			      memchr(argument, '@', size) != NULL ||
			      memmem(argument, size, "\\\\", 2) != NULL;
		if (target)
			room = rtf_fields_add_url(urls, argument, size);
	}
	return room;
}

/* Attributes that hold a target. */
static bool
add_attributes(const char *html, GString *urls)
{
	static const char *const names[] = { "href", "src", "action", "background" };

	for (const char *at = html; (at = strchr(at, '=')) != NULL; at++) {
		const char *end = at, *value = at + 1;
		while (end > html && g_ascii_isspace(end[-1]))
			end--;
		value += strspn(value, " \t\r\n");
		bool quoted = *value == '"' || *value == '\'';
		gsize size = quoted ? strcspn(value + 1, *value == '"' ? "\"" : "'")
				    : strcspn(value, " \t\r\n>");
		for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
			gsize n = strlen(names[i]);
			if ((gsize)(end - html) >= n &&
			    g_ascii_strncasecmp(end - n, names[i], n) == 0 &&
			    g_ascii_strncasecmp(value + quoted, "cid:", 4) != 0 &&
			    !rtf_fields_add_url(urls, value + quoted, size))
				return false;
		}
	}
	return true;
}

bool
rtf_fields_tag(const char *html, GString *urls, GString *out)
{
	static const char *const blocks[] = { "p", "/p", "br", "div", "/div", "tr", "/tr", "td",
		"/td", "th", "/th", "li", "/li", "table", "/table", "h1", "/h1", "h2", "/h2", "h3",
		"/h3", "hr", "/title", "ul", "ol", "blockquote" };
	static const struct {
		const char *entity, *text;
	} entities[] = { { "&nbsp;", " " }, { "&amp;", "&" }, { "&lt;", "<" }, { "&gt;", ">" },
		{ "&quot;", "\"" } };

	for (gsize i = 0; i < G_N_ELEMENTS(entities); i++)
		if (strcmp(html, entities[i].entity) == 0)
			g_string_append(out, entities[i].text);
	for (const char *at = html; (at = strchr(at, '<')) != NULL; at++) {
		gsize size = strcspn(at + 1, " \t\r\n>");
		for (gsize i = 0; i < G_N_ELEMENTS(blocks); i++)
			if (strlen(blocks[i]) == size &&
			    g_ascii_strncasecmp(at + 1, blocks[i], size) == 0 && out->len > 0 &&
			    out->str[out->len - 1] != '\n')
				g_string_append_c(out, '\n');
	}
	return add_attributes(html, urls);
}
