/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_DATA_USE_H
#define FLAGPOST_RULES_DATA_USE_H
/*
 * data_use - what a [content] section of type `edm` or `fingerprint` asks of a data set. To the
 * section it is a detector like any other: matches of a text, with a value each.
 */
#include <glib.h>
#include <stdbool.h>

#include "rules/builder.h"
#include "rules/data.h"
#include "rules/detector.h"
#include "rules/run.h"

struct data_use;

/* NULL after problems. */
struct data_use *data_use_load(
    const struct builder *builder, const struct ini_section *section, enum data_kind kind);
void data_use_free(struct data_use *use);
enum data_kind data_use_kind(const struct data_use *use);

/* As detector_find, of struct match_span. */
GArray *data_use_find(const struct data_use *use, struct run *run, guint text, const char **stuck);
/* "data set customers, row 17: name, iban"; "87 % of lease.docx (data set contracts), which is 40 %
 * of this text" */
char *data_use_describe(
    const struct data_use *use, const struct run *run, const struct match_span *match);

#endif
