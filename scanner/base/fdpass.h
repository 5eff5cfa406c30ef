/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BASE_FDPASS_H
#define FLAGPOST_BASE_FDPASS_H
/*
 * fdpass - bytes and open descriptors over an AF_UNIX stream socket, one call at a time.
 *
 * Neither function waits; interrupted calls are repeated. Both return what the system call
 * returns, with errno.
 */
#include <glib.h>
#include <sys/uio.h>

/* Sends the parts; fd (-1: none) travels with the first byte and stays the caller's. No SIGPIPE. */
gssize fdpass_send(int socket, struct iovec *parts, gsize n_parts, int fd);

/*
 * Receives at most size bytes. *fd is a descriptor that came with them (close-on-exec, owned
 * by the caller) or -1; all further ones are closed, and *surplus is at least their number.
 */
gssize fdpass_receive(int socket, void *data, gsize size, int *fd, guint *surplus);

#endif
