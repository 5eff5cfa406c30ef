/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_DATE_H
#define FLAGPOST_WORKER_DATE_H
/*
 * date - the value of a Date header (RFC 5322 section 3.3, with the obsolete forms of section 4.3)
 * by our own code alone, for messages on which everything else ended, too.
 */
#include <glib.h>

/*
 * Microseconds UTC, or MESSAGE_NO_DATE for what is no date or none that can be. Day and month
 * may change places, as asctime writes them, and a weekday is not looked at. A zone that nobody
 * knows, or none, is UTC; a day without a time is its first second.
 */
gint64 date_parse(const char *raw);

#endif
