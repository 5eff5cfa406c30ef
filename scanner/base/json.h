/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BASE_JSON_H
#define FLAGPOST_BASE_JSON_H
/*
 * json - writes JSON (RFC 8259) into a GString; commas and escapes are its own affair.
 *
 *	json_begin(&j, '{'); json_key(&j, "file"); json_string(&j, name); json_end(&j);
 *
 * Strings that are not UTF-8 get U+FFFD for each broken byte.
 */
#include <glib.h>
#include <stdbool.h>

#define JSON_DEPTH_MAX 32

struct json {
	GString *out; /* borrowed */
	guint depth;
	bool filled[JSON_DEPTH_MAX]; /* this level has a member already */
	char closers[JSON_DEPTH_MAX];
	bool after_key;
};

void json_init(struct json *json, GString *out);
void json_begin(struct json *json, char opener); /* '{' or '[' */
void json_end(struct json *json);                /* closes the innermost */
void json_key(struct json *json, const char *key);
void json_string(struct json *json, const char *value); /* NULL gives null */
void json_int(struct json *json, gint64 value);
void json_bool(struct json *json, bool value);

/* key and value in one call */
void json_put(struct json *json, const char *key, const char *value);
void json_put_int(struct json *json, const char *key, gint64 value);
void json_put_bool(struct json *json, const char *key, bool value);
void json_put_strings(struct json *json, const char *key, const char *const *values);

#endif
