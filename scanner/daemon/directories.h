/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_DIRECTORIES_H
#define FLAGPOST_DAEMON_DIRECTORIES_H
/*
 * directories - groups of directories on this machine: the last good answer of each is kept in
 * data_dir/groups/NAME.members (0600, with its SHA-256) and counts until there is a newer one,
 * however long the directory is away. An answer to another question (another filter, say) is none.
 *
 * That an answer is old is said, by check, by status and in the report, from `stale` on.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "base/problem.h"
#include "daemon/config.h"
#include "daemon/post.h"
#include "fetchers/directory.h"

#define DIRECTORIES_LOOK_S  10  /* the service looks whether one is due */
#define DIRECTORIES_AGAIN_S 300 /* after one that failed */

/* One group, as it is kept. */
struct directories_copy {
	gint64 asked; /* wall clock; 0: it is not there */
	GStrv members;
	guint64 people, without, away, groups;
};
void directories_copy_clear(struct directories_copy *copy);

/* What is kept of a group. FAULT_DATA when it is there and not as we wrote it. */
bool directories_read(const struct config *config, const struct directory *directory,
    struct directories_copy *out, GError **error);

/* Keeps an answer, where the data folder is ours; else nothing is left there. */
bool directories_keep(const struct config *config, const struct directory *directory,
    const struct directory_answer *answer, GError **error);

/* Gives config the members that are kept, if any are. */
void directories_load(
    struct config *config, const struct directory *directory, struct problems *problems);

/*
 * Asks for the groups that are due, or for all, and gives config their members. What cannot be
 * had is a warning; the result is then the exit code that it means, else 0. Iterates the default
 * main context meanwhile.
 */
int directories_refresh(struct config *config, bool all, struct problems *problems);

/* An error for each group that was never had, since rules that name it would be wrong; a warning
 * for each that is stale. */
void directories_check(const struct config *config, struct problems *problems);

/* True when `every` is over since it was asked. */
bool directories_is_due(const struct config *config, const struct directory *directory);
/* True when it was never had, or is older than it may be. */
bool directories_is_stale(const struct directory *directory, gint64 asked);
/* "group 'board': 12 addresses of directory 'corp', asked 3 h ago". Owned. */
char *directories_sentence(const struct config *config, const struct directory *directory);
/* Says which are stale. */
void directories_note(const struct config *config, post_note *note, void *data);

/* --- in the service --- */

struct directories_alarm;

/*
 * Asks whenever a group is due, and calls changed when one has other members than the
 * configuration that is followed. Lives on the default main context; never blocks.
 */
struct directories_alarm *directories_alarm_new(
    post_note *note, void (*changed)(void *data), void *data);
void directories_alarm_follow(struct directories_alarm *alarm, const struct config *config);
void directories_alarm_free(struct directories_alarm *alarm);
AUTO_DEFINE(directories_alarm, directories_alarm_free)

#endif
