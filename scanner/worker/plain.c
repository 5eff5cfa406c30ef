/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plain - see plain.h. Plans first and delivers then, so that a message is never taken apart in
 * half; and takes in doubt no message for plain.
 */
#include "worker/plain.h"

#include <string.h>

#include "worker/block.h"
#include "worker/decode.h"
#include "worker/delimiter.h"
#include "worker/extract.h"
#include "worker/leaf.h"
#include "worker/parameters.h"
#include "worker/readings.h"
#include "worker/seen.h"
#include "worker/settled.h"

#define CHUNK          (64 * 1024)
#define FIELDS_MAX     16 /* Content fields of one entity */
#define BOUNDARY_MAX   70 /* RFC 2046 section 5.1.1 */
#define VALUE_MAX      1000
#define PROLOGUE_START "This is a multi-part message in MIME format"

struct plan {
	struct scan *scan;
	const char *bytes;
	GPtrArray *leaves; /* of struct plan_leaf, in order */
};

struct plan_leaf {
	char *path;
	guint level; /* multiparts around */
	const char *begin, *end;
	struct parameters *type, *disposition;
	enum decode_kind kind;
};

static bool plan_entity(struct plan *plan, const char *begin, const char *end, const char *path,
    guint level, const struct header_block *header);

static void
plan_leaf_free(gpointer data)
{
	struct plan_leaf *leaf = data;

	g_free(leaf->path);
	parameters_free(leaf->type);
	parameters_free(leaf->disposition);
	g_free(leaf);
}

/* --- is it by the book? --- */

/* The length of a field's name when nobody reads it in two ways, else 0. */
static gsize
regular_name(const char *line, const char *end)
{
	gsize n = 0, size = (gsize)(end - line);

	while (n < size && (g_ascii_isalnum(line[n]) || line[n] == '-' || line[n] == '_'))
		n++;
	return n < size && line[n] == ':' ? n : 0;
}

/* Fields that GMime complains of when they come twice. */
static bool
counts(const char *line, gsize name)
{
	return (name > 8 && g_ascii_strncasecmp(line, "Content-", 8) == 0) ||
	       (name == 4 && g_ascii_strncasecmp(line, "From", 4) == 0);
}

/* Regular lines, and no Content field twice. */
static bool
has_regular_fields(const struct block *block)
{
	const char *at = block->begin, *met[FIELDS_MAX];
	guint n_met = 0;

	while (at < block->body) {
		const char *stop = memchr(at, '\n', (gsize)(block->body - at));
		if (stop == NULL)
			return false;
		if (*at == '\n' || (*at == '\r' && at + 1 == stop))
			return stop + 1 == block->body;
		const char *line = at;
		at = stop + 1;
		if (memchr(line, '\0', (gsize)(at - line)) != NULL)
			return false;
		if (*line == ' ' || *line == '\t')
			continue;
		gsize name = regular_name(line, at);
		if (name == 0)
			return false;
		if (!counts(line, name))
			continue;
		for (guint i = 0; i < n_met; i++)
			if (g_ascii_strncasecmp(met[i], line, name + 1) == 0)
				return false;
		if (n_met == FIELDS_MAX)
			return false;
		met[n_met++] = line;
	}
	return false; /* no empty line */
}

static bool
is_token(const char *text, gsize size)
{
	for (gsize i = 0; i < size; i++)
		if (!g_ascii_isalnum(text[i]) &&
		    (text[i] == '\0' || strchr("-+._", text[i]) == NULL))
			return false;
	return size > 0;
}

/* "type/subtype" and nothing else; or no type at all. */
static bool
is_regular_type(const struct parameters *type)
{
	const char *slash = strchr(type->value, '/');

	if (*type->value == '\0')
		return type->items->len == 0;
	return slash != NULL && is_token(type->value, (gsize)(slash - type->value)) &&
	       is_token(slash + 1, strlen(slash + 1));
}

static const char *
skip_blanks(const char *at)
{
	return at + strspn(at, " \t\r\n");
}

/* One "name=value" of a raw value; behind it, or NULL when somebody may see another. */
static const char *
skip_parameter(const char *at)
{
	gsize name = 0;

	while (g_ascii_isalnum(at[name]) || at[name] == '-' || at[name] == '_' || at[name] == '*')
		name++;
	if (name == 0 || at[name] != '=')
		return NULL;
	at += name + 1;
	if (*at != '"')
		return at + strcspn(at, " \t\r\n;\"'(),\\=?");
	at += 1 + strcspn(at + 1, "\"\\\r\n");
	return *at == '"' ? at + 1 : NULL;
}

/* A value and its parameters with a semicolon before each, as RFC 2045 section 5.1 has them. */
static bool
is_regular_value(const char *raw)
{
	const char *at = skip_blanks(raw);

	while (is_token(at, 1) || *at == '/')
		at++;
	for (at = skip_blanks(at); *at == ';'; at = skip_blanks(at)) {
		at = skip_blanks(at + 1);
		if (*at == '\0')
			return true;
		at = skip_parameter(at);
		if (at == NULL)
			return false;
	}
	return *at == '\0';
}

