/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_REPORTS_EMIT_H
#define FLAGPOST_REPORTS_EMIT_H
/*
 * emit - the forms of a report: one member a file, emit-NAME.c.
 *
 * A member appends its document in pieces: begin, each gap where it names them one by one, a row
 * for each flag of the one query, end. It cannot fail, and changes nothing in the report. Forms
 * without rows of their own have begin alone.
 */
#include "reports/report.h"

struct emitter {
	const char *name;      /* the word for --format */
	const char *extension; /* of the file, without a dot */
	void (*begin)(const struct report *report, GString *out);
	/* NULL, or for each thing that was not checked, and what stands behind them */
	void (*gap)(
	    const struct report *report, const struct view_gap *gap, guint64 number, GString *out);
	void (*between)(const struct report *report, GString *out);
	/* NULL, or for each flag; number counts from 0 */
	void (*row)(
	    const struct report *report, const struct view_flag *row, guint64 number, GString *out);
	void (*end)(const struct report *report, GString *out); /* NULL: nothing */
};

extern const struct emitter emit_html, emit_csv, emit_json, emit_jsonl, emit_text, emit_ecs,
    emit_ocsf, emit_cef, emit_prometheus;

/* What is to be masked of a row that is being put out. Borrowed until the next one. */
const struct quoter *emit_quoter(const struct report *report, const struct view_flag *row);

/* NULL for a word that is no format. */
const struct emitter *emit_find(const char *format);

#endif
