/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * extract-text - whatever is text: bodies, and files of any name that hold text. Takes last.
 */
#include "worker/extract.h"

#include <string.h>

#define URLS_MAX (256 * 1024) /* bytes of link targets taken out of one text */
#define URL_MAX  4096

static bool
text_takes(const struct item *item, const char *type, const guint8 *head, gsize size)
{
	const char *declared = extract_part(item)->declared_type;
	bool meant = g_str_has_prefix(declared, "text/") || (item->body && *declared == '\0');

	if (g_str_equal(type, "text/rtf"))
		return false;
	/* Text with a NUL byte in it is no reason to look away. */
	if (meant && g_str_equal(type, "application/octet-stream"))
		return true;
	return (item->body && g_str_has_prefix(type, "text/")) || sniff_is_text(head, size);
}

/* CRLF and lone CR as LF, in place. */
static gsize
unify_lines(char *text, gsize size)
{
	char *to = memchr(text, '\r', size);

	if (to == NULL)
		return size;
	for (const char *from = to; from < text + size; from++) {
		if (*from != '\r')
			*to++ = *from;
		else if (from + 1 == text + size || from[1] != '\n')
			*to++ = '\n';
	}
	*to = '\0';
	return (gsize)(to - text);
}

/* Where the link around a sign of one begins ("://", "www."), or NULL. */
static const char *
url_start(const char *text, const char *at)
{
	const char *start = at;

	if (g_str_has_prefix(at, "://")) {
		while (start > text && g_ascii_isalpha(start[-1]) && at - start < 10)
			start--;
		return at - start >= 3 ? start : NULL;
	}
	bool inside = at > text && (g_ascii_isalnum(at[-1]) || at[-1] == '/');
	return g_str_has_prefix(at, "www.") && !inside ? at : NULL;
}

/* Links end at a blank or a sign that none contains. */
static void
find_urls(const char *text, GString *urls)
{
	for (const char *at = text; (at = strpbrk(at, ":w")) != NULL && urls->len < URLS_MAX;) {
		const char *start = url_start(text, at);
		if (start == NULL) {
			at++;
			continue;
		}
		const char *end = at + strcspn(at, " \t\r\n<>\"'`\\^{|}");
		while (end > start && strchr(".,;:!?)", end[-1]) != NULL)
			end--; /* the sentence's, not the link's */
		if (end - start <= URL_MAX) {
			if (urls->len > 0)
				g_string_append_c(urls, '\n');
			g_string_append_len(urls, start, end - start);
		}
		at = MAX(end, at + 1);
	}
}

static void
text_read(struct item *item)
{
	gsize size, text_size;
	g_autofree char *bytes = extract_bytes(item, &size);

	if (bytes == NULL)
		return;
	char *text = extract_decoded(item, item->charset, bytes, size, &text_size);
	g_clear_pointer(&bytes, g_free);
	text_size = unify_lines(text, text_size);
	if (strstr(text, "-----BEGIN PGP MESSAGE-----") != NULL)
		extract_set_encrypted(item, "PGP message");
	GString *urls = g_string_new(NULL);
	if (item->body)
		find_urls(text, urls);
	/* g_string_new_take is younger than our GLib: the text is handed on as it is. */
	if (text_size > 0)
		scan_add_text(item->scan, extract_component(item), item->part, text, text_size);
	else
		g_free(text);
	extract_add_text(item, COMPONENT_URLS, urls, false);
}

const struct extractor extract_text = {
	.name = "text",
	.takes = text_takes,
	.wanted = 0,
	.read = text_read,
};
