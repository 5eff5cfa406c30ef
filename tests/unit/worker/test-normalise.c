/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test-normalise - what hides a word is undone, ordinary text in any language has no twin, and a
 * hit of the twin stands where the text has it.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../rules/kit.h"
#include "base/io.h"
#include "worker/dissect.h"
#include "worker/normalise.h"

static const struct {
	const char *label, *text, *twin;
	const char *find; /* in the twin ... */
	gsize from, to;   /* ... and its place in the text; to: where its last character begins */
} twins[] = {
	{ "zero width space in a word", "a fal\u200Bcon", "a falcon", "falcon", 2, 10 },
	{ "zero width before a number", "falcon\u2060-77", "falcon-77", "-77", 9, 11 },
	{ "soft hyphens", "night\u00ADjar", "nightjar", "nightjar", 0, 9 },
	{ "bidi controls", "fal\u202Econ\u202C", "falcon", "con", 6, 8 },
	{ "variation selectors and tags", "ni\uFE0Fght\U000E0041jar", "nightjar", "jar", 12, 14 },
	{ "words of tag characters", "a \U000E006E\U000E0069\U000E0067\U000E0068 b", "a  nigh  b",
	    "nigh", 2, 14 },
	{ "lines drawn over letters", "n\u0336i\u0336g\u0338ht", "night", "ight", 3, 10 },
	{ "told to stand from right to left", "a \u202Enoclaf\u202C b", "a falcon b", "falcon", 2,
	    2 },
	{ "from right to left to the line's end", "a \u202Enoclaf\nb", "a falcon\nb", "falcon", 2,
	    2 },
	{ "small capitals", "the \u0274\u026A\u0262\u029C\u1D1B", "the night", "night", 4, 12 },
	{ "tags of other markup", "<bold>night</bold>jar", "<bold>nightjar", "jar", 18, 20 },
	{ "joiners in a word of ideographs", "\u673A\u200B\u5BC6", "\u673A\u5BC6", "\u5BC6", 6, 6 },
	{ "full width", "\uFF4E\uFF49\uFF47\uFF48\uFF54", "night", "ight", 3, 12 },
	{ "ligatures", "pro\uFB01t o\uFB00er", "profit offer", "fit", 3, 6 },
	{ "mathematical letters", "\U0001D427\U0001D422\U0001D420ht", "night", "ght", 8, 13 },
	{ "circled and squared letters", "\u24DD\u24D8\U0001F150\U0001F171", "niAB", "AB", 6, 10 },
	{ "accents written apart", "Entwu\u0308rfe", "Entw\u00FCrfe", "\u00FCrfe", 4, 9 },
	{ "voice marks of half width", "\uFF76\uFF9E", "\u30AC", "\u30AC", 0, 3 },
	{ "Cyrillic letters in a Latin word", "f\u0430lc\u043En", "falcon", "con", 4, 7 },
	{ "Greek letters in a Latin word", "Nigh\u03C4j\u03B1r", "Nightjar", "tjar", 4, 9 },
	{ "only the mixed word among Russian ones", "\u0441\u043E\u0440 f\u0430lcon \u0438",
	    "\u0441\u043E\u0440 falcon \u0438", "falcon", 7, 13 },
	{ "a word of look-alikes alone in Latin text", "the \u0441\u043E\u0440\u0443 now",
	    "the copy now", "copy", 4, 10 },
	{ "letters that only ICU knows", "f\u0251l\u2CA5on \u13A2", "falcon \u13A2", "falcon", 0,
	    8 },
	{ "Armenian letters in a Latin word", "nig\u0570t\u0575ar", "nightjar", "jar", 6, 9 },
	{ "Armenian letters in place of o and l", "fa\u056Cc\u0585n", "falcon", "con", 4, 7 },
	{ "regional indicators that spell a word",
	    "\U0001F1F3\U0001F1EE\U0001F1EC\U0001F1ED\U0001F1F9", "NIGHT", "IGH", 4, 12 },
	{ "regional indicators, spaced out",
	    "\U0001F1F3 \U0001F1EE \U0001F1EC \U0001F1ED \U0001F1F9", "NIGHT", "NIGHT", 0, 20 },
	{ "tags left in", "con<b></b>fid<span class=\"x\">ential</span>", "confidential</span>",
	    "ential", 29, 34 },
	{ "a soft line break left in", "the night=\njar", "the nightjar", "jar", 11, 13 },
	{ "a soft line break left in, CRLF", "night=\r\njar", "nightjar", "jar", 8, 10 },
	{ "spaced by blanks", "an i. n i g h t j a r flies", "an i. nightjar flies", "nightjar", 6,
	    20 },
	{ "spaced by dots to the end", "n.i.g.h.t", "night", "night", 0, 8 },
	{ "spaced by no-break spaces", "n\u00A0i\u00A0g\u00A0h\u00A0t.", "night.", "night", 0, 12 },
	{ "two words spaced out", "p r o j e c t  f a l c o n", "project  falcon", "falcon", 15,
	    25 },
	{ "spaced out, with look-alikes", "n \u0456 g h t", "night", "night", 0, 9 },
	{ "hyphenated", "the night-\njar", "the nightjar", "nightjar", 4, 13 },
	{ "hyphenated, CRLF and quoted", "night- \r\n> > jar", "nightjar", "jar", 13, 15 },
	{ "hyphenated capitals", "NIGHT-\nJAR", "NIGHTJAR", "JAR", 7, 9 },
	{ "soft hyphen, then a hyphen", "fal\u2010\ncon", "falcon", "con", 7, 9 },
	{ "dashes in a name", "falcon\u201377", "falcon-77", "77", 9, 10 },
	{ "blanks in a number", "4111\u00A01111\u20071111", "4111 1111 1111", "1111", 6, 9 },
	{ "all at once", "\uFF30r\u200Bo\u00ADj\u0435ct\u00A0f-\nalc\u043En", "Project falcon",
	    "falcon", 17, 25 },
};

