/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * [archive]: whether the service archives months that are over, and how archives are locked.
 */
#include <string.h>

#include "daemon/archiving.h"
#include "daemon/config-parts.h"
#include "daemon/openpgp-file.h"
#include "daemon/password.h"

static const char *const archive_keys[] = { "monthly", "form", "password_file", "keys_file",
	"password_length", "password_classes", "password_bits", "password", NULL };

static void
take_path(char **at, const struct ini_section *section, const char *key)
{
	const char *path = ini_get(section, key);

	if (path == NULL || path[0] == '\0')
		return;
	g_free(*at);
	*at = config_resolve(section, path);
}

/* What a form needs, and what it has no use for. */
static void
check(const struct config_archive *archive, const struct ini_section *section,
    struct problems *problems)
{
	const struct ini_entry *form = ini_entry(section, "form");
	bool locked = archive->password_file != NULL || archive->keys_file != NULL;

	if (archive->form == ARCHIVING_OPENPGP && openpgp_file_trouble() != NULL)
		ini_problem(section, form, 0, problems, "write form = tar or zip", "OpenPGP: %s",
		    openpgp_file_trouble());
	if (archive->form == ARCHIVING_TAR && locked)
		ini_problem(section, form, 0, problems, "write form = openpgp or zip",
		    "a tar file has no password and no keys");
	else if (archive->form == ARCHIVING_ZIP && archive->password_file == NULL)
		ini_problem(section, form, 0, problems, "write password_file = PATH (mode 0600)",
		    "a ZIP is locked with a password");
	else if (archive->form == ARCHIVING_ZIP && archive->keys_file != NULL)
		ini_problem(section, ini_entry(section, "keys_file"), 0, problems, "remove it",
		    "a ZIP has a password and no keys");
	else if (archive->form == ARCHIVING_OPENPGP &&
		 (archive->password_file != NULL) == (archive->keys_file != NULL))
		ini_problem(section, form, 0, problems,
		    "write either password_file = PATH or keys_file = PATH",
		    "OpenPGP locks with a password or for the owners of public keys");
}

static void
take_policy(
    struct password_policy *policy, const struct ini_section *section, struct problems *problems)
{
	const struct ini_entry *written = ini_entry(section, "password_bits");
	guint64 length = policy->length, classes = policy->classes, bits = policy->bits;

	ini_uint(section, "password_length", 8, 1000, &length, problems);
	ini_uint(section, "password_classes", 1, 4, &classes, problems);
	ini_uint(section, "password_bits", 0, PASSWORD_BITS_MAX, &bits, problems);
	if (written != NULL && bits > 0 && password_bits_trouble() != NULL)
		ini_problem(section, written, 0, problems, "remove it", "password_bits: %s",
		    password_bits_trouble());
	*policy = (struct password_policy){ (guint)length, (guint)classes, (guint)bits };
}

void
config_read_archive(
    struct config *config, const struct ini_section *section, struct problems *problems)
{
	struct config_archive *archive = &config->archive;

	ini_check_keys(section, archive_keys, problems);
	config_refuse_password(section, problems);
	ini_bool(section, "monthly", &archive->monthly, problems);
	ini_choice(section, "form", archiving_form_words, &archive->form, problems);
	take_policy(&archive->policy, section, problems);
	take_path(&archive->password_file, section, "password_file");
	take_path(&archive->keys_file, section, "keys_file");
	check(archive, section, problems);
}
