/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test-process - workers as processes. The test program is its own worker: exec'ed as "worker" it
 * serves, or plays one that crashes, hangs, lies or hangs up when TZ (the one setting
 * that crosses) names such a part.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "worker/protocol.h"
#include "worker/worker.h"
#include "worker/zygote.h"

#define WAIT_MS 60000

static const struct reading no_pictures;

static const char rule[] = "[rule]\nid = falcon\ntitle = Falcon\nseverity = high\n"
			   "description = Finds the falcon.\n"
			   "[content.name]\ntype = regex\nwhere = subject, body\n"
			   "pattern.1 = \\bfalcon\\b\n";

static const char mail[] =
    "From: anna@corp.example\r\nTo: bob@rival.example\r\nSubject: about it\r\n"
    "\r\nThe falcon flies.\r\n";

static void
play_ready(struct wire *wire)
{
	wire_queue(wire, PROTOCOL_READY, g_variant_new("(s)", "none"), -1);
	wire_flush_all(wire, -1, NULL);
}

/* A zygote or a worker that does as told: takes the setup, is ready, and misbehaves on a job. */
static int
play(const char *part, char **argv)
{
	struct wire *wire = wire_new(WORKER_FD, &protocol);
	struct wire_frame frame;
	struct station_page *page = NULL;
	g_autoptr(verdict) verdict = verdict_new();

	if (strcmp(part, "zygote-early") == 0)
		abort();
	wire_wait(wire, -1, &frame, NULL);
	wire_frame_clear(&frame);
	play_ready(wire);
	if (strcmp(part, "zygote-ready") == 0)
		play_ready(wire);
	if (g_str_has_prefix(part, "zygote-"))
		pause();
	if (zygote_serve(&wire, &page, argv[1], NULL) != ZYGOTE_WORKER) {
		wire_free(wire);
		return 0;
	}
	if (strcmp(part, "early") == 0)
		abort();
	play_ready(wire);
	if (wire_wait(wire, -1, &frame, NULL) != WIRE_FRAME)
		return 0;
	struct packed packed_job = protocol_unpack(frame.body);
	guint64 id = packed_u64(&packed_job);
	wire_frame_clear(&frame);
	if (strcmp(part, "crash") == 0) {
		signal(SIGSEGV, SIG_DFL); /* not the sanitizers' */
		kill(getpid(), SIGSEGV);
	}
	if (strcmp(part, "forbidden") == 0)
		kill(getpid(), SIGSYS);
	if (strcmp(part, "killed") == 0)
		kill(getpid(), SIGKILL);
	if (strcmp(part, "memory") == 0)
		_exit(PROTOCOL_EXIT_MEMORY);
	if (strcmp(part, "hang") == 0)
		pause();
	if (strcmp(part, "garbage") == 0)
		g_assert_true(
		    io_write_all(WORKER_FD, "no frame at all, no frame at all", 32, NULL));
	if (strcmp(part, "born") == 0)
		wire_queue(wire, PROTOCOL_BORN, g_variant_new("(u)", (guint32)getppid()), -1);
	if (strcmp(part, "other") == 0)
		id++;
	g_free(verdict->subject);
	verdict->subject = g_strdup(strcmp(part, "lie") == 0 ? "\xFF" : "");
	if (strcmp(part, "lie") == 0)
		verdict->outcome = 99;
	if (strcmp(part, "hangup") != 0) {
		GByteArray *packed = g_byte_array_new();
		pack_u64(packed, id);
		verdict_put(packed, verdict);
		wire_queue(wire, PROTOCOL_VERDICT, protocol_pack(packed), -1);
		wire_flush_all(wire, -1, NULL);
		wire_wait(wire, -1, &frame, NULL);
	}
	wire_free(wire);
	return 0;
}

