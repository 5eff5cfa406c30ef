/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * extract-html - HTML into the text that people see, the text that they do not, and link targets.
 *
 * libxml2's push parser calls back for each piece; nothing is built, so depth costs nothing. Words
 * that inline tags split stay whole, blocks end in a line break. Never loads anything.
 */
#include "worker/extract.h"

#include <libxml/HTMLparser.h>
#include <string.h>

#include "worker/names.h"

#define FEED (64 * 1024)

struct page {
	GString *seen;
	GString *hidden;
	GString *urls;
	guint depth;     /* open elements */
	guint hidden_at; /* depth of the outermost hidden one; 0: none */
	guint dropped;   /* open script and style elements */
	guint pre;
	bool blank; /* a blank is due before the next word */
};

static bool
html_takes(const struct item *item, const char *type, const guint8 *head, gsize size)
{
	(void)head;
	(void)size;
	if (g_str_equal(type, "text/html") || g_str_equal(type, "application/xhtml+xml"))
		return true;
	/* A fragment without a tag at its start is HTML to the program that opens its name. */
	g_autofree char *extension = names_extension(extract_part(item)->name);
	return g_str_has_prefix(type, "text/") &&
	       (g_str_equal(extension, "html") || g_str_equal(extension, "htm"));
}

static bool
is_among(const char *const *words, const xmlChar *name)
{
	for (; *words != NULL; words++)
		if ((*words)[0] == (char)name[0] && strcmp(*words, (const char *)name) == 0)
			return true;
	return false;
}

static const char *const dropped_names[] = { "script", "style", NULL };
static const char *const block_names[] = { "address", "article", "aside", "blockquote", "br",
	"caption", "center", "dd", "div", "dl", "dt", "fieldset", "figure", "footer", "form", "h1",
	"h2", "h3", "h4", "h5", "h6", "head", "header", "hr", "li", "main", "nav", "ol", "option",
	"p", "pre", "section", "table", "tbody", "td", "th", "title", "tr", "ul", NULL };

static GString *
target(struct page *page)
{
	return page->hidden_at > 0 ? page->hidden : page->seen;
}

static void
break_line(struct page *page)
{
	GString *out = target(page);

	page->blank = false;
	if (out->len > 0 && out->str[out->len - 1] != '\n')
		g_string_append_c(out, '\n');
}

static void
add_words(struct page *page, const char *text, gsize size)
{
	GString *out = target(page);

	for (gsize i = 0; i < size;) {
		gsize run = i;
		while (run < size && !g_ascii_isspace(text[run]) &&
		       !(text[run] == '\xC2' && run + 1 < size && text[run + 1] == '\xA0'))
			run++;
		if (run > i) {
			if (page->blank && out->len > 0 && out->str[out->len - 1] != '\n')
				g_string_append_c(out, ' ');
			page->blank = false;
			g_string_append_len(out, text + i, (gssize)(run - i));
		}
		if ((i = run) == size)
			break;
		if (page->pre > 0 && text[i] == '\n')
			break_line(page);
		else
			page->blank = true;
		i += text[i] == '\xC2' ? 2 : 1; /* a no-break space is a blank to readers */
	}
}

/* Style declarations that take an element out of sight; blanks and case do not count. */
static bool
style_hides(const char *style)
{
	static const char *const hiding[] = { "display:none", "visibility:hidden", "font-size:0;",
		"font-size:0px", "font-size:0pt", "opacity:0;", "mso-hide:all" };
	g_autoptr(GString) plain = g_string_new(NULL);

	for (; *style != '\0'; style++)
		if (!g_ascii_isspace(*style))
			g_string_append_c(plain, g_ascii_tolower(*style));
	g_string_append_c(plain, ';');
	for (gsize i = 0; i < G_N_ELEMENTS(hiding); i++)
		if (strstr(plain->str, hiding[i]) != NULL)
			return true;
	return false;
}

static void
add_url(struct page *page, const char *value)
{
	if (*value == '\0' || *value == '#' || g_ascii_strncasecmp(value, "data:", 5) == 0 ||
	    g_ascii_strncasecmp(value, "cid:", 4) == 0)
		return;
	if (page->urls->len > 0)
		g_string_append_c(page->urls, '\n');
	g_string_append(page->urls, value);
}

