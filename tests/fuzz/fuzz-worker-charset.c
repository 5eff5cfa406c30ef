/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz-worker-charset - the first byte chooses a label, the others are text under it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "worker/guess.h"
#include "worker/inner.h"

#define ROOM 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const char *text, gsize size)
{
	if (!g_utf8_validate_len(text, size, NULL) || strlen(text) != size || size > ROOM)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const labels[] = { "", "utf-8", "us-ascii", "iso-8859-1", "utf-16",
		"utf-7", "shift_jis", "iso-2022-jp", "hz-gb-2312", "ibm037", "koi8-r", "no-such" };
	static struct charset *charset;
	struct charset_result result;
	gsize second_size;

	if (size == 0)
		return 0;
	if (charset == NULL)
		charset = charset_new();
	const char *label = labels[data[0] % G_N_ELEMENTS(labels)];
	const char *bytes = (const char *)data + 1;
	g_autofree char *text = charset_decode(charset, label, bytes, size - 1, ROOM, &result);
	check(text, result.size);
	g_autofree char *second =
	    guess_second(charset, label, bytes, size - 1, text, ROOM, &second_size);
	if (second != NULL)
		check(second, second_size);
	GString *inner = inner_base64(charset, text, result.size, ROOM);
	check(inner->str, inner->len);
	g_string_free(inner, TRUE);
	return 0;
}
