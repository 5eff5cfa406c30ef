/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fetchers/scrub.h"

#include <string.h>

#include "base/secret.h"

#define SECRETS_MAX 64

struct scrub {
	GPtrArray *secrets; /* of char * */
};

struct scrub *
scrub_new(void)
{
	struct scrub *scrub = g_new0(struct scrub, 1);

	scrub->secrets = g_ptr_array_new_with_free_func((GDestroyNotify)secret_wipe);
	return scrub;
}

void
scrub_free(struct scrub *scrub)
{
	if (scrub == NULL)
		return;
	g_ptr_array_unref(scrub->secrets);
	g_free(scrub);
}

void
scrub_add(struct scrub *scrub, const char *secret, gssize size)
{
	gsize length = size < 0 ? strlen(secret) : (gsize)size;

	if (length < SCRUB_WORD_MIN || scrub->secrets->len >= SECRETS_MAX)
		return;
	g_ptr_array_add(scrub->secrets, g_strndup(secret, length));
}

static bool
is_harmless(const char *word, gsize size, const char *const *harmless)
{
	for (gsize i = 0; harmless != NULL && harmless[i] != NULL; i++) {
		if (strlen(harmless[i]) == size && memcmp(harmless[i], word, size) == 0)
			return true;
	}
	return false;
}

void
scrub_add_words(struct scrub *scrub, const char *line, gsize size, const char *const *harmless)
{
	const char *end = line + size;

	while (line < end) {
		const char *word = line;
		while (line < end && strchr(" \r\n\"", *line) == NULL)
			line++;
		if (!is_harmless(word, (gsize)(line - word), harmless))
			scrub_add(scrub, word, line - word);
		line++;
	}
}

char *
scrub_clean(const struct scrub *scrub, char *text)
{
	for (guint i = 0; i < scrub->secrets->len; i++) {
		const char *secret = g_ptr_array_index(scrub->secrets, i);
		char *at = text;
		while ((at = strstr(at, secret)) != NULL)
			memset(at, '*', strlen(secret));
	}
	return text;
}
