/* SPDX-License-Identifier: GPL-3.0-or-later */
/* markup - see markup.h. Never hands libxml2 a byte that was not counted. */
#include "worker/markup.h"

#include <libxml/hash.h>
#include <string.h>

#include "worker/tags.h"

#define FEED       (16 * 1024)
#define HEAD_MAX   1024 /* in which a declaration ends, or is none */
#define LABEL_MAX  40
#define PROLOG_MAX 1000 /* '>' in front of the first element; LibreOffice writes two */

enum order { BYTES, LOW_FIRST, HIGH_FIRST };

struct markup {
	xmlParserCtxtPtr parser;
	struct tags tags;
	GString
	    *head; /* bytes from the start, until what they are written in is known; then NULL */
	enum order order;
	bool odd;     /* half a unit of UTF-16 came */
	guint8 one;   /* that half */
	guint prolog; /* ends of tags and the like in front of the first element */
	bool begun;   /* that element came */
	bool over, refused, tolerant;
};

struct markup *
markup_new(const xmlSAXHandler *handler, void *data, bool recover)
{
	struct markup *markup = g_new0(struct markup, 1);
	xmlSAXHandler copy = *handler;
	int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;

	markup->head = g_string_new(NULL);
	markup->tags.xml = true;
	markup->tolerant = recover;
	markup->parser = xmlCreatePushParserCtxt(&copy, data, NULL, 0, NULL);
	if (markup->parser != NULL)
		xmlCtxtUseOptions(markup->parser, recover ? options | XML_PARSE_RECOVER : options);
	return markup;
}

void
markup_free(struct markup *markup)
{
	if (markup == NULL)
		return;
	/* The parser makes a document for the entities that a DTD declares, and leaves it. */
	if (markup->parser != NULL && markup->parser->myDoc != NULL)
		xmlFreeDoc(markup->parser->myDoc);
	xmlFreeParserCtxt(markup->parser);
	if (markup->head != NULL)
		g_string_free(markup->head, TRUE);
	g_free(markup);
}

static enum markup_result
state(const struct markup *markup)
{
	if (markup->over)
		return MARKUP_OVER_LIMIT;
	if (markup->refused || markup->parser == NULL || markup->parser->disableSAX != 0 ||
	    (!markup->tolerant && markup->parser->wellFormed == 0))
		return MARKUP_BROKEN;
	return MARKUP_FINE;
}

/* The piece as ASCII, where all else is some byte that means nothing in a tag. Its size. */
static gsize
narrow(struct markup *markup, const char *data, gsize size, char *out)
{
	gsize n = 0;

	for (gsize i = 0; i < size; i++) {
		guint8 byte = (guint8)data[i];
		if (!markup->odd) {
			markup->one = byte;
		} else {
			guint8 low = markup->order == LOW_FIRST ? markup->one : byte;
			guint8 high = markup->order == LOW_FIRST ? byte : markup->one;
			out[n++] = (char)(high == 0 && low < 0x80 ? low : 0x80);
		}
		markup->odd = !markup->odd;
	}
	return n;
}

bool
markup_holds_back(const xmlParserCtxt *parser)
{
	const char *at = (const char *)parser->input->cur;
	gsize left = (gsize)(parser->input->end - parser->input->cur);

	return parser->instate == XML_PARSER_CDATA_SECTION ||
	       (left >= 4 && memcmp(at, "<!--", 4) == 0) ||
	       (left >= 9 && memcmp(at, "<![CDATA[", 9) == 0) ||
	       (parser->html == 0 && left >= 2 && memcmp(at, "<?", 2) == 0);
}

/* In front of the first element. What a DTD adds to elements is added to each, and not counted. */
static void
watch_prolog(struct markup *markup)
{
	const xmlParserCtxt *parser = markup->parser;

	if (parser->nameNr > 0 || parser->instate == XML_PARSER_CONTENT ||
	    parser->instate == XML_PARSER_EPILOG)
		markup->begun = true;
	else if (++markup->prolog > PROLOG_MAX)
		markup->over = true;
	if (xmlHashSize(parser->attsDefault) > 0)
		markup->over = true;
}

/* The next bytes, up to the first of which another tag may have too many. Returns their number. */
static gsize
parse_piece(struct markup *markup, const char *data, gsize size)
{
	char narrowed[FEED];
	const char *seen = data, *end;
	gsize seen_size = size;
	struct markup before = *markup;

	if (markup->order != BYTES) {
		seen_size = narrow(markup, data, size, narrowed);
		seen = narrowed;
	}
	gsize wanted = seen_size;
	if (!markup->begun && (end = memchr(seen, '>', seen_size)) != NULL)
		wanted = (gsize)(end - seen) + 1;
	gsize taken = tags_feed(&markup->tags, seen, wanted);
	gsize bytes = size;
	if (taken < seen_size) {
		bytes = markup->order == BYTES ? taken : taken == 0 ? 0 : 2 * taken - before.odd;
		markup->odd = bytes == 0 && before.odd;
		markup->one = before.one;
	}
	xmlParseChunk(markup->parser, data, (int)bytes, 0);
	if (taken < wanted) {
		markup->over = !markup_holds_back(markup->parser);
		tags_forget(&markup->tags);
	}
	if (!markup->begun)
		watch_prolog(markup);
	return bytes;
}

