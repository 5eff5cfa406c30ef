/* SPDX-License-Identifier: GPL-3.0-or-later */
/* normalise - see normalise.h. Never writes more bytes than it read, so buffers are made once. */
#include "worker/normalise.h"

#include <string.h>

#include "worker/letters.h"

#define SPACED_MIN   5  /* single letters in a row that are one word */
#define CLUSTER_MAX  16 /* marks taken in by one letter; sorting them is not linear */
#define TAG_MAX      256
#define TAGS_MAX     2048
#define ALIKE_MIN    3 /* letters of a word that is a disguise as a whole */
#define TAGGED_MIN   4 /* tag characters in a row that spell something */
#define TAGS_FIRST   0xE0000
#define REGIONAL_A   0x1F1E6
#define FLAG         0x1F3F4 /* behind which they are a flag's name */
#define TURNED_MAX   512     /* bytes */
#define OVERRIDE     "\xE2\x80\xAE"
#define OVERRIDE_END "\xE2\x80\xAC"
#define INDENT_MAX   16 /* blanks and marks of quotation before a line's first word */

struct work {
	const char *text;
	gsize size;
	char *data;
	guint32 *offsets;
	gsize used;
	gunichar last; /* character put last; 0: none */
	bool gap;      /* something unseen stands behind it */
	bool bridge;   /* it is a folded blank or dash, right behind a letter or digit */
	bool form;     /* it was written in another form */
	bool foreign;  /* Cyrillic or Greek was seen */
	bool masks;    /* letters of a script whose faces ICU knows */
	struct USpoofChecker *faces;
	bool matters; /* rules may see the difference */
};

/* How many blanks and signs of one more kind stand here, as far as a line's edge may have them. */
static gsize
blanks(const char *text, char quote)
{
	gsize n = 0;

	while (n < INDENT_MAX && (text[n] == ' ' || text[n] == '\t' || text[n] == quote))
		n++;
	return n;
}

/* The hyphen at `at` ends its line. */
static bool
ends_line(const char *text, gsize at)
{
	return text[at + 1 + blanks(text + at + 1, '\r')] == '\n';
}

/* Behind one tag of those that change the look of words, or 0. */
static gsize
one_tag(const char *text)
{
	static const char *const names[] = { "a", "abbr", "b", "bdi", "bdo", "big", "bold", "cite",
		"code", "del", "em", "fixed", "font", "i", "ins", "italic", "kbd", "label", "mark",
		"nobr", "s", "small", "span", "strike", "strong", "sub", "sup", "tspan", "tt", "u",
		"var", "wbr", NULL };
	char name[8];
	gsize n = 0, at = text[1] == '/' ? 2 : 1;

	if (strncmp(text, "<!--", 4) == 0) {
		const char *end = g_strstr_len(text, (gssize)strnlen(text, TAG_MAX), "-->");
		return end != NULL ? (gsize)(end - text) + 3 : 0;
	}
	while (n + 1 < sizeof name && g_ascii_isalpha(text[at]))
		name[n++] = g_ascii_tolower(text[at++]);
	name[n] = '\0';
	if (!g_strv_contains(names, name) || strchr(" >/", text[at]) == NULL)
		return 0;
	bool plain = text[at] != ' '; /* "a<b and c>d" is no tag: attributes have a sign */
	for (; at < TAG_MAX && text[at] != '\0' && strchr("<>\n", text[at]) == NULL; at++)
		plain = plain || text[at] == '=';
	return plain && text[at] == '>' ? at + 1 : 0;
}

/* How many bytes of tags stand here between two letters, or 0. */
static gsize
tags(const char *text)
{
	gsize size = 0, one;

	while (text[size] == '<' && size < TAGS_MAX && (one = one_tag(text + size)) != 0)
		size += one;
	return size > 0 && (g_ascii_isalnum(text[size]) || (guchar)text[size] >= 0xC0) ? size : 0;
}

/* The bytes of a soft line break of quoted-printable that was left within a word, or 0. */
static gsize
soft_break(const char *text)
{
	gsize size = text[1] == '\r' ? 3 : 2;

	return text[size - 1] == '\n' && (g_ascii_isalpha(text[size]) || (guchar)text[size] >= 0xC0)
		   ? size
		   : 0;
}

/* 0x80 in each of eight bytes, none above 0x7F, that is from low to high. */
static guint64
within(guint64 word, guchar low, guchar high)
{
	const guint64 ones = G_GUINT64_CONSTANT(0x0101010101010101);

	return (word + ones * (0x80u - low)) & ~(word + ones * (0x7Fu - high)) & ones << 7;
}

