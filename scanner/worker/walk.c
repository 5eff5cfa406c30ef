/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * walk - see walk.h. Never calls what re-encodes parameters of received headers (GMime issue 165),
 * and takes names and charsets from raw values alone.
 */
#include "worker/walk.h"

#include <string.h>

#include "worker/addresses.h"
#include "worker/decode.h"
#include "worker/external.h"
#include "worker/extract.h"
#include "worker/headers.h"
#include "worker/leaf.h"
#include "worker/parameters.h"
#include "worker/seen.h"

#define CHUNK (64 * 1024)

/* Where the walk stands. */
struct place {
	const char *path; /* of the parts around: "" or "1.2" */
	guint level;      /* multiparts and messages around */
	guint messages;   /* messages around: struct part.depth */
	bool encrypted;   /* within multipart/encrypted */
};

static void walk_object(
    struct scan *scan, GMimeObject *object, const char *path, const struct place *place);

/* The nth raw value under a name in an object's own headers, or NULL. */
static const char *
raw_value(GMimeObject *object, const char *name, guint nth)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(object);
	int n = g_mime_header_list_get_count(list);

	for (int i = 0; i < n; i++) {
		GMimeHeader *header = g_mime_header_list_get_header_at(list, i);
		if (g_ascii_strcasecmp(g_mime_header_get_name(header), name) == 0 && nth-- == 0)
			return g_mime_header_get_raw_value(header);
	}
	return NULL;
}

/* At most CHUNK bytes more of a stream: where they lie, or read into room. NULL at its end. */
static const guint8 *
next_bytes(GMimeStream *stream, guint8 *room, gsize *n)
{
	if (room != NULL) {
		gssize got = g_mime_stream_read(stream, (char *)room, CHUNK);
		*n = got > 0 ? (gsize)got : 0;
		return got > 0 ? room : NULL;
	}
	const GByteArray *bytes = GMIME_STREAM_MEM(stream)->buffer;
	gint64 end = stream->bound_end >= 0 ? stream->bound_end : (gint64)bytes->len;
	end = MIN(end, (gint64)bytes->len);
	if (stream->position < 0 || stream->position >= end)
		return NULL;
	const guint8 *at = bytes->data + stream->position;
	*n = (gsize)MIN(end - stream->position, CHUNK);
	stream->position += (gint64)*n;
	return at;
}

/* A content stream through the decoder into the reader. */
static void
feed(struct item *item, GMimeStream *stream, enum decode_kind kind, bool *irregular)
{
	g_autofree guint8 *room = GMIME_IS_STREAM_MEM(stream) ? NULL : g_malloc(CHUNK);
	g_autoptr(GByteArray) decoded = g_byte_array_new();
	struct decode decode;
	const guint8 *raw;
	gsize n;
	bool more = true;

	*irregular = false;
	decode_begin(&decode, kind);
	g_mime_stream_reset(stream);
	while (more && (raw = next_bytes(stream, room, &n)) != NULL) {
		if (kind == DECODE_NONE) {
			more = extract_add(item, raw, n);
			continue;
		}
		g_byte_array_set_size(decoded, 0);
		decode_add(&decode, raw, n, decoded);
		more = extract_add(item, decoded->data, decoded->len);
	}
	g_byte_array_set_size(decoded, 0);
	decode_end(&decode, decoded);
	if (more && decoded->len > 0)
		extract_add(item, decoded->data, decoded->len);
	if (decode.junk > 0 || decode.restarted)
		extract_part(item)->facts |= FACT_PART_MALFORMED;
	*irregular = kind == DECODE_BASE64 && (decode.junk > 0 || decode.restarted);
}

/* True for a stretch of the message itself: of its memory, or of its descriptor. */
static bool
holds(const struct scan *scan, const GMimeStream *stream)
{
	if (GMIME_IS_STREAM_MEM(stream)) {
		const GByteArray *bytes = GMIME_STREAM_MEM(stream)->buffer;
		return bytes != NULL && bytes->data == scan->bytes;
	}
	return GMIME_IS_STREAM_FS(stream) && GMIME_STREAM_FS(stream)->fd == scan->fd;
}