static const struct {
	const char *label, *text;
} ordinary[] = {
	{ "English", "The plan \u2014 a \u201Cdraft\u201D, it\u2019s 50\u00BD % \u2026 see A, B, "
		     "C\u2122.\n-- \nAnna" },
	{ "English, dash without blanks", "the plan\u2014a draft\u2014is late" },
	{ "German", "Gr\u00FC\u00DFe aus K\u00F6ln, z. B. M\u00FCller \u2013 Ein- und Ausgang, 5 "
		    "m\u00B2, i. A. d. B." },
	{ "French", "\u00AB\u00A0Bonjour\u00A0\u00BB, \u00E7a va\u202F? N\u00B0 5, c\u0153ur, "
		    "No\u00EBl\u00A0!" },
	{ "Spanish",
	    "\u00BFQu\u00E9 tal? La 1\u00AA vez, se\u00F1or \u2014\u00A1s\u00ED!\u2014 y o a e" },
	{ "Polish", "Za\u017C\u00F3\u0142\u0107 g\u0119\u015Bl\u0105 ja\u017A\u0144, i w z o" },
	{ "Russian", "\u041F\u0440\u0438\u0432\u0435\u0442, \u0441\u043E\u0440 \u0438 "
		     "\u0440\u0435\u0441\u0443\u0440\u0441: IT-\u043E\u0442\u0434\u0435\u043B, "
		     "\u2116 5, \u043E\u0442\u0447\u0451\u0442 PDF" },
	{ "Ukrainian", "\u0406\u043D\u0444\u043E\u0440\u043C\u0430\u0446\u0456\u044F "
		       "\u043F\u0440\u043E \u0457\u0436\u0443 \u0439 VPN" },
	{ "Greek", "\u039F \u03BB\u03CC\u03B3\u03BF\u03C2, \u03B1\u03BD "
		   "\u03B8\u03AD\u03BB\u03B5\u03B9\u03C2, 5 \u03BCm, k\u03A9, \u0394t" },
	{ "Turkish", "\u0131\u015F\u0131k, \u0130stanbul\u2019da g\u00FCzel" },
	{ "Persian with joiners",
	    "\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645 \u200FPDF\u200F \u0631\u0627" },
	{ "Hebrew with points and marks",
	    "\u05E9\u05C1\u05B8\u05DC\u05D5\u05B9\u05DD \u200Eabc\u200E (12)" },
	{ "Hindi", "\u0939\u093F\u0928\u094D\u0926\u0940 \u0915\u094D\u200D\u0937 "
		   "\u0915\u093C\u0932\u092E" },
	{ "Thai", "\u0E19\u0E49\u0E33\u0E17\u0E33\u200B\u0E07\u0E32\u0E19" },
	{ "Chinese",
	    "\u4F60\u597D\uFF0C\u4E16\u754C\uFF01\uFF08\u4E00\uFF09\u3002\u3000\u2460 \u9879" },
	{ "Japanese", "\u3053\u3093\u306B\u3061\u306F\u3001\u30AC\u30E9\u30B9\uFF1A\u6771\u4EAC"
		      "\u3000\u300C\u4E2D\u300D" },
	{ "Korean", "\uC548\uB155 \u314B\u314B \uC11C\uC6B8" },
	{ "Vietnamese", "Ti\u1EBFng Vi\u1EC7t \u0111\u01B0\u1EE3c" },
	{ "pictures", "great \U0001F468\u200D\U0001F469\u200D\U0001F467 \u2764\uFE0F 1\uFE0F\u20E3 "
		      "\U0001F1E9\U0001F1EA! \U0001F1EB\U0001F1F7 \U0001F1E9\U0001F1EA" },
	{ "padding of a newsletter",
	    "Hello \u200C\u00A0\u200C\u00A0\u034F \u00AD\u00A0 \uFEFF\nworld" },
	{ "byte order mark first", "\uFEFFHello" },
	{ "four letters, lists, rules",
	    "a b c d end, a, b, c, d, e, -----\n- one\n-\nsome -\nthing 1 2 3 4 5 6" },
	{ "hyphen before a capital or a number", "Baden-\nW\u00FCrttemberg, A-\n4" },
	{ "case alone", "NIGHTJAR Nightjar nightjar" },
	{ "sums and addresses", "a<b and c>d, x=\n  y, Anna<anna@corp.example>, vector<int>x, "
				"if(a<s && b>c)" },
	{ "an address in a query", "https://a.example/?a=b&c=d=" },
	{ "Russian and Latin names", "\u0442\u0435\u0441\u0442 Windows "
				     "\u043F\u0440\u043E\u0448\u0451\u043B" },
	{ "Armenian", "\u0540\u0561\u0575\u0565\u0580\u0565\u0576 PDF \u0587 \u0578" },
	{ "nothing", "" },
};

