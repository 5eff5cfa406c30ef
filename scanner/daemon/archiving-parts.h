/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_ARCHIVING_PARTS_H
#define FLAGPOST_DAEMON_ARCHIVING_PARTS_H
/*
 * archiving-parts - what the files of archiving share; of others copies-rewrite.c alone includes
 * it, for the lock.
 */
#include "daemon/archiving.h"

char *archiving_folder(const struct config *config);
/* A file without a name in that folder, 0600. */
int archiving_scratch(const struct config *config, GError **error);
/* Files without a name are told by their folder: before a FAULT_IO that names none. */
void archiving_say_where(const struct archiving *archiving, GError **error);
#define ARCHIVING_LOCK "lock"
/* One command at a time that moves copies; the descriptor to be closed in the end, or -1. */
int archiving_lock(const struct config *config, GError **error);

/*
 * A file of that form as a plain tar file (a descriptor without a name). -1 after FAULT_DATA when
 * not all of it can be read, FAULT_DENIED for a wrong password.
 */
int archiving_unpack(
    const struct archiving *archiving, enum archiving_form form, int file, GError **error);

/* Called with each message of a plain tar file and its digest; fd is borrowed. */
typedef bool archiving_each(const char *sha256, int fd, guint64 size, void *data, GError **error);
bool archiving_walk(
    const struct archiving *archiving, int tar, archiving_each *each, void *data, GError **error);

/* Takes tar. All digests wanted are in it, and nothing else. */
bool archiving_compare(
    const struct archiving *archiving, int tar, const GPtrArray *digests, GError **error);

enum archiving_form archiving_form_of(const struct archive *archive);
/* A new archive of the month with these copies; its file is still to be made. */
struct archive *archiving_describe(
    const struct archiving *archiving, const char *month, const GPtrArray *copies, GError **error);
/*
 * Takes tar, a plain tar file of the copies. Fills sha256 and size. Durable when it returns, and to
 * be recorded; then archiving_publish.
 */
bool archiving_make_file(const struct archiving *archiving, int tar, const GPtrArray *copies,
    struct archive *archive, GError **error);

/*
 * --- names of files ---
 *
 * A new archive is made as FILE.partial, recorded, and then gets its name. What a kill left of that
 * archiving_settle ends, under the lock: one that is recorded gets its name, others are removed.
 */

/* data_dir/archives/FILE[.partial]; the caller's. */
char *archiving_path(const struct archiving *archiving, const char *file, bool partial);
/* FILE.partial, empty, to be written. FAULT_DATA when there is a FILE that is no archive's. */
int archiving_begin(const struct archiving *archiving, const char *file, GError **error);
bool archiving_publish(const struct archiving *archiving, const char *file, GError **error);
bool archiving_settle(const struct archiving *archiving, GError **error);
/* Overwrites and removes it. One that is gone already is no fault. */
bool archiving_shred(const struct archiving *archiving, const char *file, GError **error);

/* Opens the archive's file once its bytes are what was recorded; -1 else. */
int archiving_open(
    const struct archiving *archiving, const struct archive *archive, GError **error);

#endif
