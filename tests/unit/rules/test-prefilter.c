/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * With the prefilter and without it the same patterns match: random patterns over random texts
 * that are made to match, by thousands. FLAGPOST_PAIRS asks for another number of pairs.
 */
#include "rules/prefilter.h"

#include <string.h>

#include "mail/words.h"

#define PAIRS_DEFAULT 20000
#define PATTERNS      50 /* of one rule set */
#define TEXTS         40 /* for each of them, and tried on it and the next ones */
#define NEXT          2

static const char *const characters[] = { "a", "b", "k", "s", "K", "S", "1", "2", " ", "-", "x",
	"_", "\303\251", "\303\211", "\303\237", "\341\272\236", "\321\217", "\320\257", "\305\277",
	"\342\204\252", "\357\277\275", "\302\240", "\331\241", "\307\205", "\360\237\230\200",
	"\320\271" };
static const char *const atoms[] = { "\\d", "\\w", "\\s", "\\D", "\\W", "\\S", "[a-k]", "[^a]",
	"[ks]", "[\\d-]", "[\303\251-\303\274]", "\\x{6b}", "\\x73", ".", "\\b", "[^\\W\\d]",
	"\\p{L}", "\\P{L}", "\\h", "[[:alpha:]]", "[]a]", "[-k]", "[k-]", "\\Qa.\\E", "(?i)",
	"(?-i)", "\\1", "\\x{e9}", "[\\x{100}-\\x{200}k]", "^", "$", "\\B", "[[:digit:]]",
	"\\p{Lu}", "(?:)", "[^\303\251]", "[^ks]", "[\\x{17e}-\\x{180}]", "\\K", "\\R", "\\N",
	"\\2", "(?m)", "(?m)^" };
static const char *const openings[] = { "(", "(?:", "(?i:", "(?=", "(?!", "(?<=", "(?>",
	"(?-i:", "(?x: ", "(?<n>", "(?|" };
static const char *const repeats[] = { "*", "+", "?", "{2}", "{1,3}", "{2,}", "+?", "*+", "{0,2}" };

static guint
below(GRand *random, gsize n)
{
	return (guint)g_rand_int_range(random, 0, (gint32)n);
}

static void
write_pattern(GRand *random, GString *out, guint depth)
{
	for (guint n = 1 + below(random, 5); n > 0; n--) {
		guint kind = below(random, 12);
		if (kind < 6) {
			g_string_append(out, characters[below(random, G_N_ELEMENTS(characters))]);
		} else if (kind < 9 || depth == 0) {
			g_string_append(out, atoms[below(random, G_N_ELEMENTS(atoms))]);
		} else {
			g_string_append(out, openings[below(random, G_N_ELEMENTS(openings))]);
			write_pattern(random, out, depth - 1);
			if (below(random, 2) == 0) {
				g_string_append_c(out, '|');
				write_pattern(random, out, depth - 1);
			}
			g_string_append_c(out, ')');
		}
		guint repeat = below(random, 14);
		if (repeat < G_N_ELEMENTS(repeats))
			g_string_append(out, repeats[repeat]);
	}
}

/* Pieces of a pattern, in any case and order, match it more often than other texts do. */
static char *
write_text(GRand *random, const char *pattern)
{
	GString *out = g_string_new(NULL);

	for (guint n = below(random, 12); n > 0; n--) {
		const char *p = pattern + below(random, strlen(pattern));
		while (((guchar)*p & 0xc0) == 0x80)
			p--;
		guint turn = below(random, 6);
		for (guint length = 1 + below(random, 6); length > 0 && *p != '\0'; length--) {
			gunichar c = g_utf8_get_char(p);
			p = g_utf8_next_char(p);
			c = turn == 0 ? g_unichar_toupper(c) : c;
			g_string_append_unichar(out, turn == 1 ? g_unichar_tolower(c) : c);
		}
		if (turn == 3)
			g_string_append(out, below(random, 2) == 0 ? "\n" : "\r\n");
		if (turn == 2)
			g_string_append(out, characters[below(random, G_N_ELEMENTS(characters))]);
	}
	return g_string_free(out, FALSE);
}

/* NULL when PCRE2 will not have it, or a rule file not. */
static struct pattern *
make_pattern(const char *text, bool ignore_case, guint components, guint number)
{
	g_autoptr(problems) problems = problems_new();
	g_autofree char *file = g_strdup_printf("[content.x]\npattern.1 = %s\n", text);
	g_autoptr(GBytes) bytes = g_bytes_new(file, strlen(file));
	struct ini *ini = ini_parse("x.ini", bytes, problems);
	struct pattern *pattern = NULL;

	if (ini != NULL) {
		const struct ini_section *section = ini_section(ini, "content.x");
		pattern = pattern_compile(
		    section, ini_entry(section, "pattern.1"), ignore_case, problems);
		ini_free(ini);
	}
	if (pattern != NULL) {
		pattern_make_fast(pattern);
		pattern_add_use(pattern, components);
		pattern_set_number(pattern, number);
	}
	return pattern;
}

