/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_RENEW_H
#define FLAGPOST_STORE_RENEW_H
/*
 * renew - the database written once more without what the search keeps, where SQLite itself cannot
 * read pages of that: what it cannot read it can neither empty nor drop. Seen by store/rebuild.c
 * alone.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/database.h"

/* What is wrong with pages of the search's tables, on one line; NULL: nothing. g_free. */
char *renew_reason(struct database *database);
/*
 * Outside of transactions, while nobody records mail. All other tables are copied into a file that
 * has no name, the index is emptied there (index_empty), and that file becomes the database in one
 * transaction: until then nothing is changed, behind it no page of the old one is left. Others may
 * read meanwhile; who writes waits. It takes twice the space of the database for a time. FAULT_IO
 * also where another table is damaged, FAULT_RETRY where somebody wrote in between.
 */
bool renew(struct database *database, GError **error);

#endif
