/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * worker - see worker.h. The parent's side: never waits for a worker but in worker_end, and
 * believes nothing that one says before it is checked.
 */
#include "worker/worker.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "base/fault.h"
#include "base/io.h"
#include "base/log.h"
#include "base/text.h"
#include "worker/protocol.h"
#include "worker/zygote.h"

#define END_MS 2000 /* for a worker that was asked to end, or has hung up */
#define LIE_MS 250  /* for one whose frame broke off: it may be dying */

#define SANDBOX_CHARACTERS 250 /* of its description */

struct worker {
	pid_t pid; /* 0 until it is born */
	struct wire *wire;
	bool ready;
	bool lost;                     /* it hung up, or broke the protocol */
	bool lied;                     /* it broke the protocol */
	guint64 jobs[WORKER_JOBS_MAX]; /* their ids, in the order in which they were given */
	guint n_jobs;
	char *sandbox; /* NULL before it is ready */
	struct station_page *page;
};

struct worker *
worker_spawn(struct worker_zygote *zygote, GError **error)
{
	int pair[2], shared;
	g_autoptr(station_page) page = station_page_new(&shared, error);

	if (page == NULL)
		return NULL;
	if (!wire_pair(pair, error)) {
		io_close(&shared);
		return NULL;
	}
	struct worker *worker = g_new0(struct worker, 1);
	worker->page = g_steal_pointer(&page);
	worker->wire = wire_new(pair[0], &protocol);
	worker_zygote_ask(zygote, shared, pair[1]);
	return worker;
}

bool
worker_station(const struct worker *worker, struct station *station)
{
	return station_page_look(worker->page, station);
}

int
worker_fd(const struct worker *worker)
{
	return wire_fd(worker->wire);
}

bool
worker_wants_write(const struct worker *worker)
{
	return !worker->lost && wire_pending(worker->wire) > 0;
}

pid_t
worker_pid(const struct worker *worker)
{
	return worker->pid;
}

const char *
worker_sandbox(const struct worker *worker)
{
	return worker->sandbox != NULL ? worker->sandbox : "";
}

bool
worker_send(struct worker *worker, const struct job *job, int fd, GError **error)
{
	if (!worker->ready || worker->n_jobs == WORKER_JOBS_MAX || worker->lost) {
		g_set_error(error, FAULT, FAULT_BUG, "worker: not ready for a message");
		return false;
	}
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, WORKER_FD + 1);
	if (copy < 0) {
		fault_errno(error, "worker: message");
		return false;
	}
	wire_queue(worker->wire, PROTOCOL_JOB, protocol_put_job(job), copy);
	worker->jobs[worker->n_jobs++] = job->id;
	/* A peer that is gone shows when its answer is awaited. */
	wire_flush(worker->wire, NULL);
	return true;
}

static enum worker_event
lose(struct worker *worker, const char *why)
{
	worker->lost = true;
	if (why != NULL) {
		worker->lied = true;
		log_warning("worker %d: %s", (int)worker->pid, why);
	}
	return WORKER_LOST;
}

static enum worker_event
take_verdict(struct worker *worker, GVariant *body, struct verdict **verdict, guint64 *id)
{
	struct packed packed = protocol_unpack(body);
	g_autoptr(GError) error = NULL;

	*id = packed_u64(&packed);
	if (worker->n_jobs == 0 || *id != worker->jobs[0])
		return lose(worker, "a verdict on a message that it was not at");
	*verdict = verdict_get(&packed, &error);
	if (*verdict == NULL)
		return lose(worker, error->message);
	worker->n_jobs--;
	memmove(&worker->jobs[0], &worker->jobs[1], worker->n_jobs * sizeof worker->jobs[0]);
	return WORKER_VERDICT;
}

static enum worker_event
take_birth(struct worker *worker, GVariant *body)
{
	guint32 pid;

	g_variant_get_child(body, 0, "u", &pid);
	/* It will be killed by that number one day. */
	siginfo_t info;
	if (pid < 2 || pid > G_MAXINT32 ||
	    waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0)
		return lose(worker, "a process that is none of ours");
	worker->pid = (pid_t)pid;
	return WORKER_NOTHING;
}

enum worker_event
worker_receive(struct worker *worker, struct verdict **verdict, guint64 *id)
{
	g_autoptr(GError) error = NULL;
	enum worker_event event;
	struct wire_frame frame;

	if (worker->lost)
		return WORKER_LOST;
	if (wire_pending(worker->wire) > 0)
		wire_flush(worker->wire, NULL); /* who is gone has perhaps said why */
	switch (wire_receive(worker->wire, &frame, &error)) {
	case WIRE_AGAIN:
		return WORKER_NOTHING;
	case WIRE_EOF:
		return lose(worker, NULL);
	case WIRE_ERROR:
		return lose(worker, error->message);
	case WIRE_FRAME:
		break;
	}
	if (frame.kind == PROTOCOL_BORN && worker->pid == 0) {
		event = take_birth(worker, frame.body);
	} else if (frame.kind == PROTOCOL_READY && worker->pid != 0 && !worker->ready) {
		const char *sandbox;
		g_variant_get_child(frame.body, 0, "&s", &sandbox);
		worker->sandbox = text_printable(sandbox, SANDBOX_CHARACTERS);
		worker->ready = true;
		event = WORKER_READY;
	} else if (frame.kind == PROTOCOL_VERDICT) {
		event = take_verdict(worker, frame.body, verdict, id);
	} else {
		event = lose(worker, "a frame out of turn");
	}
	wire_frame_clear(&frame);
	return event;
}

void
worker_hang_up(struct worker *worker)
{
	g_clear_pointer(&worker->wire, wire_free);
}

/* Perhaps its birth is told by now. One of which nobody is told ends when it finds nobody. */
static bool
is_unborn(struct worker *worker)
{
	struct verdict *none = NULL;
	guint64 id;

	if (worker->pid == 0)
		worker_receive(worker, &none, &id);
	return worker->pid == 0;
}

const char *
worker_end(struct worker **at, bool timed_out)
{
	struct worker *worker = g_steal_pointer(at);
	int status = 0;

	if (worker == NULL)
		return "";
	bool asked = !worker->lost && !timed_out;
	bool lied = worker->lied, unborn = is_unborn(worker);
	pid_t pid = worker->pid;
	worker_hang_up(worker);
	bool wait = worker->lost || (worker->ready && worker->n_jobs == 0);
	g_free(worker->sandbox);
	station_page_free(worker->page);
	g_free(worker);
	if (unborn)
		return timed_out ? "time" : asked ? "" : "crash";
	bool ended = worker_reap(pid, !wait || timed_out ? 0 : lied ? LIE_MS : END_MS, &status);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		log_error("worker %d: asked for a system call that the sandbox forbids (it named "
			  "the call before it ended)",
		    (int)pid);
	if (timed_out)
		return "time";
	if (asked)
		return "";
	if (ended && WIFEXITED(status) && WEXITSTATUS(status) == PROTOCOL_EXIT_MEMORY)
		return "memory";
	if (ended && WIFSIGNALED(status))
		return WTERMSIG(status) == SIGKILL ? "memory" : "crash";
	if (lied || !ended)
		return "protocol";
	return WEXITSTATUS(status) == 0 ? "protocol" : "crash";
}
