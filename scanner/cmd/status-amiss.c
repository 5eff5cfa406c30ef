/* SPDX-License-Identifier: GPL-3.0-or-later */
/* status-amiss - see status-amiss.h. Says what is wrong, and of what is right no more than a line.
 */
#include "cmd/status-amiss.h"

#include <stdio.h>

#include "base/clock.h"
#include "cmd/cmd-common.h"
#include "daemon/comparing.h"
#include "daemon/directories.h"
#include "daemon/outbox.h"

void
status_amiss_put_time(struct json *json, const char *key, gint64 time)
{
	g_autofree char *text = time != 0 ? clock_iso(time) : NULL;

	json_put(json, key, text);
}

/* Copies that are gone: a line each, also where nothing else is wrong. */
bool
status_amiss_volumes(struct view *view, bool as_json, int *code, GError **error)
{
	g_autoptr(GPtrArray) volumes = view_volumes_amiss(view, error);

	for (guint i = 0; volumes != NULL && i < volumes->len; i++) {
		const struct view_amiss *volume = g_ptr_array_index(volumes, i);
		g_autoptr(GString) out = g_string_new(NULL);
		struct json json;
		*code = CMD_GAPS;
		json_init(&json, out);
		json_begin(&json, '{');
		json_put(&json, "volume", volume->name);
		json_put(&json, "state", volume->missing ? "missing" : "shortened");
		json_put_int(&json, "bytes", (gint64)volume->size);
		json_put_int(&json, "committed", (gint64)volume->committed);
		json_put_int(&json, "messages", (gint64)volume->messages);
		json_end(&json);
		if (as_json)
			puts(out->str);
		else
			printf("copies: %s %s; %" G_GUINT64_FORMAT
			       " messages had their copy there\n",
			    volume->name,
			    volume->missing ? "is missing" : "is shorter than it was committed",
			    volume->messages);
	}
	return volumes != NULL;
}

/* A search that finds less than there is. */
bool
status_amiss_index(struct view *view, bool as_json, int *code, GError **error)
{
	guint64 missing;
	bool damaged;

	if (!view_index_lacks(view, &missing, &damaged, error))
		return false;
	if (missing == 0 && !damaged)
		return true;
	*code = CMD_GAPS;
	if (!as_json) {
		printf("search: %s: flagpost index rebuild %s\n",
		    damaged ? "the index is damaged, and lacks texts of some messages"
			    : "the index is being made anew, and lacks messages",
		    damaged ? "makes it anew" : "goes on with it");
		return true;
	}
	g_autoptr(GString) out = g_string_new(NULL);
	struct json json;
	json_init(&json, out);
	json_begin(&json, '{');
	json_put(&json, "index", damaged ? "damaged" : "unfinished");
	json_put_int(&json, "missing", (gint64)missing);
	json_end(&json);
	puts(out->str);
	return true;
}

/*
 * The differential test of the day: a difference is a gap, whatever else is right. Programs are
 * told of that alone: the lines of the accounts are all there is on a good day.
 */
bool
status_amiss_comparison(const struct config *config, bool as_json, int *code, GError **error)
{
	struct comparing last;

	if (!comparing_read(config->data_dir, &last, error)) {
		comparing_clear(&last);
		return false;
	}
	if (last.time != 0 && last.differences > 0)
		*code = CMD_GAPS;
	g_autofree char *sentence = comparing_sentence(&last, config->zone);
	if (last.time != 0 && last.differences > 0 && as_json) {
		g_autoptr(GString) out = g_string_new(NULL);
		struct json json;
		json_init(&json, out);
		json_begin(&json, '{');
		status_amiss_put_time(&json, "prefilter_compared", last.time);
		json_put_int(&json, "messages", (gint64)last.compared);
		json_put_int(&json, "differences", (gint64)last.differences);
		json_put(&json, "first", last.first);
		json_end(&json);
		puts(out->str);
	} else if (last.time != 0 && !as_json) {
		printf("rules: %s\n", sentence);
	}
	comparing_clear(&last);
	return true;
}

/* Groups of directories, and how old what is known of them is. */
void
status_amiss_groups(const struct config *config, bool as_json, int *code)
{
	for (guint i = 0; i < config->directories->len; i++) {
		const struct directory *directory = g_ptr_array_index(config->directories, i);
		g_autofree char *sentence = directories_sentence(config, directory);
		g_autoptr(GString) out = g_string_new(NULL);
		struct directories_copy copy;
		struct json json;
		bool stale = !directories_read(config, directory, &copy, NULL) ||
			     directories_is_stale(directory, copy.asked);
		if (stale)
			*code = CMD_GAPS;
		json_init(&json, out);
		json_begin(&json, '{');
		json_put(&json, "group", directory->group);
		json_put(&json, "directory", directory->name);
		json_put_int(&json, "members",
		    copy.members != NULL ? (gint64)g_strv_length(copy.members) : 0);
		status_amiss_put_time(&json, "asked", copy.asked);
		json_put_bool(&json, "stale", stale);
		json_end(&json);
		puts(as_json ? out->str : sentence);
		directories_copy_clear(&copy);
	}
}

/* Mail of ours that somebody has not got yet. */
bool
status_amiss_outbox(const struct config *config, bool as_json, GError **error)
{
	struct outbox_sum sum;

	if (!outbox_sum(config->data_dir, &sum, error))
		return false;
	if (sum.waiting == 0)
		return true;
	if (as_json) {
		g_autoptr(GString) out = g_string_new(NULL);
		struct json json;
		json_init(&json, out);
		json_begin(&json, '{');
		json_put_int(&json, "outbox", sum.waiting);
		status_amiss_put_time(&json, "oldest", sum.oldest);
		status_amiss_put_time(&json, "next", sum.next);
		json_end(&json);
		puts(out->str);
		return true;
	}
	g_autofree char *oldest = clock_local(sum.oldest, config->zone);
	g_autofree char *next = clock_local(sum.next, config->zone);
	printf(
	    "outbox: %u of our own mails not delivered yet, the oldest of %s; tried again at %s\n",
	    sum.waiting, oldest, next);
	return true;
}
