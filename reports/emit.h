/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_REPORTS_EMIT_H
#define FLAGPOST_REPORTS_EMIT_H
/*
 * emit - the forms of a report: one member a file, emit-NAME.c.
 *
 * A member appends its whole document. It cannot fail, and changes nothing in the report.
 */
#include "reports/report.h"

struct emitter {
	const char *name;      /* the word for --format */
	const char *extension; /* of the file, without a dot */
	void (*render)(const struct report *report, GString *out);
};

extern const struct emitter emit_html, emit_csv, emit_json, emit_text;

/* NULL for a word that is no format. */
const struct emitter *emit_find(const char *format);

#endif
