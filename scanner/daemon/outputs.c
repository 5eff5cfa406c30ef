/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One batch a target at a time; the next one begins where the last one ended. What fails is noted
 * once, and once more when it goes on: a collector that is away for a day fills no report.
 */
#include "daemon/outputs.h"

#include <glib-unix.h>
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/io.h"
#include "base/log.h"
#include "deliver/poster.h"
#include "reports/report.h"
#include "store/view-report.h"

#define BATCH_FLAGS 200
#define BATCH_BYTES (POSTER_BODY - 4 * 1024 * 1024) /* the last line of a batch may be long */
#define DOUBLINGS   6
#define CURSOR_MAX  64

struct output {
	struct outputs *outputs;
	const struct target *target;
	char *path;   /* of its cursor */
	gint64 sent;  /* the last flag that was taken; -1: not known yet */
	gint64 first; /* of the batch on its way */
	gint64 last;
	struct poster *poster;     /* NULL: nothing is on its way */
	guint watch, alarm, again; /* source ids; 0: none */
	guint failures;            /* in a row */
};

struct outputs {
	const struct config *config;
	guint retry_ms;
	post_note *note;
	void *data;
	GPtrArray *list; /* of struct output */
};

static void output_try(struct output *output);

static void
output_quiet(struct output *output)
{
	g_clear_handle_id(&output->watch, g_source_remove);
	g_clear_handle_id(&output->alarm, g_source_remove);
	g_clear_handle_id(&output->again, g_source_remove);
}

static void
output_free(struct output *output)
{
	output_quiet(output);
	poster_free(output->poster);
	g_free(output->path);
	g_free(output);
}

/* --- how far it is --- */

static bool
cursor_save(struct output *output, gint64 flag, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(output->path);
	g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT "\n", flag);

	if (!io_make_folders(folder, 0700, error) ||
	    !io_replace_file(output->path, text, strlen(text), 0600, error))
		return false;
	output->sent = flag;
	return true;
}

/* How far it was is not known any more: to send all again would be as wrong as to be silent. */
static bool
cursor_renew(struct output *output, gint64 newest, GError **error)
{
	const struct outputs *outputs = output->outputs;
	g_autofree char *text =
	    g_strdup_printf("output %s: %s does not say how far it was, or says more than there "
			    "is; flags up to now may be missing there",
		output->target->name, output->path);

	log_warning("%s", text);
	outputs->note("output-restarted", text, outputs->data);
	return cursor_save(output, newest, error);
}

/* Behind the last flag there is where nothing was ever sent. */
static bool
cursor_load(struct output *output, struct view *view, GError **error)
{
	g_autoptr(GBytes) bytes = NULL;
	gint64 newest = 0, sent = 0;

	if (!view_last_flag(view, &newest, error))
		return false;
	if (!g_file_test(output->path, G_FILE_TEST_EXISTS))
		return cursor_save(output, newest, error);
	bytes = io_read_file(output->path, CURSOR_MAX, error);
	if (bytes == NULL)
		return false;
	gsize size;
	const char *data = g_bytes_get_data(bytes, &size);
	g_autofree char *text = g_strndup(data != NULL ? data : "", size);
	g_strchomp(text);
	if (!g_ascii_string_to_signed(text, 10, 0, G_MAXINT64, &sent, NULL) || sent > newest)
		return cursor_renew(output, newest, error);
	output->sent = sent;
	return true;
}

/* --- a batch --- */

static void
add_flag(GString *body, const struct output *output, const struct view_flag *row)
{
	/* Warning, error, critical for high: RFC 5424 table 2. */
	static const guint severities[] = { 4, 3, 2 };
	g_autoptr(GString) line =
	    report_line(output->target->format, output->outputs->config->organisation, row);

	if (output->target->kind == TARGET_WEBHOOK) {
		g_string_append_len(body, line->str, (gssize)line->len);
		return;
	}
	g_strchomp(line->str);
	target_frame(
	    body, line->str, severities[row->flag->severity], row->seen, g_get_host_name());
}

/* NULL without an error: there is nothing to send. */
static GBytes *
make_batch(struct output *output, GError **error)
{
	const char *data_dir = output->outputs->config->data_dir;
	g_autoptr(GArray) flags = g_array_new(FALSE, FALSE, sizeof(gint64));
	g_autoptr(view) view = view_open(data_dir, "service", error);

	if (view == NULL || (output->sent < 0 && !cursor_load(output, view, error)) ||
	    !view_flags_since(view, output->sent, BATCH_FLAGS, flags, error) || flags->len == 0)
		return NULL;
	g_autoptr(GString) body = g_string_new(NULL);
	output->first = g_array_index(flags, gint64, 0);
	for (guint i = 0; i < flags->len && body->len < BATCH_BYTES; i++) {
		output->last = g_array_index(flags, gint64, i);
		g_autoptr(view_flag) row = view_flag_one(view, output->last, error);
		if (row == NULL)
			return NULL;
		add_flag(body, output, row);
	}
	g_autofree char *what =
	    g_strdup_printf("%s: flags %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
		output->target->name, output->first, output->last);
	if (!view_note_access(view, "output", what, error))
		return NULL;
	return g_string_free_to_bytes(g_steal_pointer(&body));
}