static void
free_pattern(void *data)
{
	pattern_free(data);
}

static struct prefilter *
make_prefilter(const GPtrArray *patterns)
{
	g_autofree char *key = prefilter_key(patterns);
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) bytes = prefilter_build(patterns, &error);

	g_assert_no_error(error);
	struct prefilter *prefilter = prefilter_load(bytes, key, &error);
	g_assert_no_error(error);
	return prefilter;
}

struct tally {
	guint pairs, known, matched, left_out, twins_left_out;
};

static bool
has_fired(const guint32 *fired, guint i)
{
	return (fired[i / 32] >> (i % 32) & 1) != 0;
}

/* A text and the same without some of its line ends, which is its twin. */
struct folded_lines {
	GString *lines;
	struct text twin;
};

static void
add_seam(GArray *seams, gsize at, gsize from)
{
	struct seam seam = { (guint32)at, (guint32)from };

	g_array_append_val(seams, seam);
}

/* Lines end in place of some blanks, and within words. */
static void
fold_lines(GRand *random, const char *text, struct folded_lines *out)
{
	GArray *seams = g_array_new(FALSE, FALSE, sizeof(struct seam));

	out->lines = g_string_new(NULL);
	add_seam(seams, 0, 0);
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		gsize at = (gsize)(p - text);
		bool ends = p > text && below(random, 5) == 0;
		if (ends && *p == ' ') {
			g_string_append(out->lines, below(random, 2) == 0 ? "\n" : " \r\n> ");
			add_seam(seams, at + 1, out->lines->len);
			continue;
		}
		if (ends && p[-1] != ' ') {
			g_string_append(out->lines, "\n");
			add_seam(seams, at, out->lines->len);
		}
		g_string_append_len(out->lines, p, g_utf8_next_char(p) - p);
	}
	guint n_seams = seams->len;
	out->twin = (struct text){ .component = COMPONENT_BODY,
		.data = (char *)text,
		.size = strlen(text),
		.seams = (struct seam *)(void *)g_array_free(seams, FALSE),
		.n_seams = n_seams };
}

/* What a text's lines show, and the places where lines ended, is all that their twin shows. */
static void
scan_folded(struct prefilter *prefilter, GRand *random, const char *text, guint32 *fired)
{
	struct folded_lines folded;

	fold_lines(random, text, &folded);
	prefilter_scan(prefilter, COMPONENT_BODY, folded.lines->str, folded.lines->len, fired);
	prefilter_scan_seams(prefilter, &folded.twin, fired);
	g_string_free(folded.lines, TRUE);
	g_free(folded.twin.seams);
}

/* Some patterns of a set over one text, and over the same as the twin of its lines. */
static void
compare(GRand *random, struct pattern_engine *engine, struct prefilter *prefilter,
    const GPtrArray *patterns, guint first, const char *text, struct tally *tally)
{
	guint32 fired[PATTERNS / 32 + 2], of_twin[PATTERNS / 32 + 2];
	gint64 deadline = g_get_monotonic_time() + 60 * G_USEC_PER_SEC;
	struct span span;
	const char *reason;

	prefilter_scan(prefilter, COMPONENT_BODY, text, strlen(text), fired);
	scan_folded(prefilter, random, text, of_twin);
	for (guint i = first; i < patterns->len && i < first + NEXT; i++) {
		const struct pattern *pattern = patterns->pdata[i];
		bool found = pattern_next(engine, pattern, text, strlen(text), 0, deadline, &span,
				 &reason) == PATTERN_FOUND;
		tally->pairs++;
		tally->matched += found;
		tally->left_out += !has_fired(fired, i);
		tally->twins_left_out += !has_fired(of_twin, i);
		if (found && !has_fired(fired, i))
			g_error("the prefilter loses %s%s in '%s'",
			    pattern_ignores_case(pattern) ? "(?i)" : "", pattern_text(pattern),
			    text);
		if (found && !has_fired(of_twin, i))
			g_error("the prefilter loses %s in '%s' as a twin", pattern_text(pattern),
			    text);
	}
}

