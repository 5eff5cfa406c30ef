/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * readings - see readings.h. Never reads deeper, more parts or more readings than limits allow,
 * and says so where there are.
 */
#include <string.h>

#include "worker/delimiter.h"
#include "worker/headers.h"
#include "worker/readings-parts.h"
#include "worker/ways.h"

#define FIRST_LAX    2 /* the number of our first reading; GMime's is 1 */
#define MARKS_A_PART 4 /* boundary lines looked at for each part that is allowed */

static void read_entity(
    struct readings *all, const char *begin, const char *end, const struct spot *spot);
static void read_block(struct readings *all, const struct block *block, const char *begin,
    const char *end, const struct spot *spot);

void
readings_note(struct readings *all, const char *words)
{
	all->scan->message->facts |= FACT_AMBIGUOUS_MIME;
	message_add_warning(all->scan->message, words);
}

bool
readings_begin(struct readings *all, const char *words)
{
	readings_note(all, words);
	if (all->scan->readings >= all->scan->limits->readings) {
		message_add_warning(all->scan->message, "more readings than are looked at");
		scan_partial(all->scan);
		return false;
	}
	all->number = FIRST_LAX + ++all->scan->readings;
	return true;
}

/* Between two boundary lines, without the line break that belongs to the second. */
static void
read_section(struct readings *all, const char *begin, const char *end, const struct spot *spot,
    guint number, bool digest)
{
	g_autofree char *path = *spot->path != '\0' ? g_strdup_printf("%s.%u", spot->path, number)
						    : g_strdup_printf("%u", number);
	struct spot inside = { path, path, spot->level + 1, spot->messages, false, digest };

	if (end > begin && end[-1] == '\n')
		end--;
	if (end > begin && end[-1] == '\r')
		end--;
	read_entity(all, begin, end, &inside);
}

/* Text outside of the parts that looks like one of them. */
static void
read_outside(
    struct readings *all, const char *begin, const char *end, const struct spot *spot, guint number)
{
	static const char sought[] = "\ncontent-";
	guint reading = all->number;

	for (const char *at = begin; at < end; at++) {
		const char *line = at == begin ? at : memchr(at, '\n', (gsize)(end - at));
		if (line == NULL)
			return;
		line += *line == '\n';
		if ((gsize)(end - line) >= sizeof sought - 2 &&
		    g_ascii_strncasecmp(line, sought + 1, sizeof sought - 2) == 0) {
			if (readings_begin(all, "a part outside of the boundaries"))
				read_section(all, line, end, spot, number, false);
			all->number = reading;
			return;
		}
		at = line;
	}
}

static void
read_sections(struct readings *all, const struct marks *marks, const char *begin, const char *end,
    const struct spot *spot, bool digest, bool loose)
{
	const struct mark *before = NULL;
	guint number = 0;

	for (guint i = 0; i <= marks->list->len; i++) {
		const struct mark *mark =
		    i < marks->list->len ? &g_array_index(marks->list, struct mark, i) : NULL;
		if (mark != NULL && mark->kind == MARK_LOOSE && !loose)
			continue;
		const char *from = before != NULL ? before->next : begin;
		const char *to = mark != NULL ? mark->begin : end;
		if (scan_late(all->scan)) {
			scan_partial(all->scan);
			return;
		}
		if (before == NULL || before->kind == MARK_CLOSE)
			read_outside(all, from, to, spot, number + 1);
		else if (mark != NULL || to > from)
			read_section(all, from, to, spot, ++number, digest);
		before = mark;
	}
}

static bool
any_type(const struct block *block, const char *word)
{
	for (guint i = 0; i < block->types->len; i++) {
		g_autofree char *lower = g_ascii_strdown(block->types->pdata[i], -1);
		if (strstr(lower, word) != NULL)
			return true;
	}
	return false;
}

static void
read_multipart(struct readings *all, const struct block *block, const char *boundary,
    const char *begin, const char *end, const struct spot *spot)
{
	const struct limits *limits = all->scan->limits;
	guint number = all->number;
	struct marks marks;

	if (spot->level + 1 > limits->depth) {
		all->scan->message->facts |= FACT_TOO_MANY_PARTS;
		scan_partial(all->scan);
		return;
	}
	marks_find(&marks, boundary, begin, end, (gsize)limits->parts * MARKS_A_PART);
	if (marks.cut) {
		all->scan->message->facts |= FACT_TOO_MANY_PARTS;
		scan_partial(all->scan);
	}
	if (marks.bare_cr)
		all->oddities |= BLOCK_BARE_CR;
	if (marks.after_close)
		readings_note(all, "parts behind the end of their multipart");
	bool digest = any_type(block, "multipart/digest");
	if (marks.opens > 0)
		read_sections(all, &marks, begin, end, spot, digest, false);
	if (marks.loose > 0 && readings_begin(all, "boundary lines with more behind them"))
		read_sections(all, &marks, begin, end, spot, digest, true);
	all->number = number;
	marks_clear(&marks);
}

