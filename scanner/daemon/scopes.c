/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/scopes.h"

struct view_scope
scopes_of(const struct config *config, const struct config_person *person)
{
	if (person == NULL)
		return (struct view_scope){ config->strangers ? VIEW_ALL : VIEW_NO_MAIL, NULL };
	switch (person->role) {
	case CONFIG_OFFICER:
		return (struct view_scope){ person->accounts != NULL ? VIEW_ACCOUNTS : VIEW_ALL,
			(const char *const *)person->accounts };
	case CONFIG_ADMINISTRATOR:
		return (struct view_scope){ config->administrators_read ? VIEW_ALL : VIEW_NO_MAIL,
			NULL };
	case CONFIG_USER:
		break;
	}
	return (struct view_scope){ VIEW_OWN, (const char *const *)person->addresses };
}
