/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_ARCHIVING_H
#define FLAGPOST_DAEMON_ARCHIVING_H
/*
 * archiving - monthly archives as files in data_dir/archives: made, proved, brought back.
 *
 *	tar      2026-10.tar.zst       tar --zstd opens it
 *	openpgp  2026-10.tar.zst.gpg   gpg -d, then the same
 *	zip      2026-10.zip           7-Zip opens it with the password (AES-256)
 *
 * Entries are 2026-10-05/090205-<sha256>.eml, the exact bytes. An archive is read again and
 *compared before a copy leaves its volume; of one for public keys what was read is the file that
 *was encrypted. What stands on the disk is opened only when it is, byte for byte, what the store
 * recorded.
 */
#include <glib.h>
#include <stdbool.h>

#include "daemon/config.h"
#include "store/archive.h"

enum archiving_form { ARCHIVING_TAR, ARCHIVING_OPENPGP, ARCHIVING_ZIP };
extern const char *const archiving_form_words[]; /* "tar", "openpgp", "zip" */

typedef void archiving_progress(guint64 done, guint64 all, const char *what, void *data);

struct archiving {
	const struct config *config;
	struct view *view; /* shows everything */
	enum archiving_form form;
	const char *passphrase; /* NULL: none */
	const char *keys;       /* path of public keys, or NULL */
	archiving_progress *progress;
	void *data;
};

/* "2026-11" of the moment in the configured zone; the caller's. */
char *archiving_month(const struct config *config, gint64 now);

/*
 * All volumes of a month that is over become an archive, named after it or, where that name is
 * taken, 2026-10-2. FAULT_USAGE when there are no copies of the month, FAULT_RETRY when another one
 * is made.
 */
struct archive *archiving_create(
    const struct archiving *archiving, const char *month, GError **error);

/*
 * Ends what a kill left of one that was made before: volumes of which all stands in an archive, and
 * files that are no archives yet. FAULT_RETRY when another one is made.
 */
bool archiving_finish(const struct archiving *archiving, GError **error);

/*
 * Its bytes, and the ledger's word on them. *opened: it was tried to read its messages as well,
 * each by its digest: of a tar file always, of others when there is a passphrase (FAULT_DENIED: a
 * wrong one).
 */
bool archiving_verify(
    const struct archiving *archiving, const struct archive *archive, bool *opened, GError **error);

/*
 * Files in data_dir/archives that are no archive's, of struct archiving_stranger, by name. One that
 * is made right now is none.
 */
struct archiving_stranger {
	char *file;
	bool unfinished; /* left by a kill: the next archive create, rewrite or purge removes it */
};
GPtrArray *archiving_strangers(const struct archiving *archiving, GError **error);

/*
 * Writes it anew without what was purged of it, under another name of its month (*anew; NULL:
 * nothing is left), and removes it. One that was restored is removed: its messages stand elsewhere.
 * FAULT_DENIED: it cannot be opened here, which the ledger says then.
 */
bool archiving_rewrite(const struct archiving *archiving, const struct archive *old,
    struct archive **anew, GError **error);

/* All its copies into today's volume. FAULT_RETRY while the service runs. */
bool archiving_restore(
    const struct archiving *archiving, const struct archive *archive, guint *n, GError **error);

#endif