/* No word for the same thing twice. */
static bool
are_single(const struct parameters *parameters)
{
	for (guint i = 0; i < parameters->items->len; i++) {
		const struct parameter *one = parameters->items->pdata[i];
		for (guint k = 0; k < i; k++) {
			const struct parameter *other = parameters->items->pdata[k];
			if (g_str_equal(one->name, other->name))
				return false;
		}
	}
	return true;
}

static bool
has_word(const char *raw, const char *word)
{
	gsize size = strlen(word);

	for (; *raw != '\0'; raw++)
		if (g_ascii_tolower(*raw) == *word && g_ascii_strncasecmp(raw, word, size) == 0)
			return true;
	return false;
}

/* A boundary line and nothing behind it. */
static bool
is_bare(const struct mark *mark, gsize boundary)
{
	gsize size = 2 + boundary + (mark->kind == MARK_CLOSE ? 2 : 0);
	const char *behind = mark->begin + size;

	if (mark->kind == MARK_LOOSE || behind > mark->next)
		return false;
	/* GMime sees another end of the part before a closing line that does not end. */
	return behind < mark->next &&
	       (*behind == '\n' || (*behind == '\r' && behind + 2 == mark->next));
}

/* GMime takes a byte too many off a part whose last line ends unlike others. */
static bool
ends_alike(const struct mark *mark, const char *begin, bool crlf)
{
	bool before = mark->begin < begin + 2 || (mark->begin[-2] == '\r') == crlf;

	return before && (mark->next[-2] == '\r') == crlf;
}

static bool
is_blank(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n'))
		at++;
	return at == end;
}

/* Nothing, or the one line that programs without MIME are told. */
static bool
is_empty_prologue(const char *begin, const char *end)
{
	gsize size = strlen(PROLOGUE_START);

	if ((gsize)(end - begin) > size && memcmp(begin, PROLOGUE_START, size) == 0) {
		begin += size;
		begin += *begin == '.';
	}
	return is_blank(begin, end);
}

/* --- the plan --- */

/* Between two boundary lines, without the line break that belongs to the second. */
static bool
plan_section(struct plan *plan, const char *begin, const char *end, const char *path, guint level)
{
	if (end > begin && end[-1] == '\n')
		end--;
	if (end > begin && end[-1] == '\r')
		end--;
	return plan_entity(plan, begin, end, path, level, NULL);
}

static bool
plan_sections(struct plan *plan, const struct marks *marks, gsize boundary, const char *begin,
    const char *end, const char *path, guint level)
{
	guint n = marks->list->len;
	const struct mark *list = (const struct mark *)(const void *)marks->list->data;

	if (n < 2 || marks->loose > 0 || marks->bare_cr || marks->after_close || marks->cut ||
	    list[n - 1].kind != MARK_CLOSE || !is_empty_prologue(begin, list[0].begin) ||
	    !is_blank(list[n - 1].next, end))
		return false;
	for (guint i = 0; i < n; i++)
		if (!is_bare(&list[i], boundary) ||
		    !ends_alike(&list[i], begin, list[0].next[-2] == '\r') ||
		    (i + 1 < n && list[i].kind != MARK_OPEN))
			return false;
	for (guint i = 0; i + 1 < n; i++) {
		g_autofree char *inside = *path != '\0' ? g_strdup_printf("%s.%u", path, i + 1)
							: g_strdup_printf("%u", i + 1);
		if (!plan_section(plan, list[i].next, list[i + 1].begin, inside, level))
			return false;
	}
	return true;
}

static bool
plan_multipart(
    struct plan *plan, const struct block *block, const char *end, const char *path, guint level)
{
	const struct limits *limits = plan->scan->limits;
	const char *raw = block->types->pdata[0];
	g_autoptr(parameters) type = parameters_parse(plan->scan->charset, raw);
	const char *boundary = parameters_get(type, "boundary");
	gsize size = boundary != NULL ? strlen(boundary) : 0;
	struct marks marks;
	enum decode_kind kind;

	if (!g_str_has_prefix(type->value, "multipart/") || type->malformed ||
	    !is_regular_type(type) || !are_single(type) || !is_regular_value(raw) ||
	    !delimiter_is_plain(raw) || size == 0 || size > BOUNDARY_MAX ||
	    boundary[size - 1] == ' ' || g_str_equal(type->value, "multipart/digest") ||
	    g_str_equal(type->value, "multipart/encrypted") || has_word(raw, "message/") ||
	    level + 1 > limits->depth || !settled_declared(block, block->body, end, &kind) ||
	    kind != DECODE_NONE)
		return false;
	marks_find(&marks, boundary, block->body, end, (gsize)limits->parts);
	bool fine = plan_sections(plan, &marks, size, block->body, end, path, level + 1);
	marks_clear(&marks);
	return fine;
}

static bool
plan_leaf(
    struct plan *plan, const struct block *block, const char *end, const char *path, guint level)
{
	const char *raw = block->types->len > 0 ? block->types->pdata[0] : "";
	const char *raw_disposition =
	    block->dispositions->len > 0 ? block->dispositions->pdata[0] : "";
	struct charset *charset = plan->scan->charset;
	struct plan_leaf *leaf = g_new0(struct plan_leaf, 1);

