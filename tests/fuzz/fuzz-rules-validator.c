/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any text that a pattern of anybody's may match, given to every validator: each says yes or no,
 * and says the same again of the value that it made.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rules/validator.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_utf8_make_valid((const char *)data, (gssize)size);

	for (const struct validator *one = validators; one->word != NULL; one++) {
		g_autofree char *value = validator_value(one, text, strlen(text));
		if (value == NULL)
			continue;
		g_autofree char *again = validator_value(one, value, strlen(value));
		if (again == NULL || strcmp(again, value) != 0)
			g_error("%s: \"%s\" is right and is wrong", one->word, value);
	}
	return 0;
}
