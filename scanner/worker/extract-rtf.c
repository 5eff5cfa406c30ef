/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * extract-rtf - Rich Text Format: its texts and targets, and each embedded object as a part of its
 * own: a package by its file name, an OLE document as such, what is neither by its bytes.
 */
#include "worker/extract.h"

#include <string.h>

#include "worker/names.h"
#include "worker/ole1.h"
#include "worker/rtf.h"

#define CHUNK      (64 * 1024)
#define NAME_BYTES 1024

struct reading {
	struct item *item;
	GString *said; /* classes, paths and links of objects */
	guint n_objects;
};

/* Word takes "{\rt" and anything behind it, and blanks before. */
static bool
rtf_takes(const struct item *item, const char *type, const guint8 *head, gsize size)
{
	(void)item;
	if (g_str_equal(type, "text/rtf") || g_str_equal(type, "application/rtf"))
		return true;
	if (size >= 3 && memcmp(head, "\xEF\xBB\xBF", 3) == 0) {
		head += 3;
		size -= 3;
	}
	while (size > 0 && g_ascii_isspace(*head)) {
		head++;
		size--;
	}
	return size >= 4 && memcmp(head, "{\\rt", 4) == 0;
}

static char *
piece_text(struct reading *reading, struct ole1_piece piece)
{
	struct charset_result result;

	return charset_decode(reading->item->scan->charset, NULL, piece.data,
	    MIN(piece.size, NAME_BYTES), NAME_BYTES, &result);
}

static void
say(struct reading *reading, const char *text)
{
	if (*text != '\0')
		g_string_append_printf(reading->said, "%s\n", text);
}

static void
say_piece(struct reading *reading, struct ole1_piece piece)
{
	g_autofree char *text = piece_text(reading, piece);

	say(reading, text);
}

static bool
add_object(struct reading *reading, const char *name, const guint8 *bytes, gsize size)
{
	g_autofree char *own = g_strdup_printf("object-%u", reading->n_objects);

	return extract_member(reading->item, *name != '\0' ? name : own, "", bytes, size);
}

static bool
on_object(void *data, const char *class_name, const char *name, const guint8 *bytes, gsize size)
{
	struct reading *reading = data;
	struct ole1 object;
	struct ole1_package package;

	reading->n_objects++;
	say(reading, class_name);
	say(reading, name);
	if (!ole1_parse(bytes, size, &object))
		return add_object(reading, "", bytes, size);
	say_piece(reading, object.class_name);
	say_piece(reading, object.topic);
	if (object.linked) {
		scan_outcome(reading->item->scan, reading->item->part, PART_UNKNOWN_TYPE,
		    "a linked object lies elsewhere");
		return true;
	}
	if (object.cut)
		extract_part(reading->item)->facts |= FACT_PART_MALFORMED;
	if (!ole1_parse_package(object.native.data, object.native.size, &package))
		return add_object(reading, "", object.native.data, object.native.size);
	say_piece(reading, package.path);
	say_piece(reading, package.temporary);
	g_autofree char *label = piece_text(reading, package.label);
	return add_object(reading, names_base(label), package.content.data, package.content.size);
}

/* What was not read, and why. */
static void
tell(struct item *item, guint facts)
{
	struct part *part = extract_part(item);

	if (facts & RTF_TOO_DEEP)
		scan_outcome(item->scan, item->part, PART_OVER_LIMIT, "groups nested too deep");
	if (facts & RTF_TEXT_CUT)
		scan_outcome(
		    item->scan, item->part, PART_OVER_LIMIT, "more text than is looked at");
	if (facts & RTF_OBJECT_CUT)
		scan_outcome(item->scan, item->part, PART_OVER_LIMIT,
		    "an embedded object larger than is looked at");
	if (facts & RTF_BROKEN)
		scan_outcome(item->scan, item->part, PART_BROKEN, "it ends within binary data");
	if (facts & RTF_UNKNOWN_CODEPAGE)
		scan_detail(item->scan, item->part, "an unknown code page");
	if (facts & (RTF_BROKEN | RTF_UNEVEN | RTF_UNKNOWN_CODEPAGE))
		part->facts |= FACT_PART_MALFORMED;
	if (facts & RTF_INVISIBLE)
		item->scan->message->facts |= FACT_HIDDEN_TEXT;
}

static void
rtf_read(struct item *item)
{
	struct scan *scan = item->scan;
	struct reading reading = { .item = item, .said = g_string_new(NULL) };
	struct rtf_result result;
	g_autoptr(rtf) rtf = rtf_new(scan->charset, (gsize)scan->limits->text,
	    (gsize)scan->limits->object, on_object, &reading);
	g_autofree guint8 *chunk = g_malloc(CHUNK);
	gsize n;

	for (guint64 at = 0; (n = blob_read(item->blob, at, chunk, CHUNK)) > 0; at += n) {
		if (scan_late(scan)) {
			scan_outcome(scan, item->part, PART_TIMEOUT, "the time was over");
			break;
		}
		rtf_add(rtf, chunk, n);
	}
	if (blob_kept(item->blob) < blob_size(item->blob))
		scan_outcome(scan, item->part, PART_OVER_LIMIT, "no memory for its bytes");
	rtf_end(rtf, &result);
	tell(item, result.facts);
	g_string_append_len(result.hidden, reading.said->str, (gssize)reading.said->len);
	g_string_free(reading.said, TRUE);
	extract_add_text(item, extract_component(item), result.text, false);
	extract_add_text(item, extract_component(item), result.hidden, true);
	extract_add_text(item, COMPONENT_URLS, result.urls, false);
}

const struct extractor extract_rtf = {
	.name = "rtf",
	.takes = rtf_takes,
	.wanted = G_MAXUINT64,
	.read = rtf_read,
};
