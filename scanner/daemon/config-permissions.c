/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who else can read what Flagpost guards. Looks at modes only: no secret is opened here, since
 * the process that holds the network is the one that may.
 */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret.h"
#include "daemon/config-parts.h"

/* Whoever logs in somewhere: an account, or [smtp]. All borrowed. */
struct login {
	const char *what; /* "account 'hq'" */
	const char *file;
	guint line;
	const char *password_file, *credential, *ca_file;
	const char *key_file, *refresh_token_file; /* "" for none */
};

static void
complain(const struct login *login, struct problems *problems, const char *mend, const char *text)
{
	problems_add(problems, PROBLEM_ERROR, login->file, login->line, 0, NULL, mend, "%s: %s",
	    login->what, text);
}

static void
check_secret(
    const struct login *login, const char *kind, const char *path, struct problems *problems)
{
	struct stat status;
	g_autofree char *text = NULL, *mend = NULL;

	if (stat(path, &status) != 0) {
		text = g_strdup_printf("%s %s: %s", kind, path, g_strerror(errno));
	} else if (!S_ISREG(status.st_mode)) {
		text = g_strdup_printf("%s %s is not a regular file", kind, path);
	} else if (secret_exposed(&status) != NULL) {
		text = g_strdup_printf("%s %s has mode %04o, %s", kind, path,
		    status.st_mode & 07777, secret_exposed(&status));
		mend = g_strdup_printf("chmod 0600 %s", path);
	} else if (status.st_size == 0) {
		text = g_strdup_printf("%s %s is empty", kind, path);
	}
	if (text != NULL)
		complain(login, problems, mend, text);
}

/* systemd shows credentials to the service alone, so `check` on a terminal sees none of them. */
static void
check_credential(const struct login *login, struct problems *problems)
{
	const char *folder = g_getenv("CREDENTIALS_DIRECTORY");

	if (folder == NULL || folder[0] == '\0')
		return;
	g_autofree char *path = g_build_filename(folder, login->credential, NULL);
	struct stat status;
	if (stat(path, &status) == 0 && S_ISREG(status.st_mode))
		return;
	g_autofree char *mend =
	    g_strdup_printf("add LoadCredential=%s:PATH to the unit", login->credential);
	g_autofree char *text =
	    g_strdup_printf("credential '%s' was not handed to this service", login->credential);
	complain(login, problems, mend, text);
}

static void
check_login(const struct login *login, struct problems *problems)
{
	if (login->password_file[0] != '\0')
		check_secret(login, "password file", login->password_file, problems);
	else if (login->credential[0] != '\0')
		check_credential(login, problems);
	if (login->key_file[0] != '\0')
		check_secret(login, "key file", login->key_file, problems);
	if (login->refresh_token_file[0] != '\0')
		check_secret(login, "refresh token file", login->refresh_token_file, problems);
	if (login->ca_file[0] != '\0' && access(login->ca_file, R_OK) != 0) {
		g_autofree char *text =
		    g_strdup_printf("ca_file %s: %s", login->ca_file, g_strerror(errno));
		complain(login, problems, NULL, text);
	}
}

static void
check_account(const struct account *account, struct problems *problems)
{
	g_autofree char *what = g_strdup_printf("account '%s'", account->name);
	const struct login login = { what, account->file, account->line, account->password_file,
		account->credential, account->ca_file, account->key_file,
		account->refresh_token_file };

	check_login(&login, problems);
}

static void
check_smtp(const struct smtp *smtp, struct problems *problems)
{
	const struct login login = { "smtp", smtp->file, smtp->line, smtp->password_file,
		smtp->credential, smtp->ca_file, "", "" };

	check_login(&login, problems);
}

static void
check_output(const struct target *target, struct problems *problems)
{
	g_autofree char *what = g_strdup_printf("output '%s'", target->name);
	const struct login login = { what, target->file, target->line, target->secret_file,
		target->credential, target->ca_file, "", "" };

	check_login(&login, problems);
}

static void
check_directory(const struct directory *directory, struct problems *problems)
{
	g_autofree char *what = g_strdup_printf("directory '%s'", directory->name);
	const struct login login = { what, directory->file, directory->line,
		directory->password_file, directory->credential, directory->ca_file, "", "" };

	check_login(&login, problems);
}

/* A folder that is not there yet is made by the first poll, with mode 0700. */
static void
check_data_dir(const struct config *config, struct problems *problems)
{
	struct stat status;

	if (stat(config->data_dir, &status) != 0) {
		if (errno != ENOENT)
			problems_add(problems, PROBLEM_ERROR, config->data_dir, 0, 0, NULL, NULL,
			    "data_dir: %s", g_strerror(errno));
		return;
	}
	if (!S_ISDIR(status.st_mode))
		problems_add(problems, PROBLEM_ERROR, config->data_dir, 0, 0, NULL, NULL,
		    "data_dir is not a folder");
	else if (access(config->data_dir, R_OK | W_OK | X_OK) != 0)
		problems_add(problems, PROBLEM_ERROR, config->data_dir, 0, 0, NULL,
		    errno == EROFS ? "mount its disk so that it can be written to"
				   : "run as the user of the service",
		    "data_dir: %s", g_strerror(errno));
	else if ((status.st_mode & 0027) != 0)
		problems_add(problems, PROBLEM_WARNING, config->data_dir, 0, 0, NULL,
		    "chmod 0700, or 0750 for a group of readers",
		    "data_dir has mode %04o: evidence is open to others", status.st_mode & 07777);
}

void
config_check_permissions(const struct config *config, struct problems *problems)
{
	struct stat status;

	if (config->path[0] != '\0' && stat(config->path, &status) == 0 &&
	    (status.st_mode & 0002) != 0)
		problems_add(problems, PROBLEM_ERROR, config->path, 0, 0, NULL, "chmod o-w",
		    "everybody may write the configuration, and so redirect it");
	check_data_dir(config, problems);
	config_check_copies(config, problems);
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < config->accounts->len; i++) {
		const struct account *account = g_ptr_array_index(config->accounts, i);
		/* The mailboxes of a list share what they log in with. */
		if (account->template[0] == '\0' || g_hash_table_add(seen, account->template))
			check_account(account, problems);
	}
	if (config->smtp != NULL)
		check_smtp(config->smtp, problems);
	for (guint i = 0; i < config->outputs->len; i++)
		check_output(g_ptr_array_index(config->outputs, i), problems);
	for (guint i = 0; i < config->servers->len; i++)
		check_directory(g_ptr_array_index(config->servers, i), problems);
}
