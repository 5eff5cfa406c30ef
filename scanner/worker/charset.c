/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * charset - see charset.h. Never lets a byte through that is not part of valid UTF-8, and never
 * hands a label to iconv that is more than letters, digits and the few signs labels have.
 */
#include "worker/charset.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

#include "base/text.h"

#define LABEL_MAX      40
#define CONVERTERS_MAX 512 /* more labels than that in one life are unknown ones */
#define REPLACEMENT    "\xEF\xBF\xBD"

struct charset {
	GHashTable *converters; /* char * -> iconv_t, or NO_CONVERTER */
};

/* Stands for "asked for, not there". */
#define NO_CONVERTER ((void *)(gintptr)-1)

/* Labels that mail uses otherwise than the registry: the superset that senders mean. */
static const char *const aliases[][2] = {
	{ "latin1", "windows-1252" },
	{ "latin-1", "windows-1252" },
	{ "iso-8859-1", "windows-1252" },
	{ "iso8859-1", "windows-1252" },
	{ "iso_8859-1", "windows-1252" },
	{ "cp1252", "windows-1252" },
	{ "x-cp1252", "windows-1252" },
	{ "us-ascii", "" },
	{ "ascii", "" },
	{ "ansi_x3.4-1968", "" },
	{ "iso646-us", "" },
	{ "unknown-8bit", "" },
	{ "x-unknown", "" },
	{ "8bit", "" },
	{ "7bit", "" },
	{ "default", "" },
	{ "utf8", "utf-8" },
	{ "utf_8", "utf-8" },
	{ "unicode-1-1-utf-8", "utf-8" },
	{ "unicode-1-1-utf-7", "utf-7" },
	{ "x-unicode-2-0-utf-7", "utf-7" },
	{ "iso-8859-8-i", "iso-8859-8" },
	{ "iso-8859-8-e", "iso-8859-8" },
	{ "iso-8859-6-i", "iso-8859-6" },
	{ "gb2312", "gb18030" },
	{ "x-gbk", "gb18030" },
	{ "gbk", "gb18030" },
	{ "gb_2312-80", "gb18030" },
	{ "shift_jis", "cp932" },
	{ "shift-jis", "cp932" },
	{ "x-sjis", "cp932" },
	{ "sjis", "cp932" },
	{ "windows-31j", "cp932" },
	{ "euc-kr", "cp949" },
	{ "ks_c_5601-1987", "cp949" },
	{ "windows-949", "cp949" },
	{ "big5", "cp950" },
	{ "x-x-big5", "cp950" },
	{ "macintosh", "macintosh" },
	{ "x-mac-roman", "macintosh" },
	{ "tis-620", "cp874" },
	{ "iso-8859-11", "cp874" },
	{ "iso-8859-9", "windows-1254" },
};

