/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who sits here, for whom he acts, and what of the store that shows.
 */
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "cmd/cmd-common.h"
#include "cmd/login.h"
#include "daemon/copies.h"
#include "daemon/scopes.h"
#include "store/consent.h"

#define REASON_MIN 4 /* bytes: a reason is a word at least */

char *
cmd_person(void)
{
	const struct login login = { getuid(), login_seen(), g_getenv("SUDO_USER") };

	return login_name(&login);
}

static const struct config_person *
find_login(const struct config *config, const char *login)
{
	for (guint i = 0; i < config->persons->len; i++) {
		const struct config_person *person = g_ptr_array_index(config->persons, i);
		if (strcmp(person->login, login) == 0)
			return person;
	}
	return NULL;
}

/* Somebody whose view is narrow does not get a wider one by another's name. */
static bool
may_act_for_others(const struct config *config, const struct config_person *self)
{
	if (self == NULL)
		return config->strangers;
	return self->role == CONFIG_OFFICER && self->accounts == NULL;
}

/* NULL in *out: a login that no [person] names. */
static bool
find_actor(const struct config *config, const char *login, const struct config_person **out,
    GError **error)
{
	const struct config_person *self = find_login(config, login);

	*out = self;
	if (config->as == NULL)
		return true;
	*out = config_person(config, config->as);
	if (*out == NULL) {
		g_set_error(error, FAULT, FAULT_USAGE,
		    "--as %s: there is no [person.%s] in the configuration", config->as,
		    config->as);
		return false;
	}
	if (*out == self || may_act_for_others(config, self))
		return true;
	g_set_error(error, FAULT, FAULT_DENIED, "%s may not act as %s", login, config->as);
	return false;
}

/* A user who opens his own mail needs no second officer. To act for him is not to be him. */
static bool
opens_own(const struct config *config, const struct config_person *person)
{
	return config->as == NULL && person != NULL && person->role == CONFIG_USER;
}

struct view *
cmd_open_view(const char *name, const struct config *config, int *exit_code)
{
	g_autofree char *login = cmd_person();
	const struct config_person *person;
	g_autoptr(GError) error = NULL;

	if (!find_actor(config, login, &person, &error)) {
		*exit_code = cmd_fail(name, error);
		return NULL;
	}
	g_autofree char *who = config->as != NULL && strcmp(config->as, login) != 0
				   ? g_strdup_printf("%s as %s", login, config->as)
				   : g_strdup(login);
	const struct view_scope scope = scopes_of(config, person);
	g_autoptr(view) view = copies_open_view(config, who, &error);
	if (view != NULL && view_restrict(view, &scope, &error)) {
		if (config->four_eyes && !opens_own(config, person))
			consent_demand(view, login);
		return g_steal_pointer(&view);
	}
	*exit_code = cmd_fail(name, error);
	return NULL;
}

bool
cmd_reason(
    const char *name, const char *reason, const char *why, const char *demand, int *exit_code)
{
	g_autofree char *hint = g_strdup_printf("write --reason '%s'", why);

	if (reason != NULL && strlen(reason) >= REASON_MIN)
		return true;
	*exit_code = reason == NULL
			 ? cmd_usage_error(name, hint, "%s", demand)
			 : cmd_usage_error(name, hint,
			       "--reason '%s' is too short: it takes %d characters at least",
			       reason, REASON_MIN);
	return false;
}

bool
cmd_may_reveal(const char *name, struct view *view, const char *reason, int *exit_code)
{
	g_autoptr(GError) error = NULL;
	enum view_reach reach = view_reach(view);

	if (reach != VIEW_ALL && reach != VIEW_ACCOUNTS) {
		g_set_error(&error, FAULT, FAULT_DENIED, "--reveal is for officers");
		*exit_code = cmd_fail(name, error);
		return false;
	}
	return cmd_reason(name, reason, "why",
	    "who reveals what is masked says why: the ledger keeps it", exit_code);
}

bool
cmd_may_open(const char *name, const struct config *config, const char *reason, const char *why,
    int *exit_code)
{
	return !config->reasons ||
	       cmd_reason(name, reason, why, "who opens mail says why ([roles] reasons = required)",
		   exit_code);
}
