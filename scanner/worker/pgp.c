/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pgp - see pgp.h. Never decrypts, never verifies, never starts a program. */
#include "worker/pgp.h"

#include <string.h>

#include "worker/decode.h"
#include "worker/inflate.h"
#include "worker/openpgp.h"

#define NESTED_MAX  4 /* compressed packets in compressed packets */
#define PACKETS_MAX 1000
#define BLOCKS_MAX  100 /* armoured messages in one text */

struct reading {
	struct item *item;
	guint nested;
	guint packets;
	bool found; /* content, or that it is encrypted */
	bool keys;
};

static void read_packets(struct reading *reading, const guint8 *bytes, gsize size);

static void
add_literal(struct reading *reading, const struct openpgp *walk)
{
	struct item *item = reading->item;
	const guint8 *name, *content;
	gsize name_size;
	struct charset_result result;

	if (!openpgp_literal(walk, &name, &name_size, &content))
		return;
	g_autofree char *text =
	    charset_decode(item->scan->charset, NULL, name, name_size, 1024, &result);
	reading->found = true;
	/* "_CONSOLE" is no name: section 5.9. */
	extract_member(item, strcmp(text, "_CONSOLE") != 0 ? text : "", "", content,
	    (gsize)(walk->body + walk->size - content));
}

static void
add_compressed(struct reading *reading, const guint8 *bytes, gsize size)
{
	struct item *item = reading->item;
	static const enum inflate_format formats[] = { INFLATE_RAW, INFLATE_ZLIB, INFLATE_BZIP2 };
	g_autoptr(GByteArray) out = g_byte_array_new();

	if (size == 0 || bytes[0] > G_N_ELEMENTS(formats))
		return;
	reading->found = true;
	if (reading->nested == NESTED_MAX) {
		extract_part(item)->facts |= FACT_ARCHIVE_TOO_DEEP;
		scan_outcome(item->scan, item->part, PART_OVER_LIMIT, "nested too deep");
		return;
	}
	reading->nested++;
	if (bytes[0] == 0) {
		read_packets(reading, bytes + 1, size - 1);
		reading->nested--;
		return;
	}
	switch (inflate_bytes(item->scan, formats[bytes[0] - 1], bytes + 1, size - 1, out)) {
	case INFLATE_DONE:
		break;
	case INFLATE_OVER:
		extract_part(item)->facts |= FACT_ARCHIVE_BOMB;
		scan_outcome(
		    item->scan, item->part, PART_OVER_LIMIT, "unpacks to more than is looked at");
		break;
	case INFLATE_BROKEN:
		scan_outcome(item->scan, item->part, PART_BROKEN,
		    "OpenPGP: compressed data that breaks off");
		break;
	case INFLATE_LATE:
		scan_outcome(item->scan, item->part, PART_TIMEOUT, "the time was over");
		break;
	}
	read_packets(reading, out->data, out->len);
	reading->nested--;
}

static void
read_packet(struct reading *reading, const struct openpgp *walk)
{
	struct item *item = reading->item;

	switch (walk->tag) {
	case OPENPGP_SESSION_KEY:
	case OPENPGP_PASSWORD_KEY:
	case OPENPGP_ENCRYPTED:
	case OPENPGP_ENCRYPTED_CHECKED:
	case OPENPGP_ENCRYPTED_AEAD:
		reading->found = true;
		extract_set_encrypted(item, "PGP message");
		break;
	case OPENPGP_COMPRESSED:
		add_compressed(reading, walk->body, walk->size);
		break;
	case OPENPGP_LITERAL:
		add_literal(reading, walk);
		break;
	case OPENPGP_SIGNATURE:
	case OPENPGP_PUBLIC_KEY:
		reading->keys = true;
		break;
	case OPENPGP_SECRET_KEY:
		reading->found = true;
		scan_outcome(item->scan, item->part, PART_UNKNOWN_TYPE, "OpenPGP: a secret key");
		break;
	default:
		break;
	}
	if (walk->cut) {
		extract_part(item)->facts |= FACT_PART_MALFORMED;
		scan_outcome(item->scan, item->part, PART_BROKEN, "OpenPGP that breaks off");
	}
}