static struct sources *
one_rule(void)
{
	struct sources *sources = sources_new();
	struct source *source = g_new0(struct source, 1);

	source->kind = SOURCE_RULE;
	source->name = g_strdup("10-falcon.ini");
	source->path = g_strdup("/nowhere/10-falcon.ini");
	source->text = g_bytes_new_static(rule, strlen(rule));
	g_ptr_array_add(sources->files, source);
	sources_seal(sources);
	return sources;
}

static struct worker_zygote *
zygote_of(struct sources *sources)
{
	struct limits limits;
	g_autoptr(GError) error = NULL;

	limits_default(&limits);
	struct worker_zygote *zygote = worker_zygote_spawn(sources, &limits, &no_pictures, &error);
	g_assert_no_error(error);
	return zygote;
}

static struct worker *
spawn(struct worker_zygote **zygote)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(sources) sources = one_rule();

	*zygote = zygote_of(sources);
	struct worker *worker = worker_spawn(*zygote, &error);
	g_assert_no_error(error);
	return worker;
}

/* What it says next; WORKER_NOTHING when it says nothing for so long. */
static enum worker_event
next(struct worker *worker, int timeout_ms, struct verdict **verdict, guint64 *id)
{
	for (;;) {
		enum worker_event event = worker_receive(worker, verdict, id);
		if (event != WORKER_NOTHING)
			return event;
		struct pollfd ready = { worker_fd(worker),
			(short)(POLLIN | (worker_wants_write(worker) ? POLLOUT : 0)), 0 };
		if (poll(&ready, 1, timeout_ms) == 0)
			return WORKER_NOTHING;
	}
}

static int
message(const char *bytes, gsize size)
{
	int fd = memfd_create("mail", MFD_CLOEXEC);

	g_assert_true(io_write_all(fd, bytes, size, NULL));
	return fd;
}

static void
test_serves(void)
{
	struct worker_zygote *zygote;
	struct worker *worker = spawn(&zygote);
	struct verdict *verdict = NULL;
	g_autoptr(GError) error = NULL;
	guint64 id = 0;
	int fd = message(mail, strlen(mail));
	struct job job = { .id = 1 };

	g_assert_false(worker_send(worker, &job, fd, NULL));
	g_assert_cmpstr(worker_sandbox(worker), ==, "");
	g_assert_cmpint(next(worker, WAIT_MS, &verdict, &id), ==, WORKER_READY);
	g_assert_nonnull(strstr(worker_sandbox(worker), "no-new-privileges"));
	for (guint64 i = 1; i <= 50; i++) {
		job.id = i;
		job.mode = i % 5 == 0 ? JOB_RAW : JOB_SCAN;
		job.explain = i == 7;
		job.carry = i == 8 || i == 10 ? CARRY_TEXTS : CARRY_NOTHING;
		g_assert_true(worker_send(worker, &job, fd, &error));
		g_assert_cmpint(next(worker, WAIT_MS, &verdict, &id), ==, WORKER_VERDICT);
		g_assert_cmpuint(id, ==, i);
		g_assert_cmpuint(verdict_flag_count(verdict), ==, 1);
		g_assert_cmpuint(verdict->size, ==, strlen(mail));
		g_assert_cmpint(
		    verdict->outcome, ==, job.mode == JOB_RAW ? OUTCOME_PARTIAL : OUTCOME_SCANNED);
		if (job.explain)
			g_assert_cmpuint(verdict->explained->len, >, 0);
		g_assert_cmpuint(verdict->texts->len, ==, job.carry == CARRY_TEXTS ? 2 : 0);
		if (i == 8)
			g_assert_cmpstr(((struct verdict_text *)verdict->texts->pdata[1])->text, ==,
			    "The falcon flies.\n");
		verdict_free(g_steal_pointer(&verdict));
	}
	close(fd);
	g_assert_cmpstr(worker_end(&worker, false), ==, "");
	g_assert_null(worker);
	g_assert_cmpstr(worker_zygote_end(&zygote), ==, "");
	g_assert_null(zygote);
}

