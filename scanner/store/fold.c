/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Stored columns hold the result: a change of what this gives needs a migration that folds anew.
 */
#include "store/fold.h"

char *
fold_text(const char *text)
{
	/* Most addresses and many subjects; the long way costs ten times as much. */
	if (g_str_is_ascii(text))
		return g_ascii_strdown(text, -1);

	g_autofree char *valid = g_utf8_make_valid(text, -1);
	g_autofree char *composed = g_utf8_normalize(valid, -1, G_NORMALIZE_NFKC);
	g_autofree char *folded = g_utf8_casefold(composed, -1);
	/* Folding can take a composed character apart. */
	return g_utf8_normalize(folded, -1, G_NORMALIZE_NFKC);
}
