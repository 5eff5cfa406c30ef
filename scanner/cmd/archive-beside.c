/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The part of archive verify that looks at what lies beside the archives.
 */
#include "cmd/archive-beside.h"

#include <stdio.h>

#include "base/json.h"
#include "cmd/cmd-common.h"

int
archive_beside(const struct archiving *archiving, bool as_json, GError **error)
{
	g_autoptr(GPtrArray) strangers = archiving_strangers(archiving, error);

	for (guint i = 0; strangers != NULL && i < strangers->len; i++) {
		const struct archiving_stranger *stranger = strangers->pdata[i];
		const char *state = stranger->unfinished ? "unfinished" : "stranger";
		const char *text =
		    stranger->unfinished
			? "a command was killed: the next archive create, rewrite or purge ends it"
			: "the store knows of no archive in this file";
		if (as_json) {
			g_autoptr(GString) out = g_string_new(NULL);
			struct json json;
			json_init(&json, out);
			json_begin(&json, '{');
			json_put(&json, "file", stranger->file);
			json_put(&json, "state", state);
			json_put(&json, "text", text);
			json_end(&json);
			puts(out->str);
			continue;
		}
		cmd_put(stdout, stranger->file, 0);
		printf("  %s  %s\n", state, text);
	}
	return strangers != NULL ? (int)strangers->len : -1;
}
