/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * together - a worker that goes on with a message only when so many others have one in hand at the
 * same time as TZ says, the one setting that crosses; and that crashes when there are more. Until
 * then it stands there, sandboxed and with the mail's bytes before it, to be looked at. Linked with
 * --wrap=dissect_message; for tests alone.
 */
#include <poll.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "worker/dissect.h"
#include "worker/worker.h"

#define LOOK_MS 5

/* Of the zygote's, so that all workers have it in common. */
struct meeting {
	atomic_uint wanted;
	atomic_uint inside;
	atomic_bool met;
};

static struct meeting *meeting;

struct message *__real_dissect_message(
    struct dissect *dissect, int fd, bool with_raw, GError **error);
struct message *__wrap_dissect_message(
    struct dissect *dissect, int fd, bool with_raw, GError **error);

struct message *
__wrap_dissect_message(struct dissect *dissect, int fd, bool with_raw, GError **error)
{
	guint inside = atomic_fetch_add(&meeting->inside, 1) + 1;

	if (inside > meeting->wanted)
		__builtin_trap();
	if (inside == meeting->wanted)
		meeting->met = true;
	/* Its bytes are in its memory from here on. */
	struct message *message = __real_dissect_message(dissect, fd, with_raw, error);
	while (!meeting->met)
		poll(NULL, 0, LOOK_MS);
	atomic_fetch_sub(&meeting->inside, 1);
	return message;
}

int
main(int argc, char **argv)
{
	const char *wanted = g_getenv("TZ");

	meeting =
	    mmap(NULL, sizeof *meeting, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (meeting == MAP_FAILED || wanted == NULL)
		return 70;
	meeting->wanted = (guint)g_ascii_strtoull(wanted, NULL, 10);
	return worker_main(argc, argv);
}
