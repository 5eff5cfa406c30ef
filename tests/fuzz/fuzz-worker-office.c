/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz-worker-office - any bytes as the members of a document: sheets, words, and a flat one. */
#include <stdint.h>
#include <stdlib.h>

#include "worker/office.h"

#define ROOM (64 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_as(struct office *office, const char *name, const uint8_t *data, size_t size)
{
	office_begin(office, name);
	office_feed(office, (const char *)data, size);
	office_end(office);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(office) office = office_new(ROOM);

	read_as(office, "xl/workbook.xml", data, size);
	read_as(office, "xl/_rels/workbook.xml.rels", data, size);
	read_as(office, "xl/sharedStrings.xml", data, size);
	read_as(office, "word/styles.xml", data, size);
	office_link(office);
	read_as(office, "xl/worksheets/sheet1.xml", data, size);
	read_as(office, "word/document.xml", data, size);
	office_xlsb(office, data, size);
	for (guint i = 0; i < OFFICE_STREAMS; i++) {
		GString *text = office_take(office, i);
		if (!g_utf8_validate_len(text->str, text->len, NULL) || text->len > 3 * ROOM)
			abort();
		g_string_free(text, TRUE);
	}
	return 0;
}