/* What is not open when the sandbox is up stays shut: its label is unknown, and said to be. */
static const char *const promised[] = { "utf-7", "utf-16le", "utf-16be", "utf-32le", "utf-32be",
	"iso-8859-2", "iso-8859-3", "iso-8859-4", "iso-8859-5", "iso-8859-6", "iso-8859-7",
	"iso-8859-8", "iso-8859-10", "iso-8859-13", "iso-8859-14", "iso-8859-15", "iso-8859-16",
	"windows-1250", "windows-1251", "windows-1253", "windows-1254", "windows-1255",
	"windows-1256", "windows-1257", "windows-1258", "koi8-r", "koi8-u", "cp437", "cp850",
	"cp852", "cp855", "cp866", "cp874", "cp932", "cp949", "cp950", "gb18030", "big5-hkscs",
	"euc-jp", "euc-tw", "iso-2022-jp", "iso-2022-jp-2", "iso-2022-kr", "iso-2022-cn", "johab",
	"macintosh", "maccyrillic", "tcvn", "viscii", "ibm037", "ibm500", "ibm1047", "ansi_x3.110",
	"armscii-8", "asmo_449", "big5", "cp10007", "cp1125", "cp1252", "cp737", "cp770", "cp771",
	"cp772", "cp773", "cp774", "cp775", "csn_369103", "cwi", "dec-mcs", "ebcdic-at-de",
	"ebcdic-at-de-a", "ebcdic-ca-fr", "ebcdic-dk-no", "ebcdic-dk-no-a", "ebcdic-es",
	"ebcdic-es-a", "ebcdic-es-s", "ebcdic-fi-se", "ebcdic-fi-se-a", "ebcdic-fr",
	"ebcdic-is-friss", "ebcdic-it", "ebcdic-pt", "ebcdic-uk", "ebcdic-us", "ecma-cyrillic",
	"euc-cn", "euc-jisx0213", "euc-jp-ms", "euc-kr", "gbk", "georgian-academy", "georgian-ps",
	"gost_19768-74", "greek-ccitt", "greek7", "greek7-old", "hp-greek8", "hp-roman8",
	"hp-roman9", "hp-thai8", "hp-turkish8", "ibm038", "ibm1004", "ibm1008", "ibm1025",
	"ibm1026", "ibm1046", "ibm1097", "ibm1112", "ibm1122", "ibm1123", "ibm1124", "ibm1129",
	"ibm1130", "ibm1132", "ibm1133", "ibm1137", "ibm1140", "ibm1141", "ibm1142", "ibm1143",
	"ibm1144", "ibm1145", "ibm1146", "ibm1147", "ibm1148", "ibm1149", "ibm1153", "ibm1154",
	"ibm1155", "ibm1156", "ibm1157", "ibm1158", "ibm1160", "ibm1161", "ibm1162", "ibm1163",
	"ibm1164", "ibm1166", "ibm1167", "ibm12712", "ibm1364", "ibm1371", "ibm1388", "ibm1390",
	"ibm1399", "ibm16804", "ibm256", "ibm273", "ibm274", "ibm275", "ibm277", "ibm278", "ibm280",
	"ibm281", "ibm284", "ibm285", "ibm290", "ibm297", "ibm420", "ibm423", "ibm424", "ibm4517",
	"ibm4899", "ibm4909", "ibm4971", "ibm5347", "ibm803", "ibm851", "ibm856", "ibm857",
	"ibm858", "ibm860", "ibm861", "ibm862", "ibm863", "ibm864", "ibm865", "ibm866nav", "ibm868",
	"ibm869", "ibm870", "ibm871", "ibm875", "ibm880", "ibm891", "ibm901", "ibm902", "ibm903",
	"ibm9030", "ibm904", "ibm905", "ibm9066", "ibm918", "ibm921", "ibm922", "ibm930", "ibm932",
	"ibm933", "ibm935", "ibm937", "ibm939", "ibm943", "ibm9448", "iec_p27-1", "inis", "inis-8",
	"inis-cyrillic", "isiri-3342", "iso-2022-cn-ext", "iso-2022-jp-3", "iso-ir-197",
	"iso-ir-209", "iso-8859-1", "iso-8859-11", "iso-8859-9", "iso-8859-9e", "iso_10367-box",
	"iso_2033", "iso_5427", "iso_5427-ext", "iso_5428", "iso_6937", "iso_6937-2", "koi-8",
	"koi8-ru", "koi8-t", "latin-greek", "latin-greek-1", "mac-centraleurope", "mac-is",
	"mac-sami", "mik", "nats-dano", "nats-sefi", "pt154", "rk1048", "shift_jisx0213", "sjis",
	"t.61", "tis-620", "tscii", "uhc", "iso646-de", "ws2", "iso_11548-1" };

static void
converter_close(gpointer converter)
{
	if (converter != NO_CONVERTER)
		iconv_close(converter);
}