	g_ptr_array_add(plan->leaves, leaf);
	leaf->type = parameters_parse(charset, raw);
	leaf->disposition = parameters_parse(charset, raw_disposition);
	leaf->path = g_strdup(path);
	leaf->level = level;
	leaf->begin = block->body;
	leaf->end = end;
	return plan->leaves->len <= plan->scan->limits->parts && is_regular_value(raw) &&
	       is_regular_value(raw_disposition) && !leaf->type->malformed &&
	       !leaf->disposition->malformed && is_regular_type(leaf->type) &&
	       are_single(leaf->type) && are_single(leaf->disposition) &&
	       !has_word(raw, "boundary") && settled_declared(block, block->body, end, &leaf->kind);
}

/* header: of the message as a whole; NULL: of a part. */
static bool
plan_entity(struct plan *plan, const char *begin, const char *end, const char *path, guint level,
    const struct header_block *header)
{
	struct block block;
	bool fine;

	block_read(&block, begin, end, header != NULL, NULL);
	fine = block.oddities == 0 && block.stop == NULL && block.fields > 0 &&
	       block.begin == begin && has_regular_fields(&block) &&
	       (block.types->len == 0 || strlen(block.types->pdata[0]) < VALUE_MAX);
	if (header != NULL)
		fine = fine && block.body == begin + header->body;
	if (!fine)
		;
	else if (block.types->len > 0 && has_word(block.types->pdata[0], "multipart"))
		fine = plan_multipart(plan, &block, end, path, level);
	else if (block.types->len > 0 && has_word(block.types->pdata[0], "message/"))
		fine = false;
	else
		fine = plan_leaf(plan, &block, end, *path != '\0' ? path : "1", level);
	block_clear(&block);
	return fine;
}

/* --- what is delivered --- */

static void
feed(struct item *item, const struct plan_leaf *leaf, bool *irregular)
{
	g_autoptr(GByteArray) decoded = g_byte_array_new();
	const char *at = leaf->begin;
	struct decode decode;
	bool more = true;

	decode_begin(&decode, leaf->kind);
	while (more && at < leaf->end) {
		gsize n = (gsize)MIN(leaf->end - at, CHUNK);
		g_byte_array_set_size(decoded, 0);
		if (leaf->kind != DECODE_NONE)
			decode_add(&decode, at, n, decoded);
		if (leaf->kind == DECODE_NONE)
			more = extract_add(item, (const guint8 *)at, n);
		else if (decoded->len > 0)
			more = extract_add(item, decoded->data, decoded->len);
		at += n;
	}
	g_byte_array_set_size(decoded, 0);
	decode_end(&decode, decoded);
	if (more && decoded->len > 0)
		extract_add(item, decoded->data, decoded->len);
	if (decode.junk > 0 || decode.restarted)
		extract_part(item)->facts |= FACT_PART_MALFORMED;
	*irregular = leaf->kind == DECODE_BASE64 && (decode.junk > 0 || decode.restarted);
}

/* True when other programs may decode it differently. */
static bool
deliver(struct plan *plan, const struct plan_leaf *leaf)
{
	struct scan *scan = plan->scan;
	guint index = scan_add_part(scan, leaf->path, 0);
	struct seen_leaf seen = { .kind = leaf->kind,
		.part = index,
		.begin = leaf->begin - plan->bytes,
		.end = leaf->end - plan->bytes };

	if (index == TEXT_NO_PART)
		return true;
	struct part *part = scan_part(scan, index);
	g_free(part->declared_type);
	part->declared_type = g_strdup(leaf->type->value);
	leaf_add_names(scan, index, leaf->disposition, "filename");
	leaf_add_names(scan, index, leaf->type, "name");
	part->attachment =
	    *part->name != '\0' || g_str_equal(leaf->disposition->value, "attachment");
	seen.look = leaf_look(part, leaf->type);
	struct item *item = extract_begin(
	    scan, index, leaf->level, seen.look.body, parameters_get(leaf->type, "charset"));
	feed(item, leaf, &seen.irregular);
	extract_end(item);
	seen_add(scan->seen, &seen);
	return seen.irregular;
}

bool
plain_walk(struct scan *scan, const char *bytes, gsize size, const struct header_block *header)
{
	g_autoptr(GPtrArray) leaves = g_ptr_array_new_with_free_func(plan_leaf_free);
	struct plan plan = { .scan = scan, .bytes = bytes, .leaves = leaves };
	bool choice = false;

	if (header->over_limit || header->malformed || header->start != 0 ||
	    !plan_entity(&plan, bytes, bytes + size, "", 0, header))
		return false;
	for (guint i = 0; i < leaves->len; i++) {
		if (scan_late(scan)) {
			scan_partial(scan);
			break;
		}
		choice = deliver(&plan, leaves->pdata[i]) || choice;
	}
	if (choice)
		readings_walk(scan, bytes, size);
	return true;
}
