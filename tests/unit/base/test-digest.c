/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/digest.h"

/* Vectors of FIPS 180-4's examples and of the empty message. */
static void
test_vectors(void)
{
	static const struct {
		const char *label, *text, *hex;
	} cases[] = {
		{ "nothing at all", "",
		    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "one block", "abc",
		    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "two blocks", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	};
	g_autoptr(digest) digest = digest_new();

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		char whole[DIGEST_HEX], pieces[DIGEST_HEX];
		g_test_message("%s", cases[i].label);
		digest_bytes(cases[i].text, strlen(cases[i].text), whole);
		g_assert_cmpstr(whole, ==, cases[i].hex);
		digest_reset(digest);
		for (const char *at = cases[i].text; *at != '\0'; at++)
			digest_update(digest, at, 1);
		digest_finish(digest, pieces);
		g_assert_cmpstr(pieces, ==, cases[i].hex);
	}
}

static void
test_is_hex(void)
{
	char hex[DIGEST_HEX];

	digest_bytes("x", 1, hex);
	g_assert_true(digest_is_hex(hex));
	hex[3] = 'A';
	g_assert_false(digest_is_hex(hex));
	g_assert_false(digest_is_hex(""));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/digest/vectors", test_vectors);
	g_test_add_func("/digest/is-hex", test_is_hex);
	return g_test_run();
}