/* What a message in a message says of itself, when a reading found other content in it. */
static void
add_block_text(struct readings *all, const char *begin, const char *end, guint part)
{
	const struct limits *limits = all->scan->limits;
	struct header_block block;
	g_autoptr(GString) text = g_string_new(NULL);

	headers_split(begin, (gsize)MIN((guint64)(end - begin), limits->header), limits, &block);
	for (guint i = 0; i < block.fields->len; i++) {
		const struct raw_header *field = block.fields->pdata[i];
		g_autofree char *value = headers_decode(all->scan->charset, field->value);
		g_string_append_printf(text, "%s: %s\n", field->name, value);
	}
	headers_clear(&block);
	if (text->len > 0)
		scan_add_text(
		    all->scan, COMPONENT_BODY, part, g_strndup(text->str, text->len), text->len);
}

static void
read_message(struct readings *all, const char *begin, const char *end, const struct spot *spot)
{
	struct spot inside = { spot->own, spot->own, spot->level + 1, spot->messages + 1, true,
		false };
	guint parts = all->scan->message->parts->len;
	g_autofree char *leaf = g_strdup_printf("%s.1", spot->own);

	if (inside.level > all->scan->limits->depth) {
		scan_partial(all->scan);
		return;
	}
	inside.own = leaf;
	read_entity(all, begin, end, &inside);
	if (all->scan->message->parts->len > parts)
		add_block_text(all, begin, end, parts);
}

/* A message or multipart in a transfer encoding, which RFC 2045 section 6.4 forbids. */
static void
read_encoded(struct readings *all, const struct block *block, const char *begin, const char *end,
    const struct spot *spot)
{
	g_autoptr(GPtrArray) none = g_ptr_array_new();
	struct block plain = *block;
	bool original = all->original, odd, irregular;
	guint number = all->number;
	enum way first;
	guint ways = ways_declared(block->encodings, begin, end, &first, &odd);

	plain.encodings = none;
	if (spot->level + 1 > all->scan->limits->depth)
		return; /* said where the undecoded bytes were looked at */
	for (enum way way = WAY_BASE64; way <= WAY_UU; way++) {
		if ((ways & 1u << way) == 0)
			continue;
		struct spot inside = *spot;
		inside.level++;
		g_autoptr(GByteArray) bytes =
		    ways_decode(way, begin, end, (gsize)all->scan->limits->unpacked, &irregular);
		bool same = bytes != NULL && bytes->len > 0 && bytes->len == (gsize)(end - begin) &&
			    memcmp(bytes->data, begin, bytes->len) == 0;
		if (bytes == NULL || !scan_unpack(all->scan, bytes->len))
			scan_partial(all->scan);
		else if (bytes->len > 0 && !same &&
			 readings_begin(all, "a multipart or message in a transfer encoding")) {
			all->original = false;
			read_block(all, &plain, (const char *)bytes->data,
			    (const char *)bytes->data + bytes->len, &inside);
		}
		all->original = original;
		all->number = number;
	}
}

static bool
is_message(const struct block *block, const struct spot *spot)
{
	return any_type(block, "message/rfc822") || any_type(block, "message/global") ||
	       any_type(block, "message/news") || any_type(block, "message/rfc2822") ||
	       (spot->digest && block->types->len == 0);
}

/* True when a Content-Type says neither multipart nor message. */
static bool
has_leaf_type(const struct block *block)
{
	for (guint i = 0; i < block->types->len; i++) {
		g_autofree char *lower = g_ascii_strdown(block->types->pdata[i], -1);
		if (strstr(lower, "multipart") == NULL && strstr(lower, "message/") == NULL)
			return true;
	}
	return false;
}

/* The content of an entity by one reading of its header block. */
static void
read_block(struct readings *all, const struct block *block, const char *begin, const char *end,
    const struct spot *spot)
{
	bool too_long = false, message = is_message(block, spot);
	bool multipart = any_type(block, "multipart");
	guint number = all->number;
	g_autoptr(GPtrArray) boundaries =
	    delimiter_declared(all->scan->charset, block->types, begin, end, &too_long);
	bool guessable =
	    multipart || (block->oddities != 0 && spot->whole) || block->types->len > 1;

	if (too_long) {
		readings_note(all, "a boundary that is too long");
		scan_partial(all->scan);
	}
	if (boundaries->len == 0 && guessable) {
		char *guess = delimiter_guess(begin, end);
		if (guess != NULL) {
			readings_note(all, "boundaries that no header declares");
			g_ptr_array_add(boundaries, guess);
		}
	}
	for (guint i = 0; i < block->types->len && boundaries->len > 0; i++)
		if (!delimiter_is_plain(block->types->pdata[i]))
			readings_note(all, "a boundary that is not declared by the book");
	if (boundaries->len > 0 && !multipart)
		readings_note(all, "boundaries in what is no multipart");
	for (guint i = 0; i < boundaries->len; i++) {
		if (i > 0 && !readings_begin(all, "more than one boundary"))
			break;
		read_multipart(all, block, boundaries->pdata[i], begin, end, spot);
		all->number = number;
	}
	if (message)
		read_message(all, begin, end, spot);
	if ((multipart || message) && block->encodings->len > 0)
		read_encoded(all, block, begin, end, spot);
	bool leaf = (!message && !multipart && boundaries->len == 0) || has_leaf_type(block);
	if (spot->whole && spot->level == 0 && block->fields == 0)
		; /* no message: dissect delivers its bytes as they are */
	else if (leaf || (boundaries->len > 0 && !multipart))
		readings_leaf(all, block, begin, end, spot);
	all->number = number;
}

