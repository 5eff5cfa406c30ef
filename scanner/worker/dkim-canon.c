/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/dkim-canon.h"

#include <string.h>

#define CRLF "\r\n"

static const char *const names[] = { "simple/simple", "simple/relaxed", "relaxed/simple",
	"relaxed/relaxed" };

static bool
take_word(const char *word, gsize size, bool *relaxed)
{
	*relaxed = size == 7 && g_ascii_strncasecmp(word, "relaxed", size) == 0;
	return *relaxed || (size == 6 && g_ascii_strncasecmp(word, "simple", size) == 0);
}

bool
dkim_form_parse(const char *text, struct dkim_form *out)
{
	const char *slash = strchr(text, '/');

	out->relaxed_header = out->relaxed_body = false;
	if (text[0] == '\0')
		return true;
	gsize size = slash != NULL ? (gsize)(slash - text) : strlen(text);
	return take_word(text, size, &out->relaxed_header) &&
	       (slash == NULL || take_word(slash + 1, strlen(slash + 1), &out->relaxed_body));
}

const char *
dkim_form_name(const struct dkim_form *form)
{
	return names[2 * form->relaxed_header + form->relaxed_body];
}

static bool
is_wsp(char c)
{
	return c == ' ' || c == '\t';
}

/* Bytes of the line end at the end of a line: 0, 1 or 2. A lone LF is one where all are. */
static gsize
line_end(const char *line, gsize size, bool lines)
{
	if (size >= 2 && line[size - 2] == '\r' && line[size - 1] == '\n')
		return 2;
	return lines && size > 0 && line[size - 1] == '\n' ? 1 : 0;
}

/* Of the first line, with its end; a bare LF ends none where lines end with CRLF. */
static gsize
line_size(const char *text, gsize size, bool lines)
{
	gsize from = 0;

	while (from < size) {
		const char *lf = memchr(text + from, '\n', size - from);
		if (lf == NULL)
			break;
		from = (gsize)(lf - text) + 1;
		if (line_end(text, from, lines) > 0)
			return from;
	}
	return size;
}

/* --- fields --- */

/* As it stands, line by line where their ends are others. */
static void
simple_field(
    const struct dkim_form *form, const char *text, gsize size, dkim_sink *sink, void *user)
{
	while (size > 0) {
		gsize length = line_size(text, size, form->lines);
		gsize ends = line_end(text, length, form->lines);
		sink(text, length - ends, user);
		if (ends > 0)
			sink(CRLF, 2, user);
		text += length;
		size -= length;
	}
}

/* Line ends are nothing, runs of blanks one space; none at either end of the value. */
static void
relax_value(GString *out, const char *text, gsize size, bool lines)
{
	bool blank = false;
	gsize begin = out->len;

	for (gsize i = 0; i < size; i++) {
		if (text[i] == '\r' && i + 1 < size && text[i + 1] == '\n')
			i++;
		if (text[i] == '\n' && (lines || (i > 0 && text[i - 1] == '\r')))
			continue;
		if (is_wsp(text[i])) {
			blank = true;
			continue;
		}
		if (blank && out->len > begin)
			g_string_append_c(out, ' ');
		blank = false;
		g_string_append_c(out, text[i]);
	}
}

static void
relaxed_field(GString *out, const char *text, gsize size, bool lines)
{
	const char *colon = memchr(text, ':', size);
	gsize name = colon != NULL ? (gsize)(colon - text) : 0;
	gsize value = colon != NULL ? name + 1 : 0;

	while (name > 0 && is_wsp(text[name - 1]))
		name--;
	for (gsize i = 0; i < name; i++)
		g_string_append_c(out, g_ascii_tolower(text[i]));
	g_string_append_c(out, ':');
	relax_value(out, text + value, size - value, lines);
}

void
dkim_canon_field(const struct dkim_form *form, const char *field, gsize size, const char *cut,
    const char *cut_end, bool last, dkim_sink *sink, void *user)
{
	gsize bare = size - line_end(field, size, form->lines);
	g_autoptr(GString) text = g_string_sized_new(bare);

	if (cut == NULL) {
		g_string_append_len(text, field, (gssize)bare);
	} else {
		gsize before = MIN((gsize)(cut - field), bare);
		gsize behind = MIN((gsize)(cut_end - field), bare);
		g_string_append_len(text, field, (gssize)before);
		g_string_append_len(text, field + behind, (gssize)(bare - behind));
	}
	if (form->relaxed_header) {
		g_autoptr(GString) relaxed = g_string_sized_new(text->len);
		relaxed_field(relaxed, text->str, text->len, form->lines);
		sink(relaxed->str, relaxed->len, user);
	} else {
		simple_field(form, text->str, text->len, sink, user);
	}
	if (!last)
		sink(CRLF, 2, user);
}

/* --- bodies --- */

struct body {
	dkim_sink *sink;
	void *user;
	GString *line; /* relaxed */
	guint64 size;  /* given so far */
	guint64 empty; /* lines that wait: at the end of a body they are nothing */
};

static void
give(struct body *body, const char *data, gsize size)
{
	body->sink(data, size, body->user);
	body->size += size;
}

/* Blanks within are one space, those at its end nothing. */
static void
relax_line(GString *out, const char *line, gsize size)
{
	gsize at = 0;

	g_string_truncate(out, 0);
	while (size > 0 && is_wsp(line[size - 1]))
		size--;
	while (at < size) {
		gsize from = at;
		while (at < size && !is_wsp(line[at]))
			at++;
		g_string_append_len(out, line + from, (gssize)(at - from));
		if (at < size)
			g_string_append_c(out, ' ');
		while (at < size && is_wsp(line[at]))
			at++;
	}
}

static void
give_line(struct body *body, const char *line, gsize size)
{
	if (body->line != NULL) {
		relax_line(body->line, line, size);
		line = body->line->str;
		size = body->line->len;
	}
	if (size == 0) {
		body->empty++;
		return;
	}
	for (; body->empty > 0; body->empty--)
		give(body, CRLF, 2);
	give(body, line, size);
	give(body, CRLF, 2);
}

guint64
dkim_canon_body(
    const struct dkim_form *form, const char *data, gsize size, dkim_sink *sink, void *user)
{
	g_autoptr(GString) line = form->relaxed_body ? g_string_new(NULL) : NULL;
	struct body body = { .sink = sink, .user = user, .line = line };

	while (size > 0) {
		gsize length = line_size(data, size, form->lines);
		give_line(&body, data, length - line_end(data, length, form->lines));
		data += length;
		size -= length;
	}
	if (body.size == 0 && !form->relaxed_body)
		give(&body, CRLF, 2);
	return body.size;
}
