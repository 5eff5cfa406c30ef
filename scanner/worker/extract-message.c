/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * extract-message - files that are mail: a message under any name and declared type, and mbox
 * files (RFC 4155), each message of which becomes a part. What a sender calls text to be shown
 * in place is never taken.
 */
#include "worker/extract.h"

#include <string.h>

#include "mail/from-line.h"
#include "worker/entity.h"
#include "worker/headers.h"
#include "worker/lines.h"
#include "worker/parse.h"

#define FIELDS_LOOKED 60 /* lines at the top that may tell a message */
#define FIELDS_NEEDED 2  /* fields of mail in a file whose name and type do not say mail */

/* Fields that every message has some of; those in capitals of `strong` stand in nothing else. */
static const char *const strong[] = { "received", "return-path", "from", "message-id",
	"delivered-to", "mime-version", "content-type", "dkim-signature", NULL };
static const char *const weak[] = { "to", "cc", "bcc", "subject", "date", "sender", "reply-to",
	"content-transfer-encoding", "content-disposition", "in-reply-to", "references", "x-mailer",
	"user-agent", "importance", "resent-from", "resent-to", "list-id", NULL };

struct tally {
	guint known, strong;
	bool header; /* nothing but fields up to a blank line */
};

static gsize
line_size(const guint8 *data, gsize size)
{
	const guint8 *end = memchr(data, '\n', size);

	return end != NULL ? (gsize)(end - data) + 1 : size;
}

static void
count_field(struct tally *tally, const guint8 *line, gsize size)
{
	char name[32];
	gsize n = 0;

	while (n < sizeof name - 1 && n < size && g_ascii_isgraph(line[n]) && line[n] != ':') {
		name[n] = g_ascii_tolower((char)line[n]);
		n++;
	}
	name[n] = '\0';
	tally->strong += g_strv_contains(strong, name);
	tally->known += g_strv_contains(strong, name) || g_strv_contains(weak, name);
}

