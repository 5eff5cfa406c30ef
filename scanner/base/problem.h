/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BASE_PROBLEM_H
#define FLAGPOST_BASE_PROBLEM_H
/*
 * problem - what is wrong in a file that an administrator wrote, where, and the mend.
 *
 * Readers of configuration, rules and lists collect problems and go on, so that one
 * run of `check` shows them all. Printed like a compiler does:
 *
 *	rules.d/40-x.ini:34:25: error: the value ends at ';', the rest would be lost
 *	   34 | pattern.2 = confidential; internal use only
 *	      |                         ^ write \x3b
 */
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/auto.h"

enum problem_level { PROBLEM_WARNING, PROBLEM_ERROR };

struct problem {
	enum problem_level level;
	char *file;
	guint line;   /* from 1; 0 when the file as a whole is meant */
	guint column; /* from 1, in bytes; 0 when the line as a whole is meant */
	char *text;   /* what is wrong: lower case, no full stop */
	char *mend;   /* what to write instead, or NULL */
	char *source; /* the line, of a long one the part around column; printable, or NULL */
	guint caret;  /* cells of source before the column */
};

struct problems; /* a growing list, owned by the caller */

struct problems *problems_new(void);
void problems_free(struct problems *problems);
AUTO_DEFINE(problems, problems_free)

/*
 * Copies all strings and makes them printable. mend and source (the line as read) may be NULL; a
 * password in source is starred out. What was said of that place before is not said again.
 */
void problems_add(struct problems *problems, enum problem_level level, const char *file, guint line,
    guint column, const char *source, const char *mend, const char *format, ...)
    G_GNUC_PRINTF(8, 9);

guint problems_count(const struct problems *problems, enum problem_level level);
guint problems_total(const struct problems *problems);
const struct problem *problems_get(const struct problems *problems, guint index);

/* Prints all, in the order in which they were added; colour when asked. */
void problems_print(const struct problems *problems, FILE *out, bool colour);

/*
 * The closest of the NULL-terminated candidates to a misspelt word, or NULL when none is
 * near (edit distance over a third of the word). Borrowed from candidates.
 */
const char *problem_did_you_mean(const char *word, const char *const *candidates);

#endif
