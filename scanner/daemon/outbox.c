/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The message is written before its state and removed behind it: a state without a message never
 * lies there, and a message without a state is what a kill left behind.
 */
#include "daemon/outbox.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"

#define STATE_MAX   (256 * 1024)
#define MESSAGE_MAX (64 * 1024 * 1024)

char *
outbox_id(const struct mailing *mailing)
{
	return g_strdup_printf(
	    "%016" G_GINT64_MODIFIER "x-%08x", mailing_made(mailing), g_random_int());
}

static char *
path_of(const char *data_dir, const char *id, const char *ending)
{
	g_autofree char *name = g_strconcat(id, ending, NULL);

	return g_build_filename(data_dir, "outbox", name, NULL);
}

static gint
compare_ids(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names without ending of all states, sorted: by time. */
static bool
list(const char *data_dir, GPtrArray *ids, GError **error)
{
	g_autofree char *folder = g_build_filename(data_dir, "outbox", NULL);
	const char *name;

	if (!g_file_test(folder, G_FILE_TEST_EXISTS))
		return true;
	g_autoptr(GDir) dir = g_dir_open(folder, 0, error);
	if (dir == NULL)
		return false;
	while ((name = g_dir_read_name(dir)) != NULL) {
		if (g_str_has_suffix(name, ".state"))
			g_ptr_array_add(ids, g_strndup(name, strlen(name) - strlen(".state")));
	}
	g_ptr_array_sort(ids, compare_ids);
	return true;
}

bool
outbox_mark(const char *data_dir, const char *id, const struct mailing *mailing, GError **error)
{
	g_autoptr(GVariant) state = g_variant_ref_sink(mailing_put(mailing));
	g_autofree char *text = g_variant_print(state, TRUE);
	g_autofree char *path = path_of(data_dir, id, ".state");

	return io_replace_file(path, text, strlen(text), 0600, error);
}

bool
outbox_put(const char *data_dir, const char *id, const struct mailing *mailing, GError **error)
{
	g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *folder = g_build_filename(data_dir, "outbox", NULL);
	g_autofree char *path = path_of(data_dir, id, ".eml");
	gsize size;
	const void *data = g_bytes_get_data(mailing_message(mailing), &size);

	if (!io_make_folders(folder, 0700, error) || !list(data_dir, ids, error))
		return false;
	if (ids->len >= OUTBOX_MAILS_MAX) {
		g_set_error(
		    error, FAULT, FAULT_RETRY, "%s: %u mails wait there already", folder, ids->len);
		return false;
	}
	return io_replace_file(path, data, size, 0600, error) &&
	       outbox_mark(data_dir, id, mailing, error);
}

void
outbox_remove(const char *data_dir, const char *id)
{
	g_autofree char *state = path_of(data_dir, id, ".state");
	g_autofree char *message = path_of(data_dir, id, ".eml");

	unlink(state);
	unlink(message);
}

static GVariant *
read_state(const char *data_dir, const char *id, GError **error)
{
	g_autofree char *path = path_of(data_dir, id, ".state");
	g_autoptr(GBytes) bytes = io_read_file(path, STATE_MAX, error);
	g_autoptr(GError) wrong = NULL;
	gsize size = 0;
	const char *text = bytes != NULL ? g_bytes_get_data(bytes, &size) : NULL;

	if (bytes == NULL)
		return NULL;
	GVariant *state = size > 0 ? g_variant_parse(G_VARIANT_TYPE(MAILING_TYPE), text,
					 text + size, NULL, &wrong)
				   : NULL;
	if (state == NULL)
		g_set_error(error, FAULT, FAULT_DATA, "%s: is damaged", path);
	return state;
}

static struct mailing *
read_mailing(const char *data_dir, const char *id, GError **error)
{
	g_autoptr(GVariant) state = read_state(data_dir, id, error);
	g_autofree char *path = path_of(data_dir, id, ".eml");

	if (state == NULL)
		return NULL;
	g_autoptr(GBytes) message = io_read_file(path, MESSAGE_MAX, error);
	if (message == NULL)
		return NULL;
	struct mailing *mailing = mailing_get(state, message, error);
	if (mailing == NULL)
		g_prefix_error(error, "%s: ", path);
	return mailing;
}

bool
outbox_each(const char *data_dir, outbox_take *take, gpointer data, GError **error)
{
	g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);

	if (!list(data_dir, ids, error))
		return false;
	for (guint i = 0; i < ids->len; i++) {
		g_autoptr(GError) reason = NULL;
		struct mailing *mailing = read_mailing(data_dir, ids->pdata[i], &reason);
		if (mailing == NULL) {
			g_autofree char *from = path_of(data_dir, ids->pdata[i], ".state");
			g_autofree char *to = path_of(data_dir, ids->pdata[i], ".damaged");
			(void)rename(from, to);
		}
		take(ids->pdata[i], mailing, reason, data);
	}
	return true;
}

bool
outbox_sum(const char *data_dir, struct outbox_sum *out, GError **error)
{
	g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);

	*out = (struct outbox_sum){ 0 };
	if (!list(data_dir, ids, error))
		return false;
	for (guint i = 0; i < ids->len; i++) {
		gint64 made, next;
		g_autoptr(GVariant) state = read_state(data_dir, ids->pdata[i], NULL);
		/* One that was sent meanwhile, or that the service puts aside. */
		if (state == NULL)
			continue;
		g_variant_get_child(state, 3, "x", &made);
		g_variant_get_child(state, 4, "x", &next);
		out->waiting++;
		if (out->oldest == 0 || made < out->oldest)
			out->oldest = made;
		if (out->next == 0 || next < out->next)
			out->next = next;
	}
	return true;
}
