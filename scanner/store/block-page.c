/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A key is written without what it has in common with the one before.
 */
#include "store/block-page.h"

#include <string.h>

#include "store/bits.h"

/*
 * How SQLite keeps a row on pages of 4096 bytes: a part of it in the table's page, the rest on
 * pages of its own, which are full. So a row ends where that part nearly fills the table's page.
 */
#define ROW_HEAD   12 /* bytes: its numbers */
#define PART_LEAST 489
#define PART_MOST  4061
#define PAGE_MORE  4092
#define PART_FULL  3900
#define ROW_MAX    24000 /* a page is read as a whole */

struct block_page *
block_page_new(void)
{
	struct block_page *page = g_new0(struct block_page, 1);

	page->data = g_byte_array_new();
	page->first = g_string_new(NULL);
	page->last = g_string_new(NULL);
	return page;
}

void
block_page_free(struct block_page *page)
{
	if (page == NULL)
		return;
	g_byte_array_unref(page->data);
	g_string_free(page->first, TRUE);
	g_string_free(page->last, TRUE);
	g_free(page);
}

void
block_page_clear(struct block_page *page)
{
	g_byte_array_set_size(page->data, 0);
	g_string_truncate(page->first, 0);
	g_string_truncate(page->last, 0);
}

static gsize
common(const char *one, const char *other)
{
	gsize n = 0;

	while (one[n] != '\0' && one[n] == other[n])
		n++;
	return n;
}

static gsize
part_of(gsize row)
{
	return row <= PART_MOST ? row : PART_LEAST + (row - PART_LEAST) % PAGE_MORE;
}

bool
block_page_is_full(const struct block_page *page, const char *key, gsize size)
{
	gsize row = page->data->len + page->first->len + ROW_HEAD;
	gsize more = strlen(key) - common(page->last->str, key) + size + 4;
	bool fits = row + more <= PART_MOST || part_of(row) + more <= PART_MOST;

	return page->data->len > 0 &&
	       (row > ROW_MAX || (!fits && part_of(row) >= PART_FULL && part_of(row) <= PART_MOST));
}

void
block_page_add(struct block_page *page, const char *key, const guint8 *data, gsize size)
{
	gsize same = common(page->last->str, key), more = strlen(key) - same;

	if (page->data->len == 0)
		g_string_assign(page->first, key);
	g_string_assign(page->last, key);
	bits_put_varint(page->data, same);
	bits_put_varint(page->data, more);
	g_byte_array_append(page->data, (const guint8 *)key + same, (guint)more);
	bits_put_varint(page->data, size);
	g_byte_array_append(page->data, data, (guint)size);
}
