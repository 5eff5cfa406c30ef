/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test-wraps - phrases and words that a line's end parts are found, words of their own are not
 * glued into one, and each hit stands where the text has it.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../rules/kit.h"
#include "base/io.h"
#include "rules/token.h"
#include "rules/twin.h"
#include "worker/dissect.h"
#include "worker/wraps.h"

static const struct {
	const char *label, *text;
	const char *undone, *joined; /* NULL: there is none */
} texts[] = {
	{ "a phrase over two lines", "project\nfalcon", "project falcon", "projectfalcon" },
	{ "CRLF", "project\r\nfalcon", "project falcon", "projectfalcon" },
	{ "a quoted mail", "> the proje\n> ct falcon", "> the proje ct falcon",
	    "> the project falcon" },
	{ "a line that flows (RFC 3676)", "project \nfalcon", "project falcon", NULL },
	{ "an indented line", "project\n\t falcon", "project falcon", "projectfalcon" },
	{ "a capital begins a word", "the project\nFalcon", "the project Falcon", NULL },
	{ "capitals go on", "NIGHT\nJAR", "NIGHT JAR", "NIGHTJAR" },
	{ "a capital alone", "P\nroject", "P roject", "Project" },
	{ "letters of other scripts", "\u043F\u0440\u043E\n\u0435\u043A\u0442",
	    "\u043F\u0440\u043E \u0435\u043A\u0442", "\u043F\u0440\u043E\u0435\u043A\u0442" },
	{ "scripts without blanks", "\u673A\n\u5BC6", "\u673A\u5BC6", NULL },
	{ "a number is no part of a word", "falcon\n77", "falcon 77", NULL },
	{ "a column of numbers", "4111\n1111\n1111", NULL, NULL },
	{ "sentences and paragraphs", "One.\nTwo\n\nthree,\nfour\n- five\n(six", NULL, NULL },
	{ "hyphens are another's", "night-\njar", NULL, NULL },
	{ "one line", "project falcon", NULL, NULL },
	{ "nothing", "", NULL, NULL },
	{ "line ends alone", "\n\n \n> \n", NULL, NULL },
	{ "edges", "\nfalcon\n", NULL, NULL },
	{ "rows of words, in pairs too", "see\nfal\ncon\nthere", "see fal con there",
	    "seefalconthere\nseefal conthere\nsee falcon there" },
	{ "a row within a text", "a b\nc\nd e\n\nf", "a b c d e\n\nf",
	    "a bcd e\n\nf\na bc d e\na b cd e" },
};

static void
check_seams(const char *text, const struct wrapped *twin)
{
	gsize size = strlen(text);
	guint k = 0;

	g_assert_true(g_utf8_validate_len(twin->data, twin->size, NULL));
	g_assert_cmpuint(twin->seams[0].at, ==, 0);
	for (gsize i = 0; i < twin->size; i++) {
		while (k + 1 < twin->n_seams && twin->seams[k + 1].at <= i)
			k++;
		gsize from = twin->seams[k].from + (i - twin->seams[k].at);
		bool line_end = k + 1 < twin->n_seams && twin->seams[k + 1].at == i + 1;
		if (line_end && strchr(" \n", twin->data[i]) != NULL)
			continue;
		g_assert_cmpuint(from, <, size);
		g_assert_cmpint(twin->data[i], ==, text[from]);
	}
}

static void
check_one(const char *text, enum text_wrap wrap, const char *wanted)
{
	struct wrapped twin = { 0 };
	enum wraps_result result = wraps_undo(text, strlen(text), wrap, &twin);

	g_assert_cmpint(result, ==, wanted != NULL ? WRAPS_MADE : WRAPS_NONE);
	g_assert_cmpstr(twin.data, ==, wanted);
	if (wanted == NULL)
		return;
	g_assert_cmpuint(twin.size, ==, strlen(wanted));
	check_seams(text, &twin);
	g_free(twin.data);
	g_free(twin.seams);
}

static void
test_texts(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_test_message("%s", texts[i].label);
		check_one(texts[i].text, WRAP_UNDONE, texts[i].undone);
		check_one(texts[i].text, WRAP_JOINED, texts[i].joined);
	}
}

static const char *const pieces[] = { "fal", "con", "falcon", "night", " ", " ", "\n", "\n",
	" \r\n", "\n> ", "\n\t", ".\n", "\u673A", "\u5BC6", "\u00E9", "Falcon", "77", "\u043F",
	"\n\n", ", " };
static const char *const known[] = { "falcon", "fal", "con", "night", "77", "\u673A", "f\u00E9" };

static bool
is_same(const struct token *one, const struct token *other)
{
	return one->id == other->id && one->index == other->index && one->offset == other->offset &&
	       one->length == other->length;
}

