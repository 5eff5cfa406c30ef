/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz-worker-encoded - any text: the files within it, in memory and by windows. */
#include "part.h"
#include "worker/lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every byte comes by once, in order. */
static void
check_lines(const struct blob *blob)
{
	struct lines lines;
	struct line line;
	guint64 at = 0;

	lines_begin(&lines, blob, 0);
	while (lines_next(&lines, &line)) {
		if (line.offset != at || line.full == 0 || line.size > line.full)
			abort();
		at += line.full;
	}
	if (at != blob_kept(blob))
		abort();
	lines_end(&lines);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scan scan;
	struct item *item = fuzz_begin(&scan, "", "");

	extract_add(item, data, size);
	check_lines(item->blob);
	fuzz_end(&scan, item);
	return 0;
}
