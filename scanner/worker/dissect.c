/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dissect - see dissect.h. Never follows a name or a link out of the message. */
#include "worker/dissect.h"

#include <gmime/gmime.h>
#include <malloc.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/io.h"
#include "worker/addresses.h"
#include "worker/cache.h"
#include "worker/date.h"
#include "worker/extract.h"
#include "worker/headers.h"
#include "worker/journal.h"
#include "worker/looks.h"
#include "worker/mailboxes.h"
#include "worker/ocr.h"
#include "worker/parse.h"
#include "worker/plain.h"
#include "worker/readings.h"
#include "worker/scan.h"
#include "worker/seen.h"
#include "worker/walk.h"

#define HOPS_MAX   50 /* Received headers; more is a loop */
#define FEW_WORDS  10 /* a message of pictures that says less is image-only */
#define HEAP_KEPT  (4 * 1024 * 1024)
#define TIME_SHARE 80 /* percent of the time for a message after which readers stop */

struct dissect {
	const struct limits *limits;
	struct charset *charset;
	struct sniff *sniff;
	struct cache *cache;
	struct ocr *ocr; /* NULL: pictures are not read */
	const struct care *care;
	struct station_page *page;
	const struct taker *taker;
	bool thorough;
};

struct dissect *
dissect_new(const struct limits *limits, GError **error)
{
	struct sniff *sniff = sniff_new(error);

	if (sniff == NULL)
		return NULL;
	g_mime_init();
	extract_set_up();
	/* Else the heap's end goes back to the system after every mail, to be asked for again. */
	mallopt(M_TRIM_THRESHOLD, HEAP_KEPT);
	struct dissect *dissect = g_new0(struct dissect, 1);
	dissect->limits = limits;
	dissect->sniff = sniff;
	dissect->charset = charset_new();
	dissect->cache = cache_new(limits->cache);
	return dissect;
}

bool
dissect_set_reading(struct dissect *dissect, const struct reading *reading, GError **error)
{
	if (reading->ocr_languages[0] == '\0')
		return true;
	dissect->ocr = ocr_new(reading->ocr_languages, error);
	return dissect->ocr != NULL;
}

void
dissect_free(struct dissect *dissect)
{
	if (dissect == NULL)
		return;
	charset_free(dissect->charset);
	sniff_free(dissect->sniff);
	cache_free(dissect->cache);
	ocr_free(dissect->ocr);
	g_free(dissect);
}

void
dissect_set_care(struct dissect *dissect, const struct care *care, struct station_page *page)
{
	dissect->care = care;
	dissect->page = page;
}

void
dissect_set_thorough(struct dissect *dissect, bool thorough)
{
	dissect->thorough = thorough;
}

void
dissect_set_taker(struct dissect *dissect, const struct taker *taker)
{
	dissect->taker = taker;
}

void
dissect_count(const struct dissect *dissect, struct cache_counts *counts)
{
	cache_count(dissect->cache, counts);
}

static void
set_string(char **at, char *value)
{
	g_free(*at);
	*at = value;
}

static gint64
read_date(const struct header_block *block)
{
	const char *raw = headers_raw(block, "Date", 0);

	return raw != NULL ? date_parse(raw) : MESSAGE_NO_DATE;
}

static char *
read_message_id(struct charset *charset, const char *raw)
{
	g_autofree char *text = headers_decode(charset, raw != NULL ? raw : "");
	char *open = strchr(text, '<');
	char *close = open != NULL ? strchr(open, '>') : NULL;

	if (close != NULL)
		return g_strstrip(g_strndup(open + 1, (gsize)(close - open - 1)));
	return g_strdup(g_strstrip(text));
}

/* Finds the mailboxes in a raw value; false when there are more than may be looked at. */
typedef bool find_mailboxes(
    struct charset *charset, enum address_role role, const char *raw, guint64 max, GPtrArray *list);

/* The outermost header block: its fields as texts, and people. */
static void
add_fields(struct scan *scan, const struct header_block *block, find_mailboxes *find)
{
	struct message *message = scan->message;
	guint hops = 0;

	for (guint i = 0; i < block->fields->len; i++) {
		const struct raw_header *field = block->fields->pdata[i];
		enum address_role role;
		char *value = headers_decode(scan->charset, field->value);
		message_add_header(message, field->name, value);
		message_add_text(
		    message, COMPONENT_HEADERS, field->name, TEXT_NO_PART, value, strlen(value));
		hops += g_ascii_strcasecmp(field->name, "Received") == 0;
		if (addresses_role(field->name, &role) &&
		    !find(scan->charset, role, field->value, scan->limits->addresses,
			message->addresses)) {
			message->facts |= FACT_MALFORMED;
			scan_partial(scan);
		}
	}
	if (hops > HOPS_MAX)
		message->facts |= FACT_MAIL_LOOP;
}

