/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BENCH_ZIPF_H
#define FLAGPOST_BENCH_ZIPF_H
/*
 * zipf - made-up words. They follow Zipf's law over 300,000 of them, as those of a language do.
 */
#include <glib.h>

struct zipf {
	GRand *rand;
	GPtrArray *words; /* the commonest first */
	double *reach;    /* the sum of the weights up to each word */
};

void zipf_init(struct zipf *zipf, guint32 seed);
void zipf_clear(struct zipf *zipf);
/* Of zipf->words. */
const char *zipf_word(struct zipf *zipf);
/* How many words a message has: few have many. */
guint zipf_length(struct zipf *zipf);

#endif