/* Where a leaf lies in the message, when it lies there. */
static void
remember_leaf(struct scan *scan, struct seen_leaf *leaf, GMimeStream *stream)
{
	leaf->begin = leaf->end = -1;
	if (stream != NULL && holds(scan, stream)) {
		leaf->begin = stream->bound_start;
		leaf->end = stream->bound_end >= 0 ? stream->bound_end
						   : leaf->begin + g_mime_stream_length(stream);
	}
	seen_add(scan->seen, leaf);
}

/* What a declared type alone means for the message. */
static void
note_type(struct scan *scan, guint index, const char *type, const struct place *place)
{
	if (g_str_equal(type, "message/partial")) {
		scan->message->facts |= FACT_PARTIAL_MESSAGE;
		scan_outcome(scan, index, PART_BROKEN, "the rest is in other messages");
	} else if (g_str_equal(type, "message/external-body")) {
		scan->message->facts |= FACT_EXTERNAL_BODY;
		scan_outcome(scan, index, PART_UNKNOWN_TYPE, "the content lies elsewhere");
	} else if (place->encrypted && !g_str_equal(type, "application/pgp-encrypted")) {
		scan->message->facts |= FACT_ENCRYPTED_MESSAGE;
		scan_outcome(scan, index, PART_ENCRYPTED, "PGP/MIME");
	}
}

static guint
add_part(struct scan *scan, GMimeObject *object, const char *path, const struct place *place,
    const struct parameters *type, const struct parameters *disposition)
{
	guint index = scan_add_part(scan, path, place->messages);

	if (index == TEXT_NO_PART)
		return index;
	struct part *part = scan_part(scan, index);
	GMimeContentType *parsed = g_mime_object_get_content_type(object);
	g_free(part->declared_type);
	if (strchr(type->value, '/') != NULL) {
		part->declared_type = g_strdup(type->value);
	} else {
		/* None, or none that is one: what GMime takes it for decides its way. */
		const char *main = g_mime_content_type_get_media_type(parsed);
		const char *sub = g_mime_content_type_get_media_subtype(parsed);
		g_autofree char *both = g_strdup_printf(
		    "%s/%s", main != NULL ? main : "text", sub != NULL ? sub : "plain");
		g_autofree char *valid = g_utf8_make_valid(both, -1);
		part->declared_type =
		    *type->value == '\0' ? g_strdup("") : g_ascii_strdown(valid, -1);
	}
	if (type->malformed || disposition->malformed)
		part->facts |= FACT_PART_MALFORMED;
	leaf_add_names(scan, index, disposition, "filename");
	leaf_add_names(scan, index, type, "name");
	part->attachment = *part->name != '\0' || g_str_equal(disposition->value, "attachment");
	return index;
}

static void
walk_leaf(struct scan *scan, GMimePart *object_part, const char *path, const struct place *place)
{
	GMimeObject *object = GMIME_OBJECT(object_part);
	g_autoptr(parameters) type =
	    parameters_parse(scan->charset, raw_value(object, "Content-Type", 0));
	g_autoptr(parameters) disposition =
	    parameters_parse(scan->charset, raw_value(object, "Content-Disposition", 0));
	guint index = add_part(scan, object, path, place, type, disposition);
	const char *encoding = raw_value(object, "Content-Transfer-Encoding", 0);
	enum decode_kind kind;

	if (index == TEXT_NO_PART)
		return;
	const struct part *part = scan_part(scan, index);
	g_autoptr(parameters) word = parameters_parse(scan->charset, encoding);
	if (!decode_by_name(word->value, &kind)) {
		scan_part(scan, index)->facts |= FACT_PART_MALFORMED;
		scan_detail(scan, index, "unknown transfer encoding");
	}
	note_type(scan, index, part->declared_type, place);
	if (g_str_equal(part->declared_type, "message/external-body"))
		external_note(scan, index, type);
	struct seen_leaf leaf = { .kind = kind, .part = index };
	leaf.look = leaf_look(part, type);
	GMimeDataWrapper *content = g_mime_part_get_content(object_part);
	GMimeStream *stream = content != NULL ? g_mime_data_wrapper_get_stream(content) : NULL;
	struct item *item = extract_begin(
	    scan, index, place->level, leaf.look.body, parameters_get(type, "charset"));
	if (stream != NULL)
		feed(item, stream, kind, &leaf.irregular);
	extract_end(item);
	remember_leaf(scan, &leaf, stream);
}

