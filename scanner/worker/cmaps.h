/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_CMAPS_H
#define FLAGPOST_WORKER_CMAPS_H
/*
 * cmaps - the tables of poppler-data (predefined CMaps, ISO 32000-1 section 9.7.5.2, and what
 * stands beside them), for poppler to open when no file can be opened any more.
 *
 * Poppler opens each by fopen at the moment that a PDF names it, and keeps four. The program that
 * links this file has an fopen of its own: a name that was there at cmaps_load gives a stream over
 * the bytes that were mapped then, read-only, shared with other workers, in memory as far as they
 * are touched; any other name goes to the C library as ever.
 */
#include <glib.h>

/*
 * Maps every file of FLAGPOST_POPPLER_DATA and two levels of folders below, up to bounds of its
 * own; once, before the sandbox. Returns the bytes mapped: 0 when there is no such folder, or it
 * was loaded before.
 */
gsize cmaps_load(void);

#endif
