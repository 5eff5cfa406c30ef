/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_GUESS_H
#define FLAGPOST_WORKER_GUESS_H
/*
 * guess - a second plausible reading of bytes whose label does not fit them, so that rules see
 * both: UTF-8 under another label, another charset under UTF-8 or none, UTF-7, ISO-2022 and HZ
 * where nobody said so.
 */
#include <glib.h>

#include "worker/charset.h"

/*
 * text is what charset_decode made of data by label. The other reading (at most max
 * bytes, valid UTF-8, the caller's), or NULL when none is plausible or it says the same.
 */
char *guess_second(struct charset *charset, const char *label, const char *data, gsize size,
    const char *text, gsize max, gsize *second_size);

#endif