/* Text before the first or after the last boundary: no mail program shows it. */
static void
add_outside(struct scan *scan, const char *bytes)
{
	struct charset_result result;

	if (bytes == NULL || strspn(bytes, " \t\r\n") == strlen(bytes) ||
	    g_str_has_prefix(bytes, "This is a multi-part message in MIME format"))
		return;
	char *text = charset_decode(
	    scan->charset, NULL, bytes, strlen(bytes), scan_text_room(scan) + 1, &result);
	guint seen = scan->visible;
	struct text *added = scan_add_text(scan, COMPONENT_BODY, TEXT_NO_PART, text, result.size);
	added->hidden = true;
	scan->visible = seen;
}

/* A multipart in which GMime finds no part: its boundary never comes. All of it is text. */
static void
walk_childless(struct scan *scan, GMimeMultipart *multipart, const struct place *place)
{
	g_autofree char *path =
	    *place->path != '\0' ? g_strdup_printf("%s.1", place->path) : g_strdup("1");
	const char *text = g_mime_multipart_get_prologue(multipart);
	guint index = scan_add_part(scan, path, place->messages);

	scan->message->facts |= FACT_MALFORMED | FACT_AMBIGUOUS_MIME;
	message_add_warning(scan->message, "a multipart whose boundary never comes");
	scan_partial(scan);
	if (index == TEXT_NO_PART)
		return;
	struct item *item = extract_begin(scan, index, place->level, true, NULL);
	if (text != NULL)
		extract_add(item, (const guint8 *)text, strlen(text));
	extract_end(item);
	scan_outcome(scan, index, PART_BROKEN, "a multipart without parts");
}

static void
walk_multipart(struct scan *scan, GMimeMultipart *multipart, const struct place *place)
{
	int n = g_mime_multipart_get_count(multipart);
	struct place inside = *place;

	inside.level++;
	if (inside.level > scan->limits->depth) {
		scan->message->facts |= FACT_TOO_MANY_PARTS;
		scan_partial(scan);
		return;
	}
	if (n == 0) {
		walk_childless(scan, multipart, &inside);
		return;
	}
	g_autoptr(parameters) type =
	    parameters_parse(scan->charset, raw_value(GMIME_OBJECT(multipart), "Content-Type", 0));
	inside.encrypted = g_str_equal(type->value, "multipart/encrypted");
	add_outside(scan, g_mime_multipart_get_prologue(multipart));
	for (int i = 0; i < n; i++) {
		g_autofree char *path = *place->path != '\0'
					    ? g_strdup_printf("%s.%d", place->path, i + 1)
					    : g_strdup_printf("%d", i + 1);
		walk_object(scan, g_mime_multipart_get_part(multipart, i), path, &inside);
	}
	add_outside(scan, g_mime_multipart_get_epilogue(multipart));
}

