/* SPDX-License-Identifier: GPL-3.0-or-later */
/* extract - see extract.h. Never leaves a part without an outcome. */
#include "worker/extract.h"

#include <string.h>

#include "worker/cache.h"
#include "worker/guess.h"
#include "worker/names.h"

/* Those that look at the container come before those that look at text. */
static const struct extractor *const readers[] = { &extract_ole, &extract_smime, &extract_pdf,
	&extract_ooxml, &extract_archive, &extract_image, &extract_image_text, &extract_apple,
	&extract_tnef, &extract_message, &extract_pgp, &extract_rtf, &extract_card, &extract_html,
	&extract_text };

void
extract_set_up(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(readers); i++)
		if (readers[i]->set_up != NULL)
			readers[i]->set_up();
}

struct part *
extract_part(const struct item *item)
{
	return scan_part(item->scan, item->part);
}

enum component
extract_component(const struct item *item)
{
	return item->body ? COMPONENT_BODY : COMPONENT_ATTACHMENTS;
}

/* What may have an archive behind it, and still open as what it is. */
static bool
carries_more(const char *type)
{
	static const char *const types[] = { "application/pdf", "application/x-dosexec",
		"application/vnd.microsoft.portable-executable", "application/x-executable",
		"application/x-pie-executable", "application/octet-stream", "text/x-shellscript",
		NULL };

	return g_str_has_prefix(type, "image/") || g_str_has_prefix(type, "audio/") ||
	       g_str_has_prefix(type, "video/") || g_strv_contains(types, type);
}

/* What reads a part besides its reader, as the worker's parent knows it. */
#define READER_TYPE   "type"
#define READER_BEHIND "archive-behind"
#define READER_BYTES  "bytes"

struct head {
	struct item *item;
	const guint8 *data;
	gsize size;
};

static void
look_at_head(void *data)
{
	const struct head *at = data;
	struct item *item = at->item;
	const guint8 *head = at->data;
	gsize size = at->size;
	struct part *part = extract_part(item);
	const char *type =
	    sniff_type(item->scan->sniff, head, size, part->declared_type, item->body);

	g_free(part->true_type);
	part->true_type = g_strdup(type);
	part->facts |= names_facts(part->name, part->declared_type, type);
	if (!item->body && sniff_is_executable(head, size, type, part->name))
		part->facts |= FACT_EXECUTABLE;
	for (gsize i = 0; i < G_N_ELEMENTS(readers) && item->reader == NULL; i++)
		if (readers[i]->takes(item, part->true_type, head, size))
			item->reader = readers[i];
}

/* The head is there: what is it, and who reads it? */
static guint64
choose_reader(void *data, const guint8 *bytes, gsize size)
{
	struct item *item = data;
	const struct part *part = extract_part(item);
	struct head head = { item, bytes, size };

	item->left_out = !scan_watched(item->scan, item->part, READER_TYPE, look_at_head, &head);
	if (item->left_out)
		return item->scan->limits->text;
	if (item->scan->taker != NULL)
		return G_MAXUINT64;
	if (carries_more(part->true_type))
		return G_MAXUINT64;
	if (item->reader == NULL)
		return size;
	switch (item->reader->wanted) {
	case WANTED_TEXT:
		return item->scan->limits->text;
	case WANTED_OBJECT:
		return item->scan->limits->object;
	default:
		return item->reader->wanted;
	}
}

struct item *
extract_begin(struct scan *scan, guint part, guint level, bool body, const char *charset)
{
	struct item *item = g_new0(struct item, 1);

	item->scan = scan;
	item->part = part;
	item->level = level;
	item->body = body;
	item->charset = g_strdup(charset);
	item->blob = blob_new(choose_reader, item);
	item->around = scan_begin_part(scan);
	return item;
}

struct item *
extract_begin_member(struct item *item, const char *name, const char *declared)
{
	struct scan *scan = item->scan;
	const struct part *around = extract_part(item);
	g_autofree char *path =
	    g_strdup_printf("%s/%s", around->path, *name != '\0' ? name : "data");
	guint index = TEXT_NO_PART;

	if (item->level >= scan->limits->depth) {
		extract_part(item)->facts |= FACT_ARCHIVE_TOO_DEEP;
		scan_outcome(scan, item->part, PART_OVER_LIMIT, "nested too deep");
		return NULL;
	}
	index = scan_add_part(scan, path, item->level + 1);
	if (index == TEXT_NO_PART) {
		scan_outcome(
		    scan, item->part, PART_OVER_LIMIT, "more files within than are looked at");
		return NULL;
	}
	struct part *part = scan_part(scan, index);
	part->attachment = true;
	g_free(part->name);
	part->name = g_strdup(names_base(name));
	g_free(part->declared_type);
	part->declared_type = g_ascii_strdown(declared, -1);
	if (*name != '\0')
		message_add_text(
		    scan->message, COMPONENT_FILENAMES, NULL, index, g_strdup(name), strlen(name));
	return extract_begin(scan, index, item->level + 1, false, NULL);
}