/* As many as it may have at once are answered in order; it gets no more than those. */
static void
test_serves_many(void)
{
	struct worker_zygote *zygote;
	struct worker *worker = spawn(&zygote);
	struct verdict *verdict = NULL;
	guint64 id = 0;
	int fd = message(mail, strlen(mail));
	struct job job = { 0 };

	g_assert_cmpint(next(worker, WAIT_MS, &verdict, &id), ==, WORKER_READY);
	for (guint round = 0; round < 3; round++) {
		for (guint i = 0; i < WORKER_JOBS_MAX; i++) {
			job.id++;
			g_assert_true(worker_send(worker, &job, fd, NULL));
		}
		g_assert_false(worker_send(worker, &job, fd, NULL));
		for (guint i = 0; i < WORKER_JOBS_MAX; i++) {
			g_assert_cmpint(next(worker, WAIT_MS, &verdict, &id), ==, WORKER_VERDICT);
			g_assert_cmpuint(id, ==, job.id + i + 1 - WORKER_JOBS_MAX);
			g_assert_cmpuint(verdict_flag_count(verdict), ==, 1);
			verdict_free(g_steal_pointer(&verdict));
		}
	}
	close(fd);
	g_assert_cmpstr(worker_end(&worker, false), ==, "");
	worker_zygote_end(&zygote);
}

/* No descriptor but its own, no environment, no core dump. */
static void
test_inherits_nothing(void)
{
	struct verdict *verdict = NULL;
	guint64 id;
	int secret = message("password", 8);
	int loud = dup2(secret, 77); /* not close-on-exec */

	g_setenv("FLAGPOST_TEST_SECRET", "hunter2", TRUE);
	struct worker_zygote *zygote;
	struct worker *worker = spawn(&zygote);
	g_assert_cmpint(next(worker, WAIT_MS, &verdict, &id), ==, WORKER_READY);
	g_autofree char *folder = g_strdup_printf("/proc/%d/fd", (int)worker_pid(worker));
	g_autofree char *file = g_strdup_printf("/proc/%d/environ", (int)worker_pid(worker));
	g_autoptr(GDir) listing = g_dir_open(folder, 0, NULL);
	/* Only root can look into a process that is not dumpable. */
	if (listing != NULL) {
		for (const char *name; (name = g_dir_read_name(listing)) != NULL;)
			g_assert_cmpuint(g_ascii_strtoull(name, NULL, 10), <=, WORKER_FD);
	}
	g_autofree char *environment = NULL;
	gsize size;
	if (g_file_get_contents(file, &environment, &size, NULL))
		g_assert_null(memmem(environment, size, "hunter2", 7));
	g_assert_cmpstr(worker_end(&worker, false), ==, "");
	worker_zygote_end(&zygote);
	close(loud);
	close(secret);
}

struct misdeed {
	const char *part;
	enum worker_event event;
	bool timed_out;
	const char *end;
};

static void
test_misdeed(gconstpointer data)
{
	const struct misdeed *misdeed = data;
	struct verdict *verdict = NULL;
	guint64 id;
	int fd = message(mail, strlen(mail));
	struct job job = { .id = 1 };

	g_setenv("TZ", misdeed->part, TRUE);
	struct worker_zygote *zygote;
	struct worker *worker = spawn(&zygote);
	if (strcmp(misdeed->part, "early") != 0) {
		g_assert_cmpint(next(worker, WAIT_MS, &verdict, &id), ==, WORKER_READY);
		g_assert_true(worker_send(worker, &job, fd, NULL));
	}
	g_assert_cmpint(
	    next(worker, misdeed->timed_out ? 300 : WAIT_MS, &verdict, &id), ==, misdeed->event);
	if (misdeed->event == WORKER_LOST)
		g_assert_cmpint(worker_receive(worker, &verdict, &id), ==, WORKER_LOST);
	g_assert_cmpstr(worker_end(&worker, misdeed->timed_out), ==, misdeed->end);
	worker_zygote_end(&zygote);
	g_assert_null(verdict);
	g_unsetenv("TZ");
	close(fd);
}

