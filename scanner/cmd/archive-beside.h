/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_ARCHIVE_BESIDE_H
#define FLAGPOST_CMD_ARCHIVE_BESIDE_H
/* archive-beside - files in the folder of archives that are none: a line, or a JSON object, each.
 */
#include "daemon/archiving.h"

/* How many there are; -1 after an error. */
int archive_beside(const struct archiving *archiving, bool as_json, GError **error);

#endif
