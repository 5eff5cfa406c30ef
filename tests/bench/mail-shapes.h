/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BENCH_MAIL_SHAPES_H
#define FLAGPOST_BENCH_MAIL_SHAPES_H
/*
 * mail_shapes - whole made-up mails, with the markup that mail programs put around words.
 *
 * What an index takes is held against the text as it came, and of that markup is a part: the words
 * are those of tests/bench/zipf.h, each text is new, no mail quotes another of them.
 */
#include "tests/bench/zipf.h"

/* One kind of mail. */
struct shape {
	const char *name;
	void (*body)(GString *out, struct zipf *zipf, GPtrArray *paragraphs);
};

/* NULL-named at the end. */
extern const struct shape shapes[];

/* A mail of that kind, CRLF; number makes its Message-ID. */
GString *shape_mail(const struct shape *shape, struct zipf *zipf, guint number);

#endif
