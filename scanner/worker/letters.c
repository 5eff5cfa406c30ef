/* SPDX-License-Identifier: GPL-3.0-or-later */
/* letters - see letters.h. Never maps a letter that is ordinary in its own script. */
#include "worker/letters.h"

#include <unicode/uspoof.h>

struct range {
	gunichar first, last;
	enum letter_kind kind;
};

/* Sorted; what stands in none is plain. */
static const struct range ranges[] = {
	{ 0x85, 0x85, LETTER_BREAK },
	{ 0xA0, 0xA0, LETTER_BLANK },
	{ 0xAD, 0xAD, LETTER_IGNORED },
	{ 0x132, 0x133, LETTER_FORM },
	{ 0x17F, 0x17F, LETTER_FORM },
	{ 0x2B0, 0x2B8, LETTER_FORM },
	{ 0x334, 0x338, LETTER_IGNORED }, /* drawn over a letter */
	{ 0x34F, 0x34F, LETTER_IGNORED },
	{ 0x58A, 0x58A, LETTER_DASH },
	{ 0x61C, 0x61C, LETTER_IGNORED },
	{ 0x115F, 0x1160, LETTER_IGNORED },
	{ 0x1680, 0x1680, LETTER_BLANK },
	{ 0x17B4, 0x17B5, LETTER_IGNORED },
	{ 0x180B, 0x180F, LETTER_IGNORED },
	{ 0x1D2C, 0x1D6A, LETTER_FORM },
	{ 0x1D78, 0x1D78, LETTER_FORM },
	{ 0x1D9B, 0x1DBF, LETTER_FORM },
	{ 0x2000, 0x200A, LETTER_BLANK },
	{ 0x200B, 0x200F, LETTER_IGNORED },
	{ 0x2010, 0x2013, LETTER_DASH },
	{ 0x2014, 0x2015, LETTER_LONG_DASH },
	{ 0x2028, 0x2029, LETTER_BREAK },
	{ 0x202A, 0x202E, LETTER_IGNORED },
	{ 0x202F, 0x202F, LETTER_BLANK },
	{ 0x2043, 0x2043, LETTER_DASH },
	{ 0x205F, 0x205F, LETTER_BLANK },
	{ 0x2060, 0x206F, LETTER_IGNORED },
	{ 0x2071, 0x2071, LETTER_FORM },
	{ 0x207F, 0x207F, LETTER_FORM },
	{ 0x2090, 0x209C, LETTER_FORM },
	{ 0x20D0, 0x20F0, LETTER_IGNORED },
	{ 0x2102, 0x2102, LETTER_FORM },
	{ 0x210A, 0x2113, LETTER_FORM },
	{ 0x2115, 0x2115, LETTER_FORM },
	{ 0x2119, 0x211D, LETTER_FORM },
	{ 0x2124, 0x2124, LETTER_FORM },
	{ 0x2128, 0x2128, LETTER_FORM },
	{ 0x212A, 0x2131, LETTER_FORM },
	{ 0x2133, 0x2134, LETTER_FORM },
	{ 0x2139, 0x2139, LETTER_FORM },
	{ 0x2145, 0x2149, LETTER_FORM },
	{ 0x2160, 0x217F, LETTER_FORM },
	{ 0x2212, 0x2212, LETTER_DASH },
	{ 0x24B6, 0x24E9, LETTER_FORM },
	{ 0x2800, 0x2800, LETTER_BLANK },
	{ 0x3000, 0x3000, LETTER_BLANK },
	{ 0x3164, 0x3164, LETTER_IGNORED },
	{ 0xFB00, 0xFB06, LETTER_FORM },
	{ 0xFB50, 0xFDFF, LETTER_FORM },
	{ 0xFE00, 0xFE0F, LETTER_IGNORED },
	{ 0xFE58, 0xFE58, LETTER_LONG_DASH },
	{ 0xFE63, 0xFE63, LETTER_DASH },
	{ 0xFE70, 0xFEFC, LETTER_FORM },
	{ 0xFEFF, 0xFEFF, LETTER_IGNORED },
	{ 0xFF01, 0xFF0C, LETTER_FORM },
	{ 0xFF0D, 0xFF0D, LETTER_DASH },
	{ 0xFF0E, 0xFF9F, LETTER_FORM },
	{ 0xFFA0, 0xFFA0, LETTER_IGNORED },
	{ 0xFFA1, 0xFFEE, LETTER_FORM },
	{ 0xFFF0, 0xFFF8, LETTER_IGNORED },
	{ 0x1BCA0, 0x1BCA3, LETTER_IGNORED },
	{ 0x1D173, 0x1D17A, LETTER_IGNORED },
	{ 0x1D400, 0x1D7FF, LETTER_FORM },
	{ 0x1F130, 0x1F149, LETTER_FORM },
	{ 0x1F150, 0x1F169, LETTER_FORM },
	{ 0x1F170, 0x1F189, LETTER_FORM },
	{ 0xE0000, 0xE0FFF, LETTER_IGNORED },
};

