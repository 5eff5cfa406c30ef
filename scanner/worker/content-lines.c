/* SPDX-License-Identifier: GPL-3.0-or-later */
/* content-lines - see content-lines.h. */
#include "worker/content-lines.h"

#include <string.h>

static void
parameter_free(gpointer data)
{
	struct content_parameter *parameter = data;

	g_free(parameter->name);
	g_free(parameter->value);
	g_free(parameter);
}

void
content_line_clear(struct content_line *line)
{
	g_clear_pointer(&line->name, g_free);
	g_clear_pointer(&line->value, g_free);
	g_clear_pointer(&line->parameters, g_ptr_array_unref);
}

const char *
content_line_get(const struct content_line *line, const char *name)
{
	for (guint i = 0; i < line->parameters->len; i++) {
		const struct content_parameter *one = line->parameters->pdata[i];
		if (g_str_equal(one->name, name))
			return one->value;
	}
	return NULL;
}

/* Where one physical line ends, and the next begins. */
static const char *
line_end(const char *at, const char **next)
{
	const char *end = at + strcspn(at, "\r\n");

	*next = end;
	if (**next == '\r')
		++*next;
	if (**next == '\n')
		++*next;
	return end;
}

/* The colon before the value: not one in quotes. NULL when there is none. */
static const char *
value_start(const char *line, const char *end)
{
	bool quoted = false;

	for (const char *p = line; p < end; p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (*p == ':' && !quoted)
			return p;
	}
	/* A quote that is never closed is one character of many. */
	return memchr(line, ':', (gsize)(end - line));
}

static bool
mentions(const char *line, const char *end, const char *word)
{
	gsize n = strlen(word);

	for (const char *p = line; p + n <= end; p++)
		if (g_ascii_strncasecmp(p, word, n) == 0)
			return true;
	return false;
}

/* One logical line: folds are undone, and soft breaks where the value is quoted-printable. */
static GString *
unfold(const char **at)
{
	GString *line = g_string_new(NULL);
	const char *next, *end = line_end(*at, &next);
	const char *colon = value_start(*at, end);
	bool quoted = colon != NULL && mentions(*at, colon, "QUOTED-PRINTABLE");

	g_string_append_len(line, *at, end - *at);
	for (*at = next; **at != '\0'; *at = next) {
		bool soft = quoted && line->len > 0 && line->str[line->len - 1] == '=';
		if (soft)
			g_string_truncate(line, line->len - 1);
		else if (**at != ' ' && **at != '\t')
			break;
		end = line_end(*at, &next);
		const char *from = soft ? *at : *at + 1;
		g_string_append_len(line, from, end - from);
		if (next == *at)
			break;
	}
	return line;
}

static char *
upper(const char *text, gsize size)
{
	char *out = g_ascii_strup(text, (gssize)size);

	return g_strstrip(out);
}

/* NAME=value, NAME="value", or a bare word. */
static void
add_parameter(struct content_line *line, const char *text, gsize size)
{
	const char *equals = memchr(text, '=', size);
	struct content_parameter *one;

	if (size == 0)
		return;
	one = g_new0(struct content_parameter, 1);
	const char *value = equals != NULL ? equals + 1 : text;
	gsize value_size = (gsize)(text + size - value);
	one->name = equals != NULL ? upper(text, (gsize)(equals - text)) : g_strdup("");
	if (value_size >= 2 && *value == '"' && value[value_size - 1] == '"') {
		value++;
		value_size -= 2;
	}
	one->value = g_strstrip(g_strndup(value, value_size));
	g_ptr_array_add(line->parameters, one);
	bool encoding = *one->name == '\0' || g_str_equal(one->name, "ENCODING");
	if (encoding && (g_ascii_strcasecmp(one->value, "BASE64") == 0 ||
			    g_ascii_strcasecmp(one->value, "B") == 0))
		line->base64 = true;
	if (encoding && g_ascii_strcasecmp(one->value, "QUOTED-PRINTABLE") == 0)
		line->quoted = true;
}

static void
take_head(struct content_line *line, const char *head, gsize size)
{
	const char *end = head + size, *at = head;
	bool quoted = false, first = true;

	for (const char *p = head; p <= end; p++) {
		if (p < end && *p == '"')
			quoted = !quoted;
		if (p < end && (*p != ';' || quoted))
			continue;
		if (first) {
			const char *dot = memchr(at, '.', (gsize)(p - at));
			const char *name = dot != NULL ? dot + 1 : at;
			line->name = upper(name, (gsize)(p - name));
			first = false;
		} else if (line->parameters->len + 1 < CONTENT_PARAMETERS_MAX) {
			add_parameter(line, at, (gsize)(p - at));
		} else {
			add_parameter(line, at, (gsize)(end - at));
			return;
		}
		at = p + 1;
	}
}

bool
content_lines_next(const char **at, struct content_line *out)
{
	*at += strspn(*at, "\r\n");
	memset(out, 0, sizeof *out);
	if (**at == '\0')
		return false;
	GString *line = unfold(at);
	const char *colon = value_start(line->str, line->str + line->len);
	out->parameters = g_ptr_array_new_with_free_func(parameter_free);
	out->malformed = colon == NULL;
	if (colon != NULL)
		take_head(out, line->str, (gsize)(colon - line->str));
	else
		out->name = g_strdup("");
	gsize skip = colon != NULL ? (gsize)(colon + 1 - line->str) : 0;
	out->value = g_strdup(line->str + skip);
	out->size = line->len - skip;
	g_string_free(line, TRUE);
	return true;
}

char *
content_line_text(const char *value)
{
	GString *out = g_string_new(NULL);

	for (; *value != '\0'; value++) {
		if (*value != '\\' || value[1] == '\0') {
			if (*value != '\r')
				g_string_append_c(out, *value);
			continue;
		}
		value++;
		g_string_append_c(out, *value == 'n' || *value == 'N' ? '\n' : *value);
	}
	return g_string_free(out, FALSE);
}
