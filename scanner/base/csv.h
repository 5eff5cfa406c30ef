/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BASE_CSV_H
#define FLAGPOST_BASE_CSV_H
/*
 * csv - records of a file of comma separated values (RFC 4180), one by one, however large the file.
 *
 * UTF-8, with or without a byte order mark; line ends of either kind; cells in quotes may hold
 * separators, line ends and doubled quotes. The separator is what the first record has most of:
 * comma, semicolon or tab.
 */
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/auto.h"

#define CSV_CELL_MAX  (64 * 1024) /* bytes */
#define CSV_CELLS_MAX 1000        /* of one record */

struct csv;

/* path is what errors call it. in stays the caller's. separator 0: found out. */
struct csv *csv_new(FILE *in, const char *path, char separator);
void csv_free(struct csv *csv);
AUTO_DEFINE(csv, csv_free)

/*
 * The next record: cells of char *, borrowed until the next call. NULL at the end of the file, and
 * with an error: FAULT_DATA with the line, FAULT_IO. Empty lines are passed over.
 */
const GPtrArray *csv_next(struct csv *csv, GError **error);
guint64 csv_line(const struct csv *csv);  /* on which the record begins, from 1 */
guint64 csv_bytes(const struct csv *csv); /* read so far */

#endif
