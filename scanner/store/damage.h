/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_DAMAGE_H
#define FLAGPOST_STORE_DAMAGE_H
/*
 * damage - whether the pages of the database are as SQLite wrote them, a table at a time: its rows,
 * and that its indices have them. A table is read as a whole, so this takes a time with its size.
 * Not looked at: free pages, and what the map for giving them back says of nobody's pages. Tables
 * of the search are read as what they hold as well, since what is not found there is found nowhere.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/database.h"

/* The names of all tables, of char *, in their order. */
GPtrArray *damage_tables(struct database *database, GError **error);
/* What is wrong with one of them, on one line; NULL when nothing is. */
char *damage_of(struct database *database, const char *table);
/* The same of its pages alone, and not of what rows of the search hold. */
char *damage_of_pages(struct database *database, const char *table);

/* What the rows of a table of the search hold; damage_of asks it. True for any other. */
bool damage_inside(struct database *database, const char *table, GError **error);

#endif