/*
 * Bytes from `at` on, in eights, in which has_shapes finds nothing: ASCII, no sign that breaks
 * words, and no four in a row of which every other one is a letter.
 */
static gsize
shapeless(const char *text, gsize at, gsize size)
{
	const guint64 tops = G_GUINT64_CONSTANT(0x8080808080808080);
	const guint64 three = G_GUINT64_CONSTANT(0x808080);
	gsize begin = at;

	for (; at + 8 <= size; at += 8) {
		guint64 word;
		memcpy(&word, text + at, 8);
		word = GUINT64_FROM_LE(word);
		if ((word & tops) != 0 || within(word, '-', '-') != 0 ||
		    within(word, '<', '=') != 0)
			break;
		guint64 letters = within(word | tops >> 2, 'a', 'z');
		guint64 edges = letters ^ letters >> 8;
		if ((edges & three) == three || (edges >> 32 & three) == three)
			break;
	}
	return at - begin;
}

/* True when letters may be spaced out or a word may be hyphenated. *high: not all is ASCII. */
static bool
has_shapes(const char *text, gsize size, bool *high)
{
	guint run = 0, singles = 0;
	gsize looked = 0;

	*high = false;
	for (gsize i = 0; i <= size; i++) {
		if (i >= looked && singles == 0) {
			gsize plain = shapeless(text, i, size);
			/* What is found behind may have begun before: eight bytes again, the two
			 * before them tell what the run is. */
			if (plain > 8) {
				i += plain - 8;
				run = g_ascii_isalnum(text[i - 1])
					  ? 1 + (g_ascii_isalnum(text[i - 2]) ||
						    g_ascii_isdigit(text[i - 1]))
					  : 0;
			}
			looked = i + 16;
		}
		guchar c = (guchar)text[i];
		if ((guchar)((c | 0x20) - 'a') < 26) { /* a letter; most bytes are */
			run++;
		} else if (c >= 0x80) {
			*high = true;
			run += c >= 0xC0;
		} else if (g_ascii_isdigit(c)) {
			run += 2;
		} else {
			if (run > 0 && ((c == '-' && ends_line(text, i)) ||
					   (c == '=' && soft_break(text + i) != 0) ||
					   (c == '<' && tags(text + i) != 0)))
				return true;
			singles = run == 1 ? singles + 1 : 0;
			if (singles >= SPACED_MIN)
				return true;
			run = 0;
		}
	}
	return false;
}

/* Letters of scripts in which no unseen character has a use between two letters, and digits. */
static bool
is_plain_script(gunichar c)
{
	bool known = c < 0x530 || (c >= 0x1E00 && c < 0x2000) || (c >= 0x2E80 && c < 0xD800);

	return known && g_unichar_isalnum(c);
}

/* Rules would take a and b for neighbours, were there nothing between them. */
static bool
are_parted(gunichar a, gunichar b)
{
	bool is_sign_a = a < 0x80 && g_ascii_ispunct((gchar)a);
	bool is_sign_b = b < 0x80 && g_ascii_ispunct((gchar)b);

	return (is_plain_script(a) && (g_unichar_isalnum(b) || is_sign_b)) ||
	       (is_plain_script(b) && (g_unichar_isalnum(a) || is_sign_a));
}

static bool
is_tag(gunichar c)
{
	return c >= TAGS_FIRST + ' ' && c <= TAGS_FIRST + '~';
}

/* What the next character says about those before it. */
static void
note(struct work *work, gunichar c, bool form)
{
	if (work->gap)
		work->matters = work->matters || are_parted(work->last, c);
	if (work->bridge)
		work->matters = work->matters || g_unichar_isalnum(c);
	if (form || work->form)
		work->matters =
		    work->matters || (g_unichar_isalnum(c) && g_unichar_isalnum(work->last));
	work->gap = work->bridge = false;
	work->form = form;
	work->last = c;
	work->foreign = work->foreign || (c >= 0x370 && c < 0x530);
	work->masks = work->masks || letters_masks(c);
}

/* The bytes of one character; all stand for what begins at `from`. */
static void
put(struct work *work, const char *bytes, gsize n, gsize from)
{
	for (gsize i = 0; i < n; i++) {
		work->data[work->used] = bytes[i];
		work->offsets[work->used++] = (guint32)from;
	}
}

