/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_SANDBOX_H
#define FLAGPOST_WORKER_SANDBOX_H
/*
 * sandbox - the one place where a worker gives its powers away, before the first hostile byte.
 *
 * What a worker needs is loaded by then: rules, converters, libmagic's database. From then on it
 * needs memory, time, the socket, and memfds. Every layer that the kernel has to offer is added in
 * sandbox_enter, seccomp and Landlock among them, and named in sandbox_describe; nothing outside
 * this file may assume a layer.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/limits.h"

/*
 * Closes every descriptor above the first three but keep_fd, ends when the parent does, gives
 * no core dump and no new privileges, and bounds memory (not under sanitizers, which need
 * address space) and files. A layer that fails is FAULT_DENIED: the worker must not go on.
 */
bool sandbox_enter(const struct limits *limits, int keep_fd, GError **error);

/* "no-new-privileges, no-dump, ...": the layers in force, or "none". */
const char *sandbox_describe(void);

#endif
