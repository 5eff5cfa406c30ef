/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ole-msg - a message as Outlook saves it (MS-OXMSG): its people, subject and body are text, bodies
 * in HTML and RTF, attachments and messages within are parts of their own.
 */
#include <string.h>

#include "base/text.h"
#include "worker/lzfu.h"
#include "worker/ole-read.h"
#include "worker/ole-text.h"

#define STRING8         0x001E
#define UNICODE         0x001F
#define OBJECT          0x000D
#define BINARY          0x0102
#define SEVERAL         0x1000 /* values: each in a stream of its own, "-00000000" behind the name */
#define INTERNET_CPID   0x3FDE0003u
#define MESSAGE_CPID    0x3FFD0003u
#define TAG_HTML        0x1013
#define TAG_RTF         0x1009
#define TAG_ATTACHMENT  0x3701
#define ATTACH_LONG     0x3707
#define ATTACH_SHORT    0x3704
#define ATTACH_MIME     0x370E
#define ATTACH_PATH     0x370D
#define DISPLAY_NAME    0x3001
#define PROPERTIES_SIZE (1024 * 1024)
#define VALUE_MAX       4096 /* bytes of a name */

/* What people see of a message, in the order in which they see it. */
static const struct {
	guint tag;
	const char *label;
} lines[] = {
	{ 0x0C1A, "From: " },
	{ 0x0C1F, "" },
	{ 0x5D01, "" },
	{ 0x0042, "On behalf of: " },
	{ 0x0065, "" },
	{ 0x5D02, "" },
	{ 0x0E04, "To: " },
	{ 0x0E03, "Cc: " },
	{ 0x0E02, "Bcc: " },
	{ 0x0037, "Subject: " },
	{ 0x1000, "" },
};

struct msg {
	struct ole_read *read;
	guint codepage; /* of strings of 8 bits */
	guint html_codepage;
};

/* "__substg1.0_0037001F": property and type; false for other names. */
static bool
parse_name(const char *name, guint *tag, guint *type)
{
	char *end;

	if (!g_str_has_prefix(name, "__substg1.0_") || strlen(name) < 20)
		return false;
	g_autofree char *digits = g_strndup(name + 12, 8);
	guint64 number = g_ascii_strtoull(digits, &end, 16);
	*tag = (guint)(number >> 16);
	*type = (guint)(number & 0xFFFF);
	if ((*type & SEVERAL) != 0)
		*type = name[20] == '-' ? *type & ~(guint)SEVERAL : 0;
	return *end == '\0';
}

static guint
child_of(struct ole_read *read, guint storage, guint tag, guint type)
{
	g_autofree char *name = g_strdup_printf("__substg1.0_%04X%04X", tag, type);

	return ole_child(read->ole, storage, name);
}

/* Adds the string of a stream; false when there is none. */
static bool
add_stream(struct msg *msg, guint stream, guint type, GString *out)
{
	struct ole_read *read = msg->read;
	gsize size, from = out->len, room = (gsize)read->item->scan->limits->text + 1;
	g_autofree guint8 *data = ole_bytes(read->ole, stream, G_MAXSIZE, &size);

	if (data == NULL)
		return false;
	if (type == UNICODE)
		ole_utf16(out, data, MIN(size / 2, room));
	else
		ole_codepage(
		    read->item->scan->charset, msg->codepage, out, data, MIN(size, room), room);
	ole_clean(out, from);
	return out->len > from;
}

static bool
add_property(struct msg *msg, guint storage, guint tag, GString *out)
{
	struct ole_read *read = msg->read;

	return add_stream(msg, child_of(read, storage, tag, UNICODE), UNICODE, out) ||
	       add_stream(msg, child_of(read, storage, tag, STRING8), STRING8, out);
}

/* A short string of its own, "" when there is none. */
static char *
property(struct msg *msg, guint storage, guint tag)
{
	GString *out = g_string_new(NULL);

	add_property(msg, storage, tag, out);
	g_autofree char *all = g_string_free(out, FALSE);
	return g_strndup(all, text_cut(all, strlen(all), VALUE_MAX));
}

/* Section 2.4: properties of a fixed size, 16 bytes each, behind a header. */
static guint32
fixed_property(const guint8 *data, gsize size, gsize header, guint32 tag)
{
	for (gsize at = header; at + 16 <= size; at += 16)
		if (ole_u32(data, size, at) == tag)
			return ole_u32(data, size, at + 8);
	return 0;
}

static void
take_lines(struct msg *msg)
{
	struct ole_read *read = msg->read;
	GString *out = read->text;

	for (gsize i = 0; i < G_N_ELEMENTS(lines) && ole_room(read); i++) {
		gsize from = out->len;
		g_string_append(out, lines[i].label);
		if (add_property(msg, read->storage, lines[i].tag, out))
			g_string_append_c(out, '\n');
		else
			g_string_truncate(out, from);
	}
}

