/* SPDX-License-Identifier: GPL-3.0-or-later */
/* entities - see entities.h. Source of names and characters: WHATWG HTML, section 13.5. */
#include "worker/entities.h"

#include <libxml/HTMLparser.h>
#include <stdbool.h>
#include <string.h>

#define NAME_MAX_BYTES 32
#define LEGACY_MAX     255 /* names of Latin-1 may go without a semicolon */

static const struct {
	const char *name;
	gunichar c;
} names[] = { { "Tab", '\t' }, { "NewLine", '\n' }, { "excl", '!' }, { "num", '#' },
	{ "dollar", '$' }, { "percnt", '%' }, { "apos", '\'' }, { "lpar", '(' }, { "rpar", ')' },
	{ "ast", '*' }, { "midast", '*' }, { "plus", '+' }, { "comma", ',' }, { "period", '.' },
	{ "sol", '/' }, { "colon", ':' }, { "semi", ';' }, { "equals", '=' }, { "quest", '?' },
	{ "commat", '@' }, { "lsqb", '[' }, { "lbrack", '[' }, { "bsol", '\\' }, { "rsqb", ']' },
	{ "rbrack", ']' }, { "Hat", '^' }, { "lowbar", '_' }, { "UnderBar", '_' }, { "grave", '`' },
	{ "DiacriticalGrave", '`' }, { "lcub", '{' }, { "lbrace", '{' }, { "verbar", '|' },
	{ "vert", '|' }, { "VerticalLine", '|' }, { "rcub", '}' }, { "rbrace", '}' },
	{ "AMP", '&' }, { "LT", '<' }, { "GT", '>' }, { "QUOT", '"' }, { "COPY", 0xA9 },
	{ "REG", 0xAE }, { "NonBreakingSpace", 0xA0 }, { "fjlig", 'f' }, { "inodot", 0x131 },
	{ "imath", 0x131 }, { "ZeroWidthSpace", 0x200B }, { "NegativeThinSpace", 0x200B },
	{ "NegativeMediumSpace", 0x200B }, { "NegativeThickSpace", 0x200B },
	{ "NegativeVeryThinSpace", 0x200B }, { "NoBreak", 0x2060 }, { "ApplyFunction", 0x2061 },
	{ "af", 0x2061 }, { "InvisibleTimes", 0x2062 }, { "it", 0x2062 },
	{ "InvisibleComma", 0x2063 }, { "ic", 0x2063 }, { "hyphen", 0x2010 }, { "dash", 0x2010 },
	{ "horbar", 0x2015 }, { "numsp", 0x2007 }, { "puncsp", 0x2008 }, { "hairsp", 0x200A },
	{ "VeryThinSpace", 0x200A }, { "ThinSpace", 0x2009 }, { "emsp13", 0x2004 },
	{ "emsp14", 0x2005 }, { "MediumSpace", 0x205F }, { "fflig", 0xFB00 }, { "filig", 0xFB01 },
	{ "fllig", 0xFB02 }, { "ffilig", 0xFB03 }, { "ffllig", 0xFB04 } };

static gunichar
known(const char *name, bool closed)
{
	const htmlEntityDesc *entity = htmlEntityLookup(BAD_CAST name);

	if (entity != NULL && (closed || entity->value <= LEGACY_MAX))
		return entity->value;
	for (gsize i = 0; closed && i < G_N_ELEMENTS(names); i++)
		if (strcmp(names[i].name, name) == 0)
			return names[i].c;
	return 0;
}

gunichar
entity_find(const char *text, gsize size, bool closed, gsize *used)
{
	char name[NAME_MAX_BYTES + 1];
	gsize n = 0;
	gunichar c;

	while (n < size && n < NAME_MAX_BYTES && g_ascii_isalnum(text[n])) {
		name[n] = text[n];
		n++;
	}
	name[n] = '\0';
	*used = n;
	if (closed)
		return n > 0 ? known(name, true) : 0;
	/* The longest beginning that is a name. */
	for (; n >= 2; n--) {
		name[n] = '\0';
		if ((c = known(name, false)) != 0) {
			*used = n;
			return c;
		}
	}
	return 0;
}

void
entities_decode(GString *text)
{
	gsize to = 0, used;

	for (gsize at = 0; at < text->len;) {
		gunichar c = 0;
		if (text->str[at] == '&') {
			c = entity_find(text->str + at + 1, text->len - at - 1, true, &used);
			if (c != 0 && text->str[at + 1 + used] != ';')
				c = 0;
		}
		if (c == 0) {
			text->str[to++] = text->str[at++];
			continue;
		}
		to += (gsize)g_unichar_to_utf8(c, text->str + to); /* never longer than &name; */
		at += used + 2;
	}
	g_string_truncate(text, to);
}