enum letter_kind
letters_kind(gunichar c)
{
	gsize low = 0, high = G_N_ELEMENTS(ranges);

	/* The letters of most of the world's alphabets, for their number. */
	if (c > 0x61C && c < 0x115F)
		return LETTER_PLAIN;
	while (low < high) {
		gsize middle = low + (high - low) / 2;
		if (ranges[middle].last < c)
			low = middle + 1;
		else
			high = middle;
	}
	return low < G_N_ELEMENTS(ranges) && ranges[low].first <= c ? ranges[low].kind
								    : LETTER_PLAIN;
}

bool
letters_combines(gunichar c)
{
	return (c >= 0x300 && c <= 0x36F && c != 0x34F && (c < 0x334 || c > 0x338)) ||
	       (c >= 0x1161 && c <= 0x11FF) || c == 0x3099 || c == 0x309A || c == 0xFF9E ||
	       c == 0xFF9F;
}

char
letters_enclosed(gunichar c)
{
	if (c >= 0x1F150 && c <= 0x1F169)
		return (char)('A' + (c - 0x1F150));
	if (c >= 0x1F170 && c <= 0x1F189)
		return (char)('A' + (c - 0x1F170));
	return 0;
}

/* By what meets the eye in common typefaces; one character a letter from the first on. */
static const char greek[] = /* U+0391 to U+03C9 */
    "AB.."
    "EZH."
    "IK.M"
    "N.O."
    "P.."
    "TY.X.."
    "......" /* U+03AA to U+03AF */
    "."
    "a.y.."
    ".n."
    "ik."
    ".v."
    "o."
    "pso"
    "tu."
    "x.w";
static const char cyrillic[] = /* U+0410 to U+044F */
    "A.B..E....K.MHO.PCTY.X.........."
    "a.br.e....k.mho.pcty.x..........";

G_STATIC_ASSERT(sizeof greek - 1 == 0x3C9 - 0x391 + 1);
G_STATIC_ASSERT(sizeof cyrillic - 1 == 0x44F - 0x410 + 1);

struct alike {
	gunichar c;
	char latin;
};

