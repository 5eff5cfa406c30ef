/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_FETCHERS_UTF7_H
#define FLAGPOST_FETCHERS_UTF7_H
/*
 * utf7 - folder names in IMAP's modified UTF-7 (RFC 3501 section 5.1.3).
 */
#include <glib.h>

/* The name in UTF-8; NULL when it is not in modified UTF-7 or holds control characters. */
char *utf7_decode(const char *name);

/* The name as IMAP writes it; name must be UTF-8. */
char *utf7_encode(const char *name);

#endif
