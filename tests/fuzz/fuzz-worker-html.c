/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz-worker-html - an HTML body of any charset through the reader of HTML. */
#include "part.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_part(data, size, "text/html", "");
	return 0;
}
