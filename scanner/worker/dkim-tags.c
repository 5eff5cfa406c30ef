/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/dkim-tags.h"

#include <string.h>

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void
trim(const char **text, gsize *size)
{
	while (*size > 0 && is_blank(**text)) {
		++*text;
		--*size;
	}
	while (*size > 0 && is_blank((*text)[*size - 1]))
		--*size;
}

static bool
is_tag_name(const char *name, gsize size)
{
	if (size == 0 || !g_ascii_isalpha(name[0]))
		return false;
	for (gsize i = 0; i < size; i++)
		if (!g_ascii_isalnum(name[i]) && name[i] != '_')
			return false;
	return true;
}

/* Printable ASCII, and blanks of folding between (tval). */
static bool
is_tag_value(const char *value, gsize size)
{
	for (gsize i = 0; i < size; i++)
		if (!is_blank(value[i]) && (value[i] < 0x21 || value[i] > 0x7e))
			return false;
	return true;
}

static bool
is_there(const GArray *tags, const struct dkim_tag *tag)
{
	for (guint i = 0; i < tags->len; i++) {
		const struct dkim_tag *other = &g_array_index(tags, struct dkim_tag, i);
		if (other->name_size == tag->name_size &&
		    memcmp(other->name, tag->name, tag->name_size) == 0)
			return true;
	}
	return false;
}

static const char *
take(GArray *tags, const char *spec, gsize size)
{
	const char *equals = memchr(spec, '=', size);
	struct dkim_tag tag = { .name = spec, .end = spec + size };

	if (equals == NULL)
		return "it has a tag without a value";
	tag.name_size = (gsize)(equals - spec);
	trim(&tag.name, &tag.name_size);
	tag.after = tag.value = equals + 1;
	tag.size = (gsize)(tag.end - tag.after);
	trim(&tag.value, &tag.size);
	if (!is_tag_name(tag.name, tag.name_size))
		return "it has a tag that is no name";
	if (!is_tag_value(tag.value, tag.size))
		return "it has other signs than a list of tags may have";
	if (is_there(tags, &tag))
		return "it has a tag twice";
	if (tags->len == DKIM_TAGS_MAX)
		return "it has too many tags";
	g_array_append_val(tags, tag);
	return NULL;
}

GArray *
dkim_tags_parse(const char *list, gsize size, const char **why)
{
	g_autoptr(GArray) tags = g_array_new(FALSE, FALSE, sizeof(struct dkim_tag));
	const char *at = list, *end = list + size;

	*why = NULL;
	while (at < end && *why == NULL) {
		const char *semicolon = memchr(at, ';', (gsize)(end - at));
		const char *upto = semicolon != NULL ? semicolon : end, *spec = at;
		gsize length = (gsize)(upto - at);
		trim(&spec, &length);
		/* One may stand behind the last tag. */
		if (length > 0)
			*why = take(tags, at, (gsize)(upto - at));
		else if (semicolon != NULL)
			*why = "it has a semicolon too many";
		at = semicolon != NULL ? semicolon + 1 : end;
	}
	return *why == NULL ? g_steal_pointer(&tags) : NULL;
}

const struct dkim_tag *
dkim_tags_find(const GArray *tags, const char *name)
{
	for (guint i = 0; i < tags->len; i++) {
		const struct dkim_tag *tag = &g_array_index(tags, struct dkim_tag, i);
		if (tag->name_size == strlen(name) && memcmp(tag->name, name, tag->name_size) == 0)
			return tag;
	}
	return NULL;
}

static GString *
without_blanks(const char *text, gsize size)
{
	GString *out = g_string_sized_new(size);

	for (gsize i = 0; i < size; i++)
		if (!is_blank(text[i]))
			g_string_append_c(out, text[i]);
	return out;
}

char *
dkim_tags_get(const GArray *tags, const char *name)
{
	const struct dkim_tag *tag = dkim_tags_find(tags, name);

	return tag != NULL ? g_string_free(without_blanks(tag->value, tag->size), FALSE)
			   : g_strdup("");
}

bool
dkim_tags_number(const struct dkim_tag *tag, gint64 *out)
{
	g_autofree char *text = g_strndup(tag->value, tag->size);
	guint64 number;

	if (!g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, &number, NULL))
		return false;
	*out = (gint64)number;
	return true;
}

/* GLib's decoder passes over what is no Base64. */
GBytes *
dkim_tags_bytes(const struct dkim_tag *tag)
{
	g_autoptr(GString) text = without_blanks(tag->value, tag->size);
	gsize letters = text->len, size;

	while (letters > 0 && text->len - letters < 2 && text->str[letters - 1] == '=')
		letters--;
	for (gsize i = 0; i < letters; i++)
		if (!g_ascii_isalnum(text->str[i]) && text->str[i] != '+' && text->str[i] != '/')
			return NULL;
	if (text->len == 0 || text->len % 4 != 0)
		return NULL;
	guchar *bytes = g_base64_decode(text->str, &size);
	return g_bytes_new_take(bytes, size);
}

bool
dkim_tags_has_word(const struct dkim_tag *tag, const char *word)
{
	const char *at = tag->value, *end = tag->value + tag->size;

	while (at < end) {
		const char *colon = memchr(at, ':', (gsize)(end - at));
		const char *part = at;
		gsize size = (gsize)((colon != NULL ? colon : end) - at);
		trim(&part, &size);
		if (size == strlen(word) && g_ascii_strncasecmp(part, word, size) == 0)
			return true;
		at = colon != NULL ? colon + 1 : end;
	}
	return false;
}