/* Of a text whose line ends are gone, and read itself or by the words of the text below it. */
static void
test_tokens(void)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(12);
	struct vocabulary *vocabulary = vocabulary_new(NULL);
	guint moved = 0, anew = 0;

	for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
		g_array_unref(vocabulary_add(vocabulary, known[i]));
	for (guint i = 0; i < 20000; i++) {
		g_autoptr(GString) text = g_string_new(NULL);
		struct wrapped wrapped = { 0 };
		for (gint32 left = g_rand_int_range(random, 0, 16); left > 0; left--)
			g_string_append(text,
			    pieces[g_rand_int_range(random, 0, (gint32)G_N_ELEMENTS(pieces))]);
		enum text_wrap wrap = i % 4 == 0 ? WRAP_JOINED : WRAP_UNDONE;
		if (wraps_undo(text->str, text->len, wrap, &wrapped) != WRAPS_MADE)
			continue;
		struct text twin = { .data = wrapped.data,
			.size = wrapped.size,
			.seams = wrapped.seams,
			.n_seams = wrapped.n_seams,
			.wrap = wrap };
		g_autoptr(GArray) below = vocabulary_read(vocabulary, text->str, text->len);
		g_autoptr(GArray) read = vocabulary_read(vocabulary, twin.data, twin.size);
		g_autoptr(GArray) got = twin_tokens(&twin, below);
		g_test_message("%s", text->str);
		if (got != NULL) {
			g_assert_cmpuint(got->len, ==, read->len);
			for (guint at = 0; at < got->len; at++)
				g_assert_true(is_same(&g_array_index(got, struct token, at),
				    &g_array_index(read, struct token, at)));
		}
		moved += got != NULL && got->len > 0;
		anew += got == NULL;
		g_free(wrapped.data);
		g_free(wrapped.seams);
	}
	g_assert_cmpuint(moved, >, 3000);
	g_assert_cmpuint(anew, >, 1000);
	vocabulary_free(vocabulary);
}

static struct message *
dissected(const char *body)
{
	static struct limits limits;
	g_autoptr(GError) error = NULL;
	int fd = memfd_create("mail", MFD_CLOEXEC);
	g_autofree char *mail = g_strdup_printf("From: anna@corp.example\r\nSubject: x\r\n"
						"Content-Type: text/plain; charset=utf-8\r\n\r\n%s",
	    body);

	limits_default(&limits);
	limits.seconds_per_message = 600; /* sanitizers and valgrind are slow */
	g_autoptr(dissect) dissect = dissect_new(&limits, &error);
	g_assert_no_error(error);
	g_assert_true(io_write_all(fd, mail, strlen(mail), NULL));
	struct message *message = dissect_message(dissect, fd, false, &error);
	g_assert_no_error(error);
	close(fd);
	return message;
}

#define REGEX(pattern) "type = regex\nwhere = body\npattern.1 = " pattern "\n"
#define WORDS(words)   "type = words\nwhere = body\nwords = " words "\n"
#define FALCON         REGEX("proje[ck]t[ _-]falcon")

static const struct {
	const char *label, *rule, *body;
	const char *hits; /* as the text has them, '|' between; "!" before hidden ones */
} rules[] = {
	{ "a phrase that a mail program wrapped", FALCON, "the project\nfalcon flies",
	    "project\nfalcon" },
	{ "wrapped where it is quoted", FALCON, "> the project\n> falcon flies",
	    "project\n> falcon" },
	{ "a word cut in two", FALCON, "the proje\nct falcon flies", "!proje\nct falcon" },
	{ "both words cut", FALCON, "the pro\nject fal\ncon", "!pro\nject fal\ncon" },
	{ "cut and wrapped", FALCON, "proje\nct\nfalcon", "!proje\nct\nfalcon" },
	{ "a word of a list", WORDS("falcon"), "see\nfal\ncon\nthere", "!fal\ncon" },
	{ "a word in four pieces", WORDS("falcon"), "f\nal\nco\nn", "!f\nal\nco\nn" },
	{ "cut and masked", WORDS("falcon"), "the f\u0430l\ncon", "!f\u0430l\ncon" },
	{ "wrapped and masked", FALCON, "the proj\u0435ct\nfalcon", "!proj\u0435ct\nfalcon" },
	{ "wrapped beside masks", FALCON, "a wo\u200Brd: project\nfalcon", "project\nfalcon" },
	{ "what a text shows is counted once", FALCON, "project falcon pro\nject falcon",
	    "project falcon|!pro\nject falcon" },
	{ "the blank is optional: a wrap, no trick", REGEX("project ?falcon"), "project\nfalcon",
	    "project\nfalcon" },
	{ "anything between: a wrap, no trick", REGEX("secret.{0,9}falcon"),
	    "secret of\nthe falcon", "secret of\nthe falcon" },
	{ "ideographs at a line's end", REGEX("\u673A\u5BC6"), "\u7684\u673A\n\u5BC6\u3002",
	    "\u673A\n\u5BC6" },
	/* --- no hit --- */
	{ "two words that hold a third", REGEX("ssn"), "the class\nnumber", "" },
	{ "the end of one and a word", REGEX("offer"), "switch off\nerrors", "" },
	{ "a capital", WORDS("topsecret"), "Top\nSecret", "" },
	{ "a line that ends with a blank", WORDS("forget"), "for \nget", "" },
	{ "a new paragraph", WORDS("forget"), "for\n\nget", "" },
	{ "a sentence's end", WORDS("forget"), "for.\nget", "" },
	{ "columns of numbers", REGEX("\\d{4} ?\\d{4} ?\\d{4}"), "4111\n1111\n1111", "" },
	{ "a long run of letters", REGEX("[a-z]{60}"),
	    "abcdefghijabcdefghijabcdefghijabcdefghij\nabcdefghijabcdefghijabcdefghijabcdefghij\n"
	    "abcdefghijabcdefghijabcdefghijabcdefghij\nabcdefghijabcdefghijabcdefghijabcdefghij\n"
	    "abcdefghijabcdefghijabcdefghijabcdefghij\nabcdefghijabcdefghijabcdefghijabcdefghij!",
	    "" },
};