static void
parse(struct markup *markup, const char *data, gsize size)
{
	for (gsize at = 0; at < size && state(markup) == MARKUP_FINE;) {
		at += parse_piece(markup, data + at, MIN(size - at, FEED));
		/* A name and an address each. */
		if (markup->parser->nsNr > 2 * MARKUP_NAMESPACES_MAX ||
		    markup->parser->nameNr > MARKUP_DEPTH_MAX)
			markup->over = true;
	}
}

/* By its first bytes (XML 1.0 appendix F). */
static enum order
order_of(const GString *head)
{
	if (head->len < 2)
		return BYTES;
	if (memcmp(head->str, "\xFF\xFE", 2) == 0 || memcmp(head->str, "<\0", 2) == 0)
		return LOW_FIRST;
	if (memcmp(head->str, "\xFE\xFF", 2) == 0 || memcmp(head->str, "\0<", 2) == 0)
		return HIGH_FIRST;
	return BYTES;
}

/* The charset that the declaration names; NULL: none. */
static char *
label_of(const char *head)
{
	const char *end = strstr(head, "?>");
	const char *at = strstr(head, "encoding");

	if (strstr(head, "<?xml") == NULL || at == NULL || (end != NULL && at > end))
		return NULL;
	at += strlen("encoding");
	at += strspn(at, " \t\r\n=");
	if (*at != '"' && *at != '\'')
		return NULL;
	const char quote[] = { *at++, '\0' };
	return g_ascii_strdown(at, (gssize)MIN(strcspn(at, quote), LABEL_MAX));
}

/* True when '<', '>', '=', quotes and blanks are bytes of their own there, and no part of others.
 */
static bool
is_told_by_bytes(const char *label)
{
	static const char *const starts[] = { "utf-8", "utf8", "us-ascii", "ascii", "iso-8859-",
		"iso8859", "iso_8859", "latin", "windows-", "cp125", "koi8-", "macintosh", "gb2312",
		"gbk", "gb18030", "big5", "euc-", "shift_jis", "shift-jis", "sjis", "tis-620",
		NULL };

	for (gsize i = 0; starts[i] != NULL; i++)
		if (g_str_has_prefix(label, starts[i]))
			return true;
	return false;
}

/* What the bytes are is seen in the first of them; then those go on their way. */
static void
begin(struct markup *markup)
{
	g_autoptr(GString) head = g_steal_pointer(&markup->head);
	static const guint8 ebcdic[] = { 0x4C, 0x6F, 0xA7, 0x94 };

	markup->order = order_of(head);
	g_autofree char *text = g_malloc(head->len + 1);
	gsize size = head->len;
	if (markup->order == BYTES)
		memcpy(text, head->str, size);
	else
		size = narrow(markup, head->str, size, text);
	markup->odd = false;
	for (gsize i = 0; i < size; i++)
		if (text[i] == '\0')
			text[i] = ' '; /* of UTF-32, of which there is none here */
	text[size] = '\0';
	g_autofree char *label = label_of(text);
	bool wide =
	    head->len >= 4 &&
	    (memcmp(head->str, "\xFF\xFE\0\0", 4) == 0 || memcmp(head->str, "<\0\0\0", 4) == 0 ||
		memcmp(head->str, "\0\0", 2) == 0 || memcmp(head->str, ebcdic, 4) == 0);
	bool known =
	    label == NULL || (markup->order == BYTES ? is_told_by_bytes(label)
						     : g_str_has_prefix(label, "utf-16") ||
							   g_str_has_prefix(label, "utf-8"));
	markup->refused = wide || !known;
	parse(markup, head->str, head->len);
}

enum markup_result
markup_feed(struct markup *markup, const char *data, gsize size)
{
	if (markup->head == NULL) {
		parse(markup, data, size);
		return state(markup);
	}
	g_string_append_len(markup->head, data, (gssize)size);
	if (markup->head->len >= HEAD_MAX)
		begin(markup);
	return state(markup);
}

enum markup_result
markup_end(struct markup *markup)
{
	if (markup->head != NULL)
		begin(markup);
	if (state(markup) == MARKUP_FINE) {
		xmlParseChunk(markup->parser, NULL, 0, 1);
		if (markup->parser->wellFormed == 0)
			markup->refused = true;
	}
	return state(markup);
}