static void
read_packets(struct reading *reading, const guint8 *bytes, gsize size)
{
	struct item *item = reading->item;
	struct openpgp walk;

	openpgp_init(&walk, bytes, size);
	while (openpgp_next(&walk)) {
		if (++reading->packets > PACKETS_MAX) {
			/* Keyrings are long, and hold no text. */
			if (!reading->keys || reading->found)
				scan_outcome(item->scan, item->part, PART_OVER_LIMIT,
				    "more packets than are looked at");
			break;
		}
		read_packet(reading, &walk);
	}
	if (walk.at < walk.end && reading->packets <= PACKETS_MAX) {
		extract_part(item)->facts |= FACT_PART_MALFORMED;
		scan_outcome(item->scan, item->part, PART_BROKEN, "OpenPGP that breaks off");
	}
	openpgp_clear(&walk);
}

void
pgp_read(struct item *item, const guint8 *bytes, gsize size)
{
	struct reading reading = { .item = item };

	read_packets(&reading, bytes, size);
	if (reading.found)
		return;
	if (reading.keys)
		scan_outcome(item->scan, item->part, PART_NO_TEXT, NULL);
	else
		scan_outcome(item->scan, item->part, PART_BROKEN, "OpenPGP without a message");
}

/* Armour from behind its first line: headers, an empty line, base64, perhaps a checksum. */
static void
read_armoured(struct item *item, const char *text, const char *end)
{
	g_autoptr(GByteArray) out = g_byte_array_new();
	struct decode decode;

	decode_begin(&decode, DECODE_BASE64);
	while (text < end) {
		const char *stop = memchr(text, '\n', (gsize)(end - text));
		gsize size = (gsize)((stop != NULL ? stop : end) - text);
		/* A header has a colon, a checksum begins with the sign of padding. */
		if (*text == '=' && size <= 6 && out->len > 0)
			break;
		if (memchr(text, ':', size) == NULL)
			decode_add(&decode, text, size, out);
		text += size + (stop != NULL);
	}
	decode_end(&decode, out);
	if (openpgp_starts(out->data, out->len)) {
		pgp_read(item, out->data, out->len);
		return;
	}
	/* What nobody can read who has no key, and perhaps nobody else. */
	extract_set_encrypted(item, "PGP message");
}

/* Section 7.2: "- " before lines that begin with a hyphen. From `from` on, to the signature. */
static gsize
undo_escapes(char *text, gsize size, gsize from)
{
	gsize to = from;
	bool line = true, inside = true;

	for (gsize i = from; i < size; i++) {
		if (line && inside && g_str_has_prefix(text + i, "-----BEGIN PGP SIGNATURE"))
			inside = false;
		if (line && inside && text[i] == '-' && text[i + 1] == ' ') {
			i++;
			line = false;
			continue;
		}
		line = text[i] == '\n';
		text[to++] = text[i];
	}
	text[to] = '\0';
	return to;
}

/* Nothing but keys or a signature. */
static bool
is_key_alone(const char *text)
{
	text += strspn(text, " \t\r\n");
	return g_str_has_prefix(text, "-----BEGIN PGP PUBLIC KEY BLOCK-----") ||
	       g_str_has_prefix(text, "-----BEGIN PGP SIGNATURE-----");
}

gsize
pgp_text(struct item *item, char *text, gsize size)
{
	static const char begin[] = "-----BEGIN PGP MESSAGE", finish[] = "-----END PGP MESSAGE";
	guint n_blocks = 0;

	if (strstr(text, "-----BEGIN PGP ") == NULL)
		return size;
	const char *at = text;
	while ((at = strstr(at, begin)) != NULL) {
		const char *line = strchr(at, '\n');
		const char *next = line != NULL ? strstr(line, begin) : NULL;
		const char *end = line != NULL ? strstr(line, finish) : NULL;
		/* Without an end of its own it ends where the next begins. */
		if (next != NULL && (end == NULL || next < end))
			end = next;
		if (++n_blocks > BLOCKS_MAX) {
			scan_outcome(item->scan, item->part, PART_OVER_LIMIT,
			    "more PGP messages than are looked at");
			break;
		}
		if (line == NULL) {
			extract_set_encrypted(item, "PGP message");
			break;
		}
		read_armoured(item, line + 1, end != NULL ? end : text + size);
		at = end != NULL ? end : line;
	}
	const char *clear = strstr(text, "-----BEGIN PGP SIGNED MESSAGE-----");
	const char *body = clear != NULL ? strstr(clear, "\n\n") : NULL;
	if (body != NULL)
		size = undo_escapes(text, size, (gsize)(body + 2 - text));
	if (n_blocks == 0 && clear == NULL && is_key_alone(text) &&
	    strstr(text, "PRIVATE KEY") == NULL)
		scan_outcome(item->scan, item->part, PART_NO_TEXT, NULL);
	return size;
}