/* All other strings of a storage: who knows what a program, or a person, keeps there. */
static void
take_others(struct msg *msg, guint storage, bool message, GString *out)
{
	struct ole_read *read = msg->read;

	for (guint i = 0; i < ole_count(read->ole) && ole_room(read); i++) {
		const struct ole_entry *entry = ole_entry(read->ole, i);
		guint tag, type;
		bool shown = false;
		if (entry->parent != storage || entry->storage ||
		    !parse_name(entry->name, &tag, &type) || (type != UNICODE && type != STRING8))
			continue;
		for (gsize k = 0; message && k < G_N_ELEMENTS(lines); k++)
			shown = shown || lines[k].tag == tag;
		bool body = tag == TAG_HTML && message;
		if (!shown && !body && add_stream(msg, i, type, out))
			g_string_append_c(out, '\n');
	}
}

static void
take_html(struct msg *msg)
{
	static const guint types[] = { BINARY, STRING8, UNICODE };
	struct ole_read *read = msg->read;
	char label[OLE_LABEL_MAX];

	for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
		guint stream = child_of(read, read->storage, TAG_HTML, types[i]);
		gsize size;
		g_autofree guint8 *data = ole_bytes(read->ole, stream, G_MAXSIZE, &size);
		struct item *member = data != NULL && size > 0 ? extract_begin_member(read->item,
								     "body.html", "text/html")
							       : NULL;
		if (member == NULL)
			continue;
		guint codepage = types[i] == UNICODE ? 1200 : msg->html_codepage;
		if (codepage != 0)
			member->charset = g_strdup(ole_codepage_label(codepage, label));
		extract_add(member, data, size);
		extract_end(member);
	}
}

static void
take_rtf(struct msg *msg)
{
	struct ole_read *read = msg->read;
	struct lzfu_result result;
	gsize size;
	g_autofree guint8 *data =
	    ole_bytes(read->ole, child_of(read, read->storage, TAG_RTF, BINARY), G_MAXSIZE, &size);

	if (data == NULL || size == 0)
		return;
	g_autofree char *rtf =
	    lzfu_uncompress(data, size, (gsize)read->item->scan->limits->unpacked / 4, &result);
	if (rtf != NULL && result.size > 0)
		extract_member(
		    read->item, "body.rtf", "text/rtf", (const guint8 *)rtf, result.size);
	if (result.cut)
		scan_outcome(read->item->scan, read->item->part, PART_OVER_LIMIT,
		    "more text than is looked at");
	else if (result.broken)
		ole_broken(read, "Outlook: the RTF body is broken");
}

static bool
take_attachment(struct msg *msg, guint storage)
{
	static const guint tags[] = { ATTACH_LONG, ATTACH_SHORT, DISPLAY_NAME };
	struct ole_read *read = msg->read;
	g_autofree char *name = g_strdup("");
	g_autofree char *mime = property(msg, storage, ATTACH_MIME);
	g_autofree char *link = property(msg, storage, ATTACH_PATH);
	guint object = child_of(read, storage, TAG_ATTACHMENT, OBJECT);
	gsize size;

	for (gsize i = 0; i < G_N_ELEMENTS(tags) && *name == '\0'; i++) {
		g_free(name);
		name = property(msg, storage, tags[i]);
	}
	ole_add_url(read, link);
	take_others(msg, storage, false, read->hidden);
	if (object != OLE_NONE && ole_entry(read->ole, object)->storage)
		return ole_storage(read, object, *name != '\0' ? name : "message.msg");
	g_autofree guint8 *data =
	    ole_bytes(read->ole, child_of(read, storage, TAG_ATTACHMENT, BINARY), G_MAXSIZE, &size);
	return data == NULL || extract_member(read->item, name, mime, data, size);
}

void
ole_msg_read(struct ole_read *read, guint stream)
{
	gsize size;
	g_autofree guint8 *data = ole_bytes(read->ole, stream, PROPERTIES_SIZE, &size);
	gsize header = read->storage == OLE_ROOT ? 32 : 24;
	struct msg msg = { .read = read,
		.codepage = fixed_property(data, size, header, MESSAGE_CPID),
		.html_codepage = fixed_property(data, size, header, INTERNET_CPID) };

	if (msg.codepage == 0)
		msg.codepage = msg.html_codepage;
	take_lines(&msg);
	take_others(&msg, read->storage, true, read->hidden);
	take_html(&msg);
	take_rtf(&msg);
	for (guint i = 1; i < ole_count(read->ole) && ole_room(read); i++) {
		const struct ole_entry *entry = ole_entry(read->ole, i);
		if (entry->parent != read->storage || !entry->storage)
			continue;
		if (g_str_has_prefix(entry->name, "__recip_version1.0_"))
			take_others(&msg, i, false, read->text);
		else if (g_str_has_prefix(entry->name, "__attach_version1.0_") &&
			 !take_attachment(&msg, i))
			break;
	}
}
