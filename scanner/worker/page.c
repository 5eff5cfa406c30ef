/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * page - see page.h. libxml2's push parser calls back for each piece. Never lets text go with the
 * markup that swallows it: an open comment, script or quote is read to its end.
 */
#include "worker/page.h"

#include <libxml/HTMLparser.h>
#include <string.h>

#include "worker/entities.h"
#include "worker/markup.h"
#include "worker/style.h"
#include "worker/tags.h"
#include "worker/urls.h"

#define FEED       (16 * 1024)
#define CSS_MAX    (128 * 1024) /* of style sheets, for the classes that they hide */
#define DATA_MAX   64           /* data: URIs */
#define LEVELS_MAX 50000        /* open elements; end tags are looked for among all of them */

/* An element that says something about its being seen. */
struct frame {
	guint depth;
	bool gone, tiny, veiled;
	gint32 colour, ground;
};

struct reading {
	struct page *page;
	struct style_sheet *sheet;
	GString *dropped;   /* of the script or style element that is open */
	GString *swallowed; /* markup to be read as comments */
	GArray *frames;
	guint depth;   /* open elements */
	guint drop_at; /* depth of the open script or style element; 0: none */
	guint told_at; /* of the open title */
	guint pre;
	bool blank[PAGE_STREAMS]; /* a blank is due before the next word */
	bool ampersand;           /* stood alone: a name that libxml2 does not know may follow */
	bool semicolon;           /* the next one belongs to a name */
	bool in_comments;         /* all goes there */
	bool deep;
};

static bool
is_among(const char *const *words, const xmlChar *name)
{
	for (; *words != NULL; words++)
		if ((*words)[0] == (char)name[0] && strcmp(*words, (const char *)name) == 0)
			return true;
	return false;
}

static bool
is_name(const xmlChar *name, const char *word)
{
	return strcmp((const char *)name, word) == 0;
}

static const char *const dropped_names[] = { "script", "style", NULL };
static const char *const unseen_names[] = { "noscript", "template", "noframes", "noembed",
	"datalist", NULL };
static const char *const block_names[] = { "address", "article", "aside", "blockquote", "br",
	"caption", "center", "dd", "details", "dir", "div", "dl", "dt", "fieldset", "figcaption",
	"figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hr",
	"li", "legend", "main", "menu", "nav", "ol", "optgroup", "option", "p", "pre", "section",
	"select", "summary", "table", "tbody", "td", "textarea", "tfoot", "th", "thead", "title",
	"tr", "ul", NULL };

static const struct frame *
top(const struct reading *reading)
{
	return &g_array_index(reading->frames, struct frame, reading->frames->len - 1);
}

static enum page_stream
target(const struct reading *reading)
{
	const struct frame *frame = top(reading);

	if (reading->in_comments)
		return PAGE_COMMENTS;
	if (reading->told_at > 0)
		return PAGE_TOLD;
	return frame->gone || frame->tiny || frame->veiled ||
		       style_is_same(frame->colour, frame->ground)
		   ? PAGE_HIDDEN
		   : PAGE_SEEN;
}

static void
break_line(struct reading *reading, enum page_stream to)
{
	GString *out = reading->page->texts[to];

	reading->blank[to] = false;
	if (out->len > 0 && out->str[out->len - 1] != '\n')
		g_string_append_c(out, '\n');
}

static void
add_words(struct reading *reading, enum page_stream to, const char *text, gsize size)
{
	GString *out = reading->page->texts[to];

	for (gsize i = 0; i < size;) {
		gsize run = i;
		while (run < size && !g_ascii_isspace(text[run]) &&
		       !(text[run] == '\xC2' && run + 1 < size && text[run + 1] == '\xA0'))
			run++;
		if (run > i) {
			if (reading->blank[to] && out->len > 0 && out->str[out->len - 1] != '\n')
				g_string_append_c(out, ' ');
			reading->blank[to] = false;
			g_string_append_len(out, text + i, (gssize)(run - i));
		}
		if ((i = run) == size)
			break;
		if (reading->pre > 0 && text[i] == '\n')
			break_line(reading, to);
		else
			reading->blank[to] = true;
		i += text[i] == '\xC2' ? 2 : 1; /* a no-break space is a blank to readers */
	}
}

