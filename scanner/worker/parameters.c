/* SPDX-License-Identifier: GPL-3.0-or-later */
/* parameters - see parameters.h. Never trusts a section number or a percent sign. */
#include "worker/parameters.h"

#include <string.h>

#include "worker/headers.h"

#define SECTIONS_MAX 1000

/* One name=value as written, unquoted. */
struct piece {
	char *name;   /* lower case, marks cut off */
	char *value;  /* raw bytes */
	int section;  /* -1: not numbered */
	bool percent; /* name ended in '*' */
	bool used;
};

static void
piece_free(gpointer data)
{
	struct piece *piece = data;

	g_free(piece->name);
	g_free(piece->value);
	g_free(piece);
}

static void
parameter_free(gpointer data)
{
	struct parameter *item = data;

	g_free(item->name);
	g_free(item->value);
	g_free(item);
}

/* Blanks, line breaks and comments, which nest. One without an end hides nothing. */
static const char *
skip_blanks(const char *at)
{
	const char *open = NULL;
	guint depth = 0;

	for (; *at != '\0'; at++) {
		if (*at == '(') {
			if (depth++ == 0)
				open = at;
		} else if (depth > 0) {
			if (*at == ')')
				depth--;
			else if (*at == '\\' && at[1] != '\0')
				at++;
		} else if (strchr(" \t\r\n", *at) == NULL) {
			break;
		}
	}
	return depth > 0 ? open : at;
}

static const char *
read_quoted(const char *at, GString *out)
{
	for (at++; *at != '\0' && *at != '"'; at++) {
		if (*at == '\\' && at[1] != '\0')
			at++;
		if (*at != '\r' && *at != '\n')
			g_string_append_c(out, *at);
	}
	return *at == '"' ? at + 1 : at;
}

/* Up to the next semicolon: `name=my file.pdf` is meant as it looks. */
static const char *
read_value(const char *at, GString *out)
{
	at = skip_blanks(at);
	if (*at == '"')
		at = read_quoted(at, out);
	gsize tail = strcspn(at, ";");
	gsize word = headers_word_length(at);
	if (word > tail)
		tail = word;
	for (gsize i = 0; i < tail && out->len == 0; i++) {
		gsize lead = strspn(at, " \t\r\n");
		if (lead < tail)
			g_string_append_len(out, at + lead, (gssize)(tail - lead));
		break;
	}
	while (out->len > 0 && strchr(" \t\r\n", out->str[out->len - 1]) != NULL)
		g_string_truncate(out, out->len - 1);
	return at + tail;
}

/* "name*2*": cuts the marks off and keeps what they say. */
static void
read_marks(struct piece *piece)
{
	char *star = strchr(piece->name, '*');

	piece->section = -1;
	if (star == NULL)
		return;
	*star++ = '\0';
	if (*star == '\0') {
		piece->percent = true;
		return;
	}
	char *end;
	guint64 number = g_ascii_strtoull(star, &end, 10);
	if (end != star && number < SECTIONS_MAX)
		piece->section = (int)number;
	piece->percent = *end == '*';
}

static void
read_pieces(const char *at, GPtrArray *pieces, bool *malformed)
{
	for (guint rounds = 0; *(at = skip_blanks(at)) != '\0'; rounds++) {
		gsize length = strcspn(at, "=;");
		if (pieces->len == PARAMETERS_MAX || rounds > 4 * PARAMETERS_MAX) {
			*malformed = true;
			return;
		}
		if (at[length] != '=') {
			*malformed = *malformed || length > 0;
			at += length + (at[length] == ';');
			continue;
		}
		struct piece *piece = g_new0(struct piece, 1);
		g_autofree char *name = g_strndup(at, length);
		g_autofree char *valid = g_utf8_make_valid(g_strstrip(name), -1);
		piece->name = g_ascii_strdown(valid, -1);
		read_marks(piece);
		GString *value = g_string_new(NULL);
		at = read_value(at + length + 1, value);
		piece->value = g_string_free(value, FALSE);
		g_ptr_array_add(pieces, piece);
	}
}

