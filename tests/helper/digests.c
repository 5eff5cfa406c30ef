/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * digests - prints the SHA-256 of each file named on standard input, as a mail server shows it:
 * with every line ended by CRLF.
 */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"

static void
print_digest(const char *text, gsize size)
{
	g_autoptr(digest) digest = digest_new();
	char hex[DIGEST_HEX];

	while (size > 0) {
		const char *end = memchr(text, '\n', size);
		gsize line = end != NULL ? (gsize)(end - text) : size;
		gsize kept = line;
		while (end != NULL && kept > 0 && text[kept - 1] == '\r')
			kept--;
		digest_update(digest, text, kept);
		if (end == NULL)
			break;
		digest_update(digest, "\r\n", 2);
		text += line + 1;
		size -= line + 1;
	}
	digest_finish(digest, hex);
	puts(hex);
}

int
main(void)
{
	char path[4096];

	while (fgets(path, sizeof path, stdin) != NULL) {
		g_autofree char *text = NULL;
		gsize size;
		path[strcspn(path, "\n")] = '\0';
		if (!g_file_get_contents(path, &text, &size, NULL))
			return EXIT_FAILURE;
		print_digest(text, size);
	}
	return EXIT_SUCCESS;
}
