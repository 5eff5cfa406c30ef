/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/share.h"

#include <math.h>

/* Bounds by the closed form of Wilson's interval, computed apart to four places. */
static const struct {
	const char *label;
	guint64 found, of;
	double share, low, high;
} samples[] = {
	{ "nobody looked: nothing is known", 0, 0, 0, 0, 1 },
	{ "nothing found in ten is no proof of nothing", 0, 10, 0, 0, 0.2775 },
	{ "nothing found in a thousand says more", 0, 1000, 0, 0, 0.0038 },
	{ "one in ten", 1, 10, 0.1, 0.0179, 0.4042 },
	{ "a half of a hundred", 50, 100, 0.5, 0.4038, 0.5962 },
	{ "two of two hundred", 2, 200, 0.01, 0.0027, 0.0357 },
	{ "all of three: the bound is one, and not above", 3, 3, 1, 0.4385, 1 },
	{ "a count beyond reason stays within 0 and 1", 9, 3, 1, 0.4385, 1 },
};

static void
test_bounds(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
		double share, low, high;
		g_test_message("%s", samples[i].label);
		share_bounds(samples[i].found, samples[i].of, &share, &low, &high);
		g_assert_cmpfloat_with_epsilon(share, samples[i].share, 0.00005);
		g_assert_cmpfloat_with_epsilon(low, samples[i].low, 0.00005);
		g_assert_cmpfloat_with_epsilon(high, samples[i].high, 0.00005);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/share/bounds", test_bounds);
	return g_test_run();
}
