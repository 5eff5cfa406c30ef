/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz-worker-apple - any bytes behind the magic of AppleSingle or AppleDouble. */
#include "part.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const guint8 magic[][4] = { { 0, 5, 0x16, 0 }, { 0, 5, 0x16, 7 } };
	struct scan scan;

	if (size == 0)
		return 0;
	struct item *item = fuzz_begin(&scan, "application/applefile", "plan");
	extract_add(item, magic[data[0] & 1], sizeof magic[0]);
	extract_add(item, data + 1, size - 1);
	fuzz_end(&scan, item);
	return 0;
}