/* A text of its own: nothing before or behind it belongs to its words. */
static void
add_line(struct reading *reading, enum page_stream to, const char *text)
{
	g_autoptr(GString) plain = g_string_new(text);

	if (reading->in_comments)
		to = PAGE_COMMENTS;
	entities_decode(plain);
	break_line(reading, to);
	add_words(reading, to, plain->str, plain->len);
	break_line(reading, to);
}

static void
add_url(struct reading *reading, const char *value)
{
	struct page *page = reading->page;

	while (g_ascii_isspace(*value))
		value++;
	if (g_ascii_strncasecmp(value, "data:", 5) == 0) {
		if (page->data->len < DATA_MAX)
			g_ptr_array_add(page->data, g_strdup(value));
		return;
	}
	g_autoptr(GString) plain = g_string_new(value);
	if (strchr(value, '&') != NULL)
		entities_decode(plain);
	urls_add(plain->str, page->urls);
}

/* "a.png 1x, b.png 2x": a target ends at a blank; a comma within one stays. */
static void
add_srcset(struct reading *reading, const char *value)
{
	while (*value != '\0') {
		value += strspn(value, " ,\t\r\n");
		gsize n = strcspn(value, " \t\r\n");
		while (n > 0 && value[n - 1] == ',')
			n--;
		g_autofree char *one = g_strndup(value, n);
		if (n > 0)
			add_url(reading, one);
		value += n;
		value += strcspn(value, ",");
	}
}

static const char *
attribute(const xmlChar **attributes, const char *name)
{
	for (; attributes != NULL && attributes[0] != NULL; attributes += 2)
		if (is_name(attributes[0], name))
			return attributes[1] != NULL ? (const char *)attributes[1] : "";
	return NULL;
}

static void
add_meta(struct reading *reading, const xmlChar **attributes)
{
	static const char *const machine[] = { "viewport", "generator", "format-detection",
		"progid", "originator", "referrer", "robots", "theme-color", "color-scheme",
		"supported-color-schemes", "x-apple-disable-message-reformatting", NULL };
	const char *content = attribute(attributes, "content");
	const char *name = attribute(attributes, "name");
	const char *equiv = attribute(attributes, "http-equiv");

	if (content == NULL || *content == '\0')
		return;
	if (equiv != NULL && g_ascii_strcasecmp(equiv, "refresh") == 0) {
		const char *at = content;
		while (*at != '\0' && g_ascii_strncasecmp(at, "url", 3) != 0)
			at++;
		if (*at != '\0' && (at += strspn(at + 3, " =\"'") + 3, *at != '\0'))
			add_url(reading, at);
		return;
	}
	g_autofree char *lower = name != NULL ? g_ascii_strdown(name, -1) : NULL;
	if (equiv == NULL && (lower == NULL || !g_strv_contains(machine, lower)))
		add_line(reading, PAGE_TOLD, content);
}

/* An attribute that means something to scripts alone: what no program shows, or a target. */
static void
add_data(struct reading *reading, const char *value)
{
	if (strstr(value, "://") != NULL)
		add_url(reading, value);
	add_line(reading, PAGE_COMMENTS, value);
}

/* Attributes whose value people read, or are led by. */
static void
add_attributes(struct reading *reading, const xmlChar *name, const xmlChar **attributes)
{
	static const char *const links[] = { "href", "src", "action", "background", "cite", "data",
		"poster", "formaction", "longdesc", "usemap", "codebase", "classid", "lowsrc",
		"dynsrc", "xlink:href", "manifest", "ping", NULL };
	static const char *const texts[] = { "alt", "title", "placeholder", "aria-label",
		"aria-description", "label", "summary", "abbr", "standby", NULL };
	const char *type = attribute(attributes, "type");
	bool unseen = type != NULL && g_ascii_strcasecmp(type, "hidden") == 0;

	if (is_name(name, "meta"))
		add_meta(reading, attributes);
	for (; attributes != NULL && attributes[0] != NULL; attributes += 2) {
		const char *value = (const char *)attributes[1];
		if (value == NULL || *value == '\0')
			continue;
		bool swallowed = !reading->in_comments && strchr(value, '<') != NULL;
		if (swallowed) { /* an open quote takes in what follows it */
			g_string_append(reading->swallowed, value);
			g_string_append_c(reading->swallowed, '\n');
		}
		if (is_name(attributes[0], "srcset") || is_name(attributes[0], "imagesrcset"))
			add_srcset(reading, value);
		else if (is_among(links, attributes[0]))
			add_url(reading, value);
		else if (g_ascii_strncasecmp((const char *)attributes[0], "data-", 5) == 0)
			add_data(reading, value);
		else if (!swallowed && is_among(texts, attributes[0]))
			add_line(reading, PAGE_TOLD, value);
		else if (!swallowed && is_name(attributes[0], "value") && !is_name(name, "li"))
			add_line(reading, unseen ? PAGE_HIDDEN : PAGE_TOLD, value);
	}
}