static void
add_subjects(struct scan *scan, const struct header_block *block)
{
	struct message *message = scan->message;
	const char *subject;

	set_string(&message->message_id,
	    read_message_id(scan->charset, headers_raw(block, "Message-ID", 0)));
	set_string(&message->in_reply_to,
	    read_message_id(scan->charset, headers_raw(block, "In-Reply-To", 0)));
	for (guint i = 0; (subject = headers_raw(block, "Subject", i)) != NULL; i++) {
		/* A second Subject: which one is shown depends on the program. */
		char *value = headers_decode(scan->charset, subject);
		if (i == 0) {
			set_string(&message->subject, g_strdup(value));
		} else {
			message->facts |= FACT_AMBIGUOUS_MIME;
			message_add_warning(message, "two Subject headers");
		}
		message_add_text(
		    message, COMPONENT_SUBJECT, NULL, TEXT_NO_PART, value, strlen(value));
	}
}

static void
add_raw(struct scan *scan, const char *bytes, gsize size, enum component component)
{
	struct charset_result result;
	char *text =
	    charset_decode(scan->charset, "utf-8", bytes, size, (gsize)scan->limits->text, &result);

	/* Not counted against the text of the message: it is the message once more. */
	message_add_text(scan->message, component, NULL, TEXT_NO_PART, text, result.size);
	if (component == COMPONENT_BODY && (result.cut || scan->message->size > size))
		scan_partial(scan);
}

/* One message while it is dissected. */
struct source {
	int fd;
	guint64 size;
	char *bytes; /* all of it, or its start when it is large; NUL-terminated */
	gsize n_bytes;
	struct header_block block;
};

static bool
source_open(struct source *source, const struct limits *limits, int fd, GError **error)
{
	guint64 wanted = MAX(PARSE_HEADER_WINDOW(limits), limits->text);

	memset(source, 0, sizeof *source);
	source->fd = fd;
	if (!io_size(fd, &source->size, error))
		return false;
	if (source->size <= DISSECT_MEMORY_MAX)
		wanted = source->size;
	source->n_bytes = (gsize)MIN(wanted, source->size);
	source->bytes = g_try_malloc(source->n_bytes + 1);
	if (source->bytes == NULL) {
		g_set_error(error, FAULT, FAULT_IO,
		    "message: no memory for %" G_GSIZE_FORMAT " bytes", source->n_bytes);
		return false;
	}
	if (!io_pread_all(fd, source->bytes, source->n_bytes, 0, error)) {
		g_clear_pointer(&source->bytes, g_free);
		return false;
	}
	source->bytes[source->n_bytes] = '\0';
	headers_split(source->bytes, source->n_bytes, limits, &source->block);
	return true;
}

static void
source_close(struct source *source)
{
	headers_clear(&source->block);
	g_free(source->bytes);
}

/* The message as GMime reads it: in memory, or from the descriptor where it lies. */
static GMimeStream *
open_stream(
    struct scan *scan, const struct source *source, GByteArray *lent, struct parse_aside *aside)
{
	GMimeStream *whole;

	if (lent != NULL) {
		whole = g_mime_stream_mem_new_with_byte_array(lent);
		g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(whole), FALSE);
		scan->bytes = lent->data;
		parse_set_aside(aside, source->bytes, &source->block);
	} else {
		scan->fd = dup(source->fd);
		if (scan->fd < 0)
			return NULL;
		whole = g_mime_stream_fs_new_with_bounds(scan->fd, 0, (gint64)source->size);
	}
	GMimeStream *part =
	    aside->bytes != NULL
		? g_mime_stream_substream(whole, (gint64)aside->from, (gint64)source->size)
		: parse_window(whole, 0, (gint64)source->size, &source->block);
	g_object_unref(whole);
	return part;
}

static void
walk_tree(struct scan *scan, GMimeStream *stream)
{
	GMimeMessage *message = parse_message(scan, stream);

	if (message != NULL)
		walk_message(scan, message);
	g_clear_object(&message);
}

/* What else the message may be, where it lies: a mapping of a file is no memory of ours. */
static void
walk_readings(struct scan *scan, const struct source *source)
{
	if (source->size <= DISSECT_MEMORY_MAX) {
		readings_walk(scan, source->bytes, source->n_bytes);
		return;
	}
	void *mapped = mmap(NULL, (gsize)source->size, PROT_READ, MAP_PRIVATE, source->fd, 0);
	if (mapped == MAP_FAILED) {
		scan_partial(scan);
		return;
	}
	readings_walk(scan, mapped, (gsize)source->size);
	munmap(mapped, (gsize)source->size);
}

