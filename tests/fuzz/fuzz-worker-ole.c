/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz-worker-ole - an OLE file, and all that is read of one. */
#include "part.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scan scan;

	if (size < 8)
		return 0;
	struct item *item = fuzz_begin(&scan, "", "file");
	/* Whatever the input begins with, it is taken for an OLE file. */
	extract_add(item, (const guint8 *)"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8);
	extract_add(item, data + 8, size - 8);
	fuzz_end(&scan, item);
	return 0;
}