static gboolean
output_again(void *data)
{
	struct output *output = data;

	output->again = 0;
	output_try(output);
	return G_SOURCE_REMOVE;
}

static void
output_failed(struct output *output, const GError *error)
{
	struct outputs *outputs = output->outputs;
	guint wait_ms = outputs->retry_ms << MIN(output->failures, DOUBLINGS);
	g_autofree char *text =
	    g_strdup_printf("output %s: %s", output->target->name, error->message);

	log_error("%s; it is tried again in %u s", text, wait_ms / 1000);
	if (output->failures++ == 0)
		outputs->note("output-failed", text, outputs->data);
	output->again = g_timeout_add(wait_ms, output_again, output);
}

static void
output_taken(struct output *output)
{
	struct outputs *outputs = output->outputs;
	g_autoptr(GError) error = NULL;
	g_autofree char *text = g_strdup_printf(
	    "output %s takes flags again; some came to it late", output->target->name);

	if (!cursor_save(output, output->last, &error)) {
		output_failed(output, error);
		return;
	}
	log_info(
	    "output %s took the flags up to %" G_GINT64_FORMAT, output->target->name, output->last);
	if (output->failures > 0)
		outputs->note("output-late", text, outputs->data);
	output->failures = 0;
	output_try(output);
}

static void
output_over(struct output *output, const GError *error)
{
	output_quiet(output);
	g_clear_pointer(&output->poster, poster_free);
	if (error != NULL)
		output_failed(output, error);
	else
		output_taken(output);
}

static gboolean
output_readable(G_GNUC_UNUSED int fd, G_GNUC_UNUSED GIOCondition condition, void *data)
{
	struct output *output = data;
	g_autoptr(GError) error = NULL;

	if (!poster_receive(output->poster, 0, &error))
		return G_SOURCE_CONTINUE;
	output->watch = 0;
	output_over(output, error);
	return G_SOURCE_REMOVE;
}

static gboolean
output_alarmed(void *data)
{
	struct output *output = data;
	g_autoptr(GError) error = NULL;

	output->alarm = 0;
	if (poster_receive(output->poster, 0, &error))
		output_over(output, error);
	return G_SOURCE_REMOVE;
}

static void
output_try(struct output *output)
{
	g_autoptr(GError) error = NULL;

	if (output->poster != NULL || output->again != 0)
		return;
	g_autoptr(GBytes) body = make_batch(output, &error);
	if (body == NULL && error == NULL)
		return;
	g_autofree char *batch = g_strdup_printf("%s-%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT,
	    output->target->name, output->first, output->last);
	if (body != NULL)
		output->poster = poster_start(output->target, batch, body, &error);
	if (output->poster == NULL) {
		output_failed(output, error);
		return;
	}
	gint64 wait_ms = (poster_deadline(output->poster) - g_get_monotonic_time()) / 1000 + 1;
	output->watch = g_unix_fd_add(
	    poster_fd(output->poster), G_IO_IN | G_IO_HUP | G_IO_ERR, output_readable, output);
	output->alarm = g_timeout_add((guint)CLAMP(wait_ms, 1, G_MAXINT), output_alarmed, output);
}

/* --- all of them --- */

struct outputs *
outputs_new(guint retry_ms, post_note *note, void *data)
{
	struct outputs *outputs = g_new0(struct outputs, 1);

	outputs->retry_ms = retry_ms;
	outputs->note = note;
	outputs->data = data;
	outputs->list = g_ptr_array_new_with_free_func((GDestroyNotify)output_free);
	return outputs;
}

/* A batch on its way is given up: its cursor stands, so it goes again. */
void
outputs_follow(struct outputs *outputs, const struct config *config)
{
	g_ptr_array_set_size(outputs->list, 0);
	outputs->config = config;
	for (guint i = 0; i < config->outputs->len; i++) {
		struct output *output = g_new0(struct output, 1);
		output->outputs = outputs;
		output->target = g_ptr_array_index(config->outputs, i);
		output->sent = -1;
		g_autofree char *name = g_strconcat(output->target->name, ".sent", NULL);
		output->path = g_build_filename(config->data_dir, "outputs", name, NULL);
		g_ptr_array_add(outputs->list, output);
	}
	outputs_wake(outputs);
}

void
outputs_wake(struct outputs *outputs)
{
	for (guint i = 0; i < outputs->list->len; i++)
		output_try(g_ptr_array_index(outputs->list, i));
}

bool
outputs_are_busy(const struct outputs *outputs)
{
	for (guint i = 0; i < outputs->list->len; i++) {
		const struct output *output = g_ptr_array_index(outputs->list, i);
		if (output->poster != NULL)
			return true;
	}
	return false;
}

void
outputs_free(struct outputs *outputs)
{
	if (outputs == NULL)
		return;
	g_ptr_array_unref(outputs->list);
	g_free(outputs);
}
