/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Output may end on a terminal, so DEL, the C1 controls and bidi marks are escaped too, though RFC
 * 8259 would let them stand.
 */
#include "base/json.h"

void
json_init(struct json *json, GString *out)
{
	*json = (struct json){ .out = out };
}

/* A comma before every member but the first; a value behind its key has none. */
static void
separate(struct json *json)
{
	if (json->after_key) {
		json->after_key = false;
		return;
	}
	if (json->depth == 0)
		return;
	if (json->filled[json->depth - 1])
		g_string_append_c(json->out, ',');
	json->filled[json->depth - 1] = true;
}

void
json_begin(struct json *json, char opener)
{
	g_assert(json->depth < JSON_DEPTH_MAX);
	separate(json);
	g_string_append_c(json->out, opener);
	json->filled[json->depth] = false;
	json->closers[json->depth] = opener == '{' ? '}' : ']';
	json->depth++;
}

void
json_end(struct json *json)
{
	g_assert(json->depth > 0 && !json->after_key);
	json->depth--;
	g_string_append_c(json->out, json->closers[json->depth]);
}

/* Controls, and what turns the direction of writing or ends a line where it is shown. */
static bool
is_unseen(gunichar c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x61c || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static void
append_escaped(GString *out, gunichar c)
{
	if (c == '"' || c == '\\')
		g_string_append_c(g_string_append_c(out, '\\'), (char)c);
	else if (c == '\n')
		g_string_append(out, "\\n");
	else if (c == '\t')
		g_string_append(out, "\\t");
	else
		g_string_append_printf(out, "\\u%04x", c);
}

static void
append_quoted(GString *out, const char *value)
{
	g_autofree char *valid =
	    g_utf8_validate(value, -1, NULL) ? NULL : g_utf8_make_valid(value, -1);
	const char *text = valid != NULL ? valid : value;
	const char *plain = text; /* what was not copied yet begins here */

	g_string_append_c(out, '"');
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		/* Most characters are ASCII, and a report has millions of them. */
		if (*p >= 0x20 && *p < 0x7f && *p != '"' && *p != '\\')
			continue;
		gunichar c = g_utf8_get_char(p);
		if (c != '"' && c != '\\' && !is_unseen(c))
			continue;
		g_string_append_len(out, plain, p - plain);
		append_escaped(out, c);
		plain = g_utf8_next_char(p);
	}
	g_string_append(out, plain);
	g_string_append_c(out, '"');
}

void
json_key(struct json *json, const char *key)
{
	separate(json);
	append_quoted(json->out, key);
	g_string_append_c(json->out, ':');
	json->after_key = true;
}

void
json_string(struct json *json, const char *value)
{
	separate(json);
	if (value != NULL)
		append_quoted(json->out, value);
	else
		g_string_append(json->out, "null");
}

void
json_int(struct json *json, gint64 value)
{
	char digits[24];

	separate(json);
	g_snprintf(digits, sizeof digits, "%" G_GINT64_FORMAT, value);
	g_string_append(json->out, digits);
}

void
json_bool(struct json *json, bool value)
{
	separate(json);
	g_string_append(json->out, value ? "true" : "false");
}

void
json_put(struct json *json, const char *key, const char *value)
{
	json_key(json, key);
	json_string(json, value);
}

void
json_put_int(struct json *json, const char *key, gint64 value)
{
	json_key(json, key);
	json_int(json, value);
}

void
json_put_bool(struct json *json, const char *key, bool value)
{
	json_key(json, key);
	json_bool(json, value);
}

void
json_put_strings(struct json *json, const char *key, const char *const *values)
{
	json_key(json, key);
	json_begin(json, '[');
	for (; values != NULL && *values != NULL; values++)
		json_string(json, *values);
	json_end(json);
}