static void
check_map(const char *text, const struct normalised *twin)
{
	gsize size = strlen(text);

	g_assert_true(g_utf8_validate_len(twin->data, twin->size, NULL));
	g_assert_cmpuint(strlen(twin->data), ==, twin->size);
	g_assert_cmpuint(twin->size, <=, size);
	for (gsize i = 0; i < twin->size; i++) {
		g_assert_cmpuint(twin->offsets[i], <, size);
		g_assert_true(i == 0 || twin->offsets[i - 1] <= twin->offsets[i]);
		g_assert_cmpuint((guchar)text[twin->offsets[i]] & 0xC0, !=, 0x80);
	}
}

static void
test_twins(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(twins); i++) {
		struct normalised twin = { 0 };
		const char *text = twins[i].text;
		g_test_message("%s", twins[i].label);
		g_assert_cmpint(normalise_text(text, strlen(text), &twin), ==, NORMALISE_TWIN);
		g_assert_cmpstr(twin.data, ==, twins[i].twin);
		check_map(text, &twin);
		const char *found = strstr(twin.data, twins[i].find);
		g_assert_nonnull(found);
		gsize at = (gsize)(found - twin.data), last = at + strlen(twins[i].find) - 1;
		g_assert_cmpuint(twin.offsets[at], ==, twins[i].from);
		g_assert_cmpuint(twin.offsets[last], ==, twins[i].to);
		g_free(twin.data);
		g_free(twin.offsets);
	}
}

static void
test_ordinary(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(ordinary); i++) {
		struct normalised twin = { 0 };
		const char *text = ordinary[i].text;
		enum normalise_result result = normalise_text(text, strlen(text), &twin);
		if (result != NORMALISE_SAME)
			g_test_message("%s: %s", ordinary[i].label, twin.data);
		g_assert_cmpint(result, ==, NORMALISE_SAME);
	}
}

/* What could cost more than one step a byte: marks, blanks, hyphens and single letters. */
static void
test_hostile_lengths(void)
{
	static const char *const units[] = { "\u0301", "a\u0301\u0316", "a-\n", "a- ",
		"a b c d ef ", "\u200B", "- \n> ", "\u0430", "a\u0430", "a\u00A0", "x " };

	for (gsize i = 0; i < G_N_ELEMENTS(units); i++) {
		struct normalised twin = { 0 };
		g_autoptr(GString) text = g_string_new("b");
		while (text->len < 1024 * 1024)
			g_string_append(text, units[i]);
		if (normalise_text(text->str, text->len, &twin) != NORMALISE_TWIN)
			continue;
		check_map(text->str, &twin);
		g_free(twin.data);
		g_free(twin.offsets);
	}
}