/* What the element says of its being seen, on top of those around it. */
static void
push_frame(struct reading *reading, const xmlChar *name, const xmlChar **attributes)
{
	const char *declarations = attribute(attributes, "style");
	const char *classes = attribute(attributes, "class"), *id = attribute(attributes, "id");
	const char *ground = attribute(attributes, "bgcolor");
	const char *colour = attribute(attributes, is_name(name, "body") ? "text" : "color");
	bool pictured = attribute(attributes, "background") != NULL;
	bool gone = is_among(unseen_names, name) || attribute(attributes, "hidden") != NULL;
	struct frame frame = *top(reading);
	struct style style;

	if (!gone && declarations == NULL && classes == NULL && id == NULL && ground == NULL &&
	    colour == NULL && !pictured)
		return;
	style_read(declarations != NULL ? declarations : "", &style, reading->page->urls);
	frame.depth = reading->depth;
	frame.gone = frame.gone || gone || style.gone ||
		     (!style.shown && style_sheet_hides(reading->sheet, classes, id));
	frame.tiny = style.tiny == STYLE_SILENT ? frame.tiny : style.tiny == STYLE_YES;
	frame.veiled = style.veiled == STYLE_SILENT ? frame.veiled : style.veiled == STYLE_YES;
	if (colour != NULL)
		frame.colour = style_colour(colour);
	if (style.colour != STYLE_NO_COLOUR)
		frame.colour = style.colour;
	if (style_sheet_has_ground(reading->sheet) && (classes != NULL || id != NULL))
		frame.ground = STYLE_UNKNOWN;
	if (ground != NULL)
		frame.ground = style_colour(ground);
	if (style.ground != STYLE_NO_COLOUR && style.ground != STYLE_CLEAR)
		frame.ground = style.ground;
	if (pictured)
		frame.ground = STYLE_UNKNOWN;
	g_array_append_val(reading->frames, frame);
	if (target(reading) == PAGE_HIDDEN)
		reading->blank[PAGE_HIDDEN] = true; /* another hidden place, another word */
}

/* Letters that are drawn from right to left whatever they are: as plain text says it. */
static bool
turns(const xmlChar *name, const xmlChar **attributes)
{
	bool right = false;

	if (!is_name(name, "bdo"))
		return false;
	for (; attributes != NULL && attributes[0] != NULL; attributes += 2)
		right = right || (is_name(attributes[0], "dir") && attributes[1] != NULL &&
				     g_ascii_strcasecmp((const char *)attributes[1], "rtl") == 0);
	return right;
}

static void
on_start(void *data, const xmlChar *name, const xmlChar **attributes)
{
	struct reading *reading = data;

	reading->ampersand = false;
	reading->depth++;
	if (reading->depth > LEVELS_MAX)
		reading->deep = true;
	push_frame(reading, name, attributes);
	if (is_among(block_names, name))
		break_line(reading, target(reading));
	reading->pre += is_name(name, "pre");
	if (reading->drop_at == 0 && is_among(dropped_names, name)) {
		reading->drop_at = reading->depth;
		g_string_truncate(reading->dropped, 0);
	}
	if (reading->told_at == 0 && is_name(name, "title")) {
		reading->told_at = reading->depth;
		break_line(reading, target(reading));
	}
	if (is_name(name, "body") && style_sheet_has_ground(reading->sheet) &&
	    top(reading)->depth == 0)
		g_array_index(reading->frames, struct frame, 0).ground = STYLE_UNKNOWN;
	add_attributes(reading, name, attributes);
	if (turns(name, attributes)) {
		const char *sign = "\xE2\x80\xAE";
		add_words(reading, target(reading), sign, strlen(sign));
	}
}

