/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * extract-tnef - what Outlook wraps into "winmail.dat" (MS-OXTNEF): subject, people and body become
 * texts, attachments and bodies of other kinds become parts of their own, messages within too.
 */
#include "worker/extract.h"

#include <string.h>

#include "worker/lzfu.h"
#include "worker/names.h"
#include "worker/tnef.h"

#define NAME_BYTES 1024
#define IID_SIZE   16 /* before the bytes of an object: which interface reads them */

/* MAPI properties that mean more than their text (MS-OXPROPS). */
enum tag {
	TAG_SUBJECT = 0x0037,
	TAG_BODY = 0x1000,
	TAG_RTF = 0x1009,
	TAG_HTML = 0x1013,
	TAG_ATTACH_DATA = 0x3701,
	TAG_ATTACH_NAME = 0x3704,
	TAG_ATTACH_LONG_NAME = 0x3707,
	TAG_ATTACH_MIME = 0x370E,
	TAG_DISPLAY_NAME = 0x3001,
};

/* An attachment while its attributes come by. */
struct attachment {
	bool begun;
	char *title, *name, *long_name, *mime; /* NULL: not said */
	const guint8 *data, *object;           /* the old way and by MAPI; NULL: not there */
	gsize data_size, object_size;
};

struct reader {
	struct item *item;
	char charset[32]; /* of strings of bytes */
	GString *people, *others;
	struct attachment attachment;
	bool broken;
	bool more; /* more files are wanted */
};

static bool
tnef_takes(const struct item *item, const char *type, const guint8 *head, gsize size)
{
	(void)item;
	(void)head;
	(void)size;
	return g_str_equal(type, "application/ms-tnef");
}

/* attOemCodepage: the number of a Windows code page. */
static void
set_charset(struct reader *reader, const guint8 *data, gsize size)
{
	guint page = size >= 2 ? data[0] | (guint)data[1] << 8 : 0;

	if (page == 65001)
		g_strlcpy(reader->charset, "utf-8", sizeof reader->charset);
	else if (page >= 1250 && page <= 1258)
		g_snprintf(reader->charset, sizeof reader->charset, "windows-%u", page);
	else if (page >= 28591 && page <= 28605)
		g_snprintf(reader->charset, sizeof reader->charset, "iso-8859-%u", page - 28590);
	else if (page != 0 && page != 20127)
		g_snprintf(reader->charset, sizeof reader->charset, "cp%u", page);
}

/* The caller's, with line ends of one kind and without the NUL that ends strings here. */
static char *
decoded(struct reader *reader, guint16 type, const guint8 *data, gsize size, gsize max)
{
	struct charset_result result;
	bool wide = type == TNEF_UNICODE;
	gsize unit = wide ? 2 : 1;

	while (size >= unit && data[size - 1] == 0 && data[size - unit] == 0)
		size -= unit;
	char *text = charset_decode(reader->item->scan->charset,
	    wide ? "utf-16le" : reader->charset, data, size, max, &result);
	char *to = text;
	for (const char *from = text; *from != '\0'; from++)
		if (*from != '\r')
			*to++ = *from;
		else if (from[1] != '\n')
			*to++ = '\n';
	*to = '\0';
	return text;
}

/* Subject and body stand there the old way and by MAPI: what is the same is said once. */
static bool
is_said(const struct reader *reader, const char *text)
{
	const GPtrArray *texts = reader->item->scan->message->texts;

	for (guint i = texts->len; i-- > 0;) {
		const struct text *one = texts->pdata[i];
		if (one->part < reader->item->part)
			break;
		if (one->part == reader->item->part && strcmp(one->data, text) == 0)
			return true;
	}
	return false;
}

static void
add_body_text(struct reader *reader, guint16 type, const guint8 *data, gsize size)
{
	struct scan *scan = reader->item->scan;
	char *text = decoded(reader, type, data, size, scan_text_room(scan) + 1);

	if (*text != '\0' && !is_said(reader, text))
		scan_add_text(scan, COMPONENT_BODY, reader->item->part, text, strlen(text));
	else
		g_free(text);
}

static void
append_line(struct reader *reader, GString *out, guint16 type, const guint8 *data, gsize size)
{
	g_autofree char *text =
	    decoded(reader, type, data, size, (gsize)reader->item->scan->limits->text);

	if (*text != '\0' && out->len < reader->item->scan->limits->text)
		g_string_append_printf(out, "%s\n", text);
}

/* A body that is no plain text: a part that is read as a body. */
static void
add_body_part(struct reader *reader, const char *declared, const char *charset, const guint8 *data,
    gsize size)
{
	struct scan *scan = reader->item->scan;
	g_autofree char *path = g_strdup_printf("%s/body", extract_part(reader->item)->path);
	guint index = reader->item->level < scan->limits->depth
			  ? scan_add_part(scan, path, reader->item->level + 1)
			  : TEXT_NO_PART;

	if (index == TEXT_NO_PART) {
		scan_outcome(scan, reader->item->part, PART_OVER_LIMIT,
		    "more parts within than are looked at");
		reader->more = false;
		return;
	}
	struct part *part = scan_part(scan, index);
	g_free(part->declared_type);
	part->declared_type = g_strdup(declared);
	struct item *body = extract_begin(scan, index, reader->item->level + 1, true, charset);
	reader->more = extract_add(body, data, size) && reader->more;
	extract_end(body);
}

