/* SPDX-License-Identifier: GPL-3.0-or-later */
/* office - see office.h. Never resolves an entity but the five of XML, and never loads a file. */
#include "worker/office.h"

#include <string.h>

#include "worker/office-parts.h"
#include "worker/urls.h"

#define FEED         (16 * 1024)
#define BINARIES_MAX 64
#define TEXT_SPACE   "urn:oasis:names:tc:opendocument:xmlns:text:1.0"

static const char *const off[] = { "0", "false", "off", "none", NULL };
static const char *const none[] = { "none", "condition", NULL };

struct office *
office_new(gsize max)
{
	struct office *office = g_new0(struct office, 1);

	for (guint i = 0; i < OFFICE_STREAMS; i++)
		office->texts[i] = g_string_new(NULL);
	office->urls = g_string_new(NULL);
	office->max = max;
	office->sheets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	office->targets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	office->hidden = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	office->styles = office_styles_new();
	office->common = office_styles_new();
	office->shared = g_string_new(NULL);
	office->starts = g_array_new(FALSE, FALSE, sizeof(gsize));
	office->used = g_byte_array_new();
	office->binaries = g_ptr_array_new();
	office->field = g_string_new(NULL);
	office->value = g_string_new(NULL);
	return office;
}

void
office_free(struct office *office)
{
	if (office == NULL)
		return;
	for (guint i = 0; i < OFFICE_STREAMS; i++)
		if (office->texts[i] != NULL)
			g_string_free(office->texts[i], TRUE);
	if (office->urls != NULL)
		g_string_free(office->urls, TRUE);
	for (guint i = 0; i < office->binaries->len; i++)
		g_string_free(office->binaries->pdata[i], TRUE);
	g_ptr_array_unref(office->binaries);
	g_hash_table_unref(office->sheets);
	g_hash_table_unref(office->targets);
	g_hash_table_unref(office->hidden);
	g_hash_table_unref(office->styles);
	g_hash_table_unref(office->common);
	g_string_free(office->shared, TRUE);
	g_string_free(office->field, TRUE);
	g_string_free(office->value, TRUE);
	g_array_unref(office->starts);
	g_byte_array_unref(office->used);
	g_clear_pointer(&office->markup, markup_free);
	g_free(office->style);
	g_free(office->author);
	g_free(office);
}

char *
office_attribute(const struct office_attributes *attributes, const char *name)
{
	for (gsize i = 0; i < attributes->n; i++) {
		const xmlChar **one = attributes->all + i * 5;
		if (strcmp((const char *)one[0], name) == 0)
			return g_strndup((const char *)one[3], (gsize)(one[4] - one[3]));
	}
	return NULL;
}

bool
office_attribute_is(
    const struct office_attributes *attributes, const char *name, const char *const *values)
{
	g_autofree char *value = office_attribute(attributes, name);

	return value != NULL && g_strv_contains(values, value);
}

enum office_stream
office_target(const struct office *office)
{
	if (office->all || office->hidden_at > 0 || office->run_hidden || office->row_hidden ||
	    office->cell_hidden)
		return OFFICE_HIDDEN;
	return office->told || office->told_at > 0 ? OFFICE_TOLD : OFFICE_SEEN;
}

void
office_break(struct office *office, enum office_stream to, char sign)
{
	GString *out = office->texts[to];

	if (out->len == 0 || out->str[out->len - 1] == '\n' ||
	    (sign == ' ' && out->str[out->len - 1] == ' '))
		return;
	g_string_append_c(out, sign);
}

void
office_add(struct office *office, enum office_stream to, const char *text, gsize size)
{
	gsize used = office->urls->len;

	for (guint i = 0; i < OFFICE_STREAMS; i++)
		used += office->texts[i]->len;
	if (used + size > office->max)
		office->over = true;
	else
		g_string_append_len(office->texts[to], text, (gssize)size);
}

void
office_line(struct office *office, enum office_stream to, const char *text)
{
	office_break(office, to, '\n');
	office_add(office, to, text, strlen(text));
	office_break(office, to, '\n');
}

