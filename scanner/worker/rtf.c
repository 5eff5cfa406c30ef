/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rtf - see rtf.h. Never recurses, and never lets what Word skips vanish: fallbacks longer than any
 * writer's, unknown destinations and what stands behind the last brace are hidden text.
 */
#include "worker/rtf.h"

#include <string.h>

#include "worker/rtf-fields.h"
#include "worker/rtf-sink.h"
#include "worker/rtf-words.h"

#define WORD_MAX     32
#define DIGITS_MAX   10
#define FONTS_MAX    4096
#define FALLBACK_MAX 4 /* characters that stand for one \u; more are looked at */
#define TINY         3 /* half points */

enum state { IN_TEXT, IN_SIGN, IN_WORD, IN_NUMBER, IN_HEX, IN_BINARY };

enum invisible { BY_V = 1, BY_SIZE = 2, BY_DELETED = 4 };

struct group {
	guint8 out;       /* enum rtf_out */
	guint8 invisible; /* enum invisible */
	bool htmlrtf;     /* not of the HTML that is encapsulated */
	guint16 fallback; /* \uc */
	guint32 codepage; /* 0: the document's */
};

struct rtf {
	gsize object_max;
	rtf_object *on_object;
	void *data;

	struct group *groups; /* RTF_DEPTH_MAX + 1; the first is outside of all */
	guint depth;
	guint64 deeper; /* groups that have no place there */

	enum state state;
	char word[WORD_MAX + 1];
	gsize word_size;
	bool negative, numbered;
	guint n_digits;
	gint64 number;
	guint hex, n_hex;
	guint64 binary; /* bytes still to come */

	bool star;       /* \* was the last word */
	guint skip;      /* characters that stand for a \u */
	gunichar high;   /* a surrogate that waits for its other half */
	bool html;       /* \fromhtml */
	bool ended;      /* the last brace was closed */
	bool has_value;  /* the shape property at hand is text */
	bool no_objects; /* the caller wants no more */
	bool half;       /* of a byte of an object */
	bool object_cut;
	guint8 object_byte;
	GByteArray *object;

	GHashTable *fonts; /* number + 1 -> code page, or 0 for the document's */
	gint64 font, default_font;
	guint codepage;

	struct rtf_sink sink;
	GString *urls;
};

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

/* --- where text goes --- */

static bool
is_shown(enum rtf_out out)
{
	return out == RTF_BODY || out == RTF_NOTES;
}

/* Where a character of the group at hand goes. */
static enum rtf_out
target(const struct rtf *rtf)
{
	const struct group *group = &rtf->groups[rtf->depth];
	enum rtf_out out = group->out;

	if (is_shown(out) && (group->invisible != 0 || rtf->ended || (rtf->html && group->htmlrtf)))
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

	if (out == RTF_HIDDEN && is_shown(group->out) && (group->invisible & (BY_V | BY_SIZE)) != 0)
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

static void
put_char(struct rtf *rtf, gunichar c)
{
	enum rtf_out out = target(rtf);

	if (c > ' ')
		note_invisible(rtf, out);
	rtf_sink_char(&rtf->sink, c, out);
}

/* --- objects --- */

static void
object_byte(struct rtf *rtf, guint8 byte)
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
		object_byte(rtf, rtf->object_byte);
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

static void
text_byte(struct rtf *rtf, guint8 byte)
{
	enum rtf_out out = target(rtf);

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

static void
unicode(struct rtf *rtf)
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
	put_char(rtf, c);
}

/* What was gathered is whole. */
static void
gathered(struct rtf *rtf, enum rtf_out out)
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
		gathered(rtf, out);
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
		gathered(rtf, group->out);
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
	return is_shown(out) || out == RTF_OBJECT;
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
		unicode(rtf);
	else if (kind == RTF_OUT)
		set_out(rtf, row->value);
	else if (kind == RTF_CHAR)
		put_char(rtf, row->value);
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
		text_byte(rtf, c);
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
				put_char(rtf, signs[i].c);
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
		text_byte(rtf, c);
}

static void
binary_byte(struct rtf *rtf, guint8 c)
{
	if (rtf->groups[rtf->depth].out == RTF_OBJECT)
		object_byte(rtf, c);
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
		if (rtf->word_size < WORD_MAX)
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
		text_byte(rtf, '-');
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
	if (target(rtf) != RTF_OBJECT) /* Word drops it there */
		text_byte(rtf, (guint8)rtf->hex);
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
