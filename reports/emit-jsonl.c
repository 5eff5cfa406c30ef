/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * emit-jsonl - one JSON object a flag, one a line: for programs that read a flag at a time.
 */
#include "reports/emit.h"
#include "reports/flag-json.h"

static void
begin(const struct report *report, GString *out)
{
	(void)report;
	(void)out;
}

static void
put_row(const struct report *report, const struct view_flag *row, guint64 number, GString *out)
{
	struct json json;

	json_init(&json, out);
	flag_json_put(&json, row, emit_quoter(report, row));
	g_string_append_c(out, '\n');
	(void)number;
}

const struct emitter emit_jsonl = {
	.name = "jsonl",
	.extension = "jsonl",
	.begin = begin,
	.row = put_row,
};