/* What instructions a field has, at its end: they stand in runs as words do. */
static void
end_field(struct office *office)
{
	if (office->field->len == 0)
		return;
	office_line(office, OFFICE_TOLD, office->field->str);
	urls_find(office->field->str, office->urls);
	g_string_truncate(office->field, 0);
}

/* Elements that take what is in them to another stream. */
static void
start_scope(struct office *office, const char *name, const struct office_attributes *attributes)
{
	static const char *const deleted[] = { "del", "moveFrom", "tracked-changes", "module",
		NULL };
	static const char *const told[] = { "txbxContent", "annotation", "note", "Fallback",
		"comment", "rPh", "definedName", "formula", "formula1", "formula2", "f", "title",
		"desc", "binary-data", NULL };
	static const char *const slides[] = { "sld", "notes", NULL };
	g_autofree char *style = office_attribute(attributes, "style-name");
	bool hides =
	    g_strv_contains(deleted, name) ||
	    (style != NULL && office_style_hides(office, style)) ||
	    (strcmp(name, "section") == 0 && office_attribute_is(attributes, "display", none));

	if (g_strv_contains(slides, name) && office_attribute_is(attributes, "show", off))
		office->all = true;
	if (hides && office->hidden_at == 0)
		office->hidden_at = office->depth;
	if (office->told_at == 0 && g_strv_contains(told, name)) {
		office->told_at = office->depth;
		office->told_from = office->texts[OFFICE_TOLD]->len;
		office_break(office, OFFICE_TOLD, '\n');
	}
}

static void
start_relation(struct office *office, const struct office_attributes *attributes)
{
	g_autofree char *id = office_attribute(attributes, "Id");
	g_autofree char *target = office_attribute(attributes, "Target");

	if (!office->relations || id == NULL || target == NULL)
		return;
	g_hash_table_insert(office->targets, g_steal_pointer(&id),
	    *target == '/' ? g_strdup(target + 1) : g_strdup_printf("xl/%s", target));
}

static void
start_sign(struct office *office, const char *name, const struct office_attributes *attributes)
{
	static const char *const breaks[] = { "br", "cr", "line-break", NULL };
	static const char *const blanks[] = { "tab", "ptab", "s", NULL };
	static const char *const binaries[] = { "binary-data", "binData", "binaryData", NULL };
	g_autofree char *stop = office_attribute(attributes, "pos");
	bool is_stop = stop != NULL; /* where a tab goes to, and no tab */

	if (g_strv_contains(breaks, name))
		g_string_append_c(office->texts[office_target(office)], '\n');
	else if (g_strv_contains(blanks, name) && !is_stop)
		g_string_append_c(office->texts[office_target(office)], ' ');
	else if (strcmp(name, "noBreakHyphen") == 0)
		g_string_append_c(office->texts[office_target(office)], '-');
	else if (strcmp(name, "fldChar") == 0)
		end_field(office);
	else if (g_strv_contains(binaries, name) && office->binaries->len < BINARIES_MAX)
		g_ptr_array_add(office->binaries, g_string_new(NULL));
	else if (strcmp(name, "si") == 0 && office->first)
		g_array_append_val(office->starts, office->shared->len);
}

static void
on_start(void *data, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri,
    int n_namespaces, const xmlChar **namespaces, int n_attributes, int n_defaulted,
    const xmlChar **all)
{
	struct office *office = data;
	const char *name = (const char *)local;
	struct office_attributes attributes = { all, (gsize)n_attributes };

	(void)prefix;
	(void)uri;
	(void)n_namespaces;
	(void)namespaces;
	(void)n_defaulted;
	office->depth++;
	g_strlcpy(office->name, name, sizeof office->name);
	office->spoke = false;
	if (strcmp(name, "pPr") == 0 && office->marks_at == 0)
		office->marks_at = office->depth;
	start_sign(office, name, &attributes);
	office_style_start(office, name, &attributes);
	start_scope(office, name, &attributes);
	if (!office_sheet_start(office, name, &attributes) && strcmp(name, "Relationship") == 0)
		start_relation(office, &attributes);
	office_tell(office, name, &attributes);
}

