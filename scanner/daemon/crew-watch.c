/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * crew-watch - a descriptor of the crew's in the main loop. Cheaper than GLib's own source, which
 * cannot change what it waits for, and for which the loop is woken at each call unless it may
 * recurse: four system calls a message. Ours are in order when they call.
 */
#include "daemon/crew-parts.h"

struct watch {
	GSource source;
	gpointer tag;
	GIOCondition wanted; /* when it does not rest */
	void (*readable)(void *data);
	void *data;
};

static gboolean
watch_check(GSource *source)
{
	struct watch *watch = (struct watch *)source;

	return g_source_query_unix_fd(source, watch->tag) != 0;
}

/* Called for the descriptor, and at the end of a rest: what came in it is there now. */
static gboolean
watch_dispatch(GSource *source, G_GNUC_UNUSED GSourceFunc function, G_GNUC_UNUSED gpointer data)
{
	struct watch *watch = (struct watch *)source;

	if (g_source_get_ready_time(source) >= 0) {
		g_source_set_ready_time(source, -1);
		g_source_modify_unix_fd(source, watch->tag, watch->wanted);
	}
	watch->readable(watch->data);
	return G_SOURCE_CONTINUE;
}

struct watch *
watch_new(int fd, void (*readable)(void *data), void *data)
{
	static GSourceFuncs functions = { .check = watch_check, .dispatch = watch_dispatch };
	GSource *source = g_source_new(&functions, sizeof(struct watch));
	struct watch *watch = (struct watch *)source;

	watch->wanted = G_IO_IN | G_IO_HUP | G_IO_ERR;
	watch->readable = readable;
	watch->data = data;
	watch->tag = g_source_add_unix_fd(source, fd, watch->wanted);
	g_source_set_can_recurse(source, TRUE);
	g_source_attach(source, NULL);
	return watch;
}

void
watch_free(struct watch *watch)
{
	if (watch == NULL)
		return;
	g_source_destroy(&watch->source);
	g_source_unref(&watch->source);
}

void
watch_set_write(struct watch *watch, bool write)
{
	GIOCondition wanted = G_IO_IN | G_IO_HUP | G_IO_ERR | (write ? G_IO_OUT : 0);

	if (wanted == watch->wanted)
		return;
	watch->wanted = wanted;
	g_source_set_ready_time(&watch->source, -1);
	g_source_modify_unix_fd(&watch->source, watch->tag, wanted);
}

void
watch_rest(struct watch *watch, gint64 microseconds)
{
	if (watch->wanted & G_IO_OUT)
		return;
	g_source_set_ready_time(&watch->source, g_get_monotonic_time() + microseconds);
	g_source_modify_unix_fd(&watch->source, watch->tag, G_IO_HUP | G_IO_ERR);
}