/* A letter in another form, or with marks of its own, from `from` to `to`. */
static void
put_form(struct work *work, gsize from, gsize to, bool form)
{
	const char *raw = work->text + from;
	char letter[2] = { letters_enclosed(g_utf8_get_char(raw)), '\0' };
	g_autofree char *plain = letter[0] != '\0'
				     ? g_strdup(letter)
				     : g_utf8_normalize(raw, (gssize)(to - from), G_NORMALIZE_NFKC);
	gsize n = plain != NULL ? strlen(plain) : 0;

	if (n == 0 || n > to - from || (n == to - from && memcmp(plain, raw, n) == 0)) {
		for (gsize at = from, next; at < to; at = next) {
			next = (gsize)(g_utf8_next_char(work->text + at) - work->text);
			note(work, g_utf8_get_char(work->text + at), false);
			put(work, work->text + at, next - at, at);
		}
		return;
	}
	note(work, g_utf8_get_char(plain), form);
	work->last = g_utf8_get_char(g_utf8_find_prev_char(plain, plain + n));
	/* The first byte for where it begins, the others for the mark at its end. */
	gsize end = (gsize)(g_utf8_find_prev_char(work->text, work->text + to) - work->text);
	work->matters = work->matters || end > from;
	put(work, plain, 1, from);
	put(work, plain + 1, n - 1, end);
}

/* One character and the marks that belong to it; the offset behind them. */
static gsize
fold_character(struct work *work, gsize at)
{
	const char *text = work->text;
	gunichar c = g_utf8_get_char(text + at);
	gsize next = (gsize)(g_utf8_next_char(text + at) - text), end = next;
	enum letter_kind kind = c < 0x80 ? LETTER_PLAIN : letters_kind(c);
	bool behind_word;

	switch (kind) {
	case LETTER_IGNORED:
		work->gap = work->last != 0;
		return next;
	case LETTER_BREAK:
		note(work, '\n', false);
		put(work, "\n", 1, at);
		return next;
	case LETTER_BLANK:
	case LETTER_DASH:
	case LETTER_LONG_DASH:
		behind_word = kind != LETTER_LONG_DASH && g_unichar_isalnum(work->last);
		note(work, kind == LETTER_BLANK ? ' ' : '-', false);
		work->bridge = behind_word;
		put(work, kind == LETTER_BLANK ? " " : "-", 1, at);
		return next;
	case LETTER_PLAIN:
	case LETTER_FORM:
		break;
	}
	for (guint n = 0; n < CLUSTER_MAX && end < work->size && (guchar)text[end] >= 0x80 &&
			  letters_combines(g_utf8_get_char(text + end));
	     n++)
		end = (gsize)(g_utf8_next_char(text + end) - text);
	if (kind == LETTER_FORM || end > next) {
		put_form(work, at, end, kind == LETTER_FORM);
	} else {
		note(work, c, false);
		put(work, text + at, next - at, at);
	}
	return end;
}

/*
 * Tag characters spell ASCII that no program shows and other programs read; a flag is spelt with
 * them as well. The offset behind a run of them, or 0 when it is no word.
 */
static gsize
fold_tags(struct work *work, gsize at)
{
	const char *text = work->text;
	gsize end = at, n = 0;

	for (; end < work->size && is_tag(g_utf8_get_char(text + end)); n++)
		end = (gsize)(g_utf8_next_char(text + end) - text);
	if (n < TAGGED_MIN || work->last == FLAG)
		return 0;
	work->matters = true;
	note(work, ' ', false);
	put(work, " ", 1, at);
	for (gsize next; at < end; at = next) {
		char letter = (char)(g_utf8_get_char(text + at) - TAGS_FIRST);
		next = (gsize)(g_utf8_next_char(text + at) - text);
		note(work, (guchar)letter, false);
		put(work, &letter, 1, at);
	}
	note(work, ' ', false);
	put(work, " ", 1, (gsize)(g_utf8_prev_char(text + end) - text));
	return end;
}

static bool
is_regional(gunichar c)
{
	return c >= REGIONAL_A && c <= REGIONAL_A + 'Z' - 'A';
}

/* Two regional indicators are a flag, any other number of them letters; the offset behind, or 0. */
static gsize
fold_regional(struct work *work, gsize at)
{
	const char *text = work->text;
	gsize end = at, n = 0;

	for (; end < work->size && is_regional(g_utf8_get_char(text + end)); n++)
		end = (gsize)(g_utf8_next_char(text + end) - text);
	if (n == 2)
		return 0;
	work->matters = true;
	for (gsize next; at < end; at = next) {
		char letter = (char)('A' + (g_utf8_get_char(text + at) - REGIONAL_A));
		next = (gsize)(g_utf8_next_char(text + at) - text);
		note(work, (guchar)letter, true);
		put(work, &letter, 1, at);
	}
	return end;
}

