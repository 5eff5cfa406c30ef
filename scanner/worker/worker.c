/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * worker - see worker.h. The parent's side: never waits for a worker but in worker_end, and
 * believes nothing that one says before it is checked.
 */
#include "worker/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "base/log.h"
#include "base/text.h"
#include "worker/protocol.h"

#define END_MS 2000 /* for a worker that was asked to end, or has hung up */
#define LIE_MS 250  /* for one whose frame broke off: it may be dying */

#define SANDBOX_CHARACTERS 250 /* of its description */

#define PROGRAM "flagpost-worker"

struct worker {
	pid_t pid;
	struct wire *wire;
	bool ready;
	bool busy;
	bool lost; /* it hung up, or broke the protocol */
	bool lied; /* it broke the protocol */
	guint64 id;
	char *sandbox; /* NULL before it is ready */
	struct station_page *page;
};

/* What a worker may know of its surroundings: nothing but what makes it behave alike. */
static char **
environment(void)
{
	static const char *const passed[] = { "TZ", "ASAN_OPTIONS", "UBSAN_OPTIONS",
		"LSAN_OPTIONS" };
	GPtrArray *list = g_ptr_array_new();

	g_ptr_array_add(list, g_strdup("LC_ALL=C.UTF-8"));
	/* The sandbox allows no second thread. */
	g_ptr_array_add(list, g_strdup("OMP_THREAD_LIMIT=1"));
	/*
	 * A mail is some thousand small blocks that come and go: the heap's quick lists hold them.
	 * Longer lists gain nothing, and keep what a rare mail left in them: a worker that grows.
	 */
	g_ptr_array_add(list, g_strdup("GLIBC_TUNABLES=glibc.malloc.tcache_count=64"));
	for (gsize i = 0; i < G_N_ELEMENTS(passed); i++) {
		const char *value = g_getenv(passed[i]);
		if (value != NULL)
			g_ptr_array_add(list, g_strdup_printf("%s=%s", passed[i], value));
	}
	g_ptr_array_add(list, NULL);
	return (char **)g_ptr_array_free(list, FALSE);
}

static int
start(int socket, pid_t *pid)
{
	char name[] = "flagpost", command[] = "worker";
	char *arguments[] = { name, command, NULL };
	g_auto(GStrv) around = environment();
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&files, socket, WORKER_FD);
	posix_spawn_file_actions_addclosefrom_np(&files, WORKER_FD + 1);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setflags(
	    &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
	int done = posix_spawn(pid, "/proc/self/exe", &files, &attributes, arguments, around);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	return done;
}

/* -1: there is none, or it cannot be given; all works without it. */
static int
copy_prefilter(const struct sources *sources, guint64 *size)
{
	if (sources->prefilter_fd < 0 || !io_size(sources->prefilter_fd, size, NULL))
		return -1;
	return fcntl(sources->prefilter_fd, F_DUPFD_CLOEXEC, WORKER_FD + 1);
}

/* Each set lies in a memfd that all workers map. */
static bool
queue_data(struct wire *wire, const struct sources *sources, GError **error)
{
	for (guint i = 0; i < sources->data->len; i++) {
		const struct data *data = sources->data->pdata[i];
		int fd = fcntl(data_fd(data), F_DUPFD_CLOEXEC, WORKER_FD + 1);
		if (fd < 0) {
			fault_errno(error, "worker: data set %s", data_name(data));
			return false;
		}
		GVariant *key =
		    g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, data_key(data), KEYED_KEY, 1);
		wire_queue(wire, PROTOCOL_DATA,
		    g_variant_new("(st@ay)", data_name(data), data_size(data), key), fd);
	}
	return true;
}

