/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz-worker-card - a calendar or a card. */
#include "part.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char start[] = "BEGIN:VC";
	g_autofree uint8_t *card = g_malloc(sizeof start - 1 + size);

	memcpy(card, start, sizeof start - 1);
	if (size > 0)
		memcpy(card + sizeof start - 1, data, size);
	fuzz_part(card, sizeof start - 1 + size, "text/calendar", "a.ics");
	return 0;
}
