/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_WORKER_H
#define FLAGPOST_WORKER_WORKER_H
/*
 * worker - scan workers as the rest of the program sees them: start one, send it a message,
 * read its verdict, end it. The only header of this folder that others may include.
 *
 * A zygote is the program exec'ed anew (`flagpost zygote`, socket on descriptor 3), so it
 * inherits no secret and no memory; it then becomes flagpost-worker, which alone links what parses
 * mail. It gets the rule sources and limits once, loads what takes time, and never sees a mail.
 * Workers are forked from it, children of ours all the same, and outlive it; each lays its sandbox,
 * and gets messages as read-only descriptors, which it does one after another. A worker may crash,
 * hang or lie: that costs a verdict. A zygote that ends costs the start of another.
 *
 *	worker_zygote_spawn -> worker_spawn ... -> worker_zygote_end
 *	worker_spawn -> (WORKER_READY) -> worker_send -> worker_receive ... -> worker_end
 */
#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/limits.h"
#include "base/reading.h"
#include "mail/signature.h"
#include "mail/verdict.h"
#include "rules/match.h"
#include "rules/sources.h"
#include "worker/station.h"

#define WORKER_FD          3
#define WORKER_ZYGOTE      "zygote" /* what `ps` shows of the one and of the others: as long */
#define WORKER_COMMAND     "worker"
#define WORKER_VERDICT_MAX (16u * 1024 * 1024) /* bytes of one verdict frame */
#define WORKER_JOBS_MAX    16 /* that one has at once: it is at the first of them */

enum job_mode {
	JOB_SCAN, /* dissect and match */
	JOB_RAW,  /* match header fields and raw bytes only, with no library: the last try */
};

struct job {
	guint64 id; /* the verdict carries it back */
	enum job_mode mode;
	bool explain;
	enum verdict_carry carry;
	const char *only_rule;               /* NULL: all */
	const struct match_context *context; /* NULL: an empty one */
	struct care care;
};

/* READY: rules compiled (and a worker's sandbox up). LOST: dead, or it broke the protocol; end it.
 */
enum worker_event { WORKER_NOTHING, WORKER_READY, WORKER_VERDICT, WORKER_LOST };

struct worker_zygote;

/* Does not wait. sources must be sealed and outlive the call only. */
struct worker_zygote *worker_zygote_spawn(const struct sources *sources,
    const struct limits *limits, const struct reading *reading, GError **error);
int worker_zygote_fd(const struct worker_zygote *zygote); /* to poll, as worker_fd */
bool worker_zygote_wants_write(const struct worker_zygote *zygote);
/* Never blocks. To be called when it can be read or written. */
enum worker_event worker_zygote_receive(struct worker_zygote *zygote);
bool worker_zygote_is_ready(const struct worker_zygote *zygote);
pid_t worker_zygote_pid(const struct worker_zygote *zygote);
/* Ends, reaps, frees, sets to NULL. How it ended before that, as of worker_end; "": it had not. */
const char *worker_zygote_end(struct worker_zygote **zygote);

struct worker;

/* Does not wait: the zygote may be busy starting. When that ends, the worker is LOST. */
struct worker *worker_spawn(struct worker_zygote *zygote, GError **error);
int worker_fd(const struct worker *worker);           /* to poll for reading */
bool worker_wants_write(const struct worker *worker); /* ... and for writing */
pid_t worker_pid(const struct worker *worker);        /* 0: not born yet */
/* From WORKER_READY on: the layers of the sandbox in force, as the worker names them. Its own. */
const char *worker_sandbox(const struct worker *worker);

/* fd is duplicated: the caller keeps its own. WORKER_JOBS_MAX at a time, after WORKER_READY. */
bool worker_send(struct worker *worker, const struct job *job, int fd, GError **error);

/* Never blocks. On WORKER_VERDICT *verdict is the caller's and *id that of the oldest job. */
enum worker_event worker_receive(struct worker *worker, struct verdict **verdict, guint64 *id);

/* The part that its reader is at, or was when it ended, as it says itself. False: at none. */
bool worker_station(const struct worker *worker, struct station *station);

/* Tells it to end when it has nothing to do; worker_end is to follow, and nothing else. */
void worker_hang_up(struct worker *worker);

/*
 * Kills if it still runs, reaps, frees, sets to NULL. Returns how it ended: "crash" (a signal),
 * "time" (timed_out was given), "memory" (it said so, or SIGKILL that was not ours),
 * "protocol" (alive, but it lied or hung up), "" (as asked).
 */
const char *worker_end(struct worker **worker, bool timed_out);

/*
 * The body of the hidden `zygote` subcommand: becomes flagpost-worker, which lies beside the
 * program or in the folder that it was installed to. Returns, with an exit code, when it cannot.
 */
int worker_exec(void);

/*
 * The bodies of the hidden subcommands `unpack BYTES MEMORY` and `pack FORM MEMORY`, and those of
 * flagpost-worker then, in the same sandbox. The first makes of the archive on standard input a
 * plain tar file of its messages on standard output; at most so many bytes are unpacked. The second
 * makes of a plain tar file one packed with zstd, or a ZIP encrypted with AES-256. A passphrase
 * comes on descriptor WORKER_FD, if that is open. Exit codes: 0 done, 2 done with gaps, else a
 * fault; each is told by a line on standard error. Started by daemon/repacking.
 */
#define WORKER_UNPACK         "unpack"
#define WORKER_PACK           "pack"
#define WORKER_ATTACHMENTS    "attachments"
#define WORKER_SIGNATURES     "signatures"
#define WORKER_PACK_ZSTD      "zstd"
#define WORKER_PACK_ZIP       "zip"
#define WORKER_PASSPHRASE_MAX 1024 /* bytes */
int worker_unpack_exec(char **argv);
int worker_unpack_main(char **argv);
int worker_pack_main(char **argv);
/*
 * The body of `attachments BYTES MEMORY`, in the same sandbox: makes of the message on standard
 * input a plain tar file of its decoded parts on standard output, numbered; at most so many bytes.
 * Who started it knows each by its SHA-256, so that what a worker says of them need not be
 * believed.
 */
int worker_attachments_main(char **argv);
/*
 * The body of `signatures BYTES MEMORY`, in the same sandbox: verifies the DKIM signatures of the
 * messages on standard input, at most so many bytes, a GVariant of the first type: of each the time
 * of its fetch (seconds), the keys of its signatures (outcome and text of deliver/resolver.h) and
 * its exact bytes. On standard output one of the second type: for each message, in the same order,
 * what came of each signature (mail/signature.h).
 */
#define WORKER_SIGNATURES_IN  "a(xa(ss)ay)"
#define WORKER_SIGNATURES_OUT "aa" SIGNATURE_TYPE
int worker_signatures_main(char **argv);
/* All of that descriptor; NULL when it is not open. Before the sandbox. */
bool worker_take_passphrase(char **passphrase, GError **error);

/* The body of flagpost-worker. Returns the exit code. */
int worker_main(int argc, char **argv);

#endif
