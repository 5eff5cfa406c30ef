/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_URLS_H
#define FLAGPOST_WORKER_URLS_H
/*
 * urls - link targets, gathered one a line: those written out in a text, and those of attributes.
 */
#include <glib.h>

/* Every "scheme://..." and "www...." of a text. Bounded: a text of nothing else ends early. */
void urls_find(const char *text, GString *urls);

/* One target as an attribute has it, without the line ends and blanks that programs skip. */
void urls_add(const char *value, GString *urls);

#endif
