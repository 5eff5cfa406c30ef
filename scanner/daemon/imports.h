/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_IMPORTS_H
#define FLAGPOST_DAEMON_IMPORTS_H
/*
 * imports - the arguments of `import` as accounts that the fetcher can read: a Maildir, an mbox, a
 * folder of messages or a plain tar file stays where it is; an archive, and messages that are named
 * one by one, become a tar file in data_dir/import until the import has ended.
 *
 * The same path is the same account each time, so that an import that was interrupted goes on
 * where it was, and a second one finds what is known. An archive is opened by flagpost-worker
 * alone.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "daemon/config.h"
#include "mail/account.h"

#define IMPORTS_DEPTH_MAX 32    /* folders within folders that are looked through */
#define IMPORTS_MAX       10000 /* sources of one command */

struct import {
	struct account *account; /* import/NAME */
	char *path;              /* as it was named, or found */
	char *staged;            /* the tar file made of it, or NULL */
	guint64 bytes;           /* of the file; 0 for folders */
	bool gaps;               /* not all of it could be unpacked */
};

struct imports {
	GPtrArray *all; /* of struct import, by name of the account */
	bool gaps;      /* of any, or a path that could not be read */
};

/* Something that people must know; a gap, or a word on what was left out as no mail. */
typedef void imports_say(const char *path, const char *text, bool gap, void *data);

/*
 * name: of the account, for a single source, or the beginning of the names; NULL: made of the
 * path. NULL after FAULT_IO, when data_dir cannot be written.
 */
struct imports *imports_find(const char *const *paths, const char *name, enum account_keep keep,
    const struct config *config, imports_say *say, void *data, GError **error);
/* Removes what was staged. */
void imports_free(struct imports *imports);
AUTO_DEFINE(imports, imports_free)

#endif
