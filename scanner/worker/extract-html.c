/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * extract-html - HTML into the text that people see, the text that they do not, and link targets.
 * Never loads anything.
 */
#include "worker/extract.h"

#include <string.h>

#include "worker/data-uri.h"
#include "worker/names.h"
#include "worker/page.h"

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

static bool
is_late(void *scan)
{
	return scan_late(scan);
}

/* Each stream is a text of its own. What nobody sees counts for no words of the message. */
static void
add_streams(struct item *item, struct page *page)
{
	enum component component = extract_component(item);
	static const bool hidden[PAGE_STREAMS] = { [PAGE_HIDDEN] = true, [PAGE_COMMENTS] = true };

	/* Comments are in every page that Office writes: they are not text hidden from a reader. */
	if (page->texts[PAGE_HIDDEN]->len > 0)
		item->scan->message->facts |= FACT_HIDDEN_TEXT;
	for (guint i = 0; i < PAGE_STREAMS; i++) {
		guint visible = item->scan->visible;
		extract_add_text(item, component, g_steal_pointer(&page->texts[i]), hidden[i]);
		if (hidden[i])
			item->scan->visible = visible;
	}
	extract_add_text(item, COMPONENT_URLS, g_steal_pointer(&page->urls), false);
}

static void
read_page(struct item *item, const char *text, gsize text_size, bool files)
{
	g_autoptr(page) page = page_read(text, text_size, is_late, item->scan);

	if (page->late)
		scan_outcome(item->scan, item->part, PART_TIMEOUT, "the time was over");
	if (page->broken) {
		scan_outcome(item->scan, item->part, PART_BROKEN, "the HTML breaks off its reader");
		g_string_assign(page->texts[PAGE_SEEN], text);
	}
	add_streams(item, page);
	for (guint i = 0; files && i < page->data->len; i++)
		data_uri_read(item, page->data->pdata[i]);
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
	GString *second =
	    extract_second(item, meta != NULL ? meta : item->charset, bytes, size, text);
	g_clear_pointer(&bytes, g_free);
	read_page(item, text, text_size, true);
	if (second != NULL) {
		read_page(item, second->str, second->len, false);
		g_string_free(second, TRUE);
	}
}

const struct extractor extract_html = {
	.name = "html",
	.takes = html_takes,
	.wanted = WANTED_TEXT,
	.read = html_read,
};
