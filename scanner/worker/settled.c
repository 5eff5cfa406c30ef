/* SPDX-License-Identifier: GPL-3.0-or-later */
/* settled - see settled.h. Never true where readings would find anything to say. */
#include "worker/settled.h"

#include <string.h>

#include "worker/seen.h"
#include "worker/ways.h"

/* True when a word, in lower case, stands in a raw value at most once. */
static bool
is_single(const char *raw, const char *word)
{
	gsize size = strlen(word), n = 0;

	for (; *raw != '\0' && n < 2; raw++)
		n += g_ascii_tolower(*raw) == *word && g_ascii_strncasecmp(raw, word, size) == 0;
	return n < 2;
}

bool
settled_declared(
    const struct block *block, const char *begin, const char *end, enum decode_kind *kind)
{
	enum way first;
	bool odd;

	if (block->oddities != 0 || block->types->len > 1 || block->encodings->len > 1 ||
	    block->dispositions->len > 1)
		return false;
	if (block->types->len > 0 && !is_single(block->types->pdata[0], "charset"))
		return false;
	guint ways = ways_declared(block->encodings, begin, end, &first, &odd);
	*kind = ways_kind(first);
	return !odd && ways == 1u << first && first < WAY_DENSE &&
	       !(first == WAY_PLAIN && ways_looks_base64(begin, end));
}

bool
settled_leaf(struct scan *scan, const char *bytes, const struct block *block, const char *begin,
    const char *end)
{
	enum decode_kind kind;

	if (!settled_declared(block, begin, end, &kind))
		return false;
	const struct seen_leaf *leaf =
	    seen_at(scan->seen, bytes, begin - bytes, seen_trim(begin, end) - bytes, kind);
	return leaf != NULL && !leaf->irregular;
}
