/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * frail - a worker whose readers crash, hang or run out of memory on the parts whose names say so
 * (crash.txt, hang.txt, memory.txt; members of archives too), and on every part of a message whose
 * subject ends with "every reader"; and whose patterns do so that say it (crash-here, hang-here,
 * memory-here). Linked with --wrap=cache_read,--wrap=pattern_next; for tests alone.
 */
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "rules/pattern.h"
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

enum pattern_result __real_pattern_next(struct pattern_engine *engine,
    const struct pattern *pattern, const char *text, gsize size, gsize from, gint64 deadline_us,
    struct span *out, const char **reason);
enum pattern_result __wrap_pattern_next(struct pattern_engine *engine,
    const struct pattern *pattern, const char *text, gsize size, gsize from, gint64 deadline_us,
    struct span *out, const char **reason);

enum pattern_result
__wrap_pattern_next(struct pattern_engine *engine, const struct pattern *pattern, const char *text,
    gsize size, gsize from, gint64 deadline_us, struct span *out, const char **reason)
{
	enum pattern_result result =
	    __real_pattern_next(engine, pattern, text, size, from, deadline_us, out, reason);

	if (result != PATTERN_FOUND)
		return result;
	if (strstr(pattern_text(pattern), "crash-here") != NULL)
		__builtin_trap();
	if (strstr(pattern_text(pattern), "hang-here") != NULL)
		poll(NULL, 0, -1);
	if (strstr(pattern_text(pattern), "memory-here") != NULL)
		_exit(PROTOCOL_EXIT_MEMORY);
	return result;
}

int
main(int argc, char **argv)
{
	return worker_main(argc, argv);
}