static iconv_t
converter(struct charset *charset, const char *label)
{
	gpointer found = g_hash_table_lookup(charset->converters, label);

	if (found == NULL && g_hash_table_size(charset->converters) < CONVERTERS_MAX) {
		found = iconv_open("UTF-8", label);
		g_hash_table_insert(charset->converters, g_strdup(label), found);
	}
	return found != NULL ? found : NO_CONVERTER;
}

struct charset *
charset_new(void)
{
	struct charset *charset = g_new0(struct charset, 1);

	charset->converters =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, converter_close);
	for (gsize i = 0; i < G_N_ELEMENTS(promised); i++)
		converter(charset, promised[i]);
	return charset;
}

void
charset_free(struct charset *charset)
{
	if (charset == NULL)
		return;
	g_hash_table_unref(charset->converters);
	g_free(charset);
}

/* Lower case, without quotes and blanks, aliases resolved; "" for none; false for no label at all.
 */
static bool
label_clean(const char *label, char out[LABEL_MAX + 1])
{
	gsize n = 0;

	out[0] = '\0';
	if (label == NULL)
		return true;
	for (const char *p = label; *p != '\0'; p++) {
		if (strchr(" \t\r\n\"'", *p) != NULL)
			continue;
		if (n == LABEL_MAX || !(g_ascii_isalnum(*p) || strchr("-_.:+()", *p) != NULL))
			return false;
		out[n++] = g_ascii_tolower(*p);
	}
	out[n] = '\0';
	for (gsize i = 0; i < G_N_ELEMENTS(aliases); i++) {
		if (strcmp(out, aliases[i][0]) == 0) {
			g_strlcpy(out, aliases[i][1], LABEL_MAX + 1);
			break;
		}
	}
	return true;
}

struct sink {
	GString *text;
	gsize max;
	struct charset_result *result;
};

/* False when the text is full. */
static bool
sink_put(struct sink *sink, const char *bytes, gsize size)
{
	if (sink->text->len + size > sink->max) {
		sink->result->cut = true;
		return false;
	}
	g_string_append_len(sink->text, bytes, (gssize)size);
	return true;
}

/* A stretch of valid UTF-8: as much of it as there is room for. */
static bool
sink_put_run(struct sink *sink, const char *bytes, gsize size)
{
	gsize room = sink->max - sink->text->len;

	if (size <= room)
		return sink_put(sink, bytes, size);
	while (room > 0 && ((guint8)bytes[room] & 0xC0) == 0x80)
		room--;
	g_string_append_len(sink->text, bytes, (gssize)room);
	sink->result->cut = true;
	return false;
}

static bool
sink_replace(struct sink *sink)
{
	sink->result->replaced++;
	return sink_put(sink, REPLACEMENT, 3);
}

/* False when the text is full. NUL is not valid here either. */
static bool
from_utf8(struct sink *sink, const char *data, gsize size)
{
	const char *end = data + size;

	while (data < end) {
		const char *stop = data + text_ascii(data, (gsize)(end - data));
		bool whole = stop == end || g_utf8_validate_len(stop, (gsize)(end - stop), &stop);
		if (!sink_put_run(sink, data, (gsize)(stop - data)))
			return false;
		if (whole)
			break;
		if (!sink_replace(sink))
			return false;
		data = stop + 1;
		while (data < end && ((guint8)*data & 0xC0) == 0x80)
			data++;
	}
	return true;
}

static void
from_1252(struct sink *sink, const guint8 *data, gsize size)
{
	/* WHATWG index windows-1252: the five holes are C1 controls. */
	static const guint16 high[32] = { 0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020,
		0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D, 0x8F, 0x90, 0x2018,
		0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A,
		0x0153, 0x9D, 0x017E, 0x0178 };

	for (gsize i = 0; i < size;) {
		gsize run = i;
		while (run < size && data[run] < 0x80 && data[run] != 0)
			run++;
		if (run > i && !sink_put_run(sink, (const char *)data + i, run - i))
			return;
		if ((i = run) == size)
			return;
		char utf8[6];
		guint8 byte = data[i++];
		gunichar c = byte >= 0x80 && byte < 0xA0 ? high[byte - 0x80] : byte;
		int n = g_unichar_to_utf8(c, utf8);
		if (c == 0 ? !sink_replace(sink) : !sink_put(sink, utf8, (gsize)n))
			return;
	}
}

