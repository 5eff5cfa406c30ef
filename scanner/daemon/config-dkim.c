/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * [dkim]: keys of signatures. Off unless asked for: a resolver hears from whom mail comes.
 */
#include "daemon/config-parts.h"
#include "deliver/resolver.h"

static const char *const dkim_keys[] = { "keys", "resolver", NULL };

void
config_dkim_init(struct config_dkim *dkim)
{
	dkim->resolver = g_strdup("");
}

void
config_dkim_clear(struct config_dkim *dkim)
{
	g_free(dkim->resolver);
}

void
config_read_dkim(
    struct config *config, const struct ini_section *section, struct problems *problems)
{
	struct config_dkim *dkim = &config->dkim;
	const struct ini_entry *resolver = ini_entry(section, "resolver");
	g_autoptr(GError) error = NULL;

	ini_check_keys(section, dkim_keys, problems);
	ini_bool(section, "keys", &dkim->keys, problems);
	if (resolver == NULL || resolver->value[0] == '\0')
		return;
	if (!resolver_check(resolver->value, &error)) {
		ini_problem(section, resolver, 0, problems, NULL, "%s", error->message);
		return;
	}
	g_free(dkim->resolver);
	dkim->resolver = g_strdup(resolver->value);
}