/* Text that ends in the middle of a word when this ends. */
static bool
is_joined(const char *name, const xmlChar *uri)
{
	static const char *const names[] = { "t", "delText", "instrText", "delInstrText", "v", "r",
		"hyperlink", "ins", "del", "smartTag", "sdt", "sdtContent", "rPr", "cp", "pp", "tp",
		NULL };

	return g_strv_contains(names, name) ||
	       (uri != NULL && strcmp((const char *)uri, TEXT_SPACE) == 0);
}

static bool
is_block(const char *name)
{
	static const char *const names[] = { "p", "h", "si", "tr", "table-row", "comment", "text",
		"list-item", "txbxContent", "annotation", "note", "note-body", "note-citation",
		NULL };

	return g_strv_contains(names, name);
}

/* A fallback repeats what newer programs read; only what differs stays. */
static void
end_told(struct office *office, const char *name)
{
	GString *told = office->texts[OFFICE_TOLD];

	office_break(office, OFFICE_TOLD, '\n');
	office->told_at = 0;
	if (strcmp(name, "Fallback") != 0 || office->told_from >= told->len)
		return;
	const char *again = told->str + office->told_from;
	again += *again == '\n';
	if (g_strstr_len(told->str, (gssize)office->told_from + 1, again) != NULL)
		g_string_truncate(told, office->told_from);
}

static void
on_end(void *data, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
	struct office *office = data;
	const char *name = (const char *)local;

	(void)prefix;
	office_sheet_end(office, name);
	if (is_block(name) || (office->spoke && !is_joined(name, uri) && office->cell == CELL_NONE))
		office_break(office, office_target(office), '\n');
	office->name[0] = '\0';
	office->spoke = false;
	office_style_end(office, name);
	if (is_block(name) && office->field->len > 0)
		end_field(office);
	if (office->marks_at == office->depth)
		office->marks_at = 0;
	if (office->hidden_at == office->depth) {
		office_break(office, OFFICE_HIDDEN, '\n');
		office->hidden_at = 0;
	}
	if (office->told_at == office->depth)
		end_told(office, name);
	if (office->depth > 0)
		office->depth--;
}

static void
on_text(void *data, const xmlChar *text, int length)
{
	static const char *const machine[] = { "posOffset", "pctWidth", "pctHeight", "colOff",
		"rowOff", "col", "row", "Anchor", "align", "pctPosHOffset", "pctPosVOffset",
		"formatCode", "config-item", NULL };
	static const char *const binaries[] = { "binary-data", "binData", "binaryData", NULL };
	struct office *office = data;
	const char *name = office->name;
	gsize size = (gsize)MAX(length, 0);

	if (office->skipped || g_strv_contains(machine, name))
		return;
	office->spoke = true;
	if (g_strv_contains(binaries, name)) {
		GString *out = office->binaries->len > 0
				   ? office->binaries->pdata[office->binaries->len - 1]
				   : NULL;
		if (out == NULL || out->len + size > office->max)
			office->over = true;
		else
			g_string_append_len(out, (const char *)text, (gssize)size);
	} else if (strcmp(name, "instrText") == 0 || strcmp(name, "delInstrText") == 0) {
		if (office->field->len < 64 * 1024)
			g_string_append_len(office->field, (const char *)text, (gssize)size);
	} else if (strcmp(name, "v") == 0 && office->cell != CELL_TEXT) {
		if (office->value->len < 64 * 1024)
			g_string_append_len(office->value, (const char *)text, (gssize)size);
	} else if (office->first && office->told_at == 0) {
		if (office->shared->len + size > office->max)
			office->over = true;
		else
			g_string_append_len(office->shared, (const char *)text, (gssize)size);
	} else {
		office_add(office, office_target(office), (const char *)text, size);
	}
}

/* No entities but the five: a document with its own is not believed. */
static xmlEntityPtr
on_entity(void *data, const xmlChar *name)
{
	(void)data;
	return xmlGetPredefinedEntity(name);
}

bool
office_is_first(const char *name)
{
	return g_str_has_suffix(name, "/workbook.xml") ||
	       g_str_has_suffix(name, "/workbook.xml.rels") ||
	       g_str_has_suffix(name, "/sharedStrings.xml") || g_str_equal(name, "styles.xml") ||
	       g_str_has_suffix(name, "/styles.xml");
}