static void
compare_set(GRand *random, struct pattern_engine *engine, struct tally *tally)
{
	g_autoptr(GPtrArray) patterns = g_ptr_array_new_with_free_func(free_pattern);

	while (patterns->len < PATTERNS) {
		g_autoptr(GString) text = g_string_new(NULL);
		g_string_append(text, below(random, 8) == 0 ? "(?m)^" : "");
		/* Something that is rare enough for a factor, most of the time. */
		if (below(random, 4) > 0)
			g_string_append(text, below(random, 2) == 0 ? "k-s2" : "-x\303\251");
		write_pattern(random, text, 2);
		if (below(random, 4) == 0)
			g_string_append_printf(text, "|k%s_", "\321\217");
		struct pattern *pattern = make_pattern(
		    text->str, below(random, 2) == 0, 1u << COMPONENT_BODY, patterns->len);
		if (pattern != NULL)
			g_ptr_array_add(patterns, pattern);
	}
	g_autoptr(prefilter) prefilter = make_prefilter(patterns);
	for (guint i = 0; i < patterns->len; i++) {
		tally->known += prefilter_alone(prefilter, i) == NULL;
		for (guint k = 0; k < TEXTS; k++) {
			g_autofree char *text =
			    write_text(random, pattern_text(patterns->pdata[i]));
			compare(random, engine, prefilter, patterns, i, text, tally);
		}
	}
}

static bool
is_lacking(void)
{
	if (prefilter_lacking() == NULL)
		return false;
	g_test_skip(prefilter_lacking());
	return true;
}

static void
test_pairs(void)
{
	const char *wanted = g_getenv("FLAGPOST_PAIRS");
	guint pairs = wanted != NULL ? (guint)g_ascii_strtoull(wanted, NULL, 10) : PAIRS_DEFAULT;
	g_autoptr(GRand) random = g_rand_new_with_seed(20);
	struct tally tally = { 0 };

	if (is_lacking())
		return;
	struct pattern_engine *engine = pattern_engine_new();
	while (tally.pairs < pairs)
		compare_set(random, engine, &tally);
	pattern_engine_free(engine);
	g_test_message("%u pairs, %u patterns known, %u matches, %u left out", tally.pairs,
	    tally.known, tally.matched, tally.left_out);
	/* The comparison means something: both sides say yes and no. */
	g_assert_cmpuint(tally.known, >, tally.pairs / TEXTS / NEXT / 4);
	g_assert_cmpuint(tally.matched, >, tally.pairs / 20);
	g_assert_cmpuint(tally.left_out, >, tally.pairs / 10);
	g_assert_cmpuint(tally.twins_left_out, >, tally.pairs / 20);
}

/* Forms of numbers, codes and keys, which are looked for in places alone. */
static const char *const forms[] = { "(?<!\\w)\\d{3}([\\h-]?)\\d{3}\\1\\d{3}(?!\\w)", "\\d{9}",
	"(?<![\\w.+-])\\+[1-9]\\d{0,2}[\\h.(/-]{0,3}\\d{1,4}(?:[\\h.)/-]{0,2}\\d{2,4}){2,4}",
	"(?:\\d{8}|[XYZ][\\h-]?\\d{7})[\\h-]?[A-Z]", "[A-Z]{2}(?:\\h?\\d\\d){3}\\h?[A-D]",
	"(?:DE|FR|X[A-Z])\\d\\d(?:[\\h-]?[A-Z\\d]){11}", "(?-i:[A-Z]{4}[A-Z\\d]{2}[A-Z]{0,3})",
	"[A-Z]{6}[\\dL-N]{2}[A-T][\\dL-N]{2}[A-Z][\\dL-N]{3}[A-Z]", "[A-Za-z0-9/+]{20,40}",
	"\\d\\d\\h?\\d{6}\\h?[A-Z]\\h?\\d\\d\\h?\\d", "(?m)^\\h?\\d{3}-\\d{4}",
	"(?-i:[A-Z]{1,2}\\d{6,8}|\\d{9}|[CF][C-F\\d]{8})",
	"(?:[0-3]?\\d[./-][01]?\\d[./-](?:19|20)\\d\\d|(?:19|20)\\d\\d-[01]\\d-[0-3]\\d)",
	"[\\dA-F]{2}(?:\\d{2}[-/]){3,}\\d", "(?:\\d{2}[A-Z]?){4}x*", "\\d{4}.{0,3}\\d{4}",
	"[a-z]\\d{2}(?:[\\s\\d]){5}\\d", "(?<k>[A-Z]{3})\\d{3}\\k<k>?", "\\d{6}(?=[A-Z])", NULL };
static const char *const pieces[] = { "1", "2", "19", "20", "0", "7", "12", "345", "6789", "A", "K",
	"DE", "X", "FR", "C", "F", "a", "k", "abc", "lmn", " ", " ", "-", ".", "/", "+", "(", ")",
	"\302\240", "\342\200\202", "\305\277", "\342\204\252", "\331\241", "\303\251", ", ", "<" };

