/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/keyed.h"

#include <string.h>
#include <sys/random.h>

#include "base/fault.h"

struct state {
	guint64 a, b, c, d;
};

static inline guint64
rotate(guint64 x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static inline void
mix(struct state *s, int rounds)
{
	for (int i = 0; i < rounds; i++) {
		s->a += s->b;
		s->c += s->d;
		s->b = rotate(s->b, 13) ^ s->a;
		s->d = rotate(s->d, 16) ^ s->c;
		s->a = rotate(s->a, 32);
		s->c += s->b;
		s->a += s->d;
		s->b = rotate(s->b, 17) ^ s->c;
		s->d = rotate(s->d, 21) ^ s->a;
		s->c = rotate(s->c, 32);
	}
}

static inline guint64
word_at(const guint8 *data)
{
	guint64 word;

	memcpy(&word, data, sizeof(word));
	return GUINT64_FROM_LE(word);
}

void
keyed_set(struct keyed *keyed, const guint8 key[KEYED_KEY])
{
	keyed->k0 = word_at(key);
	keyed->k1 = word_at(key + 8);
}

guint64
keyed_hash(const struct keyed *keyed, const void *data, gsize size)
{
	const guint8 *at = data;
	guint64 last = (guint64)(size & 0xff) << 56;
	/* The four words of the standard's text "somepseudorandomlygeneratedbytes". */
	struct state s = { keyed->k0 ^ 0x736f6d6570736575, keyed->k1 ^ 0x646f72616e646f6d,
		keyed->k0 ^ 0x6c7967656e657261, keyed->k1 ^ 0x7465646279746573 };

	for (gsize i = 0; i < size / 8; i++, at += 8) {
		guint64 word = word_at(at);
		s.d ^= word;
		mix(&s, 2);
		s.a ^= word;
	}
	for (gsize i = 0; i < size % 8; i++)
		last |= (guint64)at[i] << (8 * i);
	s.d ^= last;
	mix(&s, 2);
	s.a ^= last;
	s.c ^= 0xff;
	mix(&s, 4);
	return s.a ^ s.b ^ s.c ^ s.d;
}

bool
keyed_make(guint8 key[KEYED_KEY], GError **error)
{
	if (getrandom(key, KEYED_KEY, 0) == KEYED_KEY)
		return true;
	fault_errno(error, "random numbers");
	return false;
}
