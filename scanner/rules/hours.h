/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_HOURS_H
#define FLAGPOST_RULES_HOURS_H
/*
 * hours - times of day at which a message was written: `hours = 20:00-06:00, 12:00-13:00`.
 *
 * The clock is the sender's: that of the zone in the Date header (RFC 5322 section 3.3).
 */
#include <glib.h>
#include <stdbool.h>

#include "mail/message.h"
#include "rules/builder.h"

struct hours_range {
	guint from, to; /* minutes since midnight; from > to runs over midnight */
};

/* Of struct hours_range; NULL when the key is absent or wrong. */
GArray *hours_load(const struct builder *builder, const struct ini_section *section);

/* Minutes since midnight at the sender's, or -1 when the message has no date. */
int hours_of(const struct message *message, gint64 date);
bool hours_contain(const GArray *hours, int minute);

#endif
