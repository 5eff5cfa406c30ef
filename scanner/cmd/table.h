/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_TABLE_H
#define FLAGPOST_CMD_TABLE_H
/*
 * table - rows and columns for people: columns as wide as their widest cell, two blanks between.
 */
#include <glib.h>

#include "base/auto.h"

struct table;

/* heads: NULL-terminated; a leading '>' aligns a column to the right. Borrowed. */
struct table *table_new(const char *const *heads);
void table_free(struct table *table);
AUTO_DEFINE(table, table_free)

/* The next cell, row by row; made printable and cut at TABLE_CELL_MAX characters. */
#define TABLE_CELL_MAX 100
void table_add(struct table *table, const char *format, ...) G_GNUC_PRINTF(2, 3);

void table_print(const struct table *table, GString *out);

#endif
