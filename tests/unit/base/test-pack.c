/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/pack.h"

#include <string.h>

static GByteArray *
example(void)
{
	GByteArray *out = g_byte_array_new();

	pack_bool(out, true);
	pack_u32(out, 0xfedcba98);
	pack_string(out, "Gr\303\274\303\237e");
	pack_u64(out, G_MAXUINT64 - 1);
	pack_text(out, "cut here", 3);
	pack_string(out, "");
	pack_u32(out, 2);
	pack_bool(out, false);
	pack_bool(out, true);
	return out;
}

/* What was read up to what is bad holds; what comes behind it is nothing. */
static void
read_example(struct packed *in, bool whole)
{
	gsize size;

	bool first = packed_bool(in);
	g_assert_true(first || in->bad);
	guint32 number = packed_u32(in);
	g_assert_true(number == 0xfedcba98 || (in->bad && number == 0));
	const char *text = packed_text(in, &size);
	g_assert_cmpuint(strlen(text), ==, size);
	g_assert_true(size == 7 || in->bad);
	guint64 large = packed_u64(in);
	g_assert_true(large == G_MAXUINT64 - 1 || (in->bad && large == 0));
	text = packed_text(in, NULL);
	g_assert_cmpstr(text, ==, in->bad ? "" : "cut");
	g_assert_cmpstr(packed_text(in, NULL), ==, "");
	guint32 n = packed_count(in, 2);
	for (guint32 i = 0; i < n; i++)
		packed_bool(in);
	g_assert_true(!whole || n == 2);
}

static void
test_round_trip(void)
{
	g_autoptr(GByteArray) bytes = example();
	struct packed in = packed_bytes(bytes->data, bytes->len);

	g_assert_false(packed_is_done(&in));
	read_example(&in, true);
	g_assert_true(packed_is_done(&in));
	g_test_message("one more than there is");
	g_assert_cmpuint(packed_u32(&in), ==, 0);
	g_assert_false(packed_is_done(&in));
}

static void
test_cut(void)
{
	g_autoptr(GByteArray) bytes = example();

	for (guint size = 0; size < bytes->len; size++) {
		/* Of its own, so that a sanitizer sees what is read behind it. */
		g_autofree guint8 *cut = g_memdup2(bytes->data, size);
		struct packed in = packed_bytes(cut, size);
		read_example(&in, false);
		g_assert_false(packed_is_done(&in));
	}
}

static void
test_bad(void)
{
	static const struct {
		const char *label, *bytes;
		gsize size;
	} texts[] = {
		{ "longer than all", "\377\377\377\377a", 6 },
		{ "as long as can be", "\377\377\377\377", 4 },
		{ "without its end", "\001\000\000\000ab", 6 },
		{ "a NUL within", "\003\000\000\000a\000b", 8 },
		{ "not UTF-8", "\001\000\000\000\377", 6 },
		{ "half a character", "\001\000\000\000\303", 6 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		gsize size = 1;
		g_test_message("%s", texts[i].label);
		struct packed in = packed_bytes(texts[i].bytes, texts[i].size);
		g_assert_cmpstr(packed_text(&in, &size), ==, "");
		g_assert_cmpuint(size, ==, 0);
		g_assert_false(packed_is_done(&in));
	}
	g_test_message("a truth that is neither");
	struct packed truth = packed_bytes("\002", 1);
	g_assert_false(packed_bool(&truth));
	g_assert_false(packed_is_done(&truth));
	g_test_message("more rows than may be, and than there can be");
	struct packed rows = packed_bytes("\003\000\000\000abc", 7);
	struct packed same = rows, few = packed_bytes("\003\000\000\000ab", 6);
	g_assert_cmpuint(packed_count(&rows, 2), ==, 0);
	g_assert_cmpuint(packed_count(&same, 3), ==, 3);
	g_assert_cmpuint(packed_count(&few, 3), ==, 0);
	g_assert_true(rows.bad && !same.bad && few.bad);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/pack/round-trip", test_round_trip);
	g_test_add_func("/pack/cut", test_cut);
	g_test_add_func("/pack/bad", test_bad);
	return g_test_run();
}
