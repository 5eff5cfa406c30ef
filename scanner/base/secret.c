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
is_private(const char *path, const struct stat *facts, GError **error)
{
	if (facts->st_uid != 0 && facts->st_uid != geteuid()) {
		g_set_error(error, FAULT, FAULT_CONFIG,
		    "%s: the password file belongs to user %u, neither root nor us; chown it", path,
		    facts->st_uid);
		return false;
	}
	const char *exposed = secret_exposed(facts);
	if (exposed != NULL)
		g_set_error(error, FAULT, FAULT_CONFIG,
		    "%s: the password file has mode %04o, %s; chmod 0600 %s", path,
		    facts->st_mode & 07777, exposed, path);
	return exposed == NULL;
}

static bool
check(int fd, const char *path, bool credential, GError **error)
{
	struct stat facts;

	if (fstat(fd, &facts) < 0) {
		g_set_error(error, FAULT, FAULT_CONFIG, "%s: %s", path, g_strerror(errno));
		return false;
	}
	if (!S_ISREG(facts.st_mode)) {
		g_set_error(error, FAULT, FAULT_CONFIG,
		    "%s: the password file is not a regular file", path);
		return false;
	}
	return credential || is_private(path, &facts, error);
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

static char *
read_password(const char *path, bool credential, GError **error)
{
	/* Not blocking: a FIFO of that name must not stop all accounts. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	gsize size = SECRET_MAX + 2;

	if (fd < 0) {
		g_set_error(error, FAULT, FAULT_CONFIG,
		    "%s: the password file cannot be opened: %s", path, g_strerror(errno));
		return NULL;
	}
	char *text = g_malloc0(size + 1);
	ssize_t n = -1;
	if (!check(fd, path, credential, error))
		goto done;
	n = TEMP_FAILURE_RETRY(read(fd, text, size));
	if (n < 0)
		g_set_error(error, FAULT, FAULT_CONFIG, "%s: the password file cannot be read: %s",
		    path, g_strerror(errno));
	else if (!take_first_line(text, (gsize)n, path, error))
		n = -1;
done:
	io_close(&fd);
	if (n >= 0)
		return text;
	explicit_bzero(text, size);
	g_free(text);
	return NULL;
}

char *
secret_read(const char *password_file, const char *credential, GError **error)
{
	const char *folder = g_getenv("CREDENTIALS_DIRECTORY");

	if (*credential == '\0')
		return read_password(password_file, false, error);
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
	g_autofree char *path = g_build_filename(folder, credential, NULL);
	return read_password(path, true, error);
}

void
secret_wipe(char *secret)
{
	if (secret == NULL)
		return;
	explicit_bzero(secret, strlen(secret));
	g_free(secret);
}