bool
extract_member(
    struct item *item, const char *name, const char *declared, const guint8 *data, gsize size)
{
	struct item *member = extract_begin_member(item, name, declared);

	if (member == NULL)
		return false;
	bool more = extract_add(member, data, size);
	if (!more)
		scan_outcome(item->scan, item->part, extract_part(member)->outcome,
		    "not all files within were read");
	extract_end(member);
	return more;
}

bool
extract_add(struct item *item, const guint8 *data, gsize size)
{
	if (scan_late(item->scan)) {
		scan_outcome(item->scan, item->part, PART_TIMEOUT, "the time was over");
		return false;
	}
	if (!scan_unpack(item->scan, size)) {
		scan_outcome(item->scan, item->part, PART_OVER_LIMIT,
		    "the message unpacks to more than is looked at");
		return false;
	}
	if (!blob_write(item->blob, data, size))
		scan_outcome(item->scan, item->part, PART_OVER_LIMIT, "no memory for its bytes");
	return true;
}

/* What no reader takes. */
static void
without_reader(struct item *item)
{
	static const char *const silent[] = { "application/pgp-signature", "application/x-empty",
		"application/pkcs7-signature", "application/x-pkcs7-signature",
		"application/pgp-keys", NULL };
	const struct part *part = extract_part(item);
	const char *type = part->true_type;

	if (g_str_has_prefix(type, "image/"))
		item->scan->images++;
	if (g_str_has_prefix(type, "image/") || g_str_has_prefix(type, "audio/") ||
	    g_str_has_prefix(type, "video/") || g_str_has_prefix(type, "font/") ||
	    g_strv_contains(silent, type) || g_strv_contains(silent, part->declared_type))
		scan_outcome(item->scan, item->part, PART_NO_TEXT, NULL);
	else
		scan_outcome(
		    item->scan, item->part, PART_UNKNOWN_TYPE, "there is no reader for %s", type);
}

static void
run_reader(void *data)
{
	cache_read(data);
}

static void
run_behind(void *data)
{
	extract_archive_behind(data);
}

/* Whatever in the bytes is text as it stands, for rules to see. */
static void
run_bytes(void *data)
{
	struct item *item = data;
	gsize size, text_size;
	g_autofree char *bytes = extract_bytes(item, &size);

	if (bytes == NULL || size == 0)
		return;
	char *text = extract_decoded(item, item->charset, bytes, size, &text_size);
	GString *out = g_string_new_len(text, (gssize)text_size);
	g_free(text);
	extract_add_text(item, extract_component(item), out, false);
}

/* Reads the part; where a worker ended on that, what can be had without its reader. */
static void
read_part(struct item *item)
{
	struct scan *scan = item->scan;

	if (item->reader == NULL && !item->left_out)
		without_reader(item);
	else if (item->reader == NULL ||
		 !scan_watched(scan, item->part, item->reader->name, run_reader, item))
		scan_watched(scan, item->part, READER_BYTES, run_bytes, item);
}

/* Of a part that was not read as a whole: how many of its bytes its reader had. */
static void
tell_bytes(const struct item *item, bool whole)
{
	struct part *part = extract_part(item);
	guint64 kept = blob_kept(item->blob);
	char *detail = NULL;

	if (part->outcome != PART_OVER_LIMIT && part->outcome != PART_TIMEOUT)
		return;
	if (!whole)
		detail = g_strdup_printf(
		    "%s, its first %" G_GUINT64_FORMAT " bytes read", part->detail, kept);
	else if (kept < part->size)
		detail =
		    g_strdup_printf("%s, %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " bytes read",
			part->detail, kept, part->size);
	if (detail == NULL)
		return;
	g_free(part->detail);
	part->detail = detail;
}

/* Readers whose parts a mail program shows as files of the mail itself. */
static bool
opens_mail(const struct item *item)
{
	return item->reader == &extract_smime || item->reader == &extract_tnef ||
	       item->reader == &extract_apple || item->reader == &extract_message ||
	       (item->reader == &extract_text && item->body);
}

