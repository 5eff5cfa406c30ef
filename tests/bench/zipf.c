/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/zipf.h"

#include <math.h>

#define WORDS 300000

static char *
make_word(guint number)
{
	static const char *const syllables[] = { "ba", "ler", "con", "ti", "sa", "mon", "re", "du",
		"ven", "ka", "lo", "pri", "est", "ur", "ma", "ne", "sol", "gra", "fi", "tor" };
	GString *out = g_string_new(NULL);

	for (guint rest = number + 20; rest > 0; rest /= G_N_ELEMENTS(syllables))
		g_string_append(out, syllables[rest % G_N_ELEMENTS(syllables)]);
	return g_string_free(out, FALSE);
}

void
zipf_init(struct zipf *zipf, guint32 seed)
{
	double sum = 0;

	zipf->rand = g_rand_new_with_seed(seed);
	zipf->words = g_ptr_array_new_with_free_func(g_free);
	zipf->reach = g_new(double, WORDS);
	for (guint i = 0; i < WORDS; i++) {
		sum += 1 / pow(i + 2.7, 1.05);
		zipf->reach[i] = sum;
		g_ptr_array_add(zipf->words, make_word(i));
	}
}

void
zipf_clear(struct zipf *zipf)
{
	g_rand_free(zipf->rand);
	g_ptr_array_unref(zipf->words);
	g_free(zipf->reach);
}

const char *
zipf_word(struct zipf *zipf)
{
	double at = g_rand_double(zipf->rand) * zipf->reach[WORDS - 1];
	guint low = 0, high = WORDS - 1;

	while (low < high) {
		guint middle = (low + high) / 2;
		if (zipf->reach[middle] < at)
			low = middle + 1;
		else
			high = middle;
	}
	return zipf->words->pdata[low];
}

guint
zipf_length(struct zipf *zipf)
{
	return (guint)(-log(1 - g_rand_double(zipf->rand) * 0.999) * 260) + 20;
}
