/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "store/bits.h"
#include "store/block-expr.h"
#include "store/block.h"
#include "store/posting.h"

#define COUNT 3000 /* messages of a block */
#define WORDS (COUNT / 64 + 1)

static void
test_bits(void)
{
	static const guint64 numbers[] = { 0, 1, 2, 3, 7, 8, 63, 64, 1000, 65535, 1u << 20 };
	g_autoptr(GByteArray) out = g_byte_array_new();
	struct bit_writer writer;

	bits_begin(&writer, out);
	for (guint i = 0; i < G_N_ELEMENTS(numbers); i++) {
		bits_put_gamma(&writer, numbers[i] + 1);
		bits_put_rice(&writer, numbers[i], 9);
		bits_put_below(&writer, numbers[i], numbers[i] + 1);
		bits_put_below(&writer, numbers[i], numbers[i] * 3 + 2);
	}
	bits_end(&writer);
	struct bit_reader reader = bits_reader(out->data, out->len);
	for (guint i = 0; i < G_N_ELEMENTS(numbers); i++) {
		g_assert_cmpuint(bits_get_gamma(&reader), ==, numbers[i] + 1);
		g_assert_cmpuint(bits_get_rice(&reader, 9), ==, numbers[i]);
		g_assert_cmpuint(bits_get_below(&reader, numbers[i] + 1), ==, numbers[i]);
		g_assert_cmpuint(bits_get_below(&reader, numbers[i] * 3 + 2), ==, numbers[i]);
	}
	g_assert_false(reader.bad);
	g_test_message("behind the end there is nothing, for good");
	for (guint i = 0; i < 20; i++)
		bits_get(&reader, 32);
	g_assert_true(reader.bad);
	g_assert_cmpuint(bits_get_rice(&reader, 3), ==, 0);
}

/* Many at once are what one after the other is, wherever in a byte they begin. */
static void
test_many(void)
{
	enum { N = 3000 };
	g_autoptr(GRand) rand = g_rand_new_with_seed(11);
	static const guint widths[] = { 0, 1, 5, 12, 31 };
	guint32 numbers[N], rices[N], gammas[N];

	for (guint i = 0; i < G_N_ELEMENTS(widths) * 8; i++) {
		guint k = widths[i / 8];
		g_autoptr(GByteArray) out = g_byte_array_new();
		struct bit_writer writer;
		bits_begin(&writer, out);
		bits_put(&writer, 0, i % 8);
		for (guint j = 0; j < N; j++) {
			/* Now and then one with a long run of zeros. */
			gdouble most = (gdouble)(1u << MIN(k + (j % 100 == 0 ? 7 : 1), 31));
			numbers[j] = (guint32)(g_rand_double(rand) * most);
			bits_put_rice(&writer, numbers[j], k);
		}
		for (guint j = 0; j < N; j++)
			bits_put_gamma(&writer, (guint64)numbers[j] + 1);
		bits_end(&writer);
		struct bit_reader reader = bits_reader(out->data, out->len);
		bits_get(&reader, i % 8);
		bits_get_rices(&reader, k, rices, N);
		bits_get_gammas(&reader, gammas, N);
		g_assert_false(reader.bad);
		for (guint j = 0; j < N; j++) {
			g_assert_cmpuint(rices[j], ==, numbers[j]);
			g_assert_cmpuint(gammas[j], ==, numbers[j] + 1);
		}
		bits_get_rices(&reader, k, rices, N);
		g_assert_true(reader.bad);
	}
}

/* People have no places, however many messages they are in. */
static void
test_people(void)
{
	static const guint32 messages[] = { 1, POSTING_STRIDE, POSTING_STRIDE + 1, COUNT };
	const struct posting_frame frame = { .count = COUNT };

	for (guint i = 0; i < G_N_ELEMENTS(messages); i++) {
		g_autoptr(posting) posting = posting_new(), all = posting_new();
		g_autoptr(GByteArray) out = g_byte_array_new();
		for (guint32 rank = 0; rank < messages[i]; rank++)
			posting_add(posting, rank, 0);
		posting_write(posting, &frame, out);
		g_test_message("people of %u messages", messages[i]);
		g_assert_true(posting_read(out->data, out->len, &frame, NULL, all));
		g_assert_cmpuint(all->ranks->len, ==, messages[i]);
		g_assert_cmpuint(
		    g_array_index(all->ranks, guint32, messages[i] - 1), ==, messages[i] - 1);
	}
}

