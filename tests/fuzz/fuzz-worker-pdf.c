/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz-worker-pdf - any bytes as a PDF, through poppler and what stands around it. */
#include "part.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char mark[] = "%PDF-1.7\n";
	struct scan scan;
	struct item *item = fuzz_begin(&scan, "application/pdf", "file.pdf");

	/* What does not begin as a PDF is another reader's, and each has a target of its own. */
	if (size < 5 || memcmp(data, mark, 5) != 0)
		extract_add(item, (const guint8 *)mark, sizeof mark - 1);
	extract_add(item, data, size);
	fuzz_end(&scan, item);
	return 0;
}
