/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_RELOADS_H
#define FLAGPOST_DAEMON_RELOADS_H
/*
 * reloads - what came of each reading anew, where `flagpost reload` finds it: the file
 * data_dir/reload of the service holds its process number, how many there were, and what came
 * of the last. Durable, 0600, replaced as a whole.
 */
#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

struct reloads {
	pid_t pid;
	guint64 count;
	bool taken;
	char *text; /* one sentence */
};

/* Of the service itself: at its start with count 0, then after each. */
bool reloads_write(
    const char *data_dir, guint64 count, bool taken, const char *text, GError **error);

/* FAULT_AWAY when no service has written it, FAULT_DATA when it is of another form. */
bool reloads_read(const char *data_dir, struct reloads *out, GError **error);
void reloads_clear(struct reloads *reloads);

/*
 * Has the service that runs read everything anew, and waits for what comes of it. FAULT_AWAY when
 * none runs, or it ended meanwhile; FAULT_RETRY when it takes more than so many seconds.
 */
bool reloads_ask(const char *data_dir, guint seconds, struct reloads *out, GError **error);

#endif
