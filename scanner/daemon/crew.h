/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_CREW_H
#define FLAGPOST_DAEMON_CREW_H
/*
 * crew - the scan workers: spawn, feed, watch, replace.
 *
 * Every message submitted gets exactly one verdict, whatever its worker does (only where no
 * worker starts at all, crew_is_broken says so and nothing is decided). A worker that dies,
 * hangs or lies is replaced. The message it was at is tried once more by a fresh one, because the
 * fault may be another's; those that it had been given for afterwards go to others, as if nothing
 * had been. When that one ends as well, and at once after a time-out, the part that
 * its reader was at is left out (CARE_PARTS_MAX of them), and the message is partial. When that
 * does not help, or it was at no part, header fields and raw bytes are tried, and whatever they
 * show it is unscannable, with the reason.
 *
 * All tries of one message take at most one and a half times limits.seconds_per_message and two
 * times the grace in workers; their starts are not counted, nor time in which we did not run.
 *
 * Lives on the default main context; blocks in crew_wait, crew_new and crew_scan alone.
 */
#include <glib.h>
#include <stdbool.h>
#include "base/auto.h"

#include "base/limits.h"
#include "base/reading.h"
#include "mail/verdict.h"
#include "rules/match.h"
#include "rules/sources.h"
#include "worker/worker.h"

/* Messages for each worker that keep it and us busy; more only cost descriptors and memory. */
#define CREW_IN_FLIGHT (WORKER_JOBS_MAX + 4)

struct crew;

/*
 * Takes the verdict. Called from the main loop, never from within crew_submit. It may submit, but
 * not free the crew.
 */
typedef void crew_done(struct verdict *verdict, void *data);

struct crew_job {
	const struct match_context *context; /* copied */
	bool explain;
	enum verdict_carry carry;
	const char *only_rule; /* copied; NULL: all */
};

/* sources, limits and reading must outlive the crew. No process runs yet. */
struct crew *crew_start(const struct sources *sources, const struct limits *limits,
    const struct reading *reading, guint workers);
/* Starts the workers, which takes them a while: to be called when messages are about to come. The
 * first message does it as well. */
void crew_warm(struct crew *crew);
/*
 * Starts the workers and runs the main loop until the first one is ready, so that a crew that
 * cannot work is known before a message waits; crew_new is crew_start and this.
 */
bool crew_wait(struct crew *crew, GError **error);
struct crew *crew_new(const struct sources *sources, const struct limits *limits,
    const struct reading *reading, guint workers, GError **error);
void crew_free(struct crew *crew);
AUTO_DEFINE(crew, crew_free)

/* What a worker gets beyond a message's time before it is ended: 2,000 unless told. */
void crew_set_grace(struct crew *crew, guint milliseconds);

/* fd stays the caller's and must stay open until done was called. */
void crew_submit(struct crew *crew, const struct crew_job *job, int fd, guint64 size,
    crew_done *done, void *data);
guint crew_waiting(const struct crew *crew); /* submitted, not done */
/* What confines the workers: "seccomp, landlock 4, ...", as the first one named it; "" until it is
 * ready. */
const char *crew_sandbox(const struct crew *crew);
/* No worker starts any more: what waits will get no verdict and must not be recorded. */
bool crew_is_broken(const struct crew *crew);

/* Submits one, runs the main loop until its verdict is there. */
struct verdict *crew_scan(struct crew *crew, const struct crew_job *job, int fd, guint64 size);

#endif
