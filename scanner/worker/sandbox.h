/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_SANDBOX_H
#define FLAGPOST_WORKER_SANDBOX_H
/*
 * sandbox - the one place where a worker gives its powers away, before the first hostile byte.
 *
 * What a worker needs is loaded by then: rules, converters, libmagic's database. From then on it
 * needs memory, time, the socket, and memfds. Every layer that the kernel has to offer is laid in
 * sandbox_enter and named in sandbox_describe; nothing outside this file may assume a layer.
 *
 * A system call that a library may try and can do without (open, stat, ioctl) is refused with an
 * error; one that the C library asks for to learn whether the kernel knows it is ENOSYS; any other
 * (socket, execve, ptrace, memory to execute) ends the process by SIGSYS after it has written the
 * call's name to standard error.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/limits.h"

/*
 * In this order: closes every descriptor above the first three but keep_fd; no core dump, an end
 * with the parent, a session of its own; limits of memory, files, processor time and processes; no
 * new privileges; Landlock without a single rule; the filter of system calls; then tries whether a
 * file opens. FAULT_DENIED when a layer fails that the kernel has, or a file did open: the worker
 * must not go on. What the kernel lacks is left out and said.
 *
 * Under AddressSanitizer, which needs address space and /proc, there is neither limit of memory
 * nor Landlock nor filter, and sandbox_describe says so.
 */
bool sandbox_enter(const struct limits *limits, int keep_fd, GError **error);

/* "seccomp, landlock 4, no-new-privileges, ...": the layers in force, or "none". */
const char *sandbox_describe(void);

#endif
