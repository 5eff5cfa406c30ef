/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_ROWS_H
#define FLAGPOST_CMD_ROWS_H
/*
 * rows - the rows that a text takes on a terminal, which breaks long lines where they reach its
 * edge.
 */
#include <glib.h>

struct rows {
	guint rows, columns;
};

/* The terminal of the standard output as it is now; 24 rows of 80 where it says nothing. */
struct rows rows_of_terminal(void);

/*
 * Of char *: the text row by row, none of its bytes left out, so that all of them in a row are the
 * text. Wide characters take two columns, combining ones and `ESC [ ... m` none.
 */
GPtrArray *rows_split(const char *text, guint columns);

#endif
