/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/folded.h"

#include <string.h>

G_STATIC_ASSERT(TOKEN_BYTES_MAX <= G_MAXUINT8);

void
folded_begin(struct folded *folded, const char *text, gsize size)
{
	*folded = (struct folded){ text, text + size, text, 0 };
}

bool
folded_next(struct folded *folded, struct folded_word *out)
{
	gsize length;
	bool ascii;
	const char *word = token_next_word(folded->at, folded->end, &length, &ascii);

	if (word == NULL)
		return false;
	out->start = (gsize)(word - folded->text);
	out->end = out->start + length;
	out->from = folded->characters + (guint64)g_utf8_strlen(folded->at, word - folded->at);
	out->to = out->from + (ascii ? length : (guint64)g_utf8_strlen(word, (gssize)length));
	bool fits = token_fold_word(word, length, ascii, out->text);
	out->length = fits ? (guint8)strlen(out->text) : 0;
	folded->at = word + length;
	folded->characters = out->to;
	return true;
}

char *
folded_value(const char *text, guint *words)
{
	GString *value = g_string_new(NULL);
	struct folded_word word;
	struct folded folded;

	*words = 0;
	folded_begin(&folded, text, strlen(text));
	while (folded_next(&folded, &word)) {
		if (word.length == 0) {
			g_string_truncate(value, 0);
			break;
		}
		g_string_append_len(value, word.text, word.length);
		++*words;
	}
	return g_string_free(value, FALSE);
}
