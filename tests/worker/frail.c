/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * frail - a worker whose readers crash, hang or run out of memory on the parts whose names say so
 * (crash.txt, hang.txt, memory.txt; members of archives too), and on every part of a message whose
 * subject ends with "every reader". Linked with --wrap=cache_read; for tests alone.
 */
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "worker/cache.h"
#include "worker/protocol.h"
#include "worker/worker.h"

void __real_cache_read(struct item *item);
void __wrap_cache_read(struct item *item);

void
__wrap_cache_read(struct item *item)
{
	const char *name = extract_part(item)->name;

	if (strcmp(name, "crash.txt") == 0 ||
	    g_str_has_suffix(item->scan->message->subject, "every reader"))
		__builtin_trap();
	if (strcmp(name, "hang.txt") == 0)
		poll(NULL, 0, -1);
	if (strcmp(name, "memory.txt") == 0)
		_exit(PROTOCOL_EXIT_MEMORY);
	__real_cache_read(item);
}

int
main(int argc, char **argv)
{
	return worker_main(argc, argv);
}