/* What becomes of a zygote that misbehaves, and of who waits for a worker of it. */
static void
test_zygote(gconstpointer data)
{
	const struct misdeed *misdeed = data;
	struct verdict *verdict = NULL;
	guint64 id;
	enum worker_event event = WORKER_NOTHING;

	g_setenv("TZ", misdeed->part, TRUE);
	struct worker_zygote *zygote;
	struct worker *worker = spawn(&zygote);
	g_unsetenv("TZ");
	while (event != misdeed->event) {
		struct pollfd ready = { worker_zygote_fd(zygote), POLLIN, 0 };
		g_assert_cmpint(poll(&ready, 1, WAIT_MS), ==, 1);
		event = worker_zygote_receive(zygote);
	}
	if (event == WORKER_READY)
		g_assert_cmpint(kill(worker_zygote_pid(zygote), SIGKILL), ==, 0);
	g_assert_cmpstr(worker_zygote_end(&zygote), ==, misdeed->end);
	g_assert_cmpint(next(worker, WAIT_MS, &verdict, &id), ==, WORKER_LOST);
	g_assert_cmpint(worker_pid(worker), ==, 0);
	g_assert_cmpstr(worker_end(&worker, false), ==, "crash");
	g_assert_cmpint(waitpid(-1, NULL, WNOHANG), ==, -1);
}

/* A worker goes on without it, is our child, and is told apart from it. */
static void
test_zygote_gone(void)
{
	struct verdict *verdict = NULL;
	guint64 id;
	struct job job = { .id = 1 };
	int fd = message(mail, strlen(mail));
	struct worker_zygote *zygote;
	struct worker *worker = spawn(&zygote);

	g_assert_cmpint(next(worker, WAIT_MS, &verdict, &id), ==, WORKER_READY);
	g_autoptr(GError) error = NULL;
	struct worker *second = worker_spawn(zygote, &error);
	g_assert_no_error(error);
	g_assert_cmpint(next(second, WAIT_MS, &verdict, &id), ==, WORKER_READY);
	g_assert_cmpint(worker_pid(second), !=, worker_pid(worker));
	kill(worker_zygote_pid(zygote), SIGKILL);
	worker_zygote_end(&zygote);
	g_assert_cmpstr(worker_end(&second, false), ==, "");
	g_assert_true(worker_send(worker, &job, fd, &error));
	g_assert_cmpint(next(worker, WAIT_MS, &verdict, &id), ==, WORKER_VERDICT);
	g_assert_cmpuint(verdict_flag_count(verdict), ==, 1);
	verdict_free(verdict);
	g_autofree char *file = g_strdup_printf("/proc/%d/cmdline", (int)worker_pid(worker));
	g_autofree char *line = NULL;
	gsize size;
	if (g_file_get_contents(file, &line, &size, NULL) && size > 0)
		g_assert_true(size == 16 && memcmp(line, "flagpost\0worker", 16) == 0);
	g_assert_cmpstr(worker_end(&worker, false), ==, "");
	g_assert_cmpint(waitpid(-1, NULL, WNOHANG), ==, -1);
	close(fd);
}

/* A rule set that does not compile is no reason to hang. */
static void
test_bad_rules(void)
{
	g_autoptr(sources) sources = sources_new();
	struct source *source = g_new0(struct source, 1);
	struct verdict *verdict;
	guint64 id;

	source->name = g_strdup("10-bad.ini");
	source->path = g_strdup("/nowhere/10-bad.ini");
	source->text = g_bytes_new_static("[rule\n", 6);
	g_ptr_array_add(sources->files, source);
	sources_seal(sources);
	struct worker_zygote *zygote = zygote_of(sources);
	struct worker *worker = worker_spawn(zygote, NULL);
	g_assert_cmpint(next(worker, WAIT_MS, &verdict, &id), ==, WORKER_LOST);
	g_assert_cmpstr(worker_end(&worker, false), ==, "crash");
	g_assert_cmpint(worker_zygote_receive(zygote), ==, WORKER_LOST);
	g_assert_cmpstr(worker_zygote_end(&zygote), ==, "crash");
}