static void
on_start(void *data, const xmlChar *name, const xmlChar **attributes)
{
	static const char *const links[] = { "href", "src", "action", "background", "formaction",
		"srcset", "cite", NULL };
	static const char *const texts[] = { "alt", "title", "placeholder", "aria-label", NULL };
	struct page *page = data;

	page->depth++;
	if (is_among(block_names, name))
		break_line(page);
	page->pre += xmlStrEqual(name, BAD_CAST "pre");
	page->dropped += is_among(dropped_names, name);
	for (; attributes != NULL && attributes[0] != NULL; attributes += 2) {
		const char *value = (const char *)attributes[1];
		bool bare = xmlStrEqual(attributes[0], BAD_CAST "hidden");
		if (page->hidden_at == 0 &&
		    (bare || (value != NULL && xmlStrEqual(attributes[0], BAD_CAST "style") &&
				 style_hides(value))))
			page->hidden_at = page->depth;
		if (value == NULL)
			continue;
		if (is_among(links, attributes[0])) {
			add_url(page, value);
		} else if (is_among(texts, attributes[0]) && *value != '\0') {
			page->blank = true;
			add_words(page, value, strlen(value));
			page->blank = true;
		}
	}
}

static void
on_end(void *data, const xmlChar *name)
{
	struct page *page = data;

	if (is_among(block_names, name))
		break_line(page);
	if (page->pre > 0 && xmlStrEqual(name, BAD_CAST "pre"))
		page->pre--;
	if (page->dropped > 0 && is_among(dropped_names, name))
		page->dropped--;
	if (page->hidden_at == page->depth) {
		break_line(page);
		page->hidden_at = 0;
	}
	if (page->depth > 0)
		page->depth--;
}

static void
on_text(void *data, const xmlChar *text, int size)
{
	struct page *page = data;

	if (page->dropped == 0 && size > 0)
		add_words(page, (const char *)text, (gsize)size);
}

/* `<meta charset=x>` in the first bytes, for a page whose sender declared none. The caller's. */
static char *
meta_charset(const char *bytes, gsize size)
{
	g_autofree char *start = g_ascii_strdown(bytes, (gssize)MIN(size, 2048));
	const char *meta = strstr(start, "<meta");
	const char *found = meta != NULL ? strstr(meta, "charset=") : NULL;

	if (found == NULL)
		return NULL;
	found += strlen("charset=");
	found += strspn(found, "\"' ");
	char *label = g_strndup(found, strcspn(found, "\"' ;/>\r\n"));
	/* UTF-16 there is a known lie (WHATWG HTML, prescan): the tag itself could be read. */
	if (g_str_has_prefix(label, "utf-16"))
		g_clear_pointer(&label, g_free);
	return label;
}

/* False when the parser gave up before the end. */
static bool
parse(struct page *page, const char *text, gsize size)
{
	htmlSAXHandler handler = {
		.startElement = on_start,
		.endElement = on_end,
		.characters = on_text,
		.ignorableWhitespace = on_text,
		.cdataBlock = on_text,
	};
	htmlParserCtxtPtr parser =
	    htmlCreatePushParserCtxt(&handler, page, NULL, 0, NULL, XML_CHAR_ENCODING_UTF8);
	bool fine = parser != NULL;

	if (parser == NULL)
		return false;
	htmlCtxtUseOptions(parser, HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
				       HTML_PARSE_NONET | HTML_PARSE_IGNORE_ENC);
	for (gsize at = 0; at < size && fine; at += FEED) {
		htmlParseChunk(parser, text + at, (int)MIN(size - at, FEED), 0);
		fine = parser->disableSAX == 0;
	}
	if (fine)
		htmlParseChunk(parser, NULL, 0, 1);
	fine = parser->disableSAX == 0;
	htmlFreeParserCtxt(parser);
	return fine;
}

static void
html_read(struct item *item)
{
	gsize size, text_size;
	g_autofree char *bytes = extract_bytes(item, &size);

	if (bytes == NULL)
		return;
	g_autofree char *meta =
	    item->charset == NULL || *item->charset == '\0' ? meta_charset(bytes, size) : NULL;
	g_autofree char *text =
	    extract_decoded(item, meta != NULL ? meta : item->charset, bytes, size, &text_size);
	g_clear_pointer(&bytes, g_free);
	struct page page = { .seen = g_string_sized_new(text_size / 2 + 1),
		.hidden = g_string_new(NULL),
		.urls = g_string_new(NULL) };
	if (!parse(&page, text, text_size)) {
		scan_outcome(item->scan, item->part, PART_BROKEN, "the HTML breaks off its reader");
		g_string_assign(page.seen, text);
	}
	if (page.hidden->len > 0)
		item->scan->message->facts |= FACT_HIDDEN_TEXT;
	extract_add_text(item, extract_component(item), page.seen, false);
	extract_add_text(item, extract_component(item), page.hidden, true);
	extract_add_text(item, COMPONENT_URLS, page.urls, false);
}

const struct extractor extract_html = {
	.name = "html",
	.takes = html_takes,
	.wanted = 0,
	.read = html_read,
};
