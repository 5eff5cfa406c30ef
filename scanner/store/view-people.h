/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_VIEW_PEOPLE_H
#define FLAGPOST_STORE_VIEW_PEOPLE_H
/*
 * view-people - what a report needs that is to name nobody.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/view.h"

/* Whoever a message that is seen names in its address fields, as often as it does. */
typedef void view_person_each(
    const char *name, const char *address, const char *domain, gpointer data);
bool view_people_each(struct view *view, view_person_each *each, gpointer data, GError **error);
/* One of the caller's own, to be changed: rows of one list share theirs. */
struct view_message *view_message_copy(const struct view_message *message);

#endif