/* False when neither GMime nor our own reader finds a part. */
static bool
walk_structure(struct scan *scan, const struct source *source, bool for_gmime)
{
	GByteArray *lent = NULL;
	struct parse_aside aside = { 0 };

	if (source->size <= DISSECT_MEMORY_MAX)
		lent = g_byte_array_new_take((guint8 *)source->bytes, source->n_bytes);
	GMimeStream *stream = for_gmime ? open_stream(scan, source, lent, &aside) : NULL;
	if (stream != NULL)
		walk_tree(scan, stream);
	parse_put_back(&aside, source->bytes);
	bool found = scan->message->parts->len > 0;
	walk_readings(scan, source);
	g_clear_object(&stream);
	if (lent != NULL)
		(void)g_byte_array_free(lent, FALSE);
	return found;
}

/* False when there is something to choose, or it is too large to lie in memory. */
static bool
walk_plain(struct scan *scan, const struct source *source)
{
	return source->size <= DISSECT_MEMORY_MAX &&
	       plain_walk(scan, source->bytes, source->n_bytes, &source->block);
}

static void
scan_start(struct dissect *dissect, struct scan *scan, guint64 size)
{
	memset(scan, 0, sizeof *scan);
	scan->limits = dissect->limits;
	scan->charset = dissect->charset;
	scan->sniff = dissect->sniff;
	scan->cache = dissect->cache;
	cache_begin(dissect->cache);
	scan->ocr = dissect->ocr;
	scan->message = message_new();
	scan->message->size = size;
	scan->seen = seen_new();
	scan->fd = -1;
	scan->care = dissect->care;
	scan->page = dissect->page;
	scan->taker = dissect->taker;
	guint64 milliseconds = dissect->care != NULL ? dissect->care->milliseconds : 0;
	if (milliseconds == 0)
		milliseconds = dissect->limits->seconds_per_message * 1000;
	scan->deadline = g_get_monotonic_time() + (gint64)(milliseconds * 1000 * TIME_SHARE / 100);
}

/* Pictures, hardly a word, and no other file: what it says cannot be read. */
static bool
is_image_only(const struct scan *scan)
{
	const GPtrArray *parts = scan->message->parts;

	if (scan->images == 0 || scan->visible >= FEW_WORDS)
		return false;
	for (guint i = 0; i < parts->len; i++) {
		const struct part *part = parts->pdata[i];
		if (part->attachment && part->outcome != PART_NO_TEXT)
			return false;
	}
	return true;
}

struct message *
dissect_message(struct dissect *dissect, int fd, bool with_raw, GError **error)
{
	struct source source;
	struct scan scan;

	if (!source_open(&source, dissect->limits, fd, error))
		return NULL;
	scan_start(dissect, &scan, source.size);
	bool empty = source.block.fields->len == 0;
	bool open_end = source.block.over_limit && source.block.body >= source.n_bytes &&
			source.n_bytes < source.size;
	add_fields(&scan, &source.block, addresses_add);
	add_subjects(&scan, &source.block);
	scan.message->date = read_date(&source.block);
	if (source.block.malformed || empty)
		scan.message->facts |= FACT_MALFORMED;
	if (source.block.over_limit)
		scan_partial(&scan);
	if (with_raw)
		add_raw(
		    &scan, source.bytes, MIN(source.n_bytes, dissect->limits->text), COMPONENT_RAW);
	gsize kept = source.n_bytes;
	bool plain = !dissect->thorough && !empty && !open_end && walk_plain(&scan, &source);
	if (!plain && !walk_structure(&scan, &source, !empty && !open_end)) {
		/* Nothing that can be taken apart: the bytes themselves are the text. */
		g_autofree char *bytes = g_malloc(kept + 1);
		if (io_pread_all(fd, bytes, kept, 0, error))
			add_raw(&scan, bytes, kept, COMPONENT_BODY);
		g_clear_error(error);
		scan.message->facts |= FACT_MALFORMED;
		scan_partial(&scan);
	}
	journal_add(&scan);
	looks_add(&scan);
	if (is_image_only(&scan))
		scan.message->facts |= FACT_IMAGE_ONLY;
	if (scan.out_of_time)
		scan_partial(&scan);
	source_close(&source);
	seen_free(scan.seen);
	return scan.message;
}

struct message *
dissect_raw(struct dissect *dissect, int fd, GError **error)
{
	struct source source;
	struct scan scan;

	if (!source_open(&source, dissect->limits, fd, error))
		return NULL;
	scan_start(dissect, &scan, source.size);
	gsize size = MIN(source.n_bytes, (gsize)dissect->limits->text);
	add_fields(&scan, &source.block, mailboxes_add);
	add_subjects(&scan, &source.block);
	scan.message->date = read_date(&source.block);
	add_raw(&scan, source.bytes, size, COMPONENT_BODY);
	add_raw(&scan, source.bytes, size, COMPONENT_RAW);
	scan_partial(&scan);
	source_close(&source);
	seen_free(scan.seen);
	return scan.message;
}