/* What is told to stand from right to left, as it is seen; the offset behind it, or 0. */
static gsize
fold_turned(struct work *work, gsize at)
{
	const char *text = work->text;
	gsize begin = at + strlen(OVERRIDE), end = begin;

	while (end < work->size && end - begin < TURNED_MAX && text[end] != '\n' &&
	       strncmp(text + end, OVERRIDE_END, strlen(OVERRIDE_END)) != 0)
		end++;
	while (end > begin && ((guchar)text[end] & 0xC0) == 0x80)
		end--;
	for (gsize to = end, from; to > begin; to = from) {
		from = (gsize)(g_utf8_prev_char(text + to) - text);
		gunichar c = g_utf8_get_char(text + from);
		if (c >= 0x80 && letters_kind(c) == LETTER_IGNORED)
			continue;
		work->matters = work->matters || g_unichar_isalpha(c);
		note(work, c, false);
		put(work, text + from, to - from, at);
	}
	return end > begin ? end : 0;
}

/* A character that changes what those behind it are; the offset behind those, or 0. */
static gsize
fold_special(struct work *work, gsize at)
{
	gunichar c = (guchar)work->text[at] >= 0xE2 ? g_utf8_get_char(work->text + at) : 0;

	if (is_tag(c))
		return fold_tags(work, at);
	/* The second of a flag's two is none by itself. */
	if (is_regional(c) && !is_regional(work->last))
		return fold_regional(work, at);
	/* Within a word it parts what belongs together. */
	return c == 0x202E && !g_unichar_isalnum(work->last) ? fold_turned(work, at) : 0;
}

static void
fold(struct work *work)
{
	const char *text = work->text;

	for (gsize at = 0; at < work->size;) {
		/* A mark may follow the last of a run of ASCII. The text ends with a NUL. */
		if ((guchar)text[at] >= 0x80 || (guchar)text[at + 1] >= 0x80) {
			gsize end = fold_special(work, at);
			at = end != 0 ? end : fold_character(work, at);
			continue;
		}
		if (work->gap || work->bridge || work->form)
			note(work, (guchar)text[at], false);
		work->last = (guchar)text[at];
		work->data[work->used] = text[at];
		work->offsets[work->used++] = (guint32)at++;
	}
	work->data[work->used] = '\0';
}

static gunichar
character(const struct work *work, gsize at, gsize *next)
{
	*next = (gsize)(g_utf8_next_char(work->data + at) - work->data);
	return g_utf8_get_char(work->data + at);
}

/* Moves one character to the front part, which is never ahead of what is read. */
static void
move(struct work *work, gsize *to, gsize at, gsize next)
{
	for (; at < next; at++) {
		work->data[*to] = work->data[at];
		work->offsets[(*to)++] = work->offsets[at];
	}
}

static void
cut(struct work *work, gsize used)
{
	work->used = used;
	work->data[used] = '\0';
}

/* How many single letters stand from at on, parted by one and the same sign; where they end. */
static guint
spaced_letters(const struct work *work, gsize at, gsize *end)
{
	char sign = '\0';
	guint n = 0;

	while (at < work->used) {
		gsize next, unused;
		gunichar c = character(work, at, &next);
		if (!g_unichar_islower(c) && !g_unichar_isupper(c))
			break;
		if (next < work->used) {
			gunichar d = character(work, next, &unused);
			if (g_unichar_isalnum(d) || g_unichar_ismark(d))
				break;
		}
		n++;
		*end = next;
		if (n == 1)
			sign = work->data[next];
		if (sign == '\0' || strchr(" .-_*~+/|,;:'", sign) == NULL ||
		    work->data[next] != sign)
			break;
		at = next + 1;
	}
	return n;
}

/* Where a word that a hyphen parts goes on in the next line, or 0. */
static gsize
next_line(const struct work *work, gsize hyphen, gunichar last)
{
	gsize next, at = hyphen + 1;

	if (!g_unichar_isalpha(last) || !ends_line(work->data, hyphen))
		return 0;
	at += blanks(work->data + at, '\r') + 1;
	gsize indent = blanks(work->data + at, '>');
	if (at + indent >= work->used)
		return 0;
	gunichar c = character(work, at + indent, &next);
	if (g_unichar_islower(c) || (g_unichar_isupper(c) && g_unichar_isupper(last)))
		return at + indent;
	return 0;
}

