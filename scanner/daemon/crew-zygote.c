/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * crew-zygote - the process that the crew's workers are forked from: started when a worker is
 * needed, watched, ended. Never waits for it.
 */
#include "base/log.h"
#include "daemon/crew-parts.h"

static bool crew_watch_zygote(struct crew *crew);

/*
 * GLib takes the descriptor of a source that must not recurse out of the loop for each call of it,
 * and wakes the loop each time: four system calls a message. Ours are in order when they call.
 */
guint
crew_watch(int fd, GIOCondition wanted, GUnixFDSourceFunc readable, void *data)
{
	GSource *source = g_unix_fd_source_new(fd, wanted);

	g_source_set_can_recurse(source, TRUE);
	g_source_set_callback(source, G_SOURCE_FUNC(readable), data, NULL);
	guint id = g_source_attach(source, NULL);
	g_source_unref(source);
	return id;
}

/* The workers that it has made go on; who waits for one is told by his socket, and asks the next.
 */
void
crew_end_zygote(struct crew *crew, const char *why)
{
	if (crew->zygote == NULL)
		return;
	g_clear_handle_id(&crew->zygote_watch, g_source_remove);
	bool was_ready = worker_zygote_is_ready(crew->zygote);
	const char *reason = worker_zygote_end(&crew->zygote);
	log_warning("the process that scan workers are forked from ended while %s: %s",
	    was_ready ? "idle" : "starting", *reason != '\0' ? reason : why);
	crew->failed_starts += !was_ready;
}

static gboolean
zygote_readable(G_GNUC_UNUSED int fd, G_GNUC_UNUSED GIOCondition condition, void *data)
{
	struct crew *crew = data;

	if (worker_zygote_receive(crew->zygote) == WORKER_LOST) {
		crew_end_zygote(crew, "it hung up");
		return G_SOURCE_REMOVE;
	}
	return crew_watch_zygote(crew) ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

/* True when it is watched by another source from now on. */
static bool
crew_watch_zygote(struct crew *crew)
{
	GIOCondition wanted = G_IO_IN | G_IO_HUP | G_IO_ERR;

	if (worker_zygote_wants_write(crew->zygote))
		wanted |= G_IO_OUT;
	if (crew->zygote_watch != 0 && crew->zygote_watched == wanted)
		return false;
	g_clear_handle_id(&crew->zygote_watch, g_source_remove);
	crew->zygote_watch =
	    crew_watch(worker_zygote_fd(crew->zygote), wanted, zygote_readable, crew);
	crew->zygote_watched = wanted;
	return true;
}

struct worker *
crew_spawn(struct crew *crew, GError **error)
{
	if (crew->zygote == NULL)
		crew->zygote =
		    worker_zygote_spawn(crew->sources, crew->limits, crew->reading, error);
	struct worker *worker = crew->zygote != NULL ? worker_spawn(crew->zygote, error) : NULL;
	if (crew->zygote != NULL)
		crew_watch_zygote(crew);
	return worker;
}
