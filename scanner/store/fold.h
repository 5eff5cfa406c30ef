/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_FOLD_H
#define FLAGPOST_STORE_FOLD_H
/*
 * fold - text as it is compared in a search: NFKC, case folded. Stored beside the original, so
 * that a search is a plain search for bytes.
 */
#include <glib.h>

/* Bytes that are no UTF-8 become U+FFFD. */
char *fold_text(const char *text);

#endif
