/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bytes as a hostile worker sends them: refused, or taken and then put and got again unchanged.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mail/verdict.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
show(const struct verdict *verdict)
{
	for (guint i = 0; i < verdict->flags->len; i++) {
		const struct flag *flag = g_ptr_array_index(verdict->flags, i);
		for (guint j = 0; j < flag->hits->len; j++) {
			g_autofree char *masked =
			    hit_excerpt(g_ptr_array_index(flag->hits, j), false);
			g_autofree char *component =
			    hit_component(g_ptr_array_index(flag->hits, j));
			if (!g_utf8_validate(masked, -1, NULL) || component[0] == '\0')
				abort();
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct packed in = packed_bytes(data, size);
	g_autoptr(GError) error = NULL;
	g_autoptr(verdict) verdict = verdict_get(&in, &error);

	if ((verdict == NULL) != (error != NULL))
		abort();
	if (verdict == NULL)
		return 0;
	show(verdict);
	g_autoptr(GByteArray) again = g_byte_array_new();
	verdict_put(again, verdict);
	if (again->len != size || memcmp(again->data, data, size) != 0)
		abort();
	return 0;
}