static const struct {
	const char *label;
	guint apart, most; /* about every so many messages have it, up to so often */
	bool long_text;    /* the length of the text is known */
} kinds[] = {
	{ "in each message", 1, 1, true },
	{ "in each message, often", 1, 9, true },
	{ "in every other one", 2, 3, true },
	{ "rare", 400, 2, true },
	{ "only once", COUNT, 1, true },
	{ "in subjects", 3, 2, false },
	{ "in subjects, rare", 300, 1, false },
};

static struct posting *
make_posting(GRand *rand, guint apart, guint most, const guint32 *lengths)
{
	struct posting *posting = posting_new();

	for (guint32 rank = (guint32)g_rand_int_range(rand, 0, (gint)apart); rank < COUNT;
	     rank += 1 + (guint32)g_rand_int_range(rand, 0, (gint)(2 * apart - 1))) {
		guint times = 1 + (guint)g_rand_int_range(rand, 0, (gint)most);
		guint32 place = 0;
		for (guint i = 0; i < times; i++) {
			place += 1 + (guint32)g_rand_int_range(rand, 0, 20);
			if (place < (lengths != NULL ? lengths[rank] : 1000))
				posting_add(posting, rank, place);
		}
		if (times == 1 && lengths != NULL && place + 1 < lengths[rank])
			posting_add(posting, rank, lengths[rank] - 1);
	}
	return posting;
}

static bool
same(const GArray *one, const GArray *other)
{
	return one->len == other->len &&
	       (one->len == 0 || memcmp(one->data, other->data, one->len * sizeof(guint32)) == 0);
}

static void
check_posting(const struct posting *posting, const struct posting_frame *frame)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	g_autoptr(posting) all = posting_new(), some = posting_new();
	g_autofree guint64 *marks = g_new0(guint64, WORDS), *wanted = g_new0(guint64, WORDS);

	posting_write(posting, frame, bytes);
	g_assert_true(posting_read(bytes->data, bytes->len, frame, NULL, all));
	g_assert_true(same(all->ranks, posting->ranks));
	g_assert_true(same(all->counts, posting->counts));
	g_assert_true(same(all->places, posting->places));
	g_assert_true(posting_mark(bytes->data, bytes->len, frame, marks));
	g_assert_true(posting_count(bytes->data, bytes->len, frame, NULL, some));
	g_assert_true(same(some->ranks, posting->ranks));
	g_assert_true(same(some->counts, posting->counts));
	for (guint i = 0, at = 0; i < COUNT; i++) {
		bool has = at < all->ranks->len && g_array_index(all->ranks, guint32, at) == i;
		g_assert_cmpuint(marks[i / 64] >> (i % 64) & 1, ==, has);
		at += has;
	}
	g_test_message("of one message alone");
	if (all->ranks->len == 0)
		return;
	guint middle = all->ranks->len / 2;
	guint32 rank = g_array_index(all->ranks, guint32, middle);
	wanted[rank / 64] = G_GUINT64_CONSTANT(1) << (rank % 64);
	g_assert_true(posting_read(bytes->data, bytes->len, frame, wanted, some));
	g_assert_cmpuint(some->ranks->len, ==, 1);
	g_assert_cmpuint(some->places->len, ==, g_array_index(all->counts, guint32, middle));
	g_assert_true(posting_count(bytes->data, bytes->len, frame, wanted, some));
	g_assert_cmpuint(some->ranks->len, ==, 1);
	g_assert_cmpuint(g_array_index(some->ranks, guint32, 0), ==, rank);
	g_assert_cmpuint(g_array_index(some->counts, guint32, 0), ==,
	    g_array_index(all->counts, guint32, middle));
}

/* Piece by piece it is the whole. */
static void
check_windows(const struct posting *posting, const struct posting_frame *frame, guint32 window)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	g_autoptr(posting) all = posting_new(), some = posting_new();

	posting_write(posting, frame, bytes);
	g_autoptr(posting_list) list = posting_list_new(bytes->data, bytes->len, bytes->len, frame);
	g_assert_nonnull(list);
	/* It has all it needs. */
	memset(bytes->data, 0xff, bytes->len);
	for (guint32 from = 0; from < COUNT; from += window) {
		g_assert_true(posting_list_read(list, from, from + window, NULL, some));
		g_array_append_vals(all->ranks, some->ranks->data, some->ranks->len);
		g_array_append_vals(all->counts, some->counts->data, some->counts->len);
		g_array_append_vals(all->places, some->places->data, some->places->len);
	}
	g_assert_true(same(all->ranks, posting->ranks));
	g_assert_true(same(all->counts, posting->counts));
	g_assert_true(same(all->places, posting->places));
}

