/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fetchers/uidset.h"

gint
uidset_compare(gconstpointer left, gconstpointer right)
{
	guint32 a = *(const guint32 *)left, b = *(const guint32 *)right;

	return (a > b) - (a < b);
}

void
uidset_sort(GArray *uids)
{
	guint kept = 0;

	g_array_sort(uids, uidset_compare);
	for (guint i = 0; i < uids->len; i++) {
		guint32 uid = g_array_index(uids, guint32, i);
		if (uid == 0 || (kept > 0 && uid == g_array_index(uids, guint32, kept - 1)))
			continue;
		g_array_index(uids, guint32, kept++) = uid;
	}
	g_array_set_size(uids, kept);
}

guint
uidset_print(GString *out, const GArray *uids, guint from, guint max)
{
	gsize start = out->len;
	guint end = uids->len - from > max ? from + max : uids->len;

	while (from < end && out->len - start < UIDSET_TEXT_MAX) {
		guint32 first = g_array_index(uids, guint32, from), last = first;
		while (++from < end && g_array_index(uids, guint32, from) == last + 1)
			last++;
		g_string_append_printf(out, "%s%u", out->len > start ? "," : "", first);
		if (last > first)
			g_string_append_printf(out, ":%u", last);
	}
	return from;
}

/* A number above 0 at *at, stepped over. */
static bool
parse_uid(const char **at, guint32 *out)
{
	char *end;

	if (!g_ascii_isdigit(**at))
		return false;
	guint64 number = g_ascii_strtoull(*at, &end, 10);
	*at = end;
	*out = (guint32)number;
	return number > 0 && number <= G_MAXUINT32;
}

bool
uidset_parse(const char *text, GArray *ranges, guint max)
{
	for (const char *at = text;; at++) {
		struct uidset_range range;
		if (!parse_uid(&at, &range.from))
			return false;
		range.to = range.from;
		if (*at == ':' && (at++, !parse_uid(&at, &range.to)))
			return false;
		/* RFC 3501 section 9: either end may stand first. */
		if (range.to < range.from)
			range = (struct uidset_range){ range.to, range.from };
		if (ranges->len >= max || (*at != ',' && *at != '\0'))
			return false;
		g_array_append_val(ranges, range);
		if (*at == '\0')
			return true;
	}
}