static char *
hits_of(const struct verdict *verdict, const char *body)
{
	GString *out = g_string_new(NULL);

	if (verdict->flags->len == 0)
		return g_string_free(out, FALSE);
	const struct flag *flag = g_ptr_array_index(verdict->flags, 0);
	for (guint i = 0; i < flag->hits->len; i++) {
		const struct hit *hit = g_ptr_array_index(flag->hits, i);
		if (i > 0)
			g_string_append_c(out, '|');
		if (hit->hidden)
			g_string_append_c(out, '!');
		g_assert_cmpuint(hit->offset + hit->length, <=, strlen(body));
		g_string_append_len(out, body + hit->offset, (gssize)hit->length);
	}
	g_assert_cmpuint(flag->hits_total, ==, flag->hits->len);
	return g_string_free(out, FALSE);
}

static void
test_rules(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(rules); i++) {
		g_test_message("%s", rules[i].label);
		g_autofree char *text = g_strconcat("[content.x]\n", rules[i].rule, NULL);
		g_autoptr(ruleset) ruleset = kit_rule(text);
		g_autoptr(verdict) verdict =
		    kit_match(ruleset, dissected(rules[i].body), NULL, false);
		g_autofree char *hits = hits_of(verdict, rules[i].body);
		g_assert_cmpstr(hits, ==, rules[i].hits);
	}
}

/* What could cost more than one step a byte. */
static void
test_hostile_lengths(void)
{
	static const char *const units[] = { "a\n", "a \n", "ab\n> ", "\n", ">\n", "a\nB",
		"\u0430\n", "\u673A\n", "a b\n", "a\r\n" };

	for (gsize i = 0; i < G_N_ELEMENTS(units); i++) {
		for (enum text_wrap wrap = WRAP_UNDONE; wrap <= WRAP_JOINED; wrap++) {
			struct wrapped twin = { 0 };
			g_autoptr(GString) text = g_string_new(NULL);
			while (text->len < 1024 * 1024)
				g_string_append(text, units[i]);
			if (wraps_undo(text->str, text->len, wrap, &twin) != WRAPS_MADE)
				continue;
			check_seams(text->str, &twin);
			g_free(twin.data);
			g_free(twin.seams);
		}
	}
}

/* As many as there may be, and one more. */
static void
test_too_many(void)
{
	for (gsize over = 0; over < 2; over++) {
		struct wrapped twin = { 0 };
		g_autoptr(GString) text = g_string_new("a b");
		for (gsize i = 0; i + 1 < WRAPS_SEAMS_MAX + over; i++)
			g_string_append(text, "\na b");
		enum wraps_result result = wraps_undo(text->str, text->len, WRAP_UNDONE, &twin);
		g_assert_cmpint(result, ==, over == 0 ? WRAPS_MADE : WRAPS_NO_MEMORY);
		g_free(twin.data);
		g_free(twin.seams);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/wraps/texts", test_texts);
	g_test_add_func("/wraps/tokens", test_tokens);
	g_test_add_func("/wraps/rules", test_rules);
	g_test_add_func("/wraps/hostile lengths", test_hostile_lengths);
	g_test_add_func("/wraps/too many seams", test_too_many);
	return g_test_run();
}
