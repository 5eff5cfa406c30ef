/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rtf - see rtf.h. Never recurses, and never lets what Word skips vanish: unknown destinations and
 * what stands behind the last brace are hidden text.
 */
#include <string.h>

#include "worker/rtf-parts.h"
#include "worker/rtf-words.h"

#define DIGITS_MAX 10
#define FONTS_MAX  4096
#define TINY       3 /* half points */

struct rtf *
rtf_new(
    struct charset *charset, gsize text_max, gsize object_max, rtf_object *on_object, void *data)
{
	struct rtf *rtf = g_new0(struct rtf, 1);

	rtf_sink_init(&rtf->sink, charset, text_max);
	rtf->object_max = object_max;
	rtf->on_object = on_object;
	rtf->data = data;
	rtf->groups = g_new0(struct group, RTF_DEPTH_MAX + 1);
	rtf->groups[0].out = RTF_BODY;
	rtf->groups[0].fallback = 1;
	rtf->object = g_byte_array_new();
	rtf->fonts = g_hash_table_new(NULL, NULL);
	rtf->default_font = -1;
	rtf->codepage = 1252;
	rtf->urls = g_string_new(NULL);
	return rtf;
}

void
rtf_free(struct rtf *rtf)
{
	if (rtf == NULL)
		return;
	rtf_sink_clear(&rtf->sink);
	if (rtf->urls != NULL)
		g_string_free(rtf->urls, TRUE);
	g_byte_array_unref(rtf->object);
	g_hash_table_unref(rtf->fonts);
	g_free(rtf->groups);
	g_free(rtf);
}

/* --- groups and words --- */

static void
group_open(struct rtf *rtf)
{
	rtf->skip = 0;
	rtf->star = false;
	if (rtf->depth == RTF_DEPTH_MAX) {
		rtf->deeper++;
		rtf->sink.facts |= RTF_TOO_DEEP;
		return;
	}
	rtf->groups[rtf->depth + 1] = rtf->groups[rtf->depth];
	rtf->depth++;
}

static void
group_close(struct rtf *rtf)
{
	rtf->skip = 0;
	rtf->star = false;
	if (rtf->deeper > 0) {
		rtf->deeper--;
		return;
	}
	if (rtf->depth == 0) {
		rtf->sink.facts |= RTF_UNEVEN;
		return;
	}
	enum rtf_out out = rtf->groups[rtf->depth].out;
	if (out != rtf->groups[rtf->depth - 1].out)
		rtf_gathered(rtf, out);
	rtf->depth--;
	rtf->ended = rtf->ended || rtf->depth == 0;
}

static void
set_out(struct rtf *rtf, enum rtf_out out)
{
	struct group *group = &rtf->groups[rtf->depth];

	/* Machinery stays machinery, but for what a hostile writer would put there. */
	if (rtf->deeper > 0 || rtf->depth == 0 ||
	    (group->out == RTF_NONE && out != RTF_OBJECT && out != RTF_FIELD))
		return;
	if (group->out != out && rtf->groups[rtf->depth - 1].out != group->out)
		rtf_gathered(rtf, group->out);
	group->out = (guint8)out;
	if (out == RTF_CLASS || out == RTF_NAME)
		g_string_truncate(rtf->sink.outs[out], 0);
}

static gpointer
font_key(gint64 number)
{
	return GINT_TO_POINTER((int)CLAMP(number, -1, 100000) + 1);
}

static void
font_set(struct rtf *rtf, guint codepage)
{
	if (rtf->groups[rtf->depth].out == RTF_FONTS && g_hash_table_size(rtf->fonts) < FONTS_MAX)
		g_hash_table_insert(rtf->fonts, font_key(rtf->font), GUINT_TO_POINTER(codepage));
}

static void
charset_of_font(struct rtf *rtf)
{
	guint charset = (guint)CLAMP(rtf->number, 0, 255);
	guint codepage = rtf_words_codepage(charset);

	/* A writer of a double-byte code page means Latin by 0; others mean their own. */
	bool wide = rtf->codepage == 932 || rtf->codepage == 936 || rtf->codepage == 949 ||
		    rtf->codepage == 950;
	font_set(rtf, charset == 0 && wide ? 1252 : codepage);
}

static void
use_font(struct rtf *rtf, gint64 number)
{
	rtf->groups[rtf->depth].codepage =
	    GPOINTER_TO_UINT(g_hash_table_lookup(rtf->fonts, font_key(number)));
}

