/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_MAIL_PART_JSON_H
#define FLAGPOST_MAIL_PART_JSON_H
/*
 * part-json - parts and facts as DESIGN section 7 promises them to programs, for `scan` and reports
 * alike. New members come behind the old ones.
 */
#include "base/json.h"
#include "mail/message.h"

/* "facts": the words of the bits set, in the order of the table. */
void part_json_facts(struct json *json, const char *const *words, guint facts);
/* "parts": an array with an object for each struct part. */
void part_json_put(struct json *json, const GPtrArray *parts);

#endif
