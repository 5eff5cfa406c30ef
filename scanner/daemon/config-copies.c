/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * [general]: in which form copies are kept.
 */
#include <errno.h>
#include <sys/stat.h>

#include "base/secret.h"
#include "daemon/config-parts.h"
#include "store/cipher.h"

#define COMPRESS_MIN 86400u
#define COMPRESS_MAX (100u * 366 * 86400)

void
config_copies_init(struct config_copies *copies)
{
	copies->key_file = g_strdup("");
	copies->credential = g_strdup("");
	copies->old_keys = g_new0(char *, 1);
}

void
config_copies_clear(struct config_copies *copies)
{
	g_free(copies->key_file);
	g_free(copies->credential);
	g_strfreev(copies->old_keys);
}

static void
take_old_keys(
    struct config_copies *copies, const struct ini_section *section, struct problems *problems)
{
	GStrv files = NULL;

	if (!ini_list(section, "copies_old_keys", &files, problems))
		return;
	for (guint i = 0; files[i] != NULL; i++) {
		char *path = config_resolve(section, files[i]);
		g_free(files[i]);
		files[i] = path;
	}
	if (g_strv_length(files) >= CIPHER_KEYS)
		ini_problem(section, ini_entry(section, "copies_old_keys"), 0, problems,
		    "flagpost copies rewrite makes old ones needless", "more than %d keys",
		    CIPHER_KEYS - 1);
	g_strfreev(copies->old_keys);
	copies->old_keys = files;
}

void
config_read_copies(
    struct config *config, const struct ini_section *section, struct problems *problems)
{
	struct config_copies *copies = &config->copies;
	const struct ini_entry *encrypt = ini_entry(section, "encrypt_copies");
	const char *file = ini_get(section, "copies_key_file");
	const char *credential = ini_get(section, "copies_credential");

	ini_bool(section, "encrypt_copies", &copies->encrypt, problems);
	if (file != NULL && file[0] != '\0') {
		g_free(copies->key_file);
		copies->key_file = config_resolve(section, file);
	}
	if (credential != NULL) {
		g_free(copies->credential);
		copies->credential = g_strdup(credential);
	}
	if (copies->key_file[0] != '\0' && copies->credential[0] != '\0')
		ini_problem(section, ini_entry(section, "copies_credential"), 0, problems,
		    "keep one of the two", "copies have both a copies_key_file and a credential");
	else if (copies->encrypt && copies->key_file[0] == '\0' && copies->credential[0] == '\0')
		ini_problem(section, encrypt, 0, problems,
		    "write copies_key_file = PATH (mode 0600; flagpost copies key PATH makes one)"
		    " or copies_credential = NAME",
		    "there is no key to encrypt copies with");
	if (ini_entry(section, "copies_old_keys") != NULL)
		take_old_keys(copies, section, problems);
	if (ini_entry(section, "compress_after") != NULL)
		ini_duration(section, "compress_after", COMPRESS_MIN, COMPRESS_MAX,
		    &copies->compress_after, problems);
}

/* --- who else can read them --- */

static void
check_file(const struct config *config, const char *path, struct problems *problems)
{
	struct stat status;
	const char *exposed = NULL;

	if (path[0] == '\0')
		return;
	if (stat(path, &status) != 0) {
		problems_add(problems, PROBLEM_ERROR, config->path, 0, 0, NULL,
		    "flagpost copies key PATH makes a new one; without the old one copies are lost",
		    "key of copies %s: %s", path, g_strerror(errno));
		return;
	}
	exposed = secret_exposed(&status);
	if (exposed != NULL)
		problems_add(problems, PROBLEM_ERROR, config->path, 0, 0, NULL, "chmod 0600 it",
		    "key of copies %s has mode %04o, %s", path, status.st_mode & 07777, exposed);
}

void
config_check_copies(const struct config *config, struct problems *problems)
{
	const struct config_copies *copies = &config->copies;

	check_file(config, copies->key_file, problems);
	for (guint i = 0; copies->old_keys[i] != NULL; i++)
		check_file(config, copies->old_keys[i], problems);
}
