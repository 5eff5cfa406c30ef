/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * [metrics]: a text file of figures that the service keeps up to date.
 */
#include "daemon/config-parts.h"

#define EVERY_MIN     10
#define EVERY_MAX     86400
#define EVERY_SECONDS 300

static const char *const metrics_keys[] = { "textfile", "every", "password", NULL };

void
config_read_metrics(
    struct config *config, const struct ini_section *section, struct problems *problems)
{
	const struct ini_entry *file = ini_entry(section, "textfile");

	ini_check_keys(section, metrics_keys, problems);
	config_refuse_password(section, problems);
	config->metrics_every_s = EVERY_SECONDS;
	ini_duration(section, "every", EVERY_MIN, EVERY_MAX, &config->metrics_every_s, problems);
	if (file == NULL || !g_str_has_suffix(file->value, ".prom")) {
		ini_problem(section, file, 0, problems, "write textfile = FOLDER/flagpost.prom",
		    "[metrics] names no file that ends in .prom: the collector reads no other");
		return;
	}
	config->metrics_file = config_resolve(section, file->value);
}
