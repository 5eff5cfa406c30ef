/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * extract-text - whatever is text: bodies, and files of any name that hold text. Takes last.
 */
#include "worker/extract.h"

#include <string.h>

#include "worker/encoded.h"
#include "worker/pgp.h"
#include "worker/inner.h"
#include "worker/urls.h"

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
	const char *end = text + size;
	char *to = memchr(text, '\r', size);

	if (to == NULL)
		return size;
	/* `from` is at a CR; what lies between two of them moves as a whole. */
	for (const char *from = to; from < end;) {
		if (++from == end || *from != '\n')
			*to++ = '\n';
		const char *next = memchr(from, '\r', (gsize)(end - from));
		gsize n = (gsize)((next != NULL ? next : end) - from);
		memmove(to, from, n);
		to += n;
		from += n;
	}
	*to = '\0';
	return (gsize)(to - text);
}

static void
text_read(struct item *item)
{
	gsize size, text_size;
	g_autofree char *bytes = extract_bytes(item, &size);

	if (bytes == NULL)
		return;
	char *text = extract_decoded(item, item->charset, bytes, size, &text_size);
	GString *second = extract_second(item, item->charset, bytes, size, text);
	g_clear_pointer(&bytes, g_free);
	text_size = unify_lines(text, text_size);
	text_size = pgp_text(item, text, text_size);
	GString *urls = g_string_new(NULL);
	if (item->body)
		urls_find(text, urls);
	GString *inner =
	    inner_base64(item->scan->charset, text, text_size, (gsize)item->scan->limits->text);
	/* g_string_new_take is younger than our GLib: the text is handed on as it is. */
	if (text_size > 0)
		scan_add_text(item->scan, extract_component(item), item->part, text, text_size);
	else
		g_free(text);
	extract_add_text(item, COMPONENT_URLS, urls, false);
	extract_add_text(item, extract_component(item), inner, true);
	if (second != NULL) {
		g_string_truncate(second, unify_lines(second->str, second->len));
		extract_add_text(item, extract_component(item), second, false);
	}
	encoded_read(item);
}

const struct extractor extract_text = {
	.name = "text",
	.takes = text_takes,
	.wanted = WANTED_TEXT,
	.read = text_read,
};
