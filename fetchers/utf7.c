/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fetchers/utf7.h"

#include <stdbool.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/* Adds one UTF-16 unit; *high is a high surrogate that waits for its partner. */
static bool
add_unit(GString *out, guint unit, guint *high)
{
	if (*high != 0) {
		if (unit < 0xdc00 || unit > 0xdfff)
			return false;
		g_string_append_unichar(out, 0x10000 + ((*high - 0xd800) << 10) + (unit - 0xdc00));
		*high = 0;
		return true;
	}
	if (unit >= 0xd800 && unit <= 0xdbff) {
		*high = unit;
		return true;
	}
	if ((unit >= 0xdc00 && unit <= 0xdfff) || g_unichar_iscntrl(unit))
		return false;
	g_string_append_unichar(out, unit);
	return true;
}

/* With *at behind the "&", up to behind the "-". */
static bool
decode_shifted(const char **at, GString *out)
{
	guint bits = 0, held = 0, high = 0;

	for (; **at != '-'; (*at)++) {
		const char *digit = **at != '\0' ? strchr(alphabet, **at) : NULL;
		if (digit == NULL)
			return false;
		held = ((held << 6) | (guint)(digit - alphabet)) & 0x3fffff;
		bits += 6;
		if (bits < 16)
			continue;
		bits -= 16;
		if (!add_unit(out, (held >> bits) & 0xffff, &high))
			return false;
	}
	(*at)++;
	/* What is left is padding: less than a digit, all zero. */
	return high == 0 && bits < 6 && (held & ((1u << bits) - 1)) == 0;
}

char *
utf7_decode(const char *name)
{
	g_autoptr(GString) out = g_string_new(NULL);

	for (const char *at = name; *at != '\0';) {
		if (*at < ' ' || *at > '~')
			return NULL;
		if (*at != '&') {
			g_string_append_c(out, *at++);
		} else if (at[1] == '-') {
			g_string_append_c(out, '&');
			at += 2;
		} else {
			at++;
			if (!decode_shifted(&at, out))
				return NULL;
		}
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

static void
encode_unit(GString *out, guint unit, guint *held, guint *bits)
{
	*held = (*held << 16) | unit;
	*bits += 16;
	while (*bits >= 6) {
		*bits -= 6;
		g_string_append_c(out, alphabet[(*held >> *bits) & 0x3f]);
	}
	*held &= (1u << *bits) - 1;
}

/* A run of characters outside ASCII; returns the first one behind it. */
static const char *
encode_shifted(const char *at, GString *out)
{
	guint held = 0, bits = 0;

	g_string_append_c(out, '&');
	for (; *at != '\0' && (*at < ' ' || *at > '~'); at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);
		if (c >= 0x10000) {
			encode_unit(out, 0xd800 + ((c - 0x10000) >> 10), &held, &bits);
			c = 0xdc00 + ((c - 0x10000) & 0x3ff);
		}
		encode_unit(out, c, &held, &bits);
	}
	if (bits > 0)
		g_string_append_c(out, alphabet[(held << (6 - bits)) & 0x3f]);
	g_string_append_c(out, '-');
	return at;
}

char *
utf7_encode(const char *name)
{
	g_autoptr(GString) out = g_string_new(NULL);

	for (const char *at = name; *at != '\0';) {
		if (*at == '&') {
			g_string_append(out, "&-");
			at++;
		} else if (*at >= ' ' && *at <= '~') {
			g_string_append_c(out, *at++);
		} else {
			at = encode_shifted(at, out);
		}
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}
