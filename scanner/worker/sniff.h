/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_SNIFF_H
#define FLAGPOST_WORKER_SNIFF_H
/*
 * sniff - the true type of bytes, by content: signatures of what mail mostly carries, then
 * libmagic with its costly checks off.
 *
 * Life: one a worker; libmagic's database is loaded when it is made.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"

struct sniff;

/* FAULT_IO when the database of libmagic cannot be loaded. */
struct sniff *sniff_new(GError **error);
void sniff_free(struct sniff *sniff);
AUTO_DEFINE(sniff, sniff_free)

/*
 * The MIME type of the first bytes of something. declared is what its sender says (lower case);
 * for body text without NUL bytes and without a signature it is believed, which saves libmagic.
 * Never NULL; "application/octet-stream" when nothing is known. Valid until the next call.
 */
const char *sniff_type(
    struct sniff *sniff, const guint8 *head, gsize size, const char *declared, bool body);

/* True when bytes are text in some charset: no NUL (but for UTF-16), few controls. */
bool sniff_is_text(const guint8 *head, gsize size);

/* True for types that run: programs, scripts, shortcuts. */
bool sniff_is_executable(const guint8 *head, gsize size, const char *type, const char *name);

#endif
