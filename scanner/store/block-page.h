/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_BLOCK_PAGE_H
#define FLAGPOST_STORE_BLOCK_PAGE_H
/*
 * block_page - keys and their postings packed into one page, as block_scan_page reads them.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"

struct block_page {
	GByteArray *data;
	GString *first, *last; /* keys */
};

struct block_page *block_page_new(void);
void block_page_free(struct block_page *page);
AUTO_DEFINE(block_page, block_page_free)
void block_page_clear(struct block_page *page);

/* Whether it had better end before this entry. */
bool block_page_is_full(const struct block_page *page, const char *key, gsize size);
/* Keys come rising. */
void block_page_add(struct block_page *page, const char *key, const guint8 *data, gsize size);

#endif
