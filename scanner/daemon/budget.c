/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/budget.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "fetchers/fetch.h"

bool
budget_left(struct store *store, const struct account *account, GTimeZone *zone, gint64 now,
    guint64 *bytes, GError **error)
{
	gint64 today, tomorrow;
	guint64 used;

	*bytes = FETCH_ANY_BYTES;
	if (account->bytes_a_day == 0)
		return true;
	clock_day(now, zone, &today, &tomorrow);
	if (!store_traffic_of(store, account->name, today, &used, error))
		return false;
	*bytes = account->bytes_a_day - MIN(used, account->bytes_a_day);
	return true;
}

char *
budget_text(const struct account *account, GTimeZone *zone, gint64 now, guint64 *seconds)
{
	g_autofree char *size = text_size(account->bytes_a_day);
	gint64 today, tomorrow;

	clock_day(now, zone, &today, &tomorrow);
	g_autofree char *when = clock_local(tomorrow, zone);
	const char *hour = strchr(when, ' ');
	*seconds = (guint64)((tomorrow - now) / G_USEC_PER_SEC) + 1;
	return g_strdup_printf(
	    "the day's budget of %s is used; goes on at %s", size, hour != NULL ? hour + 1 : when);
}