static void
add_rtf(struct reader *reader, const guint8 *data, gsize size)
{
	struct lzfu_result result;
	struct scan *scan = reader->item->scan;
	g_autofree char *rtf = lzfu_uncompress(data, size, (gsize)scan->limits->text, &result);

	if (rtf != NULL && result.size > 0)
		add_body_part(reader, "text/rtf", NULL, (const guint8 *)rtf, result.size);
	if (result.cut)
		scan_outcome(
		    scan, reader->item->part, PART_OVER_LIMIT, "more text than is looked at");
	reader->broken = reader->broken || result.broken;
}

static void
take_name(struct reader *reader, char **at, guint16 type, const guint8 *data, gsize size)
{
	g_free(*at);
	*at = decoded(reader, type, data, size, NAME_BYTES);
}

/* The bytes of an attachment under its name, and the other names that it goes by. */
static void
add_file(struct reader *reader, const guint8 *data, gsize size)
{
	const struct attachment *one = &reader->attachment;
	const char *const names[] = { one->long_name, one->name, one->title };
	const char *name = "";

	for (gsize i = G_N_ELEMENTS(names); i-- > 0;)
		if (names[i] != NULL && *names[i] != '\0')
			name = names[i];
	struct item *member =
	    extract_begin_member(reader->item, name, one->mime != NULL ? one->mime : "");
	if (member == NULL) {
		reader->more = false;
		return;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		if (names[i] == NULL || *names[i] == '\0' || g_str_equal(names[i], name))
			continue;
		message_add_text(reader->item->scan->message, COMPONENT_FILENAMES, NULL,
		    member->part, g_strdup(names[i]), strlen(names[i]));
		extract_part(member)->facts |= names_facts(names[i], "", "");
	}
	reader->more = extract_add(member, data, size);
	if (!reader->more)
		scan_outcome(reader->item->scan, reader->item->part, extract_part(member)->outcome,
		    "not all files within were read");
	extract_end(member);
}

static void
end_attachment(struct reader *reader)
{
	struct attachment *one = &reader->attachment;
	bool same = one->data != NULL && one->object != NULL &&
		    one->data_size == one->object_size &&
		    memcmp(one->data, one->object, one->data_size) == 0;

	if (one->begun && reader->more) {
		if (one->data != NULL || one->object == NULL)
			add_file(reader, one->data, one->data_size);
		if (reader->more && one->object != NULL && !same)
			add_file(reader, one->object, one->object_size);
	}
	g_free(one->title);
	g_free(one->name);
	g_free(one->long_name);
	g_free(one->mime);
	memset(one, 0, sizeof *one);
}

/* What is no more than a text: names and addresses of people apart from all others. */
static void
take_string(struct reader *reader, const struct tnef_value *value, bool people)
{
	static const guint16 tags[] = { 0x0042, 0x0065, 0x0C1A, 0x0C1F, 0x0E02, 0x0E03, 0x0E04,
		0x3001, 0x3003, 0x39FE, 0x5D01, 0x5D02 };
	GString *out = reader->others;

	for (gsize i = 0; people && i < G_N_ELEMENTS(tags); i++)
		if (tags[i] == value->tag)
			out = reader->people;
	append_line(reader, out, value->type, value->data, value->size);
}

static void
take_message_value(struct reader *reader, const struct tnef_value *value)
{
	bool string = value->type == TNEF_STRING8 || value->type == TNEF_UNICODE;

	if (string && (value->tag == TAG_SUBJECT || value->tag == TAG_BODY))
		add_body_text(reader, value->type, value->data, value->size);
	else if (value->tag == TAG_HTML && (string || value->type == TNEF_BINARY))
		add_body_part(reader, "text/html", value->type == TNEF_UNICODE ? "utf-16le" : NULL,
		    value->data, value->size);
	else if (value->tag == TAG_RTF && value->type == TNEF_BINARY)
		add_rtf(reader, value->data, value->size);
	else if (string)
		take_string(reader, value, true);
}

static void
take_attachment_value(struct reader *reader, const struct tnef_value *value)
{
	struct attachment *one = &reader->attachment;
	bool string = value->type == TNEF_STRING8 || value->type == TNEF_UNICODE;

	if (value->tag == TAG_ATTACH_DATA && value->type == TNEF_BINARY) {
		one->object = value->data;
		one->object_size = value->size;
	} else if (value->tag == TAG_ATTACH_DATA && value->type == TNEF_OBJECT) {
		gsize skip = MIN(value->size, IID_SIZE);
		one->object = value->data + skip;
		one->object_size = value->size - skip;
	} else if (!string) {
		return;
	} else if (value->tag == TAG_ATTACH_LONG_NAME) {
		take_name(reader, &one->long_name, value->type, value->data, value->size);
	} else if (value->tag == TAG_ATTACH_NAME ||
		   (value->tag == TAG_DISPLAY_NAME && one->name == NULL)) {
		take_name(reader, &one->name, value->type, value->data, value->size);
	} else if (value->tag == TAG_ATTACH_MIME) {
		take_name(reader, &one->mime, value->type, value->data, value->size);
	} else {
		take_string(reader, value, false);
	}
}