/* Fields that say different things. */
static void
note_block(struct readings *all, const struct block *block)
{
	static const struct {
		guint oddity;
		const char *words;
	} rows[] = {
		{ BLOCK_ODD_NAME, "a Content field whose name has blanks or breaks in it" },
		{ BLOCK_NUL, "NUL bytes in headers" },
		{ BLOCK_BARE_CR, "carriage returns alone in headers" },
		{ BLOCK_CUT, "more Content fields than are looked at" },
	};
	const struct {
		const GPtrArray *list;
		const char *words;
	} lists[] = {
		{ block->types, "two Content-Type headers" },
		{ block->encodings, "two Content-Transfer-Encoding headers" },
		{ block->dispositions, "two Content-Disposition headers" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		if ((block->oddities & rows[i].oddity) != 0)
			readings_note(all, rows[i].words);
	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++)
		for (guint k = 1; k < lists[i].list->len; k++)
			if (!g_str_equal(lists[i].list->pdata[0], lists[i].list->pdata[k]))
				readings_note(all, lists[i].words);
	if ((block->oddities & BLOCK_NO_END) != 0) {
		all->scan->message->facts |= FACT_MALFORMED;
		message_add_warning(all->scan->message, "a header block without an end");
	}
	if ((block->oddities & BLOCK_CUT) != 0)
		scan_partial(all->scan);
}

static void
read_entity(struct readings *all, const char *begin, const char *end, const struct spot *spot)
{
	guint number = all->number;
	struct block block, strict;

	if (scan_late(all->scan)) {
		scan_partial(all->scan);
		return;
	}
	block_read(&block, begin, end, spot->whole, NULL);
	all->oddities |= block.oddities;
	note_block(all, &block);
	read_block(all, &block, block.body, end, spot);
	if (block.stop != NULL && readings_begin(all, "a header block that may end earlier")) {
		block_read(&strict, begin, end, spot->whole, block.stop);
		read_block(all, &strict, block.resumed, end, spot);
		block_clear(&strict);
	}
	all->number = number;
	block_clear(&block);
}

/* The bytes as they are to programs that end lines at a carriage return, or skip NUL. */
static GByteArray *
transform(const char *bytes, gsize size, bool line_ends, bool nul)
{
	g_autofree char *copy = g_try_malloc(size);
	gsize n = 0;

	if (copy == NULL)
		return NULL;
	for (gsize i = 0; i < size; i++) {
		if (nul && bytes[i] == '\0')
			continue;
		bool alone = bytes[i] == '\r' && (i + 1 == size || bytes[i + 1] != '\n');
		copy[n++] = line_ends && alone ? '\n' : bytes[i];
	}
	return g_byte_array_new_take((guint8 *)g_steal_pointer(&copy), n);
}

/* [begin, end) of the message or the file at base, read as the laxest programs do. */
static void
walk(struct scan *scan, const char *base, const char *begin, const char *end,
    const struct spot *spot)
{
	struct readings all = {
		.scan = scan, .bytes = base, .original = true, .number = FIRST_LAX
	};

	read_entity(&all, begin, end, spot);
	bool line_ends = (all.oddities & BLOCK_BARE_CR) != 0;
	bool nul = (all.oddities & BLOCK_NUL) != 0;
	if (!line_ends && !nul)
		return;
	if (!readings_begin(&all,
		line_ends ? "lines that end in a carriage return alone" : "NUL bytes in headers"))
		return;
	g_autoptr(GByteArray) other = transform(begin, (gsize)(end - begin), line_ends, nul);
	if (other == NULL) {
		scan_partial(scan);
		return;
	}
	all.original = false;
	read_entity(&all, (const char *)other->data, (const char *)other->data + other->len, spot);
}

void
readings_walk(struct scan *scan, const char *bytes, gsize size)
{
	struct spot outermost = { "", "1", 0, 0, true, false };

	walk(scan, bytes, bytes, bytes + size, &outermost);
}

void
readings_walk_below(
    struct scan *scan, const char *bytes, gsize from, gsize to, const struct readings_place *place)
{
	const struct part *part = scan_part(scan, place->part);
	g_autofree char *path = g_strdup(part->path);
	g_autofree char *leaf = g_strdup_printf("%s.1", path);
	struct spot inside = { path, leaf, place->level + 1,
		place->entity ? part->depth : part->depth + 1, !place->entity, false };

	walk(scan, bytes, bytes + from, bytes + to, &inside);
}
