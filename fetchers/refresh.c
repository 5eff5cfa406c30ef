/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fetchers/refresh.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/digest.h"
#include "base/fault.h"
#include "base/io.h"
#include "base/secret.h"

/* The file: this line, "seed DIGEST", "token TOKEN". */
#define FIRST_LINE "flagpost refresh token 1"

int
refresh_lock(const char *token_file, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(token_file);
	/* No account has a '~' in its name. */
	g_autofree char *path = g_strconcat(token_file, "~lock", NULL);

	if (!io_make_folders(folder, 0700, error))
		return -1;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		fault_errno(error, "%s", path);
		return -1;
	}
	if (TEMP_FAILURE_RETRY(flock(fd, LOCK_EX | LOCK_NB)) == 0)
		return fd;
	if (errno != EWOULDBLOCK)
		fault_errno(error, "%s: lock", path);
	io_close(&fd);
	return -1;
}

char *
refresh_load(const char *token_file, const char *seed, GError **error)
{
	struct stat facts;

	if (stat(token_file, &facts) != 0 && errno == ENOENT)
		return g_strdup(seed);
	char *text = secret_read_text(token_file, "", "refresh token's file", error);
	if (text == NULL)
		return NULL;
	g_auto(GStrv) lines = g_strsplit(text, "\n", 5);
	char digest[DIGEST_HEX], *token = NULL;
	digest_bytes(seed, strlen(seed), digest);
	secret_wipe(text);
	bool right = g_strv_length(lines) >= 3 && g_str_equal(lines[0], FIRST_LINE) &&
		     g_str_has_prefix(lines[1], "seed ") && g_str_has_prefix(lines[2], "token ") &&
		     strlen(lines[2]) > strlen("token ");
	if (!right)
		g_set_error(error, FAULT, FAULT_CONFIG,
		    "%s: not in the form that this program writes; remove it and write a new token "
		    "to refresh_token_file",
		    token_file);
	else if (g_str_equal(lines[1] + strlen("seed "), digest))
		token = g_strdup(lines[2] + strlen("token "));
	else
		token = g_strdup(seed);
	for (guint i = 0; lines[i] != NULL; i++)
		explicit_bzero(lines[i], strlen(lines[i]));
	return token;
}

bool
refresh_save(const char *token_file, const char *seed, const char *token, GError **error)
{
	char digest[DIGEST_HEX];

	digest_bytes(seed, strlen(seed), digest);
	char *text = g_strdup_printf(FIRST_LINE "\nseed %s\ntoken %s\n", digest, token);
	bool fine = io_replace_file(token_file, text, strlen(text), 0600, error);

	secret_wipe(text);
	return fine;
}
