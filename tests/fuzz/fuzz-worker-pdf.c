/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz-worker-pdf - any bytes as a PDF, through poppler and what stands around it. */
#include "part.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_part(data, size, "application/pdf", "file.pdf");
	return 0;
}
