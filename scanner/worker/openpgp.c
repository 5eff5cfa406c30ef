/* SPDX-License-Identifier: GPL-3.0-or-later */
/* openpgp - see openpgp.h. Never believes a length. */
#include "worker/openpgp.h"

#include <string.h>

void
openpgp_init(struct openpgp *walk, const guint8 *bytes, gsize size)
{
	memset(walk, 0, sizeof *walk);
	walk->at = bytes;
	walk->end = size > 0 ? bytes + size : bytes;
}

void
openpgp_clear(struct openpgp *walk)
{
	g_clear_pointer(&walk->joined, g_byte_array_unref);
}

/* A number of some bytes, the first one highest. False at the end. */
static bool
get_number(struct openpgp *walk, gsize width, gsize *value)
{
	if ((gsize)(walk->end - walk->at) < width)
		return false;
	*value = 0;
	for (gsize i = 0; i < width; i++)
		*value = *value << 8 | *walk->at++;
	return true;
}

/* Section 4.2.1; *partial: one part of a body, another length follows it. */
static bool
get_length(struct openpgp *walk, gsize *length, bool *partial)
{
	gsize first, second;

	*partial = false;
	if (!get_number(walk, 1, &first))
		return false;
	if (first == 255)
		return get_number(walk, 4, length);
	if (first >= 224) {
		*partial = true;
		*length = (gsize)1 << (first & 31);
		return true;
	}
	*length = first;
	if (first < 192)
		return true;
	if (!get_number(walk, 1, &second))
		return false;
	*length = ((first - 192) << 8) + second + 192;
	return true;
}

static gsize
take(struct openpgp *walk, gsize length)
{
	gsize left = (gsize)(walk->end - walk->at);

	walk->cut = walk->cut || length > left;
	walk->at += MIN(length, left);
	return MIN(length, left);
}

static void
join(struct openpgp *walk, gsize length)
{
	bool partial = true;

	if (walk->joined == NULL)
		walk->joined = g_byte_array_new();
	g_byte_array_set_size(walk->joined, 0);
	for (;;) {
		const guint8 *part = walk->at;
		gsize size = take(walk, length);
		g_byte_array_append(walk->joined, part, (guint)size);
		if (!partial || walk->cut)
			break;
		if (!get_length(walk, &length, &partial)) {
			walk->cut = true;
			break;
		}
	}
	walk->body = walk->joined->data;
	walk->size = walk->joined->len;
}

bool
openpgp_next(struct openpgp *walk)
{
	const guint8 *start = walk->at;
	gsize length = G_MAXSIZE, header;
	bool partial = false, fine = get_number(walk, 1, &header) && (header & 0x80) != 0;

	walk->cut = false;
	if (fine && (header & 0x40) != 0) {
		walk->tag = header & 63;
		fine = get_length(walk, &length, &partial);
	} else if (fine) {
		walk->tag = header >> 2 & 15;
		/* Section 4.2.2: of one, two, four bytes, or up to the end. */
		if ((header & 3) != 3)
			fine = get_number(walk, (gsize)1 << (header & 3), &length);
		else
			length = (gsize)(walk->end - walk->at);
	}
	if (!fine || walk->tag == 0) {
		walk->at = start;
		return false;
	}
	if (partial) {
		join(walk, length);
	} else {
		walk->body = walk->at;
		walk->size = take(walk, length);
	}
	return true;
}

bool
openpgp_starts(const guint8 *head, gsize size)
{
	struct openpgp walk;
	bool starts = false;

	/* A large packet in parts is not to be joined for this. */
	openpgp_init(&walk, head, MIN(size, 1024));
	if (!openpgp_next(&walk)) {
		openpgp_clear(&walk);
		return false;
	}
	const guint8 *body = walk.body;
	gsize n = walk.size;
	switch (walk.tag) {
	case OPENPGP_SESSION_KEY:
		starts = n > 10 && (body[0] == 3 || body[0] == 6);
		break;
	case OPENPGP_PASSWORD_KEY:
		starts = n >= 4 && body[0] >= 4 && body[0] <= 6 && body[1] < 32;
		break;
	case OPENPGP_ONE_PASS:
		starts = n >= 13 && (body[0] == 3 || body[0] == 6) && body[1] < 3;
		break;
	case OPENPGP_COMPRESSED:
		/* 0xA3 and a kind, as gpg writes it, or a length that is plausible. */
		starts = n > 2 && body[0] <= 3;
		break;
	case OPENPGP_LITERAL:
		starts = n >= 6 && strchr("btulm", body[0]) != NULL && body[0] != 0 &&
			 (gsize)body[1] + 6 <= n;
		break;
	case OPENPGP_ENCRYPTED_CHECKED:
		starts = n > 20 && (body[0] == 1 || body[0] == 2);
		break;
	case OPENPGP_ENCRYPTED_AEAD:
		starts = n > 20 && body[0] == 1 && body[1] < 32 && body[2] <= 3;
		break;
	default:
		break;
	}
	openpgp_clear(&walk);
	return starts;
}

bool
openpgp_literal(
    const struct openpgp *walk, const guint8 **name, gsize *name_size, const guint8 **content)
{
	/* Section 5.9: form, name with its length, date. */
	if (walk->size < 6 || (gsize)walk->body[1] + 6 > walk->size)
		return false;
	*name = walk->body + 2;
	*name_size = walk->body[1];
	*content = *name + *name_size + 4;
	return true;
}
