/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * crew-zygote - the process that the crew's workers are forked from: started when a worker is
 * needed, watched, ended. Never waits for it.
 */
#include "base/log.h"
#include "daemon/crew-parts.h"

/* The workers that it has made go on; who waits for one is told by his socket, and asks the next.
 */
void
crew_end_zygote(struct crew *crew, const char *why)
{
	if (crew->zygote == NULL)
		return;
	g_clear_pointer(&crew->zygote_watch, watch_free);
	bool was_ready = worker_zygote_is_ready(crew->zygote);
	const char *reason = worker_zygote_end(&crew->zygote);
	log_warning("the process that scan workers are forked from ended while %s: %s",
	    was_ready ? "idle" : "starting", *reason != '\0' ? reason : why);
	crew->failed_starts += !was_ready;
}

static void
zygote_readable(void *data)
{
	struct crew *crew = data;

	if (worker_zygote_receive(crew->zygote) == WORKER_LOST)
		crew_end_zygote(crew, "it hung up");
	else
		watch_set_write(crew->zygote_watch, worker_zygote_wants_write(crew->zygote));
}

struct worker *
crew_spawn(struct crew *crew, GError **error)
{
	if (crew->zygote == NULL) {
		crew->zygote =
		    worker_zygote_spawn(crew->sources, crew->limits, crew->reading, error);
		if (crew->zygote == NULL)
			return NULL;
		crew->zygote_watch =
		    watch_new(worker_zygote_fd(crew->zygote), zygote_readable, crew);
	}
	struct worker *worker = worker_spawn(crew->zygote, error);
	watch_set_write(crew->zygote_watch, worker_zygote_wants_write(crew->zygote));
	return worker;
}
