/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * readings-leaf - a leaf by every Content-Type, charset and transfer encoding that a reader may
 * take it for; each part that comes of it once.
 */
#include <string.h>

#include "base/digest.h"
#include "worker/extract.h"
#include "worker/leaf.h"
#include "worker/readings-parts.h"
#include "worker/seen.h"
#include "worker/settled.h"
#include "worker/ways.h"

/* One way to see a leaf. */
struct view {
	const struct parameters *type;
	const char *charset; /* or NULL */
	enum way way;
	bool first; /* as walk sees it, unless the entity is odd */
};

/* All that dispositions and types call it. */
static void
add_names(struct readings *all, guint index, const struct block *block)
{
	struct part *part = scan_part(all->scan, index);
	bool attachment = part->attachment;

	for (guint i = 0; i < block->dispositions->len; i++) {
		g_autoptr(parameters) one =
		    parameters_parse(all->scan->charset, block->dispositions->pdata[i]);
		leaf_add_names(all->scan, index, one, "filename");
		attachment = attachment || g_str_equal(one->value, "attachment");
	}
	for (guint i = 0; i < block->types->len; i++) {
		g_autoptr(parameters) one =
		    parameters_parse(all->scan->charset, block->types->pdata[i]);
		leaf_add_names(all->scan, index, one, "name");
	}
	part->attachment = attachment || *part->name != '\0';
}

static bool
has_name(const struct parameters *parsed, const char *key)
{
	const char *name = parameters_get(parsed, key);

	return name != NULL && *name != '\0';
}

/* As leaf_look, before there is a part. */
static struct look
look_of(const struct readings *all, const struct block *block, const struct view *view)
{
	const char *declared = view->type->value;
	bool attachment = false;
	struct look look;

	for (guint i = 0; i < block->dispositions->len; i++) {
		g_autoptr(parameters) one =
		    parameters_parse(all->scan->charset, block->dispositions->pdata[i]);
		attachment = attachment || g_str_equal(one->value, "attachment") ||
			     has_name(one, "filename");
	}
	for (guint i = 0; i < block->types->len; i++) {
		g_autoptr(parameters) one =
		    parameters_parse(all->scan->charset, block->types->pdata[i]);
		attachment = attachment || has_name(one, "name");
	}
	look.body =
	    !attachment && (strchr(declared, '/') == NULL || g_str_has_prefix(declared, "text/"));
	look.html = strstr(declared, "html") != NULL;
	look.charset = g_ascii_strdown(view->charset != NULL ? view->charset : "", -1);
	return look;
}

static void
add_leaf(struct readings *all, const struct block *block, const struct spot *spot,
    const struct view *view, const GByteArray *bytes, struct look *look)
{
	g_autofree char *path = g_strdup_printf("%s~%u", spot->own, all->number);
	guint index = scan_add_part(all->scan, path, spot->messages);

	if (index == TEXT_NO_PART)
		return;
	readings_note(all, "another reading has other content");
	struct part *part = scan_part(all->scan, index);
	g_free(part->declared_type);
	part->declared_type = g_strdup(view->type->value);
	part->facts |= FACT_PART_MALFORMED;
	add_names(all, index, block);
	struct item *item = extract_begin(all->scan, index, spot->level, look->body, view->charset);
	if (bytes->len > 0)
		extract_add(item, bytes->data, bytes->len);
	extract_end(item);
	struct seen_leaf leaf = { .begin = -1, .end = -1, .part = index, .look = *look };
	look->charset = NULL;
	seen_add(all->scan->seen, &leaf);
}

/* Fewer bytes of the same: what a decoder that stops early makes of base64 with a tail. */
static bool
is_start_of(const GByteArray *bytes, const GByteArray *more)
{
	return bytes->len <= more->len && memcmp(bytes->data, more->data, bytes->len) == 0;
}

/* Bytes of a meaning: text, or a file of a type that is known. A wrong decoder gives noise. */
static bool
is_sensible(const struct scan *scan, const GByteArray *bytes)
{
	gsize head = MIN(bytes->len, BLOB_HEAD_MAX);

	return !g_str_equal(sniff_type(scan->sniff, bytes->data, head, "", false),
		   "application/octet-stream") &&
	       (memchr(bytes->data, '\0', head) != NULL || sniff_is_text(bytes->data, head));
}

/*
 * Delivers the bytes of one view unless they were; true when other decoders would see them
 * differently. longer: NULL, or bytes that hold all that rules could find in these.
 */