/* Some of few kinds of pieces, so that runs of them come about. */
static char *
write_number(GRand *random)
{
	GString *out = g_string_new(NULL);

	for (guint words = 1 + below(random, 4); words > 0; words--) {
		guint from = below(random, G_N_ELEMENTS(pieces));
		guint width = 1 + below(random, G_N_ELEMENTS(pieces) - from);
		bool is_wild = below(random, 3) == 0;
		for (guint n = below(random, 22); n > 0; n--)
			g_string_append(out, is_wild || below(random, 12) == 0
						 ? pieces[below(random, G_N_ELEMENTS(pieces))]
						 : pieces[from + below(random, MIN(width, 9))]);
		if (below(random, 3) == 0)
			g_string_append(out, " some words between them ");
	}
	return g_string_free(out, FALSE);
}

static void
test_places(void)
{
	const char *wanted = g_getenv("FLAGPOST_PAIRS");
	guint texts =
	    (wanted != NULL ? (guint)g_ascii_strtoull(wanted, NULL, 10) : PAIRS_DEFAULT) / 4;
	g_autoptr(GRand) random = g_rand_new_with_seed(21);
	g_autoptr(GPtrArray) patterns = g_ptr_array_new_with_free_func(free_pattern);
	struct tally tally = { 0 };

	if (is_lacking())
		return;
	for (guint i = 0; forms[i] != NULL; i++)
		g_ptr_array_add(patterns,
		    make_pattern(forms[i], i % 4 != 3, 1u << COMPONENT_BODY, patterns->len));
	g_autoptr(prefilter) prefilter = make_prefilter(patterns);
	struct pattern_engine *engine = pattern_engine_new();
	for (guint i = 0; i < texts; i++) {
		g_autofree char *text = write_number(random);
		for (guint k = 0; k < patterns->len; k += NEXT)
			compare(random, engine, prefilter, patterns, k, text, &tally);
	}
	pattern_engine_free(engine);
	g_test_message(
	    "%u pairs, %u matches, %u left out", tally.pairs, tally.matched, tally.left_out);
	g_assert_cmpuint(tally.matched, >, tally.pairs / 50);
	g_assert_cmpuint(tally.left_out, >, tally.pairs / 10);
	g_assert_cmpuint(tally.twins_left_out, >, tally.pairs / 20);
}

static GPtrArray *
make_patterns(const char *const *texts)
{
	GPtrArray *patterns = g_ptr_array_new_with_free_func(free_pattern);

	for (guint i = 0; texts[i] != NULL; i++)
		g_ptr_array_add(patterns, make_pattern(texts[i], true, 1u << COMPONENT_BODY, i));
	return patterns;
}

/* A pattern that nothing rare stands for is asked on every text, and that can be told. */
static void
test_alone(void)
{
	static const char *const texts[] = { "nightjar", "e", "(a)?(?(1)nightjar|falcon)", NULL };

	if (is_lacking())
		return;
	g_autoptr(GPtrArray) patterns = make_patterns(texts);
	g_autoptr(prefilter) prefilter = make_prefilter(patterns);
	guint32 fired[2];
	g_assert_null(prefilter_alone(prefilter, 0));
	g_assert_cmpstr(
	    prefilter_alone(prefilter, 1), ==, "nothing rare stands in all its matches");
	g_assert_cmpstr(prefilter_alone(prefilter, 2), ==,
	    "it has parts of which is not known what they match");
	prefilter_scan(prefilter, COMPONENT_BODY, "x", 1, fired);
	g_assert_cmpuint(fired[0], ==, 6);
	prefilter_scan(prefilter, COMPONENT_BODY, "NightJar", 8, fired);
	g_assert_cmpuint(fired[0], ==, 7);
	prefilter_scan(prefilter, COMPONENT_BODY, "", 0, fired);
	g_assert_cmpuint(fired[0], ==, 6);
}

/* Bytes of other patterns, or what is left of a file, are not taken for these. */
static void
test_load(void)
{
	static const char *const texts[] = { "nightjar", "falcon-\\d+", NULL };
	static const char *const others[] = { "nightjar", "falcon-\\d*", NULL };

	if (is_lacking())
		return;
	g_autoptr(GPtrArray) patterns = make_patterns(texts), changed = make_patterns(others);
	g_autofree char *key = prefilter_key(patterns), *other = prefilter_key(changed);
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) bytes = prefilter_build(patterns, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(key, !=, other);
	g_assert_null(prefilter_load(bytes, other, NULL));
	for (gsize size = 0; size < g_bytes_get_size(bytes);
	     size += MAX(g_bytes_get_size(bytes) / 50, 1)) {
		g_autoptr(GBytes) cut = g_bytes_new_from_bytes(bytes, 0, size);
		g_assert_null(prefilter_load(cut, key, NULL));
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/rules/prefilter/pairs", test_pairs);
	g_test_add_func("/rules/prefilter/places", test_places);
	g_test_add_func("/rules/prefilter/alone", test_alone);
	g_test_add_func("/rules/prefilter/load", test_load);
	return g_test_run();
}