/* What the first lines are, as the header of a message. */
static struct tally
count_fields(const guint8 *head, gsize size)
{
	struct tally tally = { 0, 0, true };
	gsize at = size >= 3 && memcmp(head, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;

	for (guint i = 0; i < FIELDS_LOOKED && at < size; i++) {
		const guint8 *line = head + at;
		gsize length = line_size(line, size - at);
		at += length;
		bool blank = *line == '\n' || (*line == '\r' && length <= 2);
		if (blank && tally.known > 0)
			break;
		if (blank || (i > 0 && (*line == ' ' || *line == '\t')))
			continue;
		if (i == 0 && length > 5 && memcmp(line, "From ", 5) == 0)
			continue;
		if (!from_line_is_header((const char *)line, length)) {
			tally.header = false;
			break;
		}
		count_field(&tally, line, length);
	}
	return tally;
}

static bool
is_mbox(const guint8 *head, gsize size)
{
	gsize length = size > 5 && memcmp(head, "From ", 5) == 0 ? line_size(head, size) : 0;

	if (length == 0 || length > FROM_LINE_MAX || length == size)
		return false;
	g_autofree char *line = g_strndup((const char *)head, length);
	return from_line_is_dated(line) &&
	       from_line_is_header((const char *)head + length, size - length);
}

/* Types of RFC 3464, 3798, 5965 and such: fields to be read as they are, not a mail's. */
static bool
is_report(const char *declared)
{
	static const char *const types[] = { "message/external-body", "message/delivery-status",
		"message/disposition-notification", "message/feedback-report",
		"message/global-delivery-status", "message/global-disposition-notification",
		"text/rfc822-headers", "message/global-headers", NULL };

	return g_strv_contains(types, declared);
}

static bool
message_takes(const struct item *item, const char *type, const guint8 *head, gsize size)
{
	const struct part *part = extract_part(item);

	if (item->body || is_report(part->declared_type) || size == 0)
		return false;
	if (is_mbox(head, size))
		return true;
	struct tally tally = count_fields(head, size);
	if (g_str_has_prefix(part->declared_type, "message/") ||
	    g_str_equal(type, "message/rfc822"))
		return tally.known > 0;
	g_autofree char *name = g_utf8_strdown(part->name, -1);
	if (g_str_has_suffix(name, ".eml") || g_str_has_suffix(name, ".mht") ||
	    g_str_has_suffix(name, ".mhtml"))
		return tally.known > 0;
	return tally.header && tally.strong > 0 && tally.known >= FIELDS_NEEDED;
}

/* All fields: a file of any name may say there what no mail program shows. */
static void
add_header_text(struct item *item)
{
	struct scan *scan = item->scan;
	gsize size = (gsize)MIN(blob_kept(item->blob), PARSE_HEADER_WINDOW(scan->limits));
	g_autofree char *head = g_try_malloc(size + 1);
	GString *text = g_string_new(NULL);
	struct header_block block;

	if (head != NULL && blob_read(item->blob, 0, head, size) == size) {
		head[size] = '\0';
		headers_split(head, size, scan->limits, &block);
		for (guint i = 0; i < block.fields->len; i++) {
			const struct raw_header *field = block.fields->pdata[i];
			g_autofree char *value = headers_decode(scan->charset, field->value);
			g_string_append_printf(text, "%s: %s\n", field->name, value);
		}
		headers_clear(&block);
	}
	extract_add_text(item, extract_component(item), text, false);
}

static void
read_message(struct item *item)
{
	struct part *part = extract_part(item);
	gsize size, text_size;

	if (!g_str_equal(part->declared_type, "message/partial")) {
		g_free(part->true_type);
		part->true_type = g_strdup("message/rfc822");
	}
	if (blob_kept(item->blob) < blob_size(item->blob))
		scan_outcome(item->scan, item->part, PART_OVER_LIMIT, "no memory for its bytes");
	add_header_text(item);
	if (entity_read_blob(item, ENTITY_MESSAGE, 0, blob_kept(item->blob)))
		return;
	extract_part(item)->facts |= FACT_PART_MALFORMED;
	scan_outcome(item->scan, item->part, PART_BROKEN, "not readable as a message");
	size = (gsize)MIN(blob_kept(item->blob), item->scan->limits->text);
	g_autofree char *bytes = g_try_malloc(size + 1);
	if (bytes == NULL || blob_read(item->blob, 0, bytes, size) != size)
		return;
	char *text = extract_decoded(item, item->charset, bytes, size, &text_size);
	scan_add_text(item->scan, extract_component(item), item->part, text, text_size);
}

/* The nth message of an mbox, which begins behind its separator; NULL when no more are wanted. */
static struct item *
begin_message(struct item *item, guint64 n)
{
	struct scan *scan = item->scan;
	g_autofree char *path =
	    g_strdup_printf("%s/%" G_GUINT64_FORMAT, extract_part(item)->path, n);
	guint index =
	    n <= scan->limits->members ? scan_add_part(scan, path, item->level + 1) : TEXT_NO_PART;

	if (index == TEXT_NO_PART) {
		scan_outcome(scan, item->part, PART_OVER_LIMIT, "more messages than are looked at");
		return NULL;
	}
	struct part *part = scan_part(scan, index);
	part->attachment = true;
	g_free(part->declared_type);
	part->declared_type = g_strdup("message/rfc822");
	return extract_begin(scan, index, item->level + 1, false, NULL);
}

/* A dated "From " line behind an empty line, with a field behind it. */
static bool
is_separator(const struct lines *lines, const struct line *line, bool after_blank)
{
	struct lines ahead = *lines;
	struct line next;

	if (!after_blank || !lines_starts(line, "From ") || line->size >= FROM_LINE_MAX)
		return false;
	g_autofree char *text = g_strndup((const char *)line->data, line->size);
	if (!from_line_is_dated(text))
		return false;
	if (lines->window != NULL) {
		/* Not to move the window: a look of its own, at one line. */
		lines_begin(&ahead, lines->blob, line->offset + line->full);
	}
	bool found =
	    lines_next(&ahead, &next) && from_line_is_header((const char *)next.data, next.size);
	if (lines->window != NULL)
		lines_end(&ahead);
	return found;
}

static void
read_mbox(struct item *item)
{
	struct part *part = extract_part(item);
	struct item *member = NULL;
	struct lines lines;
	struct line line;
	guint64 n = 0;
	bool after_blank = true, more = true;

	g_free(part->true_type);
	part->true_type = g_strdup("application/mbox");
	if (item->level >= item->scan->limits->depth) {
		part->facts |= FACT_ARCHIVE_TOO_DEEP;
		scan_outcome(item->scan, item->part, PART_OVER_LIMIT, "nested too deep");
		return;
	}
	lines_begin(&lines, item->blob, 0);
	while (more && lines_next(&lines, &line)) {
		if (is_separator(&lines, &line, after_blank)) {
			if (member != NULL)
				extract_end(member);
			member = begin_message(item, ++n);
			more = member != NULL;
		} else if (member != NULL) {
			gsize quote =
			    line.begins ? from_line_quote((const char *)line.data, line.size) : 0;
			more = extract_add(member, line.data + quote, line.full - quote);
		}
		after_blank = line.begins && line.size == 0;
	}
	if (member != NULL && !more)
		scan_outcome(item->scan, item->part, extract_part(member)->outcome,
		    "not all messages were read");
	if (member != NULL)
		extract_end(member);
	lines_end(&lines);
}

static void
message_read(struct item *item)
{
	guint8 head[FROM_LINE_MAX + 100];
	gsize size = blob_read(item->blob, 0, head, sizeof head);

	if (is_mbox(head, size))
		read_mbox(item);
	else
		read_message(item);
}

const struct extractor extract_message = {
	.name = "message",
	.takes = message_takes,
	.wanted = G_MAXUINT64,
	.read = message_read,
};
