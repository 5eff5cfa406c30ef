/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dissect-loop - what a scan worker does to mail before any rule, in one process without a
 * sandbox; for script/bench alone. It keeps hardly anything, so that no round lives on another.
 */
#include "loop.h"
#include "worker/dissect.h"

static void
read_mail(int fd, void *data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(message) message = dissect_message(data, fd, false, &error);

	if (message == NULL) {
		fprintf(stderr, "dissect-loop: %s\n", error->message);
		exit(EXIT_FAILURE);
	}
}

int
main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	struct limits limits;

	limits_default(&limits);
	limits.cache = 64 * 1024;
	g_autoptr(dissect) dissect = dissect_new(&limits, &error);
	if (dissect == NULL) {
		fprintf(stderr, "dissect-loop: %s\n", error->message);
		return EXIT_FAILURE;
	}
	return loop_run(argc, argv, read_mail, dissect);
}
