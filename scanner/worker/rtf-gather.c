/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rtf-gather - where what RTF says goes: text, notes, what is hidden, objects, fields. Never lets
 * what Word skips vanish: fallbacks longer than any writer's are hidden text.
 */
#include <string.h>

#include "worker/rtf-fields.h"
#include "worker/rtf-parts.h"

#define FALLBACK_MAX 4 /* characters that stand for one \u; more are looked at */

/* --- where text goes --- */

bool
rtf_is_shown(enum rtf_out out)
{
	return out == RTF_BODY || out == RTF_NOTES;
}

/* Where a character of the group at hand goes. */
enum rtf_out
rtf_target(const struct rtf *rtf)
{
	const struct group *group = &rtf->groups[rtf->depth];
	enum rtf_out out = group->out;

	if (rtf_is_shown(out) &&
	    (group->invisible != 0 || rtf->ended || (rtf->html && group->htmlrtf)))
		return RTF_HIDDEN;
	if (out == RTF_VALUE)
		return rtf->has_value ? RTF_NOTES : RTF_NONE;
	return out;
}

/* A character goes to hidden text: made invisible, or merely not shown by its place? */
static void
note_invisible(struct rtf *rtf, enum rtf_out out)
{
	const struct group *group = &rtf->groups[rtf->depth];

	if (out == RTF_HIDDEN && rtf_is_shown(group->out) &&
	    (group->invisible & (BY_V | BY_SIZE)) != 0)
		rtf->sink.facts |= RTF_INVISIBLE;
}

static void
put_byte(struct rtf *rtf, guint8 byte, enum rtf_out out)
{
	guint codepage = rtf->groups[rtf->depth].codepage;

	if (byte > ' ')
		note_invisible(rtf, out);
	rtf_sink_byte(&rtf->sink, byte, out, codepage != 0 ? codepage : rtf->codepage);
}

void
rtf_put_char(struct rtf *rtf, gunichar c)
{
	enum rtf_out out = rtf_target(rtf);

	if (c > ' ')
		note_invisible(rtf, out);
	rtf_sink_char(&rtf->sink, c, out);
}

/* --- objects --- */

void
rtf_object_byte(struct rtf *rtf, guint8 byte)
{
	if (rtf->object->len < rtf->object_max)
		g_byte_array_append(rtf->object, &byte, 1);
	else
		rtf->object_cut = true;
}

static void
object_digit(struct rtf *rtf, guint8 c)
{
	if (!g_ascii_isxdigit(c))
		return; /* junk among the digits, as Word takes it */
	rtf->object_byte = (guint8)(rtf->object_byte << 4 | g_ascii_xdigit_value((char)c));
	if (rtf->half)
		rtf_object_byte(rtf, rtf->object_byte);
	rtf->half = !rtf->half;
}

static void
object_end(struct rtf *rtf)
{
	if (rtf->object_cut)
		rtf->sink.facts |= RTF_OBJECT_CUT;
	else if (rtf->object->len > 0 && rtf->on_object != NULL && !rtf->no_objects)
		rtf->no_objects = !rtf->on_object(rtf->data, rtf->sink.outs[RTF_CLASS]->str,
		    rtf->sink.outs[RTF_NAME]->str, rtf->object->data, rtf->object->len);
	g_byte_array_set_size(rtf->object, 0);
	rtf->half = false;
	rtf->object_cut = false;
}

/* --- text --- */

void
rtf_text_byte(struct rtf *rtf, guint8 byte)
{
	enum rtf_out out = rtf_target(rtf);

	rtf->star = false;
	if (rtf->skip > 0) {
		rtf->skip--;
		if (rtf->groups[rtf->depth].fallback <= FALLBACK_MAX)
			return;
		out = RTF_HIDDEN;
	}
	if (rtf->high != 0) {
		rtf->high = 0;
		rtf->sink.facts |= RTF_UNEVEN;
	}
	if (out == RTF_OBJECT)
		object_digit(rtf, byte);
	else if (out != RTF_NONE && out != RTF_FONTS)
		put_byte(rtf, byte, out);
}

void
rtf_unicode(struct rtf *rtf)
{
	gint64 number = rtf->number < 0 ? rtf->number + 0x10000 : rtf->number;
	gunichar c = number >= 0 && number <= 0x10FFFF ? (gunichar)number : 0xFFFE;

	rtf->skip = rtf->groups[rtf->depth].fallback;
	if (c >= 0xD800 && c < 0xDC00) {
		rtf->high = c;
		return;
	}
	if (c >= 0xDC00 && c < 0xE000 && rtf->high != 0)
		c = 0x10000 + ((rtf->high - 0xD800) << 10) + (c - 0xDC00);
	rtf->high = 0;
	rtf_put_char(rtf, c);
}

/* What was gathered is whole. */
void
rtf_gathered(struct rtf *rtf, enum rtf_out out)
{
	GString *string = rtf->sink.outs[out];
	bool room = true;

	rtf_sink_flush(&rtf->sink);
	switch (out) {
	case RTF_FIELD:
		room = rtf_fields_instruction(string->str, rtf->urls, rtf->sink.outs[RTF_HIDDEN]);
		break;
	case RTF_TAG:
		room = rtf_fields_tag(string->str, rtf->urls, rtf->sink.outs[RTF_BODY]);
		break;
	case RTF_LINK:
		room = rtf_fields_add_url(rtf->urls, string->str, string->len);
		break;
	case RTF_SHAPE:
		rtf->has_value = g_str_has_prefix(string->str, "gtextUNICODE") ||
				 g_str_equal(string->str, "wzDescription") ||
				 g_str_equal(string->str, "wzName") ||
				 g_str_equal(string->str, "wzTooltip");
		break;
	case RTF_OBJECT:
		object_end(rtf);
		return;
	case RTF_NOTES:
	case RTF_HIDDEN:
		if (string->len > 0 && string->str[string->len - 1] != '\n')
			g_string_append_c(string, '\n');
		return;
	case RTF_VALUE:
		string = rtf->sink.outs[RTF_NOTES];
		if (rtf->has_value)
			g_string_append_c(string, '\n');
		return;
	default:
		return;
	}
	if (!room)
		rtf->sink.facts |= RTF_TEXT_CUT;
	g_string_truncate(string, 0);
}
