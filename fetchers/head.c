/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fetchers/head.h"

#include <string.h>

#include "base/digest.h"

void
head_begin(struct head *head)
{
	if (head->text == NULL)
		head->text = g_string_new(NULL);
	g_string_truncate(head->text, 0);
	head->complete = false;
}

/* Where an empty line begins, at or behind from; -1: nowhere. */
static gssize
find_end(const GString *text, gsize from)
{
	for (gsize i = from; i < text->len; i++) {
		const char *found = memchr(text->str + i, '\n', text->len - i);
		if (found == NULL)
			return -1;
		i = (gsize)(found - text->str);
		if (strncmp(found + 1, "\r\n", 2) == 0 || found[1] == '\n')
			return (gssize)i + 1;
	}
	return -1;
}

void
head_feed(struct head *head, const guint8 *bytes, gsize size)
{
	if (head->complete || head->text == NULL)
		return;
	gsize before = head->text->len;
	g_string_append_len(
	    head->text, (const char *)bytes, (gssize)MIN(size, HEAD_BYTES - before));
	/* The empty line may have begun in the piece before. */
	gssize end = find_end(head->text, before > 2 ? before - 3 : 0);
	if (end >= 0)
		g_string_truncate(head->text, (gsize)end);
	head->complete = end >= 0 || head->text->len == HEAD_BYTES;
}

static bool
was_received(const GString *text)
{
	static const char name[] = "Received:";
	const char *line = text->str;

	while (line != NULL && g_ascii_strncasecmp(line, name, strlen(name)) != 0) {
		line = memchr(line, '\n', (gsize)(text->str + text->len - line));
		line = line != NULL ? line + 1 : NULL;
	}
	return line != NULL;
}

void
head_finish(struct head *head, char hex[HEAD_HEX + 1])
{
	char whole[DIGEST_HEX];

	hex[0] = '\0';
	if (head->text == NULL || !was_received(head->text))
		return;
	digest_bytes(head->text->str, head->text->len, whole);
	g_strlcpy(hex, whole, HEAD_HEX + 1);
}

void
head_clear(struct head *head)
{
	if (head->text != NULL)
		g_string_free(head->text, TRUE);
	head->text = NULL;
}
