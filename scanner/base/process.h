/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BASE_PROCESS_H
#define FLAGPOST_BASE_PROCESS_H
/*
 * process - processes that hold a password and the network: how the parent starts them, and what
 * they do first.
 */
#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

/*
 * Starts this program anew as `flagpost COMMAND`, so that it inherits nothing of ours but the
 * environment, standard streams and the socket, as descriptor at_fd.
 */
bool process_start(const char *command, int socket, int at_fd, pid_t *pid, GError **error);

/* Kills and reaps. */
void process_end(pid_t pid);

/*
 * A password will live here: no core dumps, and no other process of ours may look in. Signals that
 * ask all processes of a terminal or a service to end are for the parent, which lets us end in
 * order; we end when it is gone.
 */
void process_shut_in(void);

#endif
