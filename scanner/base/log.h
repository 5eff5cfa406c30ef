/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BASE_LOG_H
#define FLAGPOST_BASE_LOG_H
/*
 * log - one line an event on stderr: "level: text" on a terminal, "<3>text" for the journal.
 *
 * Ids, digests, account and folder names may appear; subjects, addresses of correspondents and
 * bodies never do. Control characters and bidi marks are escaped, so that no input can forge a
 * line. The threshold is the one piece of process-wide state here.
 */
#include <glib.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Called once at the start of main. who: "" for the parent, else "worker" or "fetcher". */
void log_open(const char *who, enum log_level threshold);

void log_error(const char *format, ...) G_GNUC_PRINTF(1, 2);
void log_warning(const char *format, ...) G_GNUC_PRINTF(1, 2);
void log_info(const char *format, ...) G_GNUC_PRINTF(1, 2);
void log_debug(const char *format, ...) G_GNUC_PRINTF(1, 2);

#endif