static void
set_invisible(struct rtf *rtf, enum invisible by, bool on)
{
	struct group *group = &rtf->groups[rtf->depth];

	group->invisible = (guint8)(on ? group->invisible | by : group->invisible & ~by);
}

/* Words that change how the text behind them is read. */
static void
do_word(struct rtf *rtf, const struct rtf_word *row)
{
	struct group *group = &rtf->groups[rtf->depth];
	bool on = !rtf->numbered || rtf->number != 0;

	switch (row->kind) {
	case RTF_DO_UC:
		group->fallback = (guint16)CLAMP(rtf->number, 0, G_MAXUINT16);
		break;
	case RTF_DO_V:
		set_invisible(rtf, BY_V, on);
		break;
	case RTF_DO_DELETED:
		set_invisible(rtf, BY_DELETED, on);
		break;
	case RTF_DO_FS:
		set_invisible(rtf, BY_SIZE, rtf->numbered && rtf->number < TINY);
		break;
	case RTF_DO_PLAIN:
		group->invisible = 0;
		use_font(rtf, rtf->default_font);
		break;
	case RTF_DO_F:
		if (group->out == RTF_FONTS)
			rtf->font = rtf->number;
		else
			use_font(rtf, rtf->number);
		break;
	case RTF_DO_DEFF:
		rtf->default_font = rtf->number;
		break;
	case RTF_DO_CODEPAGE:
		rtf->codepage =
		    row->value != 0 ? row->value : (guint)CLAMP(rtf->number, 0, G_MAXUINT16);
		break;
	case RTF_DO_FCHARSET:
		charset_of_font(rtf);
		break;
	case RTF_DO_CPG:
		font_set(rtf, (guint)CLAMP(rtf->number, 0, G_MAXUINT16));
		break;
	case RTF_DO_FROMHTML:
		rtf->html = true;
		break;
	case RTF_DO_HTMLRTF:
		group->htmlrtf = on;
		break;
	case RTF_DO_NEW_OBJECT:
		g_string_truncate(rtf->sink.outs[RTF_CLASS], 0);
		g_string_truncate(rtf->sink.outs[RTF_NAME], 0);
		break;
	default:
		break;
	}
}

/* Where an unknown destination within does not belong to what is around it. */
static bool
may_hide(enum rtf_out out)
{
	return rtf_is_shown(out) || out == RTF_OBJECT;
}

/* The word at hand is complete. */
static void
word_end(struct rtf *rtf)
{
	rtf->word[rtf->word_size] = '\0';
	const struct rtf_word *row = rtf_words_find(rtf->word);
	enum rtf_kind kind = row != NULL ? row->kind : RTF_UNKNOWN;
	bool star = rtf->star;

	rtf->star = false;
	rtf->state = IN_TEXT;
	if (rtf->negative)
		rtf->number = -rtf->number;
	if (kind == RTF_DO_BIN && rtf->number > 0) {
		rtf->binary = (guint64)rtf->number;
		rtf->state = IN_BINARY;
		rtf->half = false;
		return;
	}
	if (rtf->skip > 0) { /* a word is one of the characters of a fallback */
		rtf->skip--;
		return;
	}
	if (kind != RTF_DO_U && kind != RTF_DO_UC)
		rtf->high = 0;
	if (kind == RTF_DO_U)
		rtf_unicode(rtf);
	else if (kind == RTF_OUT)
		set_out(rtf, row->value);
	else if (kind == RTF_CHAR)
		rtf_put_char(rtf, row->value);
	else if (kind == RTF_UNKNOWN && star && may_hide(rtf->groups[rtf->depth].out))
		set_out(rtf, RTF_HIDDEN);
	else if (row != NULL)
		do_word(rtf, row);
}

/* A backslash and one character that is no letter. */
static void
sign(struct rtf *rtf, guint8 c)
{
	static const struct {
		char sign;
		guint16 c;
	} signs[] = { { '~', 0xA0 }, { '_', 0x2011 }, { '\n', '\n' }, { '\r', '\n' },
		{ '\t', '\t' } };

	rtf->state = IN_TEXT;
	if (c == '\\' || c == '{' || c == '}') {
		rtf_text_byte(rtf, c);
	} else if (c == '\'') {
		rtf->state = IN_HEX;
		rtf->hex = rtf->n_hex = 0;
	} else if (c == '*') {
		rtf->star = true;
	} else {
		for (gsize i = 0; i < G_N_ELEMENTS(signs); i++) {
			if (signs[i].sign != (char)c)
				continue;
			if (rtf->skip > 0)
				rtf->skip--;
			else
				rtf_put_char(rtf, signs[i].c);
		}
	}
}

