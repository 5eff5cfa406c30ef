/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_INDEX_LETTER_H
#define FLAGPOST_STORE_INDEX_LETTER_H
/* index_letter - what words of the index are made of, as FTS5's tokenizer ascii has it. */
#include <glib.h>

/* In lower case; 0: it stands between words. */
static inline char
index_letter(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c | 0x20);
	return ((guint8)c & 0x80) != 0 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : 0;
}

#endif