static bool
deliver(struct readings *all, const struct block *block, const char *begin, const char *end,
    const struct spot *spot, const struct view *view, GByteArray **decoded)
{
	struct scan *scan = all->scan;
	struct look look = look_of(all, block, view);
	bool irregular = false;
	char sha256[DIGEST_HEX];

	if (all->original && view->way < WAY_DENSE) {
		const struct seen_leaf *leaf = seen_at(scan->seen, all->bytes, begin - all->bytes,
		    seen_trim(begin, end) - all->bytes, ways_kind(view->way));
		if (leaf != NULL && (view->first || look_same(&leaf->look, &look))) {
			guint index = leaf->part;
			irregular = leaf->irregular;
			if (block->types->len > 1 || block->dispositions->len > 1 ||
			    block->oddities != 0)
				add_names(all, index, block);
			g_free(look.charset);
			return irregular;
		}
	}
	guint64 room = scan->limits->unpacked - MIN(scan->limits->unpacked, scan->unpacked);
	g_autoptr(GByteArray) bytes =
	    ways_decode(view->way, begin, end, (gsize)MIN(room, G_MAXUINT / 2), &irregular);
	if (bytes == NULL) {
		scan_partial(scan);
	} else if (bytes->len > 0 && (view->way < WAY_DENSE || (!is_start_of(bytes, *decoded) &&
								   is_sensible(scan, bytes)))) {
		digest_bytes(bytes->data, bytes->len, sha256);
		if (seen_same(scan->seen, scan, sha256, &look) == TEXT_NO_PART)
			add_leaf(all, block, spot, view, bytes, &look);
	}
	if (bytes != NULL && view->way == WAY_BASE64) {
		g_clear_pointer(decoded, g_byte_array_unref);
		*decoded = g_byte_array_ref(bytes);
	}
	g_free(look.charset);
	return irregular;
}

/* base64 that is not by the book, as other decoders have it. */
static void
deliver_irregular(struct readings *all, const struct block *block, const char *begin,
    const char *end, const struct spot *spot, struct view *view, GByteArray **decoded)
{
	bool ignored;

	if (*decoded == NULL)
		*decoded = ways_decode(
		    WAY_BASE64, begin, end, (gsize)all->scan->limits->unpacked, &ignored);
	for (enum way way = WAY_DENSE; way <= WAY_LINES && *decoded != NULL; way++) {
		view->way = way;
		deliver(all, block, begin, end, spot, view, decoded);
	}
}

/* A leaf by one Content-Type and charset, in every way that its bytes may be decoded. */
static void
read_view(struct readings *all, const struct block *block, const char *begin, const char *end,
    const struct spot *spot, struct view *view)
{
	g_autoptr(GByteArray) decoded = NULL;
	enum way first;
	bool odd;
	guint ways = ways_declared(block->encodings, begin, end, &first, &odd);
	guint number = all->number;
	bool irregular = false;

	if (odd)
		readings_note(all, "transfer encodings that are not one by the book");
	view->way = first;
	irregular = deliver(all, block, begin, end, spot, view, &decoded) && first == WAY_BASE64;
	if (first == WAY_PLAIN && ways_looks_base64(begin, end))
		ways |= 1u << WAY_BASE64;
	if ((block->oddities & BLOCK_ODD_NAME) != 0)
		ways |= 1u << WAY_PLAIN;
	for (enum way way = WAY_PLAIN; way <= WAY_UU; way++) {
		if (way == first || (ways & 1u << way) == 0)
			continue;
		if (!readings_begin(all, "transfer encodings that may be another"))
			break;
		view->way = way;
		irregular =
		    (deliver(all, block, begin, end, spot, view, &decoded) && way == WAY_BASE64) ||
		    irregular;
		all->number = number;
	}
	if (irregular)
		deliver_irregular(all, block, begin, end, spot, view, &decoded);
	all->number = number;
}

void
readings_leaf(struct readings *all, const struct block *block, const char *begin, const char *end,
    const struct spot *spot)
{
	g_autoptr(GPtrArray) parsed =
	    g_ptr_array_new_with_free_func((GDestroyNotify)parameters_free);
	g_autoptr(GPtrArray) told = g_ptr_array_new_with_free_func(g_free);
	guint number = all->number;

	if (++all->leaves > all->scan->limits->parts) {
		all->scan->message->facts |= FACT_TOO_MANY_PARTS;
		scan_partial(all->scan);
		return;
	}
	if (all->original && settled_leaf(all->scan, all->bytes, block, begin, end))
		return;
	for (guint i = 0; i < MAX(block->types->len, 1); i++)
		g_ptr_array_add(parsed, parameters_parse(all->scan->charset,
					    block->types->len > 0 ? block->types->pdata[i] : NULL));
	for (guint i = 0; i < parsed->len; i++) {
		const struct parameters *type = parsed->pdata[i];
		const char *best = parameters_get(type, "charset");
		for (guint k = 0; k <= type->items->len; k++) {
			const struct parameter *item = k > 0 ? type->items->pdata[k - 1] : NULL;
			if (item != NULL && !g_str_equal(item->name, "charset"))
				continue;
			struct view view = { type, item != NULL ? item->value : best, WAY_PLAIN,
				told->len == 0 };
			g_autofree char *key =
			    g_strdup_printf("%d|%s", strstr(type->value, "html") != NULL,
				view.charset != NULL ? view.charset : "");
			if (g_ptr_array_find_with_equal_func(told, key, g_str_equal, NULL))
				continue;
			if (!view.first && !readings_begin(all,
					       "content types or charsets of one part that differ"))
				return;
			g_ptr_array_add(told, g_steal_pointer(&key));
			read_view(all, block, begin, end, spot, &view);
			all->number = number;
		}
	}
}
