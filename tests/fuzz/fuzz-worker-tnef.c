/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz-worker-tnef - any bytes behind the signature of TNEF. */
#include "part.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scan scan;
	struct item *item = fuzz_begin(&scan, "application/ms-tnef", "");

	extract_add(item, (const guint8 *)"\x78\x9F\x3E\x22", 4);
	extract_add(item, data, size);
	fuzz_end(&scan, item);
	return 0;
}
