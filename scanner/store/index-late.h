/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_INDEX_LATE_H
#define FLAGPOST_STORE_INDEX_LATE_H
/*
 * index_late - messages that get their copy late, taken out of the blocks that have them with their
 * fields alone. Part of store/index, seen by it alone.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/database.h"

/*
 * Within the write transaction. docs: of gint64. *stay: a block of theirs is damaged. Then all of
 * them stand where they stood and have the level INDEX_FIELDS again, and INDEX_DAMAGED is set,
 * which a note and the log say the first time; from then on nothing is taken out until the index is
 * made anew. Where SQLite itself cannot read a page it writes no more in this transaction: that
 * fails, database_is_damaged, and index_late_mark behind its rollback lets the next one go on.
 */
bool index_late_remove(struct database *database, const GArray *docs, bool *stay, GError **error);
/* Outside of transactions. */
bool index_late_mark(struct database *database, GError **error);

#endif
