/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_FORMS_H
#define FLAGPOST_STORE_FORMS_H
/*
 * forms - in which forms copies stand in which volume, so that nobody has to open volumes to know
 * which keys are still needed, and what is still to be rewritten.
 *
 * A volume may have several: its day began before the form was changed. Words: vault_place.form.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/database.h"

/* In an open transaction: the volume has copies of that form. */
bool forms_put(struct database *database, gint64 volume, const char *form, GError **error);
/* Names of all keys that copies are sealed with, sorted; of char *. */
GPtrArray *forms_keys(struct database *database, GError **error);

#endif
