/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz-worker-words - header values: encoded words, parameters and addresses. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "worker/addresses.h"
#include "worker/dissect.h"
#include "worker/headers.h"
#include "worker/names.h"
#include "worker/parameters.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const char *text)
{
	if (!g_utf8_validate(text, -1, NULL) || strpbrk(text, "\r\n") != NULL)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dissect *dissect; /* sets GMime up */
	static struct charset *charset;
	static struct limits limits;
	g_autofree char *raw = g_strndup((const char *)data, size);
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)address_free);
	struct header_block block;

	if (charset == NULL) {
		limits_default(&limits);
		dissect = dissect_new(&limits, NULL);
		if (dissect == NULL)
			abort();
		charset = charset_new();
	}
	g_autofree char *text = headers_decode(charset, raw);
	check(text);
	g_autoptr(parameters) parameters = parameters_parse(charset, raw);
	for (guint i = 0; i < parameters->items->len; i++) {
		const struct parameter *one = parameters->items->pdata[i];
		if (!g_utf8_validate(one->value, -1, NULL) || !g_utf8_validate(one->name, -1, NULL))
			abort();
		names_facts(one->value, parameters->value, "application/pdf");
	}
	addresses_add(charset, ADDRESS_TO, raw, 100, list);
	for (guint i = 0; i < list->len; i++) {
		const struct address *one = list->pdata[i];
		check(one->name);
		check(one->address);
	}
	headers_split(raw, strlen(raw), &limits, &block);
	headers_clear(&block);
	return 0;
}