void
office_link(struct office *office)
{
	GHashTableIter iterator;
	gpointer id;

	g_hash_table_iter_init(&iterator, office->sheets);
	while (g_hash_table_iter_next(&iterator, &id, NULL)) {
		const char *member = g_hash_table_lookup(office->targets, id);
		if (member != NULL)
			g_hash_table_add(office->hidden, g_strdup(member));
	}
	g_byte_array_set_size(office->used, office->starts->len);
	if (office->used->len > 0)
		memset(office->used->data, 0, office->used->len);
}

void
office_begin(struct office *office, const char *name)
{
	xmlSAXHandler handler = { .initialized = XML_SAX2_MAGIC,
		.startElementNs = on_start,
		.endElementNs = on_end,
		.characters = on_text,
		.ignorableWhitespace = on_text,
		.cdataBlock = on_text,
		.getEntity = on_entity };

	office_style_begin(office);
	office->name[0] = '\0';
	office->depth = office->hidden_at = office->told_at = office->marks_at = 0;
	office->cell = CELL_NONE;
	office->row_hidden = office->cell_hidden = false;
	office->all =
	    g_hash_table_contains(office->hidden, name) || g_str_has_prefix(name, "Basic/");
	office->told = g_str_has_prefix(name, "docProps/") || g_str_equal(name, "meta.xml") ||
		       g_str_has_prefix(name, "customXml/");
	office->skipped = g_str_equal(name, "settings.xml");
	office->first = g_str_has_suffix(name, "/sharedStrings.xml");
	office->relations = g_str_has_suffix(name, "/workbook.xml.rels");
	for (guint i = 0; i < OFFICE_STREAMS; i++)
		office_break(office, i, '\n');
	markup_free(office->markup);
	office->markup = markup_new(&handler, office, true);
}

static enum office_result
judge(const struct office *office, enum markup_result result)
{
	if (office->over)
		return OFFICE_OVER_LIMIT;
	if (result == MARKUP_OVER_LIMIT)
		return OFFICE_TANGLED;
	return result == MARKUP_BROKEN ? OFFICE_BROKEN : OFFICE_FINE;
}

enum office_result
office_feed(struct office *office, const char *data, gsize size)
{
	enum office_result result = judge(office, MARKUP_FINE);

	for (gsize at = 0; at < size && result == OFFICE_FINE; at += FEED)
		result =
		    judge(office, markup_feed(office->markup, data + at, MIN(size - at, FEED)));
	return result;
}

enum office_result
office_end(struct office *office)
{
	enum office_result result = judge(office, MARKUP_FINE);

	if (result == OFFICE_FINE)
		result = judge(office, markup_end(office->markup));
	end_field(office);
	office->all = office->told = false;
	g_clear_pointer(&office->markup, markup_free);
	return result;
}

/* Shared strings that no cell shows. */
static void
add_unused(struct office *office)
{
	for (guint i = 0; i < office->used->len; i++) {
		gsize start = g_array_index(office->starts, gsize, i);
		gsize end = i + 1 < office->starts->len
				? g_array_index(office->starts, gsize, i + 1)
				: office->shared->len;
		if (office->used->data[i] != 0 || end == start)
			continue;
		office_break(office, OFFICE_HIDDEN, '\n');
		office_add(office, OFFICE_HIDDEN, office->shared->str + start, end - start);
		office->used->data[i] = 1;
	}
	office_break(office, OFFICE_HIDDEN, '\n');
}

/* libxml2 hands on bytes that are no UTF-8 when a document breaks in the middle of a character. */
static GString *
made_valid(GString *text)
{
	if (g_utf8_validate_len(text->str, text->len, NULL))
		return text;
	g_autofree char *valid = g_utf8_make_valid(text->str, (gssize)text->len);
	g_string_assign(text, valid);
	return text;
}

GString *
office_take(struct office *office, enum office_stream stream)
{
	add_unused(office);
	GString *text = office->texts[stream];
	office->texts[stream] = g_string_new(NULL);
	return made_valid(text);
}

GString *
office_take_urls(struct office *office)
{
	return made_valid(g_steal_pointer(&office->urls));
}

const GString *
office_binary(const struct office *office, guint index)
{
	return index < office->binaries->len ? office->binaries->pdata[index] : NULL;
}
