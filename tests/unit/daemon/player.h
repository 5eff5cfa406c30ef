/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_TESTS_DAEMON_PLAYER_H
#define FLAGPOST_TESTS_DAEMON_PLAYER_H
/*
 * player - a scan worker that plays the part that the first line of a message names, and leaves a
 * mark behind the message for every try (S: as a whole, 1 to 4: without so many parts, R: its raw
 * bytes), which nobody but a test may do.
 *
 * How a worker starts is said by TZ, the one setting that crosses: "never", "while:" and a file
 * that is there as long as they start, or a file that counts starts, of which two in three fail.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "worker/protocol.h"
#include "worker/station.h"
#include "worker/worker.h"
#include "worker/zygote.h"

static inline void
crash(int number)
{
	signal(number, SIG_DFL); /* not the sanitizers' */
	kill(getpid(), number);
}

static inline void
spin(void)
{
	for (volatile guint64 n = 0;; n++)
		;
}

static inline void
answer(struct wire *wire, guint64 id, const char *word, guint undecided)
{
	g_autoptr(verdict) verdict = verdict_new();

	g_free(verdict->subject);
	verdict->subject = g_strdup(word);
	if (strcmp(word, "lie") == 0)
		verdict->outcome = 99;
	for (guint i = 0; i < undecided; i++)
		verdict_add_undecided(
		    verdict, "some-rule", "content.of-some-length", "1.2.3.4", "match limit");
	GByteArray *packed = g_byte_array_new();
	pack_u64(packed, id);
	verdict_put(packed, verdict);
	wire_queue(wire, PROTOCOL_VERDICT, protocol_pack(packed), -1);
	if (undecided > 0) {
		/* It waits for room, and then for a while. */
		struct pollfd ready = { WORKER_FD, POLLOUT, 0 };
		wire_flush(wire, NULL);
		poll(&ready, 1, -1);
		g_usleep(200000);
	}
	wire_flush_all(wire, -1, NULL);
}

/* Each word that does not come back is the end of its worker. */
static inline void
misbehave(struct wire *wire, const char *word, guint64 *id)
{
	static const guint8 huge[12] = { 'F', 'L', 'P', '1', PROTOCOL_VERDICT, 0, 0, 0, 255, 255,
		255, 255 };

	if (strcmp(word, "segv") == 0)
		crash(SIGSEGV);
	if (strcmp(word, "abrt") == 0)
		crash(SIGABRT);
	if (strcmp(word, "kill") == 0)
		crash(SIGKILL);
	if (strcmp(word, "stop") == 0)
		crash(SIGSTOP);
	if (strcmp(word, "exit") == 0)
		_exit(0);
	if (strcmp(word, "fail") == 0)
		_exit(65);
	if (strcmp(word, "memory") == 0)
		_exit(PROTOCOL_EXIT_MEMORY);
	if (strcmp(word, "hang") == 0)
		pause();
	if (strcmp(word, "spin") == 0)
		spin();
	if (strcmp(word, "garbage") == 0)
		g_assert_true(io_write_all(WORKER_FD, "no frame, no frame", 18, NULL));
	if (strcmp(word, "huge") == 0)
		g_assert_true(io_write_all(WORKER_FD, huge, sizeof huge, NULL));
	if (strcmp(word, "half") == 0) {
		g_assert_true(io_write_all(WORKER_FD, huge, 7, NULL));
		pause();
	}
	if (strcmp(word, "torn") == 0) {
		g_assert_true(io_write_all(WORKER_FD, huge, 7, NULL));
		_exit(0);
	}
	if (strcmp(word, "deaf") == 0) {
		close(WORKER_FD);
		pause();
	}
	if (strcmp(word, "ready") == 0)
		wire_queue(wire, PROTOCOL_READY, g_variant_new("(s)", "again"), -1);
	if (strcmp(word, "other") == 0)
		*id += 1;
}

