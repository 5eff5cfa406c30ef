/* SPDX-License-Identifier: GPL-3.0-or-later */
/* zygote - see zygote.h. Never goes on with a second thread: a fork would leave its locks taken. */
#include "worker/zygote.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/single_threaded.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "worker/protocol.h"

/* The C library has no call that makes a sibling; nothing that its fork does besides is needed by
 * a process of one thread. */
static pid_t
fork_sibling(void)
{
	return (pid_t)syscall(
	    SYS_clone, (unsigned long)(CLONE_PARENT | SIGCHLD), NULL, NULL, NULL, 0UL);
}

/*
 * The first that it does is to tell its process id: from then on it is known to who will have to
 * reap it, whatever becomes of the zygote. Until it lays its sandbox it is of the zygote's group,
 * where worker_zygote_end finds one that died before.
 */
static bool
become_worker(struct wire **wire, int socket, char *name, GError **error)
{
	wire_free(g_steal_pointer(wire));
	if (dup3(socket, WORKER_FD, O_CLOEXEC) < 0) {
		fault_errno(error, "worker: socket");
		return false;
	}
	io_close(&socket);
	*wire = wire_new(WORKER_FD, &protocol);
	wire_queue(*wire, PROTOCOL_BORN, g_variant_new("(u)", (guint32)getpid()), -1);
	memcpy(name, WORKER_COMMAND, sizeof WORKER_COMMAND);
	return wire_flush_all(*wire, -1, error);
}

static bool
take(struct wire *wire, guint kind, int *fd, bool *over, GError **error)
{
	struct wire_frame frame;
	enum wire_result result = wire_wait(wire, -1, &frame, error);

	*over = result == WIRE_EOF;
	if (result != WIRE_FRAME)
		return false;
	if (frame.kind == kind)
		*fd = g_steal_fd(&frame.fd);
	else
		g_set_error(error, FAULT, FAULT_DATA, "worker: a frame out of turn");
	wire_frame_clear(&frame);
	return *fd >= 0;
}

enum zygote_end
zygote_serve(struct wire **wire, struct station_page **page, char *name, GError **error)
{
	bool over;

	if (!__libc_single_threaded) {
		g_set_error(
		    error, FAULT, FAULT_BUG, "worker: a thread runs before the sandbox is up");
		return ZYGOTE_FAILED;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		int shared = -1, socket = -1;
		if (!take(*wire, PROTOCOL_PAGE, &shared, &over, error))
			return over ? ZYGOTE_DONE : ZYGOTE_FAILED;
		if (!take(*wire, PROTOCOL_FORK, &socket, &over, error)) {
			io_close(&shared);
			return over ? ZYGOTE_DONE : ZYGOTE_FAILED;
		}
		pid_t pid = fork_sibling();
		if (pid == 0) {
			bool fine = become_worker(wire, socket, name, error) &&
				    (*page = station_page_open(shared, error)) != NULL;
			io_close(&shared);
			return fine ? ZYGOTE_WORKER : ZYGOTE_FAILED;
		}
		if (pid < 0)
			fault_errno(error, "worker: fork");
		io_close(&shared);
		io_close(&socket);
		if (pid < 0)
			return ZYGOTE_FAILED;
	}
}
