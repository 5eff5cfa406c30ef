/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * forbidden - a worker whose parser has been taken over: for a message that says so it asks the
 * kernel for a socket, as a shell code would. Linked with --wrap=dissect_message; for tests alone.
 */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "worker/dissect.h"
#include "worker/worker.h"

#define SIGN "\nX-Test: takes over the parser\r\n"

struct message *__real_dissect_message(
    struct dissect *dissect, int fd, bool with_raw, GError **error);
struct message *__wrap_dissect_message(
    struct dissect *dissect, int fd, bool with_raw, GError **error);

struct message *
__wrap_dissect_message(struct dissect *dissect, int fd, bool with_raw, GError **error)
{
	char head[4096];
	ssize_t size = pread(fd, head, sizeof head, 0);

	if (size > 0 && memmem(head, (size_t)size, SIGN, sizeof SIGN - 1) != NULL)
		close(socket(AF_INET, SOCK_STREAM, 0));
	return __real_dissect_message(dissect, fd, with_raw, error);
}

int
main(int argc, char **argv)
{
	return worker_main(argc, argv);
}
