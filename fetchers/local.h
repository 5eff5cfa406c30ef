/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_FETCHERS_LOCAL_H
#define FLAGPOST_FETCHERS_LOCAL_H
/*
 * local - one pass over mail on this machine, shared by the files local*.c.
 *
 *	local.c          folder after folder, message after message; the table local_protocol
 *	local-list.c     what lies in a Maildir, or in a folder of messages
 *	local-mbox.c     the messages of an mbox file
 *	local-tar.c      the messages of a tar file
 *
 * Nothing is ever written, renamed or marked. There are no numbers that may change their meaning,
 * so UIDVALIDITY is 0 as for POP3, and the name of a message is made of what stays:
 *
 *	Maildir   NAME/SIZE         the name before ":2,": new/ or cur/ and flags do not matter
 *	eml       NAME/SIZE/TIME    a file that was changed is another message
 *	mbox, tar sha256:DIGEST     "#2", "#3" behind it for the same bytes again
 *
 * The bytes kept are those of the file. Of an mbox they are those of the message: without its
 * "From " line, the empty line that ends it, and the one '>' that mboxrd puts before a "From ".
 */
#include <glib.h>
#include <stdbool.h>

#include "fetchers/session.h"
#include "mail/mbox.h"
#include "mail/tarball.h"

#define LOCAL_DEPTH_MAX    32      /* folders within folders */
#define LOCAL_FOLDERS_MAX  10000   /* of one account */
#define LOCAL_MESSAGES_MAX 1000000 /* of one account */
#define LOCAL_SETTLE_S     5       /* a file that was written to more recently may be half of one */

struct local_message {
	char *path; /* absolute */
	char *uid;
	char *flags; /* as IMAP writes them */
	bool draft;
};

struct local_folder {
	char *name, *role;
	GPtrArray *messages; /* of struct local_message, sorted by uid */
	char *trouble;       /* it cannot be listed; NULL: it was */
	guint odd;           /* entries that are no regular files, or stand there twice */
	guint unsettled;     /* files that were written to just now */
};

struct local {
	struct session *session;
	GPtrArray *folders; /* of struct local_folder, sorted by name */
	guint folder;       /* the one under way */
	guint message;
	bool begun; /* the folder */
	guint listed;
	GHashTable *known; /* UIDs of the folder that the store has; borrowed */
	GPtrArray *present;

	/* mbox and tar */
	struct mbox *mbox;
	struct tarball *tarball;
	int file; /* to look whether it changes; -1 */
	guint64 size;
	gint64 changed;    /* nanoseconds */
	GHashTable *given; /* UIDs of this pass */
	char *held_uid;    /* the last message: it is given when another one follows it */
	guint64 held_size;
	int held; /* its descriptor, or -1: over the limit */
};

/* local-list.c: fill folders. False when there is nothing to begin with; *why is a sentence. */
bool local_list_maildir(struct local *local, const char *path, char **why);
bool local_list_eml(struct local *local, const char *path, char **why);
void local_folder_free(void *folder);

/* local.c */
struct local_folder *local_add_folder(struct local *local, const char *name, const char *role);
void local_emit_failure(
    struct local *local, const char *uid, const char *reason, const char *text, bool again);
/* Takes fd. */
void local_emit_message(
    struct local *local, const struct local_message *message, guint64 size, gint64 date, int fd);
bool local_is_known(const struct local *local, const char *uid);

/* local-mbox.c */
bool local_mbox_open(struct local *local, const char *path, char **why);
/* One message more. False at the end; *trouble (owned) when it is not the end of the file. */
bool local_mbox_next(struct local *local, gsize *bytes, char **trouble);
void local_mbox_close(struct local *local);
/* The shared lock goes with the descriptor. False with a sentence. */
bool local_lock(int fd, const char *path, char **why);
/* "sha256:DIGEST", or by its size when its bytes were not kept (fd -1); free among those given. */
char *local_name_of(struct local *local, int fd, guint64 size, GError **error);
/* Who wrote to the file without a lock may have written half a message. */
bool local_has_changed(const struct local *local);

/* local-tar.c: the same for a tar file */
bool local_tar_open(struct local *local, const char *path, char **why);
bool local_tar_next(struct local *local, gsize *bytes, char **trouble);
void local_tar_close(struct local *local);

#endif
