/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz-worker-date - any text as the value of a Date header: a time that a calendar has, or none.
 */
#include <stdint.h>
#include <stdlib.h>

#include "mail/message.h"
#include "worker/date.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *raw = g_strndup((const char *)data, size);
	gint64 date = date_parse(raw);

	if (date == MESSAGE_NO_DATE)
		return 0;
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(date / G_USEC_PER_SEC);
	if (time == NULL || date % G_USEC_PER_SEC != 0)
		abort();
	return 0;
}
