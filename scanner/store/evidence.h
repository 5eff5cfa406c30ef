/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_EVIDENCE_H
#define FLAGPOST_STORE_EVIDENCE_H
/*
 * evidence - what an export needs of a message beside its bytes: its flags, and the text that a
 * rule had on the day of a flag. Through a view, like all that people are shown.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/view.h"

/* Of struct view_flag, in the order in which they were raised; those that an exception swallowed
 * are none. */
GPtrArray *evidence_flags(struct view *view, gint64 message, GError **error);

/*
 * The exact bytes of the file in which the rule stood, whose SHA-256 is digest. FAULT_DATA when it
 * is not known, or has other bytes.
 */
GBytes *evidence_rule(struct view *view, const char *rule, const char *digest, GError **error);

/* The messages (gint64) of flags, each once, by their number. */
GArray *evidence_messages(struct view *view, const GArray *flags, GError **error);
/* One of them; FAULT_USAGE when the view shows none. */
struct view_message *evidence_message(struct view *view, gint64 id, GError **error);

#endif