static void
take_values(struct reader *reader, const struct tnef_attribute *attribute)
{
	struct tnef_values values;
	struct tnef_value value;

	tnef_values_begin(
	    &values, attribute->data, attribute->size, attribute->id == TNEF_RECIPIENTS);
	while (reader->more && tnef_values_next(&values, &value)) {
		if (scan_late(reader->item->scan))
			reader->more = false;
		else if (attribute->id == TNEF_ATTACH_PROPERTIES)
			take_attachment_value(reader, &value);
		else
			take_message_value(reader, &value);
	}
	reader->broken = reader->broken || values.broken;
}

/* Attributes of an attachment. */
static bool
take_attached(struct reader *reader, const struct tnef_attribute *attribute)
{
	struct attachment *one = &reader->attachment;

	switch (attribute->id) {
	case TNEF_ATTACH_BEGIN:
		end_attachment(reader);
		break;
	case TNEF_ATTACH_TITLE:
		take_name(reader, &one->title, 0, attribute->data, attribute->size);
		break;
	case TNEF_ATTACH_TRANSPORT_NAME:
		take_name(reader, &one->name, 0, attribute->data, attribute->size);
		break;
	case TNEF_ATTACH_DATA:
		one->data = attribute->data;
		one->data_size = attribute->size;
		break;
	case TNEF_ATTACH_PROPERTIES:
		take_values(reader, attribute);
		break;
	default:
		return false;
	}
	one->begun = true;
	return true;
}

static void
take_attribute(struct reader *reader, const struct tnef_attribute *attribute)
{
	guint type = attribute->id >> 16;

	if (take_attached(reader, attribute))
		return;
	switch (attribute->id) {
	case TNEF_CODEPAGE:
		set_charset(reader, attribute->data, attribute->size);
		break;
	case TNEF_SUBJECT:
	case TNEF_BODY:
		add_body_text(reader, 0, attribute->data, attribute->size);
		break;
	case TNEF_FROM:
		/* A name and an address behind eight bytes, each with a NUL behind it. */
		if (attribute->size > 8) {
			const guint8 *name = attribute->data + 8;
			gsize size = attribute->size - 8;
			gsize first = strnlen((const char *)name, size);
			append_line(reader, reader->people, 0, name, first);
			if (first < size)
				append_line(reader, reader->people, 0, name + first + 1,
				    strnlen((const char *)name + first + 1, size - first - 1));
		}
		break;
	case TNEF_PROPERTIES:
	case TNEF_RECIPIENTS:
		take_values(reader, attribute);
		break;
	default:
		if (type == 1 || type == 2)
			append_line(reader, reader->others, 0, attribute->data, attribute->size);
		break;
	}
}

static void
read_attributes(struct reader *reader, const char *bytes, gsize size)
{
	struct item *item = reader->item;
	struct tnef tnef;
	struct tnef_attribute attribute;

	bool begun = tnef_begin(&tnef, (const guint8 *)bytes, size);
	reader->broken = !begun;
	while (begun && reader->more && tnef_next(&tnef, &attribute)) {
		if (scan_late(item->scan)) {
			scan_outcome(item->scan, item->part, PART_TIMEOUT, "the time was over");
			break;
		}
		take_attribute(reader, &attribute);
	}
	end_attachment(reader);
	if (tnef.wrong || tnef.cut || reader->broken)
		extract_part(item)->facts |= FACT_PART_MALFORMED;
	if (tnef.cut || reader->broken)
		scan_outcome(item->scan, item->part, PART_BROKEN,
		    tnef.cut ? "its end is missing" : "properties that cannot be read");
	else if (tnef.wrong)
		scan_detail(item->scan, item->part, "a checksum is not as stated");
}

static void
tnef_read(struct item *item)
{
	gsize size;
	g_autofree char *bytes = extract_bytes(item, &size);
	struct reader reader = { .item = item, .charset = "windows-1252", .more = true };

	if (bytes == NULL)
		return;
	if (item->level >= item->scan->limits->depth) {
		extract_part(item)->facts |= FACT_ARCHIVE_TOO_DEEP;
		scan_outcome(item->scan, item->part, PART_OVER_LIMIT, "nested too deep");
		return;
	}
	reader.people = g_string_new(NULL);
	reader.others = g_string_new(NULL);
	read_attributes(&reader, bytes, size);
	extract_add_text(item, COMPONENT_BODY, reader.people, false);
	extract_add_text(item, COMPONENT_ATTACHMENTS, reader.others, true);
}

const struct extractor extract_tnef = {
	.name = "tnef",
	.takes = tnef_takes,
	.wanted = G_MAXUINT64,
	.read = tnef_read,
};