static void
append_percent(GByteArray *out, const char *text)
{
	for (; *text != '\0'; text++) {
		guint8 byte = (guint8)*text;
		if (*text == '%' && g_ascii_isxdigit(text[1]) && g_ascii_isxdigit(text[2])) {
			byte = (guint8)(g_ascii_xdigit_value(text[1]) << 4 |
					g_ascii_xdigit_value(text[2]));
			text += 2;
		}
		if (byte == 0)
			g_byte_array_append(out, (const guint8 *)HEADERS_NUL, 3);
		else
			g_byte_array_append(out, &byte, 1);
	}
}

/* All sections of one name, by number; the first names the charset. */
static char *
join_sections(struct charset *charset, GPtrArray *pieces, struct piece *first, bool *malformed)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	g_autofree char *label = NULL;
	bool percent = false;

	for (int section = first->section; section < SECTIONS_MAX; section++) {
		struct piece *piece = NULL;
		for (guint i = 0; i < pieces->len && piece == NULL; i++) {
			struct piece *one = pieces->pdata[i];
			if (!one->used && one->section == section &&
			    g_str_equal(one->name, first->name))
				piece = one;
		}
		if (piece == NULL)
			break;
		const char *text = piece->value;
		const char *quote = piece->percent ? strchr(text, '\'') : NULL;
		const char *second = quote != NULL ? strchr(quote + 1, '\'') : NULL;
		if (piece == first && second != NULL) {
			label = g_strndup(text, (gsize)(quote - text));
			text = second + 1;
		}
		percent = percent || piece->percent;
		if (piece->percent)
			append_percent(bytes, text);
		else
			g_byte_array_append(bytes, (const guint8 *)text, (guint)strlen(text));
		piece->used = true;
		if (section < 0)
			break;
	}
	for (guint i = 0; i < pieces->len && first->section >= 0; i++) {
		const struct piece *one = pieces->pdata[i];
		*malformed = *malformed || (!one->used && one->section >= 0 &&
					       g_str_equal(one->name, first->name));
	}
	g_byte_array_append(bytes, (const guint8 *)"", 1);
	if (!percent)
		return headers_decode(charset, (const char *)bytes->data);
	struct charset_result result;
	return charset_decode(charset, label, bytes->data, bytes->len - 1, G_MAXUINT32, &result);
}

/* Sections may come in any order: the lowest number of a name not yet used. */
static struct piece *
lowest(GPtrArray *pieces, struct piece *of)
{
	struct piece *found = of;

	for (guint i = 0; i < pieces->len; i++) {
		struct piece *one = pieces->pdata[i];
		if (!one->used && one->section >= 0 && one->section < found->section &&
		    g_str_equal(one->name, of->name))
			found = one;
	}
	return found;
}

struct parameters *
parameters_parse(struct charset *charset, const char *raw)
{
	struct parameters *parameters = g_new0(struct parameters, 1);
	g_autoptr(GPtrArray) pieces = g_ptr_array_new_with_free_func(piece_free);

	parameters->items = g_ptr_array_new_with_free_func(parameter_free);
	raw = skip_blanks(raw != NULL ? raw : "");
	gsize length = strcspn(raw, "; \t\r\n(");
	g_autofree char *value = g_strndup(raw, length);
	g_autofree char *valid = g_utf8_make_valid(value, -1);
	parameters->value = g_ascii_strdown(valid, -1);
	read_pieces(raw + length, pieces, &parameters->malformed);
	for (guint i = 0; i < pieces->len; i++) {
		struct piece *piece = pieces->pdata[i];
		while (!piece->used) {
			struct piece *first = lowest(pieces, piece);
			struct parameter *item = g_new(struct parameter, 1);
			item->name = g_strdup(first->name);
			item->extended = first->percent || first->section >= 0;
			item->value = join_sections(charset, pieces, first, &parameters->malformed);
			g_ptr_array_add(parameters->items, item);
		}
	}
	return parameters;
}

void
parameters_free(struct parameters *parameters)
{
	if (parameters == NULL)
		return;
	g_free(parameters->value);
	g_ptr_array_unref(parameters->items);
	g_free(parameters);
}

const char *
parameters_get(const struct parameters *parameters, const char *name)
{
	const char *plain = NULL;

	for (guint i = 0; i < parameters->items->len; i++) {
		const struct parameter *item = parameters->items->pdata[i];
		if (!g_str_equal(item->name, name))
			continue;
		if (item->extended)
			return item->value;
		if (plain == NULL)
			plain = item->value;
	}
	return plain;
}