struct worker *
worker_spawn(const struct sources *sources, const struct limits *limits,
    const struct reading *reading, GError **error)
{
	int pair[2], shared;
	pid_t pid;
	g_autoptr(station_page) page = station_page_new(&shared, error);

	if (page == NULL)
		return NULL;
	if (!wire_pair(pair, error)) {
		io_close(&shared);
		return NULL;
	}
	int done = start(pair[1], &pid);
	io_close(&pair[1]);
	if (done != 0) {
		io_close(&pair[0]);
		io_close(&shared);
		errno = done;
		fault_errno(error, "worker: cannot be started");
		return NULL;
	}
	struct worker *worker = g_new0(struct worker, 1);
	guint64 size = 0;
	int prefilter = copy_prefilter(sources, &size);
	worker->pid = pid;
	worker->page = g_steal_pointer(&page);
	worker->wire = wire_new(pair[0], &protocol);
	wire_queue(worker->wire, PROTOCOL_SETUP,
	    g_variant_new("(s@a{st}@" SOURCES_TYPE "@" READING_TYPE "bu)", FLAGPOST_VERSION,
		limits_put(limits), sources_put(sources), reading_put(reading), prefilter >= 0,
		sources->data->len),
	    shared);
	if (!queue_data(worker->wire, sources, error)) {
		io_close(&prefilter);
		worker_end(&worker, false);
		return NULL;
	}
	if (prefilter >= 0)
		wire_queue(worker->wire, PROTOCOL_PREFILTER, g_variant_new("(t)", size), prefilter);
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
	g_autoptr(match_context) empty = NULL;

	if (!worker->ready || worker->busy || worker->lost) {
		g_set_error(error, FAULT, FAULT_BUG, "worker: not ready for a message");
		return false;
	}
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, WORKER_FD + 1);
	if (copy < 0) {
		fault_errno(error, "worker: message");
		return false;
	}
	if (job->context == NULL)
		empty = match_context_new();
	const struct match_context *context = job->context != NULL ? job->context : empty;
	wire_queue(worker->wire, PROTOCOL_JOB,
	    g_variant_new("(tubus**)", job->id, (guint32)job->mode, (gboolean)job->explain,
		(guint32)job->carry, job->only_rule != NULL ? job->only_rule : "",
		care_put(&job->care), match_context_put(context)),
	    copy);
	worker->busy = true;
	worker->id = job->id;
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
	g_autoptr(GVariant) packed = g_variant_get_child_value(body, 1);
	g_autoptr(GError) error = NULL;

	g_variant_get_child(body, 0, "t", id);
	if (!worker->busy || *id != worker->id)
		return lose(worker, "a verdict on a message that it was not given");
	*verdict = verdict_get(packed, &error);
	if (*verdict == NULL)
		return lose(worker, error->message);
	worker->busy = false;
	return WORKER_VERDICT;
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
	if (frame.kind == PROTOCOL_READY && !worker->ready) {
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

/* Waits for a worker to end by itself; false when it did not. */
static bool
await_end(pid_t pid, int timeout_ms)
{
	int handle = pidfd_open(pid, 0);
	struct pollfd ready = { handle, POLLIN, 0 };

	if (handle < 0)
		return false;
	bool ended = TEMP_FAILURE_RETRY(poll(&ready, 1, timeout_ms)) == 1;
	io_close(&handle);
	return ended;
}

void
worker_hang_up(struct worker *worker)
{
	g_clear_pointer(&worker->wire, wire_free);
}

const char *
worker_end(struct worker **at, bool timed_out)
{
	struct worker *worker = g_steal_pointer(at);
	int status = 0;

	if (worker == NULL)
		return "";
	bool asked = !worker->lost && !timed_out;
	bool lied = worker->lied;
	pid_t pid = worker->pid;
	worker_hang_up(worker);
	bool wait = worker->lost || (worker->ready && !worker->busy);
	bool ended = await_end(pid, !wait || timed_out ? 0 : lied ? LIE_MS : END_MS);
	g_free(worker->sandbox);
	station_page_free(worker->page);
	g_free(worker);
	if (!ended)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
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

static int
become(char *const arguments[])
{
	/* Of a program that was replaced meanwhile, the folder is true still. */
	g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *folder = self != NULL ? g_path_get_dirname(self) : g_strdup("");
	g_autofree char *beside = g_build_filename(folder, PROGRAM, NULL);

	log_open("worker", LOG_LEVEL_WARNING);
	if (self != NULL)
		execv(beside, arguments);
	execv(FLAGPOST_LIBEXEC "/" PROGRAM, arguments);
	log_error("%s: neither beside the program nor in %s: %s", PROGRAM, FLAGPOST_LIBEXEC,
	    g_strerror(errno));
	return FAULT_CONFIG;
}

int
worker_exec(void)
{
	char name[] = "flagpost", command[] = "worker";
	char *arguments[] = { name, command, NULL };

	return become(arguments);
}

int
worker_unpack_exec(char **argv)
{
	return become(argv);
}
