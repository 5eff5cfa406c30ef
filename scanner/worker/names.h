/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_NAMES_H
#define FLAGPOST_WORKER_NAMES_H
/*
 * names - what a file name says against what the bytes are, and names made to deceive.
 */
#include <glib.h>
#include <stdbool.h>

/*
 * FACT_TYPE_MISMATCH, FACT_DOUBLE_EXTENSION and FACT_DISGUISED_NAME as they hold for a name, the
 * type its sender declares and the type by content ("" where there is none). A mismatch is a
 * contradiction that matters: other software would open it. text/csv against text/plain, or a
 * docx that is called zip, is none.
 */
guint names_facts(const char *name, const char *declared, const char *true_type);

/* True for extensions that a desktop runs when they are opened. */
bool names_is_executable(const char *name);

/* The last component, behind any '/' or '\\'. Borrowed. */
const char *names_base(const char *path);

/* "docx": lower case, "" for none; blanks and dots at the end do not count. The caller's. */
char *names_extension(const char *name);

#endif
