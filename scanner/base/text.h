/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BASE_TEXT_H
#define FLAGPOST_BASE_TEXT_H
/*
 * text - hostile text made safe to show, and small string helpers that GLib lacks.
 */
#include <glib.h>
#include <stdbool.h>

/*
 * Text from mail for a terminal or a log: valid UTF-8, C0 and C1 controls, bidi marks and
 * line separators written as \u{202E}; cut at max_chars with an ellipsis (0: not cut).
 */
char *text_printable(const char *text, gsize max_chars);

/*
 * Masks a matched span for people who need not read it: the first and the last two characters
 * stay when it has eight or more, the rest becomes '*'. Counts characters, not bytes.
 */
char *text_mask(const char *text);

/* Bytes at the start of text that are ASCII and not NUL; fast, since most mail is nothing else. */
gsize text_ascii(const char *text, gsize size);
/* What g_utf8_validate says of size bytes (a NUL is none of UTF-8), at the same speed. */
bool text_is_utf8(const char *text, gsize size);

/* The longest prefix of text that is at most max bytes and ends between two characters. */
gsize text_cut(const char *text, gsize size, gsize max);

/* Glob with * and ?, over characters, case-sensitive; linear in pattern times text. */
bool text_glob(const char *pattern, const char *text);

/* "1.2 MB", "730 B"; powers of 1000. */
char *text_size(guint64 bytes);

/* "12,431" */
char *text_count(guint64 number);

#endif