/* A worker of another version may read the frames otherwise: it says so and ends. */
static void
test_other_version(void)
{
	struct limits limits;
	g_autoptr(sources) sources = one_rule();
	int pair[2], status;

	limits_default(&limits);
	g_assert_true(wire_pair(pair, NULL));
	pid_t pid = fork();
	if (pid == 0) {
		char name[] = "flagpost-worker", command[] = WORKER_ZYGOTE;
		char *arguments[] = { name, command, NULL };
		int quiet = open("/dev/null", O_WRONLY);
		if (dup2(pair[1], WORKER_FD) < 0 || dup2(quiet, STDERR_FILENO) < 0)
			_exit(1);
		_exit(worker_main(2, arguments));
	}
	close(pair[1]);
	struct wire *wire = wire_new(pair[0], &protocol);
	wire_queue(wire, PROTOCOL_SETUP,
	    g_variant_new("(s@a{st}@" SOURCES_TYPE "@" READING_TYPE "bu)", "0.0.1",
		limits_put(&limits), sources_put(sources), reading_put(&no_pictures), FALSE, 0),
	    -1);
	g_assert_true(wire_flush_all(wire, -1, NULL));
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	g_assert_true(WIFEXITED(status));
	g_assert_cmpint(WEXITSTATUS(status), ==, FAULT_CONFIG);
	wire_free(wire);
}

int
main(int argc, char **argv)
{
	static const struct misdeed misdeeds[] = {
		{ "early", WORKER_LOST, false, "crash" },
		{ "crash", WORKER_LOST, false, "crash" },
		{ "forbidden", WORKER_LOST, false, "crash" },
		{ "killed", WORKER_LOST, false, "memory" },
		{ "memory", WORKER_LOST, false, "memory" },
		{ "hang", WORKER_NOTHING, true, "time" },
		{ "garbage", WORKER_LOST, false, "protocol" },
		{ "other", WORKER_LOST, false, "protocol" },
		{ "born", WORKER_LOST, false, "protocol" },
		{ "lie", WORKER_LOST, false, "protocol" },
		{ "hangup", WORKER_LOST, false, "protocol" },
	};

	static const struct misdeed zygotes[] = {
		{ "zygote-early", WORKER_LOST, false, "crash" },
		{ "zygote-ready", WORKER_LOST, false, "protocol" },
		{ "zygote-hang", WORKER_READY, false, "" },
	};

	if (argc == 2 && strcmp(argv[1], WORKER_ZYGOTE) == 0) {
		const char *part = g_getenv("TZ");
		return part != NULL ? play(part, argv) : worker_main(argc, argv);
	}
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/worker/process/serves", test_serves);
	g_test_add_func("/worker/process/serves-many", test_serves_many);
	g_test_add_func("/worker/process/inherits-nothing", test_inherits_nothing);
	g_test_add_func("/worker/process/bad-rules", test_bad_rules);
	g_test_add_func("/worker/process/other-version", test_other_version);
	g_test_add_func("/worker/process/zygote/gone", test_zygote_gone);
	for (gsize i = 0; i < G_N_ELEMENTS(zygotes); i++) {
		g_autofree char *path =
		    g_strconcat("/worker/process/zygote/", zygotes[i].part, NULL);
		g_test_add_data_func(path, &zygotes[i], test_zygote);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(misdeeds); i++) {
		g_autofree char *path =
		    g_strconcat("/worker/process/misdeed/", misdeeds[i].part, NULL);
		g_test_add_data_func(path, &misdeeds[i], test_misdeed);
	}
	return g_test_run();
}