/* A style sheet may hide what follows it. */
static void
read_sheet(struct reading *reading, const xmlChar *name)
{
	if (is_name(name, "style") && reading->dropped->len <= CSS_MAX)
		style_sheet_read(reading->sheet, reading->dropped->str, reading->page->urls);
	reading->drop_at = 0;
}

static void
on_end(void *data, const xmlChar *name)
{
	struct reading *reading = data;

	reading->ampersand = false;
	if (is_among(block_names, name))
		break_line(reading, target(reading));
	if (reading->pre > 0 && is_name(name, "pre"))
		reading->pre--;
	if (reading->drop_at == reading->depth)
		read_sheet(reading, name);
	if (reading->told_at == reading->depth) {
		break_line(reading, PAGE_TOLD);
		reading->told_at = 0;
	}
	if (reading->depth > 0 && top(reading)->depth == reading->depth) {
		if (target(reading) == PAGE_HIDDEN)
			reading->blank[PAGE_HIDDEN] = true;
		g_array_set_size(reading->frames, reading->frames->len - 1);
	}
	if (reading->depth > 0)
		reading->depth--;
}

/* libxml2 hands on "&" and then the name of what it does not know, or what has no semicolon. */
static gsize
decode_name(struct reading *reading, const char *text, gsize size)
{
	char utf8[6];
	gsize used;
	gunichar c = entity_find(text, size, true, &used);

	/* Whether a semicolon follows is not known yet: a whole name takes it along. */
	if (c != 0 && used == size)
		reading->semicolon = true;
	else
		c = entity_find(text, size, false, &used);
	if (c == 0) {
		add_words(reading, target(reading), "&", 1);
		return 0;
	}
	add_words(reading, target(reading), utf8, (gsize)g_unichar_to_utf8(c, utf8));
	return used;
}

static void
on_text(void *data, const xmlChar *chars, int length)
{
	struct reading *reading = data;
	const char *text = (const char *)chars;
	gsize size = length > 0 ? (gsize)length : 0;

	if (size == 0)
		return;
	if (reading->drop_at > 0) {
		g_string_append_len(reading->dropped, text, (gssize)size);
		return;
	}
	if (reading->semicolon) {
		reading->semicolon = false;
		if (*text == ';') {
			text++;
			size--;
		}
	}
	if (reading->ampersand) {
		reading->ampersand = false;
		gsize used = decode_name(reading, text, size);
		text += used;
		size -= used;
	} else if (size == 1 && *text == '&') {
		reading->ampersand = true;
		return;
	}
	add_words(reading, target(reading), text, size);
}

static void
on_comment(void *data, const xmlChar *text)
{
	struct reading *reading = data;

	if (reading->in_comments) {
		add_line(reading, PAGE_COMMENTS, (const char *)text);
		return;
	}
	g_string_append(reading->swallowed, (const char *)text);
	/* The end of a conditional comment is half a tag without the comment's own. */
	if (g_str_has_suffix((const char *)text, "<![endif]"))
		g_string_truncate(reading->swallowed, reading->swallowed->len - 9);
	g_string_append_c(reading->swallowed, '\n');
}

/* False when the parser gave up before the end. */
static bool
parse(struct reading *reading, const char *text, gsize size, bool (*stop)(void *), void *stop_data)
{
	htmlSAXHandler handler = {
		.startElement = on_start,
		.endElement = on_end,
		.characters = on_text,
		.ignorableWhitespace = on_text,
		.cdataBlock = on_text,
		.comment = on_comment,
	};
	htmlParserCtxtPtr parser =
	    htmlCreatePushParserCtxt(&handler, reading, NULL, 0, NULL, XML_CHAR_ENCODING_UTF8);
	bool fine = parser != NULL;
	struct tags tags = { 0 };

	if (parser == NULL)
		return false;
	htmlCtxtUseOptions(parser, HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
				       HTML_PARSE_NONET | HTML_PARSE_IGNORE_ENC);
	for (gsize at = 0; at < size && fine;) {
		gsize piece = MIN(size - at, FEED);
		gsize taken = tags_feed(&tags, text + at, piece);
		htmlParseChunk(parser, text + at, (int)taken, 0);
		at += taken;
		reading->page->late = stop(stop_data);
		fine = parser->disableSAX == 0 && !reading->deep && !reading->page->late;
		if (taken == piece || !fine)
			continue;
		/* What looks like a tag of many attributes is one but where no tag can be. */
		fine = reading->drop_at != 0 || markup_holds_back(parser);
		tags_forget(&tags);
	}
	if (fine) {
		htmlParseChunk(parser, NULL, 0, 1);
		fine = parser->disableSAX == 0;
	}
	htmlFreeParserCtxt(parser);
	return fine;
}

