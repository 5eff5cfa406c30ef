/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_VERDICT_H
#define FLAGPOST_CMD_VERDICT_H
/*
 * cmd-verdict - a verdict for people and for programs: text lines, and the JSON of DESIGN 7.
 */
#include <glib.h>
#include <stdbool.h>

#include "mail/verdict.h"
#include "store/dkim.h"

struct cmd_verdict {
	const char *file;   /* as the user knows it */
	const char *sha256; /* NULL: not known */
	const struct verdict *verdict;
	bool clear;  /* excerpts unmasked */
	bool colour; /* text only */
	/* JSON only: what was recorded of its signatures; NULL: not known here */
	const struct dkim_verified *proved;
};

/* One JSON object and a line end. Excepted flags stand under "excepted" alone. */
void cmd_verdict_json(GString *out, const struct cmd_verdict *item);

/* One line for the message; below it, indented, its flags and what was not looked at. */
void cmd_verdict_text(GString *out, const struct cmd_verdict *item);

/* The flags, gaps and undecided rules alone, each line indented by two. */
void cmd_verdict_details(GString *out, const struct cmd_verdict *item);

/* What verdict->explained holds, a tree for each rule. */
void cmd_verdict_explained(GString *out, const struct verdict *verdict, bool colour);
void cmd_verdict_explained_json(GString *out, const struct cmd_verdict *item);

/* verdict->texts in reading order, below headings; and which parts gave no text, and why. */
void cmd_verdict_texts(GString *out, const struct verdict *verdict);

/* True when something of the message was not looked at. */
bool cmd_verdict_has_gap(const struct verdict *verdict);

#endif
