/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_ARCHIVE_H
#define FLAGPOST_STORE_ARCHIVE_H
/*
 * archive - what the store knows of monthly archives: which there are, and which messages stand in
 * one of them. The files are daemon/archiving's.
 *
 * An archive takes in all day volumes of its month, whole. Its messages stay recorded and
 * searchable; their copies leave the volumes once the archive stands on the disk and in the ledger:
 *
 *	archive_copies -> (the file is written, proved and synced) -> archive_record ->
 *archive_release
 *
 * archive_release may be repeated: a crash before it was done leaves an archive that stands and
 * volumes that are still there, or some that are missing until then.
 *
 * All of this needs a view that shows everything (view_restrict hides the tables).
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "store/vault.h"
#include "store/view.h"

#define ARCHIVE_NAME_MAX 16 /* "2026-10", "2026-10-2" */

struct archive {
	char *name;   /* "2026-10", "2026-10-2" */
	char *file;   /* "2026-10.tar.zst.gpg", in data_dir/archives */
	char *form;   /* "tar", "openpgp", "zip" */
	char *sha256; /* of the file */
	guint64 size; /* of the file */
	guint64 messages, bytes;
	gint64 made, restored; /* microseconds; restored 0: never */
};
void archive_free(struct archive *archive);
AUTO_DEFINE(archive, archive_free)

struct archive_copy {
	gint64 message;
	gint64 copied; /* when it was kept; microseconds */
	char *sha256;
	struct vault_place place;
};

/* "2026-10"; *from and *to: the month in the zone. False when it is none. */
bool archive_is_month(const char *month);
/* Months before `current` ("2026-11") that have copies in volumes alone, the oldest first; of char
 * *. */
GPtrArray *archive_months(struct view *view, const char *current, GError **error);
/* All copies in volumes of the month, in the order in which they lie there. */
GPtrArray *archive_copies(struct view *view, const char *month, GError **error);
/* The exact bytes of one. */
GBytes *archive_read(struct view *view, const struct archive_copy *copy, GError **error);

/* The archive that the only copy of a message stands in; "" for none; the caller's. Any view. */
char *archive_of(struct view *view, gint64 message, GError **error);
/* All archives by name; of struct archive. */
GPtrArray *archive_list(struct view *view, GError **error);
/* FAULT_USAGE when there is none of that name. */
struct archive *archive_find(struct view *view, const char *name, GError **error);
/* A name for the month that is not taken; the caller's. */
char *archive_free_name(struct view *view, const char *month, GError **error);

/* Durable when it returns: the archive, its messages, a row of the ledger. */
bool archive_record(
    struct view *view, const struct archive *archive, const GPtrArray *copies, GError **error);
/* In an open transaction: the row of the ledger by which an archive is proved. */
bool archive_tell(struct view *view, const struct archive *archive, GError **error);
/* Removes the volumes whose copies all stand in archives. */
bool archive_release(struct view *view, const char *name, GError **error);

/*
 * SHA-256 of all its messages, sorted; of char *. missing: of those alone that have no copy in a
 * volume and were not purged.
 */
GPtrArray *archive_digests(struct view *view, const char *name, bool missing, GError **error);
/* True when the ledger, whose chain is proved here, says of the file what the store says. */
bool archive_is_in_ledger(struct view *view, const struct archive *archive, GError **error);

/*
 * --- purging ---
 *
 * Purging a message does not reach into archives: they are written anew without it
 * (daemon/archiving), under another name, and then the old one goes.
 */

/* Names of archives that hold what was purged, or that were restored and so may; of char *. */
GPtrArray *archive_stale(struct view *view, GError **error);
/* The archive that a message stands in, also beside a volume; "" for none; the caller's. */
char *archive_with(struct view *view, gint64 message, GError **error);
/* Those of its messages that are not purged; of struct archive_copy, without places. */
GPtrArray *archive_kept(struct view *view, const char *name, GError **error);
/*
 * Durable when it returns: the messages of old stand in anew (NULL: none are left), and old holds
 * none any more. ARCHIVE_IS_EMPTY of those whose file is still to be removed.
 */
bool archive_replaced(
    struct view *view, const struct archive *old, const struct archive *anew, GError **error);
#define ARCHIVE_IS_EMPTY(archive) ((archive)->messages == 0)
/* Its file is gone. */
bool archive_forget(struct view *view, const char *name, GError **error);
/* A row of the ledger that says why what was purged is still in it. */
bool archive_note(
    struct view *view, const struct archive *archive, const char *why, GError **error);

/* The copies stand at these places now (of struct archive_copy, by sha256 and place). */
bool archive_restored(
    struct view *view, const struct archive *archive, const GPtrArray *copies, GError **error);

#endif