/* Subject and people of a message in a message, as text of that part. */
static void
add_nested_headers(struct scan *scan, GMimeObject *message, guint index)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(message);
	int n = MIN(g_mime_header_list_get_count(list), (int)scan->limits->headers);
	g_autoptr(GString) text = g_string_new(NULL);

	for (int i = 0; i < n && text->len < scan->limits->header; i++) {
		GMimeHeader *header = g_mime_header_list_get_header_at(list, i);
		const char *name = g_mime_header_get_name(header);
		enum address_role role;
		if (g_ascii_strcasecmp(name, "Subject") != 0 && !addresses_role(name, &role))
			continue;
		const char *raw = g_mime_header_get_raw_value(header);
		g_autofree char *cut =
		    g_strndup(raw, MIN(strlen(raw), (gsize)scan->limits->header));
		g_autofree char *value = headers_decode(scan->charset, cut);
		if (g_ascii_strcasecmp(name, "Subject") == 0) {
			gsize size = strlen(value);
			scan_add_text(scan, COMPONENT_BODY, index, g_steal_pointer(&value), size);
		} else {
			g_string_append_printf(text, "%s: %s\n", name, value);
		}
	}
	if (text->len > 0)
		scan_add_text(
		    scan, COMPONENT_BODY, index, g_strndup(text->str, text->len), text->len);
}

/* The content of a message: one leaf is "1", a multipart numbers its own. */
static void
walk_content(struct scan *scan, GMimeMessage *message, const struct place *place)
{
	GMimeObject *content = g_mime_message_get_mime_part(message);

	if (content == NULL)
		return;
	if (GMIME_IS_MULTIPART(content)) {
		walk_multipart(scan, GMIME_MULTIPART(content), place);
		return;
	}
	g_autofree char *path =
	    *place->path != '\0' ? g_strdup_printf("%s.1", place->path) : g_strdup("1");
	walk_object(scan, content, path, place);
}

static void
walk_nested(struct scan *scan, GMimeObject *object, const char *path, const struct place *place)
{
	g_autoptr(parameters) type =
	    parameters_parse(scan->charset, raw_value(object, "Content-Type", 0));
	g_autoptr(parameters) disposition =
	    parameters_parse(scan->charset, raw_value(object, "Content-Disposition", 0));
	guint index = add_part(scan, object, path, place, type, disposition);
	struct place inside = { path, place->level + 1, place->messages + 1, false };
	GMimeMessage *message = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));

	if (index == TEXT_NO_PART)
		return;
	struct part *part = scan_part(scan, index);
	g_free(part->true_type);
	part->true_type = g_strdup("message/rfc822");
	if (inside.level > scan->limits->depth) {
		part->facts |= FACT_ARCHIVE_TOO_DEEP;
		scan_outcome(scan, index, PART_OVER_LIMIT, "nested too deep");
		return;
	}
	if (message == NULL) {
		scan_outcome(scan, index, PART_BROKEN, "no message in it");
		return;
	}
	add_nested_headers(scan, GMIME_OBJECT(message), index);
	walk_content(scan, message, &inside);
}

static void
walk_object(struct scan *scan, GMimeObject *object, const char *path, const struct place *place)
{
	struct place inside = *place;

	if (scan_late(scan)) {
		scan_partial(scan);
		return;
	}
	inside.path = path;
	if (GMIME_IS_MULTIPART(object))
		walk_multipart(scan, GMIME_MULTIPART(object), &inside);
	else if (GMIME_IS_MESSAGE_PART(object))
		walk_nested(scan, object, path, &inside);
	else if (GMIME_IS_PART(object))
		walk_leaf(scan, GMIME_PART(object), path, &inside);
}

void
walk_below(struct scan *scan, GMimeMessage *message, guint index, guint level, bool entity)
{
	const struct part *part = scan_part(scan, index);
	g_autofree char *path = g_strdup(part->path);
	struct place inside = { path, level + 1, entity ? part->depth : part->depth + 1, false };

	if (!entity)
		add_nested_headers(scan, GMIME_OBJECT(message), index);
	walk_content(scan, message, &inside);
}

void
walk_message(struct scan *scan, GMimeMessage *message)
{
	struct place outermost = { "", 0, 0, false };

	walk_content(scan, message, &outermost);
}
