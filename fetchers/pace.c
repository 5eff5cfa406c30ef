/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fetchers/pace.h"

#define MINUTE ((gint64)60 * G_USEC_PER_SEC)

void
pace_init(struct pace *pace, guint64 a_minute, gint64 now)
{
	guint64 bounded = CLAMP(a_minute, 1, (guint64)MINUTE);

	*pace = (struct pace){ .share = MINUTE / (gint64)bounded, .free = MINUTE, .at = now };
}

bool
pace_take(struct pace *pace, gint64 now)
{
	if (now > pace->at) {
		pace->free += MIN(now - pace->at, 2 * MINUTE);
		pace->free = MIN(pace->free, MINUTE);
		pace->at = now;
	}
	if (pace->free < pace->share)
		return false;
	pace->free -= pace->share;
	return true;
}

void
pace_charge(struct pace *pace, guint commands)
{
	/* Never more than a minute behind: a login is worth waiting for, not a day. */
	pace->free = MAX(pace->free - (gint64)commands * pace->share, -MINUTE);
}

gint64
pace_next(const struct pace *pace, gint64 now)
{
	gint64 free = pace->free + MAX(now - pace->at, 0);

	return free >= pace->share ? now : now + pace->share - free;
}
