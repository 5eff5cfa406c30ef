/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/password.h"

#include <stdbool.h>
#include <string.h>

static const struct {
	const char *label, *password;
	guint length, classes;
	const char *trouble; /* a word of it; NULL: it is good */
} cases[] = {
	{ "long, with three kinds", "Correct horse battery 7", 12, 3, NULL },
	{ "too short", "Ab3$efgh", 12, 3, "shorter than 12" },
	{ "length counts characters, not bytes", "\xC3\x84\xC3\x84\xC3\x84\xC3\x84\xC3\x84\xC3\x84",
	    12, 1, "shorter" },
	{ "small letters alone", "correcthorsebattery", 12, 3, "weak: 3 of" },
	{ "unless that is what is asked", "correcthorsebattery", 12, 1, NULL },
	{ "two characters again and again", "Aa1Aa1Aa1Aa1Aa1", 12, 3, "repeats" },
	{ "a line break that a file brought along", "Correct horse 7\n", 12, 3, "control" },
	{ "no UTF-8", "Correct horse 7\xFF", 12, 3, "UTF-8" },
	{ "nothing", "", 12, 3, "shorter" },
};

/* All are long, of three kinds, and of many different characters. */
static const struct {
	const char *label, *password;
	bool weak;
} guessed[] = {
	{ "a common word with digits behind it", "Password1234", true },
	{ "other signs for its letters", "P@ssw0rd1234", true },
	{ "a season and a year", "Winter-2026-11", true },
	{ "a row of keys", "Asdfghjkl123", true },
	{ "a row of keys in German", "Qwertzuiop12", true },
	{ "keys from above to below", "1qaz2wsx3edC", true },
	{ "a run of letters", "Abcdefghij12", true },
	{ "a word twice", "Secret7-Secret7-", true },
	{ "a name and a year", "John.Smith1970", true },
	{ "our own name and a year", "Kranichwerkstatt-2026", true },
	{ "our own name turned round", "ttatskrewhcinarK-26", true },
	{ "words that are in no list", "Bluefin-ledger-42", false },
	{ "two words", "Correct horse 7", true },
	{ "words that do not belong together", "Correct horse battery 7", false },
	{ "signs by chance", "k9#Vt2mQ!x7L", false },
	{ "letters of another script",
	    "\xD0\x9A\xD0\xBE\xD1\x80\xD0\xB0\xD0\xB1\xD0\xBB\xD1\x8C 7 "
	    "\xD0\xB6\xD1\x83\xD0\xBA",
	    false },
};

static void
test_guessed(void)
{
	static const struct password_policy policy = { PASSWORD_LENGTH, PASSWORD_CLASSES,
		PASSWORD_BITS };
	static const struct password_policy off = { PASSWORD_LENGTH, PASSWORD_CLASSES, 0 };
	static const char *const names[] = { "Kranichwerkstatt GmbH", "kranichwerkstatt.example",
		NULL };

	if (password_bits_trouble() != NULL) {
		g_test_skip(password_bits_trouble());
		return;
	}
	g_autofree char *nobodys = password_trouble("Kranichwerkstatt-2026", &policy, NULL);
	g_assert_null(nobodys);
	for (gsize i = 0; i < G_N_ELEMENTS(guessed); i++) {
		g_autofree char *trouble = password_trouble(guessed[i].password, &policy, names);
		g_autofree char *none = password_trouble(guessed[i].password, &off, NULL);
		g_test_message("%s: %s", guessed[i].label, trouble);
		g_assert_null(none);
		g_assert_true((trouble != NULL) == guessed[i].weak);
		if (trouble == NULL)
			continue;
		g_assert_nonnull(strstr(trouble, "guesses find it, and 2^50 are wanted"));
		g_assert_null(strstr(trouble, guessed[i].password));
	}
}

static void
test_cases(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct password_policy policy = { cases[i].length, cases[i].classes, 0 };
		g_autofree char *trouble = password_trouble(cases[i].password, &policy, NULL);
		g_test_message("%s", cases[i].label);
		if (cases[i].trouble == NULL) {
			g_assert_null(trouble);
			continue;
		}
		g_assert_nonnull(trouble);
		g_assert_nonnull(strstr(trouble, cases[i].trouble));
		g_assert_true(
		    cases[i].password[0] == '\0' || strstr(trouble, cases[i].password) == NULL);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/daemon/password/cases", test_cases);
	g_test_add_func("/daemon/password/guessed", test_guessed);
	return g_test_run();
}