static struct message *
dissected(const char *mail)
{
	static struct limits limits;
	g_autoptr(GError) error = NULL;
	int fd = memfd_create("mail", MFD_CLOEXEC);

	limits_default(&limits);
	limits.seconds_per_message = 600; /* sanitizers and valgrind are slow */
	g_autoptr(dissect) dissect = dissect_new(&limits, &error);
	g_assert_no_error(error);
	g_assert_true(io_write_all(fd, mail, strlen(mail), NULL));
	struct message *message = dissect_message(dissect, fd, true, &error);
	g_assert_no_error(error);
	close(fd);
	return message;
}

static void
test_hits(void)
{
	static const char mail[] = "From: anna@corp.example\r\nTo: bob@rival.example\r\n"
				   "Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
				   "nightjar and n i g h t j a r, f\u0430lcon\r\n";
	static const char body[] = "nightjar and n i g h t j a r, f\u0430lcon\n";
	static const struct {
		const char *words;
		bool hidden;
	} wanted[] = { { "nightjar", false }, { "n i g h t j a r", true },
		{ "f\u0430lcon", true } };
	g_autoptr(ruleset) ruleset = kit_rule("[content.x]\ntype = regex\nwhere = body\n"
					      "pattern.1 = falcon\npattern.2 = nightjar\n");
	g_autoptr(verdict) verdict = kit_match(ruleset, dissected(mail), NULL, false);
	const struct flag *flag = g_ptr_array_index(verdict->flags, 0);

	/* The word that both show counts once. */
	g_assert_cmpuint(flag->hits_total, ==, G_N_ELEMENTS(wanted));
	for (guint i = 0; i < flag->hits->len; i++) {
		const struct hit *hit = g_ptr_array_index(flag->hits, i);
		g_autofree char *place = g_strndup(body + hit->offset, hit->length);
		g_autofree char *shown =
		    g_strndup(hit->excerpt + hit->excerpt_start, hit->excerpt_length);
		g_assert_cmpstr(place, ==, wanted[i].words);
		g_assert_cmpstr(shown, ==, wanted[i].words);
		g_assert_cmpint(hit->hidden, ==, wanted[i].hidden);
	}
	g_assert_cmpint(flag->severity, ==, SEVERITY_HIGH);
	g_assert_cmpstr(flag->escalated_by, ==, "hidden text");
	/* That fact is for what HTML hides. */
	g_assert_cmpuint(verdict->facts & FACT_HIDDEN_TEXT, ==, 0);
}

/* What is looked at eight bytes at a time is found wherever it stands. */
static void
test_every_offset(void)
{
	static const struct {
		const char *text;
		bool twin;
	} shapes[] = {
		{ " f a l c o n ", true },
		{ " f a l c o ", true },
		{ ", f a l c ", false },
		{ " f 1 l c o ", false },
		{ " 1 f a l c o ", true },
		{ " fal-\ncon ", true },
		{ " fal=\ncon ", true },
		{ " fal<b>con ", true },
		{ " fal - con ", false },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(shapes); i++) {
		for (gsize before = 0; before <= 40; before++) {
			for (gsize behind = 0; behind <= 17; behind++) {
				struct normalised twin = { 0 };
				g_autoptr(GString) text = g_string_new(NULL);
				for (gsize k = 0; k < before; k++)
					g_string_append_c(text, "Words, 12 of them "[k % 18]);
				g_string_append(text, shapes[i].text);
				for (gsize k = 0; k < behind; k++)
					g_string_append_c(text, ", and more"[k % 10]);
				enum normalise_result result =
				    normalise_text(text->str, text->len, &twin);
				if ((result == NORMALISE_TWIN) != shapes[i].twin)
					g_test_message("%s", text->str);
				g_assert_true((result == NORMALISE_TWIN) == shapes[i].twin);
				g_free(twin.data);
				g_free(twin.offsets);
			}
		}
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/normalise/twins", test_twins);
	g_test_add_func("/normalise/ordinary text has none", test_ordinary);
	g_test_add_func("/normalise/at every offset", test_every_offset);
	g_test_add_func("/normalise/hostile lengths", test_hostile_lengths);
	g_test_add_func("/normalise/hits stand in the text", test_hits);
	return g_test_run();
}