/* With its beginning alone it says what it lacks, and has it from then on; nothing else is read. */
static void
check_lacking(const struct posting *posting, const struct posting_frame *frame)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	g_autoptr(posting) expected = posting_new(), all = posting_new(), some = posting_new();
	g_autoptr(posting_list) list = NULL;
	g_autofree guint64 *wanted = g_new0(guint64, WORDS);
	gsize at_hand = 0, filled = 0;

	for (guint i = 0; i < COUNT; i += 1 + i % 700)
		wanted[i / 64] |= G_GUINT64_CONSTANT(1) << (i % 64);
	posting_write(posting, frame, bytes);
	g_assert_true(posting_read(bytes->data, bytes->len, frame, wanted, expected));
	for (; list == NULL && at_hand <= bytes->len; at_hand++)
		list = posting_list_new(bytes->data, at_hand, bytes->len, frame);
	g_assert_nonnull(list);
	for (guint32 upto = COUNT; upto > 0; upto -= 500) {
		gsize begin, end;
		guint stride = 0;
		while (posting_list_lacks(list, upto - 500, upto, wanted, &stride, &begin, &end)) {
			g_assert_cmpuint(end, <=, bytes->len);
			memcpy(
			    posting_list_fill(list, begin, end), bytes->data + begin, end - begin);
			filled += end - begin;
		}
		g_assert_true(posting_list_read(list, upto - 500, upto, wanted, some));
		g_array_prepend_vals(all->ranks, some->ranks->data, some->ranks->len);
		g_array_prepend_vals(all->counts, some->counts->data, some->counts->len);
		g_array_prepend_vals(all->places, some->places->data, some->places->len);
	}
	g_assert_cmpuint(at_hand + filled, <=, bytes->len + POSTING_STRIDE);
	g_assert_true(same(all->ranks, expected->ranks));
	g_assert_true(same(all->counts, expected->counts));
	g_assert_true(same(all->places, expected->places));
}

/* Of damaged bytes some are at hand, and others come when they are asked for. */
static void
check_damaged_list(const guint8 *bytes, gsize size, const struct posting_frame *frame, GRand *rand)
{
	gsize at_hand = size > 0 ? (gsize)g_rand_int_range(rand, 0, (gint)size + 1) : 0;
	g_autoptr(posting_list) list = posting_list_new(bytes, at_hand, size, frame);
	g_autoptr(posting) some = posting_new();
	gsize begin, end;

	for (guint32 from = 0; list != NULL && from < COUNT; from += COUNT / 3) {
		guint stride = 0;
		while (
		    posting_list_lacks(list, from, from + COUNT / 4, NULL, &stride, &begin, &end)) {
			g_assert_cmpuint(begin, <=, end);
			g_assert_cmpuint(end, <=, size);
			guint8 *to = posting_list_fill(list, begin, end);
			memcpy(to, bytes + begin, end - begin);
		}
		posting_list_read(list, from, from + COUNT / 4, NULL, some);
	}
}

/* What a disk made of it is told or is a list of the block; nothing is read or written beside. */
static void
check_damaged(const struct posting *posting, const struct posting_frame *frame, GRand *rand)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	g_autoptr(posting) all = posting_new();

	posting_write(posting, frame, bytes);
	for (guint i = 0; i < 60; i++) {
		gsize size =
		    i % 3 == 0 ? (gsize)g_rand_int_range(rand, 0, (gint)bytes->len) : bytes->len;
		g_autofree guint8 *copy = g_malloc(MAX(size, 1));
		g_autofree guint64 *marks = g_new0(guint64, WORDS);
		memcpy(copy, bytes->data, size);
		for (guint j = 0; size > 0 && i % 3 != 0 && j < i; j++)
			copy[g_rand_int_range(rand, 0, (gint)size)] = (guint8)g_rand_int(rand);
		posting_mark(copy, size, frame, marks);
		posting_count(copy, size, frame, NULL, all);
		posting_read(copy, size, frame, NULL, all);
		check_damaged_list(copy, size, frame, rand);
	}
}

