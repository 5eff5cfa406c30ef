/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * No error text here may ever contain a byte of the secret.
 */
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"

static bool
is_our_group(gid_t group)
{
	gid_t groups[256];
	int n = getgroups(G_N_ELEMENTS(groups), groups);

	if (group == getegid())
		return true;
	for (int i = 0; i < n; i++) {
		if (groups[i] == group)
			return true;
	}
	return false;
}

const char *
secret_exposed(const struct stat *facts)
{
	if ((facts->st_mode & (S_IRWXO | S_IWGRP | S_IXGRP)) != 0)
		return "others can read or change it";
	if ((facts->st_mode & S_IRGRP) == 0)
		return NULL;
	if (geteuid() != 0 && facts->st_uid == 0 && is_our_group(facts->st_gid))
		return NULL;
	return "its group can read it";
}

static bool
is_private(const char *path, const char *what, const struct stat *facts, GError **error)
{
	if (facts->st_uid != 0 && facts->st_uid != geteuid()) {
		g_set_error(error, FAULT, FAULT_CONFIG,
		    "%s: the %s belongs to user %u, neither root nor us; chown it", path, what,
		    facts->st_uid);
		return false;
	}
	const char *exposed = secret_exposed(facts);
	if (exposed != NULL)
		g_set_error(error, FAULT, FAULT_CONFIG,
		    "%s: the %s has mode %04o, %s; chmod 0600 %s", path, what,
		    facts->st_mode & 07777, exposed, path);
	return exposed == NULL;
}

static bool
check(int fd, const char *path, const char *what, bool credential, GError **error)
{
	struct stat facts;

	if (fstat(fd, &facts) < 0) {
		g_set_error(error, FAULT, FAULT_CONFIG, "%s: %s", path, g_strerror(errno));
		return false;
	}
	if (!S_ISREG(facts.st_mode)) {
		g_set_error(
		    error, FAULT, FAULT_CONFIG, "%s: the %s is not a regular file", path, what);
		return false;
	}
	return credential || is_private(path, what, &facts, error);
}

/* The first line of what was read, in place. */
static bool
take_first_line(char *text, gsize size, const char *path, GError **error)
{
	char *end = memchr(text, '\n', size);
	gsize length = end != NULL ? (gsize)(end - text) : size;
	const char *wrong = NULL;

	if (length > 0 && text[length - 1] == '\r')
		length--;
	if (memchr(text, '\0', length) != NULL)
		wrong = "has a NUL in its first line";
	else if (length == 0)
		wrong = "has an empty first line; write the password there";
	else if (length > SECRET_MAX)
		wrong = "has a first line of over 4096 bytes";
	if (wrong != NULL)
		g_set_error(error, FAULT, FAULT_CONFIG, "%s: the password file %s", path, wrong);
	memset(text + length, 0, size - length);
	return wrong == NULL;
}

/* size bytes at most and a NUL; *used says how many there are. */
static char *
read_file(
    const char *path, const char *what, bool credential, gsize size, gsize *used, GError **error)
{
	/* Not blocking: a FIFO of that name must not stop all accounts. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0) {
		g_set_error(error, FAULT, FAULT_CONFIG, "%s: the %s cannot be opened: %s", path,
		    what, g_strerror(errno));
		return NULL;
	}
	char *text = g_malloc0(size + 1);
	ssize_t n = -1;
	if (!check(fd, path, what, credential, error))
		goto done;
	n = TEMP_FAILURE_RETRY(read(fd, text, size));
	if (n < 0)
		g_set_error(error, FAULT, FAULT_CONFIG, "%s: the %s cannot be read: %s", path, what,
		    g_strerror(errno));
done:
	io_close(&fd);
	if (n >= 0) {
		*used = (gsize)n;
		return text;
	}
	explicit_bzero(text, size);
	g_free(text);
	return NULL;
}

/* The file of a credential, or NULL after an error. */
static char *
credential_path(const char *credential, GError **error)
{
	const char *folder = g_getenv("CREDENTIALS_DIRECTORY");

	if (folder == NULL) {
		g_set_error(error, FAULT, FAULT_CONFIG,
		    "credential %s: systemd gave us none; add LoadCredential=%s to the unit",
		    credential, credential);
		return NULL;
	}
	if (strchr(credential, '/') != NULL || credential[0] == '.') {
		g_set_error(error, FAULT, FAULT_CONFIG,
		    "credential %s: a name is wanted, not a path", credential);
		return NULL;
	}
	return g_build_filename(folder, credential, NULL);
}

char *
secret_read(const char *password_file, const char *credential, GError **error)
{
	bool from_systemd = *credential != '\0';
	g_autofree char *path =
	    from_systemd ? credential_path(credential, error) : g_strdup(password_file);
	gsize size = SECRET_MAX + 2, used;

	if (path == NULL)
		return NULL;
	char *text = read_file(path, "password file", from_systemd, size, &used, error);
	if (text != NULL && !take_first_line(text, used, path, error)) {
		explicit_bzero(text, size);
		g_free(text);
		return NULL;
	}
	return text;
}

char *
secret_read_text(const char *file, const char *credential, const char *what, GError **error)
{
	bool from_systemd = *credential != '\0';
	g_autofree char *path = from_systemd ? credential_path(credential, error) : g_strdup(file);
	gsize size = SECRET_TEXT_MAX + 1, used;
	const char *wrong = NULL;

	if (path == NULL)
		return NULL;
	char *text = read_file(path, what, from_systemd, size, &used, error);
	if (text == NULL)
		return NULL;
	if (used > SECRET_TEXT_MAX)
		wrong = "is over 32 KiB";
	else if (used == 0)
		wrong = "is empty";
	else if (memchr(text, '\0', used) != NULL)
		wrong = "holds a NUL";
	if (wrong == NULL)
		return text;
	g_set_error(error, FAULT, FAULT_CONFIG, "%s: the %s %s", path, what, wrong);
	explicit_bzero(text, size);
	g_free(text);
	return NULL;
}

void
secret_wipe(char *secret)
{
	if (secret == NULL)
		return;
	explicit_bzero(secret, strlen(secret));
	g_free(secret);
}
