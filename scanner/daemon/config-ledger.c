/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * [ledger]: the authority that time-stamps the head of the ledger.
 */
#include "daemon/config-parts.h"
#include "deliver/stamper.h"

static const char *const ledger_keys[] = { "tsa", "tsa_ca_file", "ca_file", NULL };

static void
take_path(char **at, const struct ini_section *section, const char *key)
{
	const char *path = ini_get(section, key);

	if (path == NULL || path[0] == '\0')
		return;
	g_free(*at);
	*at = config_resolve(section, path);
}

void
config_ledger_clear(struct config_ledger *ledger)
{
	g_free(ledger->tsa);
	g_free(ledger->tsa_ca_file);
	g_free(ledger->ca_file);
}

void
config_read_ledger(
    struct config *config, const struct ini_section *section, struct problems *problems)
{
	struct config_ledger *ledger = &config->ledger;
	const struct ini_entry *tsa = ini_entry(section, "tsa");
	g_autoptr(GError) error = NULL;

	ini_check_keys(section, ledger_keys, problems);
	take_path(&ledger->tsa_ca_file, section, "tsa_ca_file");
	take_path(&ledger->ca_file, section, "ca_file");
	if (tsa == NULL)
		return;
	if (!stamper_check_url(tsa->value, &error)) {
		ini_problem(section, tsa, 0, problems, NULL, "%s", error->message);
		return;
	}
	if (ledger->tsa_ca_file == NULL)
		ini_problem(section, tsa, 0, problems,
		    "write tsa_ca_file = FILE with the authority's certificates in PEM",
		    "a time stamp that nobody can check is none");
	g_free(ledger->tsa);
	ledger->tsa = g_strdup(tsa->value);
}