/* Where a comment begins that nothing ends; size when there is none. */
static gsize
open_comment(const char *text, gsize size)
{
	for (const char *at = text; (at = strstr(at, "<!--")) != NULL; at += 3) {
		const char *begin = at;
		if ((at = strstr(at + 4, "-->")) == NULL)
			return (gsize)(begin - text);
	}
	return size;
}

/* True when an element that is dropped goes to the end of the page: nothing closes it. */
static bool
is_left_open(const char *text, gsize size, const char *name)
{
	const char *end = text + size;
	gsize length = strlen(name);
	bool open = false;

	for (const char *at = text; (at = memchr(at, '<', (gsize)(end - at))) != NULL; at++) {
		bool closes = at[1] == '/';
		if (g_ascii_strncasecmp(at + 1 + closes, name, length) == 0)
			open = !closes;
	}
	return open;
}

/* What stands in comments, and in script, style and quotes that nothing ends, as text. */
static void
read_swallowed(struct reading *reading, bool (*stop)(void *), void *stop_data)
{
	g_autoptr(GString) markup = reading->swallowed;

	reading->swallowed = g_string_new(NULL);
	g_array_set_size(reading->frames, 1);
	reading->depth = reading->told_at = reading->pre = 0;
	reading->drop_at = 0;
	reading->ampersand = reading->semicolon = false;
	reading->in_comments = true;
	/* An open comment in a comment is text; libxml2 would take the rest for one. */
	char *end = markup->str + markup->len;
	for (char *at = markup->str; (at = memchr(at, '<', (gsize)(end - at))) != NULL; at++)
		if (end - at >= 4 && memcmp(at, "<!--", 4) == 0)
			memcpy(at, "    ", 4);
	if (!parse(reading, markup->str, markup->len, stop, stop_data))
		reading->page->broken = true;
	if (is_left_open(markup->str, markup->len, "script") ||
	    is_left_open(markup->str, markup->len, "style"))
		add_line(reading, PAGE_COMMENTS, reading->dropped->str);
}

struct page *
page_read(const char *text, gsize size, bool (*stop)(void *stop_data), void *stop_data)
{
	struct page *page = g_new0(struct page, 1);
	struct frame ground = { .ground = 0xFFFFFF };
	struct reading reading = { .page = page,
		.sheet = style_sheet_new(),
		.dropped = g_string_new(NULL),
		.swallowed = g_string_new(NULL),
		.frames = g_array_new(FALSE, FALSE, sizeof(struct frame)) };

	for (guint i = 0; i < PAGE_STREAMS; i++)
		page->texts[i] = g_string_sized_new(i == PAGE_SEEN ? size / 2 + 1 : 64);
	page->urls = g_string_new(NULL);
	page->data = g_ptr_array_new_with_free_func(g_free);
	g_array_append_val(reading.frames, ground);
	gsize end = open_comment(text, size);
	page->broken = !parse(&reading, text, end, stop, stop_data);
	/* The parser closes what is open at the end, as if its tag had stood there. */
	if (is_left_open(text, size, "script") || is_left_open(text, size, "style")) {
		g_string_append_len(
		    reading.swallowed, reading.dropped->str, (gssize)reading.dropped->len);
		g_string_append_c(reading.swallowed, '\n');
	}
	if (end < size)
		g_string_append_len(reading.swallowed, text + end + 4, (gssize)(size - end - 4));
	if (reading.swallowed->len > 0 && !page->late)
		read_swallowed(&reading, stop, stop_data);
	style_sheet_free(reading.sheet);
	g_string_free(reading.dropped, TRUE);
	g_string_free(reading.swallowed, TRUE);
	g_array_unref(reading.frames);
	return page;
}

void
page_free(struct page *page)
{
	if (page == NULL)
		return;
	for (guint i = 0; i < PAGE_STREAMS; i++)
		if (page->texts[i] != NULL)
			g_string_free(page->texts[i], TRUE);
	if (page->urls != NULL)
		g_string_free(page->urls, TRUE);
	g_ptr_array_unref(page->data);
	g_free(page);
}
