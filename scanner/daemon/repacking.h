/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_REPACKING_H
#define FLAGPOST_DAEMON_REPACKING_H
/*
 * repacking - starts flagpost-worker to unpack an archive or to pack a tar file (worker/worker.h),
 * and waits for it. The bytes are never looked at here.
 */
#include <glib.h>
#include <stdbool.h>

#define REPACKING_SAID_MAX 65536 /* bytes kept of what it says */

/*
 * From descriptor in, from its start, to descriptor out. command and option: WORKER_UNPACK with a
 * number of bytes, or WORKER_PACK with a form. passphrase may be NULL. *lines: what it said, a
 * sentence a line (owned). *gaps: not all could be unpacked. FAULT_DATA: no archive, or broken;
 * FAULT_IO.
 */
bool repacking_run(const char *command, const char *option, guint64 memory, const char *passphrase,
    int in, int out, char **lines, bool *gaps, GError **error);
/* The same without a passphrase; ends it, FAULT_DATA, when that takes longer than so many seconds.
 */
bool repacking_run_within(guint seconds, const char *command, const char *option, guint64 memory,
    int in, int out, char **lines, bool *gaps, GError **error);

#endif
