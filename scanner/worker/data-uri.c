/* SPDX-License-Identifier: GPL-3.0-or-later */
/* data-uri - see data-uri.h. Never adds an empty part. */
#include "worker/data-uri.h"

#include <string.h>

#include "worker/decode.h"
#include "worker/parameters.h"

/* Percent-encoding undone; blanks and line breaks of base64 are left to its decoder. */
static GByteArray *
unescape(const char *text)
{
	GByteArray *out = g_byte_array_new();

	for (; *text != '\0'; text++) {
		guint8 byte = (guint8)*text;
		if (byte == '%' && g_ascii_isxdigit(text[1]) && g_ascii_isxdigit(text[2])) {
			byte = (guint8)(g_ascii_xdigit_value(text[1]) << 4 |
					g_ascii_xdigit_value(text[2]));
			text += 2;
		}
		g_byte_array_append(out, &byte, 1);
	}
	return out;
}

bool
data_uri_read(struct item *item, const char *uri)
{
	while (g_ascii_isspace(*uri))
		uri++;
	if (g_ascii_strncasecmp(uri, "data:", 5) != 0)
		return false;
	const char *comma = strchr(uri, ',');
	if (comma == NULL)
		return false;
	g_autofree char *head = g_strndup(uri + 5, (gsize)(comma - uri) - 5);
	g_autoptr(parameters) type = parameters_parse(item->scan->charset, head);
	g_autofree char *folded = g_ascii_strdown(head, -1);
	g_autoptr(GByteArray) bytes = unescape(comma + 1);
	g_autoptr(GByteArray) decoded = g_byte_array_new();
	struct decode decode;

	decode_begin(&decode, g_strrstr(folded, ";base64") != NULL ? DECODE_BASE64 : DECODE_NONE);
	if (decode.kind == DECODE_NONE)
		g_byte_array_append(decoded, bytes->data, bytes->len);
	else
		decode_add(&decode, bytes->data, bytes->len, decoded);
	decode_end(&decode, decoded);
	const char *name = parameters_get(type, "name");
	if (decoded->len > 0)
		extract_member(item, name != NULL ? name : "",
		    strchr(type->value, '/') != NULL ? type->value : "text/plain", decoded->data,
		    decoded->len);
	return true;
}