/* --- bytes --- */

static void
plain(struct rtf *rtf, guint8 c)
{
	if (c == '\\')
		rtf->state = IN_SIGN;
	else if (c == '{')
		group_open(rtf);
	else if (c == '}')
		group_close(rtf);
	else if (c != '\r' && c != '\n')
		rtf_text_byte(rtf, c);
}

static void
binary_byte(struct rtf *rtf, guint8 c)
{
	if (rtf->groups[rtf->depth].out == RTF_OBJECT)
		rtf_object_byte(rtf, c);
	if (--rtf->binary == 0)
		rtf->state = IN_TEXT;
}

static void
word_begin(struct rtf *rtf, guint8 c)
{
	rtf->state = IN_WORD;
	rtf->word[0] = (char)c;
	rtf->word_size = 1;
	rtf->negative = rtf->numbered = false;
	rtf->number = 0;
	rtf->n_digits = 0;
}

/* Letters, then perhaps a number; one blank behind them is part of the word. */
static void
word_byte(struct rtf *rtf, guint8 c)
{
	if (rtf->state == IN_WORD && g_ascii_isalpha(c)) {
		if (rtf->word_size < RTF_WORD_MAX)
			rtf->word[rtf->word_size++] = (char)c;
		return;
	}
	if (rtf->state == IN_WORD && c == '-') {
		rtf->state = IN_NUMBER;
		rtf->negative = true;
		return;
	}
	if (g_ascii_isdigit(c) && rtf->n_digits < DIGITS_MAX) {
		rtf->state = IN_NUMBER;
		rtf->numbered = true;
		rtf->n_digits++;
		rtf->number = rtf->number * 10 + (c - '0');
		return;
	}
	bool hyphen = rtf->negative && !rtf->numbered;
	word_end(rtf);
	if (rtf->state == IN_BINARY) {
		if (c != ' ')
			binary_byte(rtf, c);
		return;
	}
	if (hyphen)
		rtf_text_byte(rtf, '-');
	if (c != ' ' || hyphen)
		plain(rtf, c);
}

static void
hex_byte(struct rtf *rtf, guint8 c)
{
	if (!g_ascii_isxdigit(c)) {
		rtf->state = IN_TEXT;
		plain(rtf, c);
		return;
	}
	rtf->hex = rtf->hex << 4 | (guint)g_ascii_xdigit_value((char)c);
	if (++rtf->n_hex < 2)
		return;
	rtf->state = IN_TEXT;
	if (rtf_target(rtf) != RTF_OBJECT) /* Word drops it there */
		rtf_text_byte(rtf, (guint8)rtf->hex);
}

void
rtf_add(struct rtf *rtf, const guint8 *bytes, gsize size)
{
	for (gsize i = 0; i < size; i++) {
		guint8 c = bytes[i];
		switch (rtf->state) {
		case IN_TEXT:
			plain(rtf, c);
			break;
		case IN_SIGN:
			if (g_ascii_isalpha(c))
				word_begin(rtf, c);
			else
				sign(rtf, c);
			break;
		case IN_WORD:
		case IN_NUMBER:
			word_byte(rtf, c);
			break;
		case IN_HEX:
			hex_byte(rtf, c);
			break;
		case IN_BINARY:
			binary_byte(rtf, c);
			break;
		}
	}
}

void
rtf_end(struct rtf *rtf, struct rtf_result *result)
{
	if (rtf->state == IN_WORD || rtf->state == IN_NUMBER)
		word_end(rtf);
	if (rtf->state == IN_BINARY)
		rtf->sink.facts |= RTF_BROKEN;
	if (rtf->depth > 0)
		rtf->sink.facts |= RTF_UNEVEN;
	while (rtf->deeper > 0 || rtf->depth > 0)
		group_close(rtf);
	rtf_sink_flush(&rtf->sink);
	GString *text = g_steal_pointer(&rtf->sink.outs[RTF_BODY]);
	const GString *notes = rtf->sink.outs[RTF_NOTES];
	if (text->len > 0 && notes->len > 0 && text->str[text->len - 1] != '\n')
		g_string_append_c(text, '\n');
	g_string_append_len(text, notes->str, (gssize)notes->len);
	result->text = text;
	result->hidden = g_steal_pointer(&rtf->sink.outs[RTF_HIDDEN]);
	result->urls = g_steal_pointer(&rtf->urls);
	result->facts = rtf->sink.facts;
}
