/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_PROTOCOL_H
#define FLAGPOST_WORKER_PROTOCOL_H
/*
 * protocol - what parent and worker say to each other, as frames of base/wire.
 *
 *	parent                          zygote
 *	SETUP version, limits,
 *	      sources, reading,
 *	      does a prefilter
 *	      follow? how many
 *	      data sets do?     ->
 *	DATA name, size, key
 *	      + fd, for each    ->
 *	PREFILTER size + fd     ->
 *	                        <-      READY nothing: it has no sandbox
 *	PAGE + fd of the page,
 *	FORK + fd of the socket
 *	      of a worker       ->
 *
 *	parent                          worker, on that socket
 *	                        <-      BORN its process id
 *	                        <-      READY layers of the sandbox in force
 *	JOB id, mode, ...:
 *	      packed; + fd      ->
 *	                        <-      VERDICT id, verdict: packed (base/pack.h)
 */
#include "base/pack.h"
#include "base/wire.h"
#include "worker/worker.h"

enum protocol_kind {
	PROTOCOL_SETUP,
	PROTOCOL_DATA,
	PROTOCOL_PREFILTER,
	PROTOCOL_PAGE,
	PROTOCOL_FORK,
	PROTOCOL_BORN,
	PROTOCOL_READY,
	PROTOCOL_JOB,
	PROTOCOL_VERDICT
};

/* Exit codes of a worker that say more than "failed". */
#define PROTOCOL_EXIT_MEMORY 71

extern const struct wire_protocol protocol;

/* The body of a job's frame; floating. And the way back: only_rule stays in the body, *context is
 * the caller's. */
GVariant *protocol_put_job(const struct job *job);
bool protocol_get_job(
    GVariant *body, struct job *job, struct match_context **context, GError **error);
/* The body of a frame of what was packed, which it takes; floating. And the way back: borrowed. */
GVariant *protocol_pack(GByteArray *packed);
struct packed protocol_unpack(GVariant *body);

#endif
