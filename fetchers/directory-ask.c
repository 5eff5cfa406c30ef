/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parent's end. The process talks to a server: what it says is believed no more than that.
 */
#include <string.h>

#include "base/fault.h"
#include "base/io.h"
#include "base/process.h"
#include "base/text.h"
#include "fetchers/directory-inside.h"

#define HAND_OVER_MS 5000
#define GRACE_S      10 /* it ends itself; this is for one that cannot */
#define WORDS_MAX    500

struct directory_ask {
	pid_t pid;
	struct wire *wire;
	gint64 deadline;
	GHashTable *members; /* char *, in lower case */
	guint64 bytes, bytes_max, entries_max;
};

struct directory_ask *
directory_ask_new(const struct directory *directory, GError **error)
{
	int fds[2];
	pid_t pid;

	if (!wire_pair(fds, error))
		return NULL;
	bool started = process_start("directory", fds[1], DIRECTORY_FD, &pid, error);
	io_close(&fds[1]);
	if (!started) {
		io_close(&fds[0]);
		return NULL;
	}
	struct directory_ask *ask = g_new0(struct directory_ask, 1);
	ask->pid = pid;
	ask->wire = wire_new(fds[0], &directory_protocol);
	ask->deadline =
	    g_get_monotonic_time() + (gint64)(directory->seconds + GRACE_S) * G_USEC_PER_SEC;
	ask->members = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	ask->bytes_max = directory->bytes;
	ask->entries_max = directory->entries;
	wire_queue(ask->wire, DIRECTORY_QUESTION, directory_put(directory), -1);
	if (wire_flush_all(ask->wire, HAND_OVER_MS, error))
		return ask;
	directory_ask_free(ask);
	return NULL;
}

int
directory_ask_fd(const struct directory_ask *ask)
{
	return wire_fd(ask->wire);
}

gint64
directory_ask_deadline(const struct directory_ask *ask)
{
	return ask->deadline;
}

static gint
by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static GStrv
sorted(GHashTable *members)
{
	g_autoptr(GPtrArray) all = g_ptr_array_new();
	GHashTableIter iter;
	gpointer member;

	g_hash_table_iter_init(&iter, members);
	while (g_hash_table_iter_next(&iter, &member, NULL))
		g_ptr_array_add(all, member);
	g_ptr_array_sort(all, by_text);
	g_ptr_array_add(all, NULL);
	return g_strdupv((GStrv)all->pdata);
}

static bool
take_members(struct directory_ask *ask, GVariant *body, GError **error)
{
	g_autofree const char **addresses = g_variant_get_strv(body, NULL);

	for (gsize i = 0; addresses[i] != NULL; i++) {
		ask->bytes += strlen(addresses[i]);
		if (directory_address(addresses[i]) != addresses[i] ||
		    ask->bytes > ask->bytes_max) {
			g_set_error(error, FAULT, FAULT_DATA, "directory: members that are none");
			return false;
		}
		g_hash_table_add(ask->members, g_utf8_strdown(addresses[i], -1));
	}
	return true;
}

static void
take_end(struct directory_ask *ask, GVariant *body, struct directory_answer *out, GError **error)
{
	g_autofree char *text = NULL;
	guint32 code;

	g_variant_get(body, DIRECTORY_END_TYPE, &code, &text, &out->people, &out->without,
	    &out->away, &out->groups);
	if (code == 0) {
		out->members = sorted(ask->members);
		return;
	}
	g_autofree char *words = text_printable(text, WORDS_MAX);
	g_set_error(error, FAULT, (int)CLAMP(code, FAULT_USAGE, FAULT_CONFIG), "%s", words);
}

/* False when more is to come. */
static bool
take(struct directory_ask *ask, const struct wire_frame *frame, struct directory_answer *out,
    GError **error)
{
	if (frame->kind == DIRECTORY_MEMBERS)
		return !take_members(ask, frame->body, error);
	if (frame->kind == DIRECTORY_END)
		take_end(ask, frame->body, out, error);
	else
		g_set_error(error, FAULT, FAULT_BUG, "directory: a frame that goes the other way");
	return true;
}

bool
directory_ask_receive(
    struct directory_ask *ask, int timeout_ms, struct directory_answer *out, GError **error)
{
	struct wire_frame frame = { .fd = -1 };

	*out = (struct directory_answer){ 0 };
	switch (wire_wait(ask->wire, timeout_ms, &frame, error)) {
	case WIRE_AGAIN:
		if (g_get_monotonic_time() < ask->deadline)
			return false;
		g_set_error(error, FAULT, FAULT_AWAY, "directory: took longer than its time");
		return true;
	case WIRE_EOF:
		g_set_error(error, FAULT, FAULT_BUG,
		    "directory: the process ended before it said who is in the group");
		return true;
	case WIRE_ERROR:
		return true;
	case WIRE_FRAME:
		break;
	}
	bool over = take(ask, &frame, out, error);
	wire_frame_clear(&frame);
	return over;
}

void
directory_ask_free(struct directory_ask *ask)
{
	if (ask == NULL)
		return;
	wire_free(ask->wire);
	process_end(ask->pid);
	g_hash_table_destroy(ask->members);
	g_free(ask);
}
