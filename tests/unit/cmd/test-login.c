/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/login.h"

/* 1 and 2 have the names daemon and bin on every Debian. */
static void
test_names(void)
{
	static const struct {
		const char *label;
		struct login login;
		const char *name;
	} cases[] = {
		{ "root, and nobody else was seen", { 0, LOGIN_UNSEEN, NULL }, "root" },
		{ "sudo where no login is seen", { 0, LOGIN_UNSEEN, "anna" }, "anna" },
		{ "an empty variable names nobody", { 0, LOGIN_UNSEEN, "" }, "root" },
		{ "the kernel knows who logged in", { 0, 1, NULL }, "daemon" },
		{ "a variable makes nobody a second officer", { 0, 1, "bin" }, "daemon" },
		{ "also not of who logged in as root", { 0, 0, "bin" }, "root" },
		{ "others are who they are", { 1, LOGIN_UNSEEN, "bin" }, "daemon" },
		{ "whoever they were before", { 1, 2, "bin" }, "daemon" },
		{ "a login without a name", { 0, 4294967, NULL }, "uid 4294967" },
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].label);
		g_autofree char *name = login_name(&cases[i].login);
		g_assert_cmpstr(name, ==, cases[i].name);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/login/names", test_names);
	return g_test_run();
}