/* Instead of reading: the bytes are what is asked for. */
static void
hand_out(struct item *item, bool whole)
{
	const struct taker *taker = item->scan->taker;

	if (whole && !item->left_out && blob_kept(item->blob) == blob_size(item->blob))
		taker->take(extract_part(item), item->blob, taker->data);
	if (opens_mail(item) && blob_size(item->blob) > 0)
		read_part(item);
	extract_drop(item);
}

void
extract_end(struct item *item)
{
	struct part *part = extract_part(item);
	bool whole = part->outcome != PART_TIMEOUT && part->outcome != PART_OVER_LIMIT;

	blob_end(item->blob, part->sha256);
	part->size = blob_size(item->blob);
	if (!whole)
		part->sha256[0] = '\0';
	if (item->scan->taker != NULL) {
		hand_out(item, whole);
		return;
	}
	if (part->size == 0)
		; /* nothing there, nothing missed */
	else if (scan_late(item->scan))
		scan_outcome(item->scan, item->part, PART_TIMEOUT, "the time was over");
	else
		read_part(item);
	if (carries_more(part->true_type) && part->size > 0 && !scan_late(item->scan))
		scan_watched(item->scan, item->part, READER_BEHIND, run_behind, item);
	tell_bytes(item, whole);
	extract_drop(item);
}

void
extract_drop(struct item *item)
{
	scan_end_part(item->scan, item->around);
	blob_free(item->blob);
	g_free(item->charset);
	g_free(item);
}

char *
extract_bytes(struct item *item, gsize *size)
{
	guint64 kept = blob_kept(item->blob);
	char *bytes = g_try_malloc((gsize)kept + 1);

	*size = 0;
	if (bytes == NULL || blob_read(item->blob, 0, bytes, (gsize)kept) != kept) {
		g_free(bytes);
		scan_outcome(item->scan, item->part, PART_OVER_LIMIT, "no memory for its bytes");
		return NULL;
	}
	*size = (gsize)kept;
	bytes[kept] = '\0';
	if (kept < blob_size(item->blob))
		scan_outcome(
		    item->scan, item->part, PART_OVER_LIMIT, "more text than is looked at");
	return bytes;
}

char *
extract_decoded(
    struct item *item, const char *charset, const char *bytes, gsize size, gsize *text_size)
{
	struct charset_result result;
	struct part *part = extract_part(item);
	/* One more byte of room: what is over the limit is to be seen by scan_add_text. */
	char *text = charset_decode(item->scan->charset, charset, bytes, size,
	    (gsize)item->scan->limits->text + 1, &result);

	if (result.unknown) {
		g_autofree char *label = g_utf8_make_valid(charset, (gssize)strnlen(charset, 40));
		part->facts |= FACT_PART_MALFORMED;
		scan_detail(item->scan, item->part, "charset %s unknown", label);
	} else if (result.replaced > 0) {
		part->facts |= FACT_PART_MALFORMED;
		scan_detail(item->scan, item->part, "%u characters broken", result.replaced);
	}
	if (result.cut)
		scan_outcome(
		    item->scan, item->part, PART_OVER_LIMIT, "more text than is looked at");
	*text_size = result.size;
	return text;
}

GString *
extract_second(
    struct item *item, const char *charset, const char *bytes, gsize size, const char *text)
{
	gsize second_size;

	if (scan_late(item->scan)) {
		scan_outcome(item->scan, item->part, PART_TIMEOUT, "the time was over");
		return NULL;
	}
	g_autofree char *second = guess_second(item->scan->charset, charset, bytes, size, text,
	    (gsize)item->scan->limits->text, &second_size);

	return second != NULL ? g_string_new_len(second, (gssize)second_size) : NULL;
}

void
extract_add_text(struct item *item, enum component component, GString *out, bool hidden)
{
	gsize size = out->len;
	char *text = g_string_free(out, FALSE);

	if (size == 0 || scan_text_room(item->scan) == 0) {
		if (size > 0)
			scan_outcome(
			    item->scan, item->part, PART_OVER_LIMIT, "more text than is looked at");
		g_free(text);
		return;
	}
	struct text *added = scan_add_text(item->scan, component, item->part, text, size);
	added->hidden = hidden;
}

void
extract_set_encrypted(struct item *item, const char *detail)
{
	struct part *part = extract_part(item);

	scan_outcome(item->scan, item->part, PART_ENCRYPTED, "%s", detail);
	if (part->attachment)
		part->facts |= FACT_ENCRYPTED_ATTACHMENT;
	else
		item->scan->message->facts |= FACT_ENCRYPTED_MESSAGE;
}
