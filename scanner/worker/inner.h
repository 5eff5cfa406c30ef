/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_INNER_H
#define FLAGPOST_WORKER_INNER_H
/*
 * inner - text that stands in another text as base64, one level deep.
 */
#include <glib.h>

#include "worker/charset.h"

/*
 * What runs of 24 and more signs of base64 (over line ends too) decode to, a line each, where
 * that is text of some charset; empty when there is none. Bounded by max bytes.
 */
GString *inner_base64(struct charset *charset, const char *text, gsize size, gsize max);

#endif