static void
test_lists(void)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(7);
	guint32 lengths[COUNT];

	for (guint i = 0; i < COUNT; i++)
		lengths[i] = 1 + (guint32)g_rand_int_range(rand, 0, i % 50 == 0 ? 9000 : 400);
	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
		const guint32 *known = kinds[i].long_text ? lengths : NULL;
		const struct posting_frame frame = { COUNT, known, true };
		g_autoptr(posting) posting =
		    make_posting(rand, kinds[i].apart, kinds[i].most, known);
		g_test_message("%s", kinds[i].label);
		check_posting(posting, &frame);
		check_windows(posting, &frame, 1);
		check_windows(posting, &frame, 100);
		check_windows(posting, &frame, COUNT + 1);
		check_lacking(posting, &frame);
		check_damaged(posting, &frame, rand);
	}
}

static bool
collect(const char *key, const guint8 *data, gsize size, void *user)
{
	GString *out = user;

	(void)data;
	(void)size;
	g_string_append_printf(
	    out, "%.*s%u ", (int)strcspn(key, BLOCK_END), key, block_column(key));
	return true;
}

/* Bytes of a page: a key shares its beginning with the one before. */
static const struct {
	const char *label, *bytes;
	gsize size;
	const char *beginning, *expected; /* NULL: damaged */
} pages[] = {
	{ "a word in two columns, and the next", "\0\4an\ta\1.\3\1c\1.\1\3t\ta\1.", 20, "an",
	    "an0 an2 " },
	{ "up to the end of the word alone", "\0\4an\ta\1.\2\4na\ta\1.", 16, "an\t", "an0 " },
	{ "nothing begins so", "\0\4an\ta\1.", 8, "b", "" },
	{ "an empty page", "", 0, "b", "" },
	{ "more of the key before than it has", "\5\4an\ta\1.", 8, "", NULL },
	{ "a key behind the end", "\0\44an\ta\1.", 8, "", NULL },
	{ "postings behind the end", "\0\4an\ta\7.", 8, "", NULL },
	{ "a number without an end", "\377\377\377\377\377\377\377\377\377\377\377", 11, "", NULL },
};

static void
test_pages(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(pages); i++) {
		g_autoptr(GString) out = g_string_new(NULL);
		bool over = false;
		g_test_message("%s", pages[i].label);
		bool right = block_scan_page((const guint8 *)pages[i].bytes, pages[i].size,
		    pages[i].beginning, collect, out, &over);
		g_assert_cmpint(right, ==, pages[i].expected != NULL);
		if (right)
			g_assert_cmpstr(out->str, ==, pages[i].expected);
	}
}

static const struct {
	const char *label, *text;
	bool right;
} expressions[] = {
	{ "a word", "\"a\"", true },
	{ "a phrase that goes on", "\"a b\" *", true },
	{ "columns", "{sender} : (\"a\" OR \"b c\")", true },
	{ "lists", "(\"a\") AND (\"b\") NOT (\"c\" OR {body files} : \"d\" *)", true },
	{ "an open bracket", "(\"a\"", false },
	{ "an open quote", "\"a", false },
	{ "an empty phrase", "\"\"", false },
	{ "no operator", "\"a\" \"b\"", false },
	{ "a bare word", "a", false },
	{ "nothing", "", false },
};

static void
test_expressions(void)
{
	g_autoptr(GString) deep = g_string_new(NULL);
	g_autoptr(GError) none = NULL;
	guint nodes;

	for (guint i = 0; i < G_N_ELEMENTS(expressions); i++) {
		g_autoptr(GError) error = NULL;
		g_test_message("%s", expressions[i].label);
		g_autoptr(block_expr) expr =
		    block_expr_parse(expressions[i].text, false, &nodes, &error);
		g_assert_cmpint(expr != NULL, ==, expressions[i].right);
		g_assert_cmpint(error == NULL, ==, expressions[i].right);
	}
	g_test_message("brackets without an end");
	for (guint i = 0; i < 100000; i++)
		g_string_append_c(deep, '(');
	g_assert_null(block_expr_parse(deep->str, false, &nodes, &none));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/store/posting/bits", test_bits);
	g_test_add_func("/store/posting/many", test_many);
	g_test_add_func("/store/posting/people", test_people);
	g_test_add_func("/store/posting/lists", test_lists);
	g_test_add_func("/store/posting/pages", test_pages);
	g_test_add_func("/store/posting/expressions", test_expressions);
	return g_test_run();
}
