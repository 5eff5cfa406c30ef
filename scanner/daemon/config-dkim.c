/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * [dkim]: keys of signatures. Off unless asked for: a resolver hears from whom mail comes. And the
 * servers of our own whose results an export calls theirs.
 */
#include "daemon/config-parts.h"
#include "deliver/resolver.h"
#include "mail/fields.h"

static const char *const dkim_keys[] = { "keys", "resolver", "trusted_servers", NULL };

void
config_dkim_init(struct config_dkim *dkim)
{
	dkim->resolver = g_strdup("");
	dkim->trusted = g_new0(char *, 1);
}

void
config_dkim_clear(struct config_dkim *dkim)
{
	g_free(dkim->resolver);
	g_strfreev(dkim->trusted);
}

/* As they stand in the field. */
static void
take_trusted(struct config_dkim *dkim, const struct ini_section *section, struct problems *problems)
{
	g_auto(GStrv) names = NULL;
	char name[FIELDS_NAME_MAX + 1];

	if (!ini_list(section, "trusted_servers", &names, problems))
		return;
	for (guint i = 0; names[i] != NULL; i++) {
		g_autofree char *field = g_strdup_printf(":%s", names[i]);
		if (!fields_results_server(field, strlen(field), name) ||
		    g_ascii_strcasecmp(name, names[i]) != 0)
			ini_problem(section, ini_entry(section, "trusted_servers"), 0, problems,
			    "for example: trusted_servers = mx.corp.example",
			    "'%s' is no name of a server", names[i]);
		g_free(names[i]);
		names[i] = g_strdup(name);
	}
	g_strfreev(dkim->trusted);
	dkim->trusted = g_steal_pointer(&names);
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
	take_trusted(dkim, section, problems);
	if (resolver == NULL || resolver->value[0] == '\0')
		return;
	if (!resolver_check(resolver->value, &error)) {
		ini_problem(section, resolver, 0, problems, NULL, "%s", error->message);
		return;
	}
	g_free(dkim->resolver);
	dkim->resolver = g_strdup(resolver->value);
}