/* Spaced letters and hyphenated words become words. */
static void
join(struct work *work)
{
	gunichar last = 0;
	gsize to = 0;

	for (gsize at = 0, next; at < work->used; at = next) {
		gsize end = at;
		gunichar c = character(work, at, &next);
		if (c == '-' && (end = next_line(work, at, last)) != 0) {
			work->matters = true;
			next = end;
			continue;
		}
		if ((c == '=' || c == '<') && g_unichar_isalnum(last)) {
			end = c == '=' ? soft_break(work->data + at) : tags(work->data + at);
			if (end != 0) {
				work->matters = true;
				next = at + end;
				continue;
			}
		}
		if (g_unichar_isalpha(c) && !g_unichar_isalnum(last) &&
		    spaced_letters(work, at, &end) >= SPACED_MIN) {
			work->matters = true;
			for (next = at; at < end; at = next + 1) {
				last = character(work, at, &next);
				move(work, &to, at, next);
			}
			continue;
		}
		move(work, &to, at, next);
		last = c;
	}
	cut(work, to);
}

static char
face(const struct work *work, gunichar c)
{
	char latin = letters_masks(c) ? letters_face(work->faces, c) : '\0';

	return latin != '\0' ? latin : letters_look_alike(c);
}

/* A word by what its letters are: how many Latin ones, look-alikes of those, and others. */
struct word {
	gsize end;
	guint latin, alike, other;
};

static struct word
word_at(const struct work *work, gsize at)
{
	struct word word = { .end = at };
	gsize next;

	for (; word.end < work->used; word.end = next) {
		gunichar c = character(work, word.end, &next);
		if (!g_unichar_isalnum(c) && !g_unichar_ismark(c))
			break;
		if (c >= 0x80 && face(work, c) != 0)
			word.alike++;
		else if (g_unichar_isalpha(c) && g_unichar_get_script(c) == G_UNICODE_SCRIPT_LATIN)
			word.latin++;
		else if (g_unichar_isalpha(c))
			word.other++;
	}
	return word;
}

/*
 * True when the text is Latin throughout but for words that are look-alikes to the last letter: no
 * word of it is one of another alphabet in earnest.
 */
static bool
is_disguised(const struct work *work)
{
	bool latin = false, disguised = false;
	gsize next;

	for (gsize at = 0; at < work->used; at = next) {
		struct word word = word_at(work, at);
		next = word.end;
		if (next == at)
			character(work, at, &next);
		if (word.other > 0)
			return false;
		latin = latin || word.latin >= ALIKE_MIN;
		disguised = disguised || word.alike >= ALIKE_MIN;
	}
	return latin && disguised;
}

static void
unmask(struct work *work)
{
	gsize to = 0;
	bool disguised = is_disguised(work);

	for (gsize at = 0, next; at < work->used;) {
		struct word word = word_at(work, at);
		bool masked = word.alike > 0 && word.other == 0 &&
			      (word.latin > 0 || (disguised && word.alike >= ALIKE_MIN));
		gsize end = word.end;
		if (end == at)
			character(work, at, &end);
		work->matters = work->matters || masked;
		for (; at < end; at = next) {
			gunichar c = character(work, at, &next);
			char latin = masked && c >= 0x80 ? face(work, c) : '\0';
			if (latin == '\0') {
				move(work, &to, at, next);
				continue;
			}
			work->data[to] = latin;
			work->offsets[to++] = work->offsets[at];
		}
	}
	cut(work, to);
}

enum normalise_result
normalise_text(const char *text, gsize size, struct normalised *out)
{
	struct work work = { .text = text, .size = size };
	bool high, has;

	has = has_shapes(text, size, &high);
	if (!has && !high)
		return NORMALISE_SAME;
	work.data = size < G_MAXUINT32 ? g_try_malloc(size + 1) : NULL;
	work.offsets = work.data != NULL ? g_try_new(guint32, size + 1) : NULL;
	if (work.offsets == NULL) {
		g_free(work.data);
		return NORMALISE_NO_MEMORY;
	}
	fold(&work);
	if (has_shapes(work.data, work.used, &high))
		join(&work);
	if (work.masks)
		work.faces = letters_open();
	if (work.foreign || work.faces != NULL)
		unmask(&work);
	letters_close(work.faces);
	if (!work.matters) {
		g_free(work.data);
		g_free(work.offsets);
		return NORMALISE_SAME;
	}
	out->data = g_realloc(work.data, work.used + 1);
	out->offsets = g_renew(guint32, work.offsets, work.used + 1);
	out->size = work.used;
	return NORMALISE_TWIN;
}
