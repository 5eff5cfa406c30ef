/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_ZYGOTE_H
#define FLAGPOST_WORKER_ZYGOTE_H
/*
 * zygote - the inside of the process that scan workers are forked from, and what the two sides of
 * it share. Starting one takes a tenth of a second of processor time (libraries, converters,
 * rules); a fork of it takes a hundredth of that.
 *
 * It never sees a mail: what is forked lays its sandbox before it asks for one. Its children are
 * children of its parent (CLONE_PARENT), which ends and reaps them like its own. They have the
 * addresses of their memory in common.
 */
#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/wire.h"
#include "worker/station.h"
#include "worker/worker.h"

enum zygote_end {
	ZYGOTE_WORKER, /* this is a new worker */
	ZYGOTE_DONE,   /* the parent hung up */
	ZYGOTE_FAILED
};

/*
 * The zygote's, when all is loaded: forks a worker for each request. Returns in each of them too:
 * there *wire is the worker's, on WORKER_FD, *page its page, and the process calls itself a worker;
 * name is the argument that does so, with room for "worker". In the zygote *wire stays as it is.
 */
enum zygote_end zygote_serve(
    struct wire **wire, struct station_page **page, char *name, GError **error);

/* The parent's: asks for a worker with that page and socket, and takes both. */
void worker_zygote_ask(struct worker_zygote *zygote, int page, int socket);

/* Waits so long for its end, then kills it; reaps it. True when it ended by itself. */
bool worker_reap(pid_t pid, int wait_ms, int *status);

#endif
