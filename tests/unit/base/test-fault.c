/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>

#include "base/fault.h"

static void
test_errno(void)
{
	static const struct {
		const char *label;
		int number;
		int exit_code;
	} cases[] = {
		{ "a full disk is an I/O error", ENOSPC, FAULT_IO },
		{ "a forbidden file is a matter of permission", EACCES, FAULT_DENIED },
		{ "so is an act that only root may do", EPERM, FAULT_DENIED },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_test_message("%s", cases[i].label);
		errno = cases[i].number;
		fault_errno(&error, "write %s", "x.tar");
		g_assert_cmpint(fault_exit_code(error), ==, cases[i].exit_code);
		g_assert_true(g_str_has_prefix(error->message, "write x.tar: "));
		g_assert_cmpint(errno, ==, cases[i].number);
	}
	g_assert_cmpint(fault_exit_code(NULL), ==, 0);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/fault/errno", test_errno);
	return g_test_run();
}
