/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_RETENTION_H
#define FLAGPOST_STORE_RETENTION_H
/*
 * retention - how long mail is kept, by account, folder, severity and age; and what has had its
 * time.
 *
 * A message has had its time when, at each place where it was seen, a rule meets it, and the
 * longest time of all rules that do has gone by since it was seen first. What no rule meets stays
 * for good.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/view.h"

struct retention_rule {
	char *name;
	GStrv accounts, folders; /* globs; NULL: any */
	guint severities;        /* bits 1 << enum severity; RETENTION_UNFLAGGED: no flag */
	guint64 keep_seconds;
};
#define RETENTION_UNFLAGGED (1u << 3)
#define RETENTION_ANY       0xfu

void retention_rule_free(struct retention_rule *rule);

/*
 * The rule by which a message has had its time at age seconds, or NULL. places: accounts and
 * folders by turns, NULL-terminated; severity: one of the bits above, the highest of its flags.
 */
const struct retention_rule *retention_judge(
    const GPtrArray *rules, const char *const *places, guint severity, guint64 age_seconds);

/* Of struct purge_item (store/purge.h), the oldest first; holds are not looked at. */
GPtrArray *retention_due(struct view *view, const GPtrArray *rules, gint64 now, GError **error);

#endif
