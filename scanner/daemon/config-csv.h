/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_CONFIG_CSV_H
#define FLAGPOST_DAEMON_CONFIG_CSV_H
/*
 * config_csv - members of a group out of a table: `csv = people.csv`, `column = mail` (the
 * default), `where = department=Sales, site=Berlin` (all must hold, in any case; without it every
 * row). The first line names the columns. Rows without an address are passed over.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/ini.h"

typedef bool config_csv_check(const char *address);

/* The section has csv. NULL after problems, which name the line of the table. */
GStrv config_csv_members(
    const struct ini_section *section, config_csv_check *is_address, struct problems *problems);

#endif
