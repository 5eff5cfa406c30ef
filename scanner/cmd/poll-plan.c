/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/poll-plan.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "cmd/cmd-common.h"
#include "cmd/table.h"
#include "daemon/daemon.h"
#include "daemon/outlook.h"

#define ASSUMED_MAX (G_GUINT64_CONSTANT(1) << 50) /* bytes of an account */

static void
add_size(struct table *table, guint64 bytes, bool estimated)
{
	g_autofree char *size = text_size(bytes);

	table_add(table, "%s%s", estimated ? "~" : "", size);
}

static void
add_folders(struct table *table, const struct outlook_account *row)
{
	for (guint i = 0; i < row->folders->len; i++) {
		const struct outlook_folder *folder = g_ptr_array_index(row->folders, i);
		table_add(table, "%s", row->account);
		table_add(table, "%s", folder->folder);
		table_add(table, "%" G_GUINT64_FORMAT, folder->messages);
		add_size(table, folder->bytes, folder->estimated);
		table_add(table, "%" G_GUINT64_FORMAT, folder->kept);
		table_add(table, "%" G_GUINT64_FORMAT, folder->to_fetch);
		add_size(table, folder->to_come, folder->estimated);
		table_add(table, "%s", folder->trouble);
	}
}

/* "20G": false when it is no size. */
static bool
read_size(const char *text, guint64 *bytes)
{
	static const char units[] = "kmgt";
	char *end;
	double number = g_ascii_strtod(text, &end);
	const char *unit = *end != '\0' ? strchr(units, g_ascii_tolower(*end)) : units;

	if (end == text || unit == NULL || (*end != '\0' && end[1] != '\0'))
		return false;
	for (const char *p = units; *end != '\0' && p <= unit; p++)
		number *= 1024;
	if (!(number >= 1) || number >= (double)ASSUMED_MAX)
		return false;
	*bytes = (guint64)number;
	return true;
}

static void
print_table(const GPtrArray *rows)
{
	static const char *const heads[] = { "ACCOUNT", "FOLDER", ">MESSAGES", ">SIZE", ">KEPT",
		">TO FETCH", ">SIZE", "", NULL };
	g_autoptr(table) table = table_new(heads);
	g_autoptr(GString) out = g_string_new(NULL);
	bool any = false;

	for (guint i = 0; i < rows->len; i++) {
		const struct outlook_account *row = g_ptr_array_index(rows, i);
		add_folders(table, row);
		any |= row->folders->len > 0 || row->state != FETCH_OK;
	}
	table_print(table, out);
	if (any)
		fputs(out->str, stdout);
	for (guint i = 0; i < rows->len; i++) {
		const struct outlook_account *row = g_ptr_array_index(rows, i);
		g_autofree char *sum = outlook_sum(row);
		g_autofree char *safe = text_printable(row->text, 0);
		if (row->state == FETCH_OK)
			printf("%s: %s\n", row->account, sum);
		else
			printf("%s: %s: %s\n", row->account, fetch_account_state_words[row->state],
			    safe);
	}
}

static void
put_folders(struct json *json, const struct outlook_account *row)
{
	json_key(json, "folders");
	json_begin(json, '[');
	for (guint i = 0; i < row->folders->len; i++) {
		const struct outlook_folder *folder = g_ptr_array_index(row->folders, i);
		json_begin(json, '{');
		json_put(json, "folder", folder->folder);
		json_put(json, "role", folder->role);
		json_put_int(json, "messages", (gint64)folder->messages);
		json_put_int(json, "bytes", (gint64)folder->bytes);
		json_put_bool(json, "estimated", folder->estimated);
		json_put_int(json, "kept", (gint64)folder->kept);
		json_put_int(json, "to_fetch", (gint64)folder->to_fetch);
		json_put_int(json, "bytes_to_fetch", (gint64)folder->to_come);
		json_put(json, "text", folder->trouble);
		json_end(json);
	}
	json_end(json);
}

static void
print_json(const GPtrArray *rows)
{
	for (guint i = 0; i < rows->len; i++) {
		const struct outlook_account *row = g_ptr_array_index(rows, i);
		g_autoptr(GString) out = g_string_new(NULL);
		struct json json;
		json_init(&json, out);
		json_begin(&json, '{');
		json_put(&json, "account", row->account);
		json_put(&json, "state", fetch_account_state_words[row->state]);
		json_put(&json, "text", row->text);
		json_put_int(&json, "messages", (gint64)row->messages);
		json_put_int(&json, "bytes", (gint64)row->bytes);
		json_put_int(&json, "to_fetch", (gint64)row->to_fetch);
		json_put_int(&json, "bytes_to_fetch", (gint64)row->to_come);
		json_put_bool(&json, "estimated", row->estimated);
		json_put_int(&json, "bytes_a_day", (gint64)row->a_day);
		json_put_int(&json, "days", (gint64)row->days);
		json_put_int(&json, "bytes_a_second", (gint64)row->a_second);
		json_put_bool(&json, "measured", row->measured);
		json_put_int(&json, "seconds", (gint64)row->seconds);
		put_folders(&json, row);
		json_end(&json);
		puts(out->str);
	}
}

/* All accounts together, as far as they could be asked. */
static void
print_total(const GPtrArray *rows)
{
	struct outlook_account all = { 0 };
	guint64 days = 0;

	for (guint i = 0; i < rows->len; i++) {
		const struct outlook_account *row = g_ptr_array_index(rows, i);
		all.to_fetch += row->to_fetch;
		all.to_come += row->to_come;
		all.estimated |= row->estimated;
		days = MAX(days, row->days);
	}
	g_autofree char *messages = text_count(all.to_fetch);
	g_autofree char *size = text_size(all.to_come);
	if (all.to_fetch == 0 && all.to_come > 0) /* nobody was asked */
		printf("total: %s", size);
	else
		printf("total: %s message%s, %s%s", messages, all.to_fetch == 1 ? "" : "s",
		    all.estimated ? "about " : "", size);
	if (days > 1)
		printf("; the last account is read in about %" G_GUINT64_FORMAT " days", days);
	puts("");
}

int
poll_plan(const struct cmd_globals *globals, const struct config *config, const char *const *names,
    const char *assume)
{
	g_autoptr(GError) error = NULL;
	int code = CMD_OK;
	guint64 bytes = 0;

	if (assume != NULL && !read_size(assume, &bytes))
		return cmd_usage_error("poll", "write how much lies in an account: 500M, 20G, 1.5T",
		    "--assume: '%s' is no size", assume);
	g_autoptr(GPtrArray) rows = assume != NULL ? outlook_assume(config, names, bytes, &error)
						   : outlook_make(config, names, &error);

	if (rows == NULL)
		return cmd_fail("poll", error);
	for (guint i = 0; i < rows->len; i++) {
		const struct outlook_account *row = g_ptr_array_index(rows, i);
		if (row->state != FETCH_OK)
			code = DAEMON_EXIT_GAPS;
	}
	if (globals->json) {
		print_json(rows);
	} else {
		print_table(rows);
		if (rows->len > 1)
			print_total(rows);
	}
	return cmd_finish("poll", code);
}