/* Where it is when it ends: at a part, at no part, or at one that cannot be. */
static inline void
take_place(struct station_page *page, const char *word, guint n_avoid)
{
	struct station station = { .part = n_avoid, .reader = "pdf" };

	if (g_str_has_prefix(word, "part-false-")) {
		station.part = G_MAXUINT32;
		memset(station.reader, 'x', sizeof station.reader);
		memset(station.sha256, 'x', sizeof station.sha256);
	}
	if (g_str_has_prefix(word, "part-stuck-"))
		station.deadline = g_get_monotonic_time();
	station_page_set(page, &station);
}

/*
 * "once-X": on the first try alone; "always-X": on the raw bytes too; "X": as long as it is whole.
 * "part-X", "parts-X": at one part, or at one after another.
 */
static inline void
serve_one(struct wire *wire, const struct wire_frame *frame, struct station_page *page)
{
	char text[256] = "";
	guint64 size;
	struct job job;
	g_autoptr(match_context) context = NULL;

	g_assert_true(protocol_get_job(frame->body, &job, &context, NULL));
	g_assert_true(io_size(frame->fd, &size, NULL));
	g_assert_true(io_pread_all(frame->fd, text, MIN(size, sizeof text - 1), 0, NULL));
	const char *mark =
	    job.mode == JOB_RAW ? "R" : &"S\0001\0002\0003\0004"[2 * job.care.n_avoid];
	g_assert_true(io_pwrite_all(frame->fd, mark, 1, size, NULL));
	char *marks = strchr(text, '\n') + 1;
	marks[-1] = '\0';
	const char *word = text;
	bool now = job.mode != JOB_RAW;
	if (g_str_has_prefix(word, "once-")) {
		word += strlen("once-");
		now = *marks == '\0';
	} else if (g_str_has_prefix(word, "always-")) {
		word += strlen("always-");
		now = true;
	} else if (g_str_has_prefix(word, "part-") || g_str_has_prefix(word, "parts-")) {
		now = now && (word[4] == 's' || job.care.n_avoid == 0);
		take_place(page, word, job.care.n_avoid);
		word = strrchr(word, '-') + 1;
	}
	if (now)
		misbehave(wire, word, &job.id);
	if (g_str_has_prefix(word, "slow"))
		g_usleep(20000);
	if (strcmp(word, "tardy") == 0)
		g_usleep(300000);
	answer(wire, job.id, now ? word : "good", strcmp(word, "long") == 0 ? 15000 : 0);
	if (now && strcmp(word, "twice") == 0)
		answer(wire, job.id, "again", 0);
}

/* True when this start is one that is to fail. */
static inline bool
start_fails(void)
{
	const char *how = g_getenv("TZ");
	struct stat st;

	if (how == NULL)
		return false;
	if (g_str_has_prefix(how, "while:"))
		return access(how + strlen("while:"), F_OK) != 0;
	int fd = open(how, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0)
		return true;
	g_assert_true(io_write_all(fd, "s", 1, NULL) && fstat(fd, &st) == 0);
	close(fd);
	return st.st_size % 3 != 0;
}

static inline int
player_main(char **argv)
{
	struct wire *wire = wire_new(WORKER_FD, &protocol);
	struct station_page *page = NULL;
	struct wire_frame frame;

	if (wire_wait(wire, -1, &frame, NULL) != WIRE_FRAME)
		_exit(1);
	wire_frame_clear(&frame);
	wire_queue(wire, PROTOCOL_READY, g_variant_new("(s)", ""), -1);
	wire_flush_all(wire, -1, NULL);
	enum zygote_end end = zygote_serve(&wire, &page, argv[1], NULL);
	if (end != ZYGOTE_WORKER) {
		wire_free(wire);
		return end == ZYGOTE_DONE ? 0 : 1;
	}
	if (start_fails())
		_exit(1);
	wire_queue(wire, PROTOCOL_READY, g_variant_new("(s)", "none"), -1);
	wire_flush_all(wire, -1, NULL);
	while (wire_wait(wire, -1, &frame, NULL) == WIRE_FRAME) {
		serve_one(wire, &frame, page);
		station_page_set(page, NULL);
		wire_frame_clear(&frame);
	}
	station_page_free(page);
	wire_free(wire);
	return 0;
}

#endif
