/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * worker-zygote - see worker.h. The parent's side of the process that workers are forked from:
 * how it is started and asked. Never waits for it but in worker_zygote_end.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "base/log.h"
#include "worker/protocol.h"
#include "worker/worker.h"
#include "worker/zygote.h"

#define PROGRAM "flagpost-worker"
#define END_MS  2000 /* for one that was asked to end, or has hung up */

/* As long as one needs that is being forked right now. */
#define UNBORN_LOOKS 20
#define UNBORN_MS    5

struct worker_zygote {
	pid_t pid;
	struct wire *wire;
	bool ready;
	bool lost; /* it hung up, or broke the protocol */
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
	char name[] = "flagpost", command[] = WORKER_ZYGOTE;
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

struct worker_zygote *
worker_zygote_spawn(const struct sources *sources, const struct limits *limits,
    const struct reading *reading, GError **error)
{
	int pair[2];
	pid_t pid;

	if (!wire_pair(pair, error))
		return NULL;
	int done = start(pair[1], &pid);
	io_close(&pair[1]);
	if (done != 0) {
		io_close(&pair[0]);
		errno = done;
		fault_errno(error, "worker: cannot be started");
		return NULL;
	}
	struct worker_zygote *zygote = g_new0(struct worker_zygote, 1);
	guint64 size = 0;
	int prefilter = copy_prefilter(sources, &size);
	zygote->pid = pid;
	zygote->wire = wire_new(pair[0], &protocol);
	wire_queue(zygote->wire, PROTOCOL_SETUP,
	    g_variant_new("(s@a{st}@" SOURCES_TYPE "@" READING_TYPE "bu)", FLAGPOST_VERSION,
		limits_put(limits), sources_put(sources), reading_put(reading), prefilter >= 0,
		sources->data->len),
	    -1);
	if (!queue_data(zygote->wire, sources, error)) {
		io_close(&prefilter);
		worker_zygote_end(&zygote);
		return NULL;
	}
	if (prefilter >= 0)
		wire_queue(zygote->wire, PROTOCOL_PREFILTER, g_variant_new("(t)", size), prefilter);
	return zygote;
}

void
worker_zygote_ask(struct worker_zygote *zygote, int page, int socket)
{
	wire_queue(zygote->wire, PROTOCOL_PAGE, g_variant_new("()"), page);
	wire_queue(zygote->wire, PROTOCOL_FORK, g_variant_new("()"), socket);
	/* One that is gone shows when its answer is awaited. */
	wire_flush(zygote->wire, NULL);
}

int
worker_zygote_fd(const struct worker_zygote *zygote)
{
	return wire_fd(zygote->wire);
}

bool
worker_zygote_wants_write(const struct worker_zygote *zygote)
{
	return !zygote->lost && wire_pending(zygote->wire) > 0;
}

bool
worker_zygote_is_ready(const struct worker_zygote *zygote)
{
	return zygote->ready;
}

pid_t
worker_zygote_pid(const struct worker_zygote *zygote)
{
	return zygote->pid;
}

enum worker_event
worker_zygote_receive(struct worker_zygote *zygote)
{
	struct wire_frame frame;

	if (zygote->lost)
		return WORKER_LOST;
	if (wire_pending(zygote->wire) > 0)
		wire_flush(zygote->wire, NULL);
	enum wire_result result = wire_receive(zygote->wire, &frame, NULL);
	if (result == WIRE_AGAIN)
		return WORKER_NOTHING;
	if (result == WIRE_FRAME && frame.kind == PROTOCOL_READY && !zygote->ready)
		zygote->ready = true;
	else
		zygote->lost = true;
	wire_frame_clear(&frame);
	return zygote->lost ? WORKER_LOST : WORKER_READY;
}

bool
worker_reap(pid_t pid, int wait_ms, int *status)
{
	int handle = pidfd_open(pid, 0);
	struct pollfd ready = { handle, POLLIN, 0 };
	bool ended = handle >= 0 && TEMP_FAILURE_RETRY(poll(&ready, 1, wait_ms)) == 1;

	/* Without a trace: its number may be another's by now. */
	if (handle < 0 && errno == ESRCH)
		return true;
	if (handle >= 0)
		io_close(&handle);
	if (!ended)
		kill(pid, SIGKILL);
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
	return ended;
}

/* Workers that died before they could tell of themselves; those that could have left its group. */
static void
reap_unborn(pid_t group)
{
	for (guint i = 0; i < UNBORN_LOOKS; i++) {
		pid_t pid = waitpid(-group, NULL, WNOHANG);
		if (pid < 0 && errno == ECHILD)
			return;
		if (pid == 0)
			g_usleep(UNBORN_MS * 1000);
	}
}

const char *
worker_zygote_end(struct worker_zygote **at)
{
	struct worker_zygote *zygote = g_steal_pointer(at);
	int status = 0;

	if (zygote == NULL)
		return "";
	/* One that forks tells of the worker first, or nobody would reap it. */
	bool lost = zygote->lost, idle = lost || zygote->ready;
	wire_free(zygote->wire);
	bool ended = worker_reap(zygote->pid, idle ? END_MS : 0, &status);
	reap_unborn(zygote->pid);
	g_free(zygote);
	if (!lost)
		return "";
	if (ended && WIFSIGNALED(status))
		return WTERMSIG(status) == SIGKILL ? "memory" : "crash";
	return !ended || WEXITSTATUS(status) == 0 ? "protocol" : "crash";
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
	char name[] = "flagpost", command[] = WORKER_ZYGOTE;
	char *arguments[] = { name, command, NULL };

	return become(arguments);
}

int
worker_unpack_exec(char **argv)
{
	return become(argv);
}