char
letters_look_alike(gunichar c)
{
	static const struct alike others[] = { { 0x3F2, 'c' }, { 0x3F3, 'j' }, { 0x3F9, 'C' },
		{ 0x37F, 'J' }, { 0x405, 'S' }, { 0x406, 'I' }, { 0x408, 'J' }, { 0x455, 's' },
		{ 0x456, 'i' }, { 0x458, 'j' }, { 0x461, 'w' }, { 0x474, 'V' }, { 0x475, 'v' },
		{ 0x4AE, 'Y' }, { 0x4AF, 'y' }, { 0x4BB, 'h' }, { 0x4C0, 'I' }, { 0x4CF, 'l' },
		{ 0x501, 'd' }, { 0x50C, 'G' }, { 0x51A, 'Q' }, { 0x51B, 'q' }, { 0x51C, 'W' },
		{ 0x51D, 'w' } };
	/* Small ones, of phonetic writing. */
	static const struct alike capitals[] = { { 0x262, 'g' }, { 0x26A, 'i' }, { 0x274, 'n' },
		{ 0x280, 'r' }, { 0x28F, 'y' }, { 0x299, 'b' }, { 0x29C, 'h' }, { 0x29F, 'l' },
		{ 0x1D00, 'a' }, { 0x1D04, 'c' }, { 0x1D05, 'd' }, { 0x1D07, 'e' }, { 0x1D0A, 'j' },
		{ 0x1D0B, 'k' }, { 0x1D0D, 'm' }, { 0x1D0F, 'o' }, { 0x1D18, 'p' }, { 0x1D1B, 't' },
		{ 0x1D1C, 'u' }, { 0x1D20, 'v' }, { 0x1D21, 'w' }, { 0x1D22, 'z' }, { 0xA730, 'f' },
		{ 0xA731, 's' } };
	char latin = 0;

	if (c >= 0x391 && c <= 0x3C9)
		latin = greek[c - 0x391];
	else if (c >= 0x410 && c <= 0x44F)
		latin = cyrillic[c - 0x410];
	for (gsize i = 0; latin == 0 && i < G_N_ELEMENTS(others); i++)
		latin = others[i].c == c ? others[i].latin : 0;
	for (gsize i = 0; latin == 0 && i < G_N_ELEMENTS(capitals); i++)
		latin = capitals[i].c == c ? capitals[i].latin : 0;
	return latin == '.' ? 0 : latin;
}

bool
letters_masks(gunichar c)
{
	static const gunichar scripts[][2] = { { 0x250, 0x2AF }, { 0x531, 0x587 },
		{ 0x13A0, 0x167F }, { 0x1D00, 0x1D2B }, { 0x1D6B, 0x1D77 }, { 0x2C80, 0x2CFF },
		{ 0x2D30, 0x2D7F }, { 0xA4D0, 0xA4FF }, { 0xA730, 0xA7FF }, { 0xAB30, 0xABBF },
		{ 0x10280, 0x1044F }, { 0x104B0, 0x104FB } };

	if (c < 0x250)
		return false;
	for (gsize i = 0; i < G_N_ELEMENTS(scripts) && scripts[i][0] <= c; i++)
		if (c <= scripts[i][1])
			return true;
	return false;
}

struct USpoofChecker *
letters_open(void)
{
	UErrorCode error = U_ZERO_ERROR;
	USpoofChecker *faces = uspoof_open(&error);

	return U_SUCCESS(error) ? faces : NULL;
}

void
letters_close(struct USpoofChecker *faces)
{
	if (faces != NULL)
		uspoof_close(faces);
}

char
letters_face(const struct USpoofChecker *faces, gunichar c)
{
	/* Armenian ones of which ICU says nothing, or that they are no Latin letter's. */
	static const struct alike more[] = { { 0x53C, 'L' }, { 0x56C, 'l' }, { 0x575, 'j' } };
	UErrorCode error = U_ZERO_ERROR;
	char letter[6], face[16] = "";
	int size = g_unichar_to_utf8(c, letter);

	for (gsize i = 0; i < G_N_ELEMENTS(more); i++)
		if (more[i].c == c)
			return more[i].latin;
	if (faces == NULL)
		return 0;
	int length = uspoof_getSkeletonUTF8(faces, 0, letter, size, face, sizeof face, &error);
	if (U_FAILURE(error) || length != 1 || !g_ascii_isalpha(face[0]))
		return 0;
	/* The prototype of a capital I is a small l. */
	return face[0] == 'l' && g_unichar_isupper(c) ? 'I' : face[0];
}