static void
from_iconv(struct sink *sink, iconv_t converter, const char *data, gsize size)
{
	char buffer[16 * 1024];
	char *in = (char *)(gintptr)data; /* iconv's prototype lacks the const that it keeps */
	bool more = true;

	iconv(converter, NULL, NULL, NULL, NULL);
	while (more) {
		char *out = buffer;
		gsize room = sizeof buffer;
		gsize left = size;
		bool flush = size == 0;
		errno = 0;
		gsize done =
		    iconv(converter, flush ? NULL : &in, flush ? NULL : &size, &out, &room);
		int problem = done == (gsize)-1 ? errno : 0;
		/* iconv lets NUL and characters above U+10FFFF through. */
		if (!from_utf8(sink, buffer, sizeof buffer - room))
			return;
		more = !flush;
		if (problem == EILSEQ || problem == EINVAL ||
		    (problem == E2BIG && left == size && room == sizeof buffer)) {
			if (flush || size == 0 || !sink_replace(sink))
				return;
			in++;
			size--;
		}
	}
}

/* The label of a byte order mark and its length, or NULL. */
static const char *
order_mark(const guint8 *data, gsize size, gsize *skip)
{
	if (size >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0) {
		*skip = 3;
		return "utf-8";
	}
	if (size >= 4 && memcmp(data, "\xFF\xFE\0\0", 4) == 0) {
		*skip = 4;
		return "utf-32le";
	}
	if (size >= 4 && memcmp(data, "\0\0\xFE\xFF", 4) == 0) {
		*skip = 4;
		return "utf-32be";
	}
	if (size >= 2 && (memcmp(data, "\xFF\xFE", 2) == 0 || memcmp(data, "\xFE\xFF", 2) == 0)) {
		*skip = 2;
		return data[0] == 0xFF ? "utf-16le" : "utf-16be";
	}
	return NULL;
}

/*
 * True when two bytes a character, in this order, are text of a few scripts: letters, digits,
 * blanks and signs throughout, and some of the blanks and line ends that every text has.
 */
static bool
is_wide_text(const guint8 *data, gsize size, gsize low)
{
	gsize good = 0, blanks = 0, n = size / 2;

	for (gsize i = 0; i + 1 < size; i += 2) {
		gunichar c = data[i + low] | (gunichar)data[i + 1 - low] << 8;
		bool known = c < 0x530 || (c >= 0x590 && c < 0x700) || (c >= 0x900 && c < 0xE80) ||
			     (c >= 0x2000 && c < 0x2070) || (c >= 0x3000 && c < 0x3100) ||
			     (c >= 0x4E00 && c < 0xA000) || (c >= 0xAC00 && c < 0xD7A4) ||
			     c >= 0xFF00;
		blanks += c == ' ' || c == '\n' || c == 0x3000 || c == 0x3002;
		good += known && (g_unichar_isprint(c) || c == '\n' || c == '\r' || c == '\t');
	}
	return n >= 4 && blanks > 0 && good * 100 >= n * 98;
}

/* UTF-32 without a mark: three of four bytes, or nearly, are NUL, and those on one side. */
static const char *
wider_pattern(const guint8 *data, gsize size)
{
	gsize nul[4] = { 0 }, n = size / 4;

	for (gsize i = 0; i < n * 4; i++)
		nul[i % 4] += data[i] == 0;
	if (n < 2 || size % 4 != 0)
		return NULL;
	if (nul[3] == n && nul[2] * 10 >= n * 9 && nul[0] * 4 < n)
		return "utf-32le";
	return nul[0] == n && nul[1] * 10 >= n * 9 && nul[3] * 4 < n ? "utf-32be" : NULL;
}

