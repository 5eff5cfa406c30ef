/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_ISO_H
#define FLAGPOST_CMD_ISO_H
/*
 * iso - an image of a folder for a CD or DVD, by the program xorriso, which is asked for only when
 * somebody wants one: ISO 9660 with Joliet and Rock Ridge, which every system reads.
 */
#include <glib.h>
#include <stdbool.h>

/* FAULT_CONFIG when xorriso is not installed. */
bool iso_check(GError **error);
/* path is written anew (0600). label: of the disc, at most 16 letters, digits and '_'. */
bool iso_make(const char *folder, const char *label, const char *path, GError **error);

#endif
