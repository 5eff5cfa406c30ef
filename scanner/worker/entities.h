/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_ENTITIES_H
#define FLAGPOST_WORKER_ENTITIES_H
/*
 * entities - named characters of HTML that libxml2 leaves as they stand: names without their
 * semicolon, and those of HTML 5 behind which a sign, a blank or nothing at all stands.
 */
#include <glib.h>
#include <stdbool.h>

/*
 * The character that the name at the start of text stands for, 0 for none; *used: bytes of it. The
 * name ends with a semicolon when `closed`; else it may be the beginning of a longer word.
 */
gunichar entity_find(const char *text, gsize size, bool closed, gsize *used);

/* Decodes what is left of names with their semicolon, in place. */
void entities_decode(GString *text);

#endif