/* UTF-16 without a mark: in Latin text every other byte is NUL, and those all on one side. */
static const char *
nul_pattern(const guint8 *data, gsize size)
{
	gsize look = MIN(size, 4096) & ~(gsize)3;
	gsize even = 0, odd = 0;
	const char *wider;

	if (size < 4096)
		look = size & ~(gsize)1;
	if (look < 4 || memchr(data, '\0', look) == NULL)
		return NULL;
	if ((wider = wider_pattern(data, look)) != NULL)
		return wider;
	for (gsize i = 0; i < look; i += 2) {
		even += data[i] == 0;
		odd += data[i + 1] == 0;
	}
	if (odd * 10 >= look * 3 && even * 20 <= odd)
		return "utf-16le";
	if (even * 10 >= look * 3 && odd * 20 <= even)
		return "utf-16be";
	if (size % 2 == 0 && odd > even && is_wide_text(data, look, 0))
		return "utf-16le";
	if (size % 2 == 0 && even > odd && is_wide_text(data, look, 1))
		return "utf-16be";
	return NULL;
}

bool
charset_is_wide(const void *data, gsize size)
{
	return nul_pattern(data, size) != NULL;
}

/* Broken UTF-8 that holds more whole characters than broken bytes is UTF-8 all the same. */
static bool
mostly_utf8(const char *data, gsize size)
{
	const char *end = data + size;
	gsize good = 0, bad = 0;

	while (data < end) {
		if ((guint8)*data < 0x80) {
			data += MAX(text_ascii(data, (gsize)(end - data)), 1);
			continue;
		}
		gunichar c = g_utf8_get_char_validated(data, end - data);
		if (c == (gunichar)-1 || c == (gunichar)-2) {
			bad++;
			data++;
		} else {
			good++;
			data += g_utf8_skip[(guint8)*data];
		}
	}
	return good > bad || bad == 0;
}

static void
decode_guess(struct sink *sink, const char *data, gsize size)
{
	if (text_ascii(data, size) == size)
		sink_put_run(sink, data, size);
	else if (mostly_utf8(data, size))
		from_utf8(sink, data, size);
	else
		from_1252(sink, (const guint8 *)data, size);
}

char *
charset_decode(struct charset *charset, const char *label, const void *data, gsize size, gsize max,
    struct charset_result *result)
{
	char name[LABEL_MAX + 1];
	gsize skip = 0;
	const char *bytes = size > 0 ? data : "";
	const char *seen = order_mark(data, size, &skip);
	struct sink sink = { g_string_sized_new(MIN(size, max) + 1), max, result };

	memset(result, 0, sizeof *result);
	if (!label_clean(label, name)) {
		result->unknown = true;
		name[0] = '\0';
	}
	if (seen == NULL && (name[0] == '\0' || strcmp(name, "utf-8") == 0 ||
				g_str_has_prefix(name, "utf-16") || strcmp(name, "unicode") == 0))
		seen = nul_pattern(data, size);
	if (seen == NULL && (strcmp(name, "utf-16") == 0 || strcmp(name, "utf-32") == 0))
		seen = name[4] == '1' ? "utf-16be" : "utf-32be"; /* RFC 2781 section 4.3 */
	if (seen != NULL) {
		g_strlcpy(name, seen, sizeof name);
		bytes += skip;
		size -= skip;
	}
	if (name[0] == '\0' || strcmp(name, "utf-8") == 0) {
		decode_guess(&sink, bytes, size);
	} else if (strcmp(name, "windows-1252") == 0) {
		from_1252(&sink, (const guint8 *)bytes, size);
	} else {
		iconv_t found = converter(charset, name);
		result->unknown = found == NO_CONVERTER;
		if (result->unknown)
			decode_guess(&sink, bytes, size);
		else
			from_iconv(&sink, found, bytes, size);
	}
	result->size = sink.text->len;
	return g_string_free(sink.text, FALSE);
}
