/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_REPORTS_FLAG_JSON_H
#define FLAGPOST_REPORTS_FLAG_JSON_H
/*
 * flag-json - one flag as a JSON object, as docs/report.md describes it.
 */
#include "base/json.h"
#include "store/drawn.h"
#include "store/view.h"

struct quoter;

/* quoter: that of the flag. */
void flag_json_put(struct json *json, const struct view_flag *row, const struct quoter *quoter);

/* What a random sample says of all rules together, as an object under key. */
void flag_json_sample(struct json *json, const char *key, const struct drawn_sums *sums);

#endif
