/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Addresses and keys of crypto currencies: Base58Check, bech32 (BIP 173, BIP 350), EIP-55.
 */
#include <string.h>

#include "base/digest.h"
#include "rules/validator-inside.h"

#define BASE58_BYTES_MAX 64

/* Big-endian bytes of a number in base 58; 0 when it has other characters or more bytes. */
static gsize
read_base58(const char *value, guint8 out[BASE58_BYTES_MAX])
{
	static const char symbols[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
	gsize used = 0, zeros = strspn(value, "1");

	memset(out, 0, BASE58_BYTES_MAX);
	for (const char *p = value; *p != '\0'; p++) {
		const char *at = strchr(symbols, *p);
		guint carry = at != NULL ? (guint)(at - symbols) : G_MAXUINT;
		if (at == NULL)
			return 0;
		for (gsize i = 0; i < used || carry > 0; i++) {
			if (i >= BASE58_BYTES_MAX)
				return 0;
			carry += 58u * out[BASE58_BYTES_MAX - 1 - i];
			out[BASE58_BYTES_MAX - 1 - i] = (guint8)(carry & 0xff);
			carry >>= 8;
			used = MAX(used, i + 1);
		}
	}
	if (zeros + used > BASE58_BYTES_MAX)
		return 0;
	memmove(out, out + BASE58_BYTES_MAX - used - zeros, zeros + used);
	return zeros + used;
}

static void
sha256(const guint8 *data, gsize size, guint8 out[32])
{
	char hex[DIGEST_HEX];

	digest_bytes(data, size, hex);
	for (guint i = 0; i < 32; i++)
		out[i] = (guint8)(g_ascii_xdigit_value(hex[2 * i]) << 4 |
				  g_ascii_xdigit_value(hex[2 * i + 1]));
}

/* A version, the payload, and the first four bytes of its digest's digest. */
bool
validator_base58(const void *row, const char *value)
{
	guint8 bytes[BASE58_BYTES_MAX], digest[32];
	gsize size = read_base58(value, bytes);

	(void)row;
	/* 25: addresses; 37 and 38: private keys in the import format. */
	if (size != 25 && size != 37 && size != 38)
		return false;
	sha256(bytes, size - 4, digest);
	sha256(digest, sizeof(digest), digest);
	return memcmp(digest, bytes + size - 4, 4) == 0;
}

static guint32
polymod(guint32 sum, guint value)
{
	static const guint32 generator[] = { 0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
		0x2a1462b3 };
	guint32 top = sum >> 25;

	sum = (sum & 0x1ffffff) << 5 ^ value;
	for (guint i = 0; i < G_N_ELEMENTS(generator); i++) {
		if ((top >> i & 1) != 0)
			sum ^= generator[i];
	}
	return sum;
}

bool
validator_bech32(const void *row, const char *value)
{
	static const char symbols[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
	g_autofree char *lower = g_ascii_strdown(value, -1);
	g_autofree char *upper = g_ascii_strup(value, -1);
	const char *split = strrchr(lower, '1');
	guint32 sum = 1;

	(void)row;
	if (split == NULL || split == lower || strlen(split) < 8 ||
	    (strcmp(value, lower) != 0 && strcmp(value, upper) != 0))
		return false;
	for (const char *p = lower; p < split; p++)
		sum = polymod(sum, (guint)(guchar)*p >> 5);
	sum = polymod(sum, 0);
	for (const char *p = lower; p < split; p++)
		sum = polymod(sum, (guint)(guchar)*p & 31);
	for (const char *p = split + 1; *p != '\0'; p++) {
		const char *at = strchr(symbols, *p);
		if (at == NULL)
			return false;
		sum = polymod(sum, (guint)(at - symbols));
	}
	return sum == 1 || sum == 0x2bc830a3;
}

/* --- EIP-55: which letters of the hex digits are capitals follows from Keccak-256 --- */

static guint64
turned(guint64 word, guint count)
{
	return count == 0 ? word : word << count | word >> (64 - count);
}

/* The constants of the rounds come of a shift register (FIPS 202, section 3.2.5). */
static guint64
round_constant(guint8 *state)
{
	guint64 constant = 0;

	for (guint j = 0; j < 7; j++) {
		if ((*state & 1) != 0)
			constant |= (guint64)1 << ((1u << j) - 1);
		*state = (guint8)(*state << 1 ^ (*state & 0x80 ? 0x71 : 0));
	}
	return constant;
}

static void
keccak_round(guint64 a[25], guint64 constant)
{
	guint64 column[5], b[25];
	guint x = 1, y = 0;

	for (guint i = 0; i < 5; i++)
		column[i] = a[i] ^ a[i + 5] ^ a[i + 10] ^ a[i + 15] ^ a[i + 20];
	for (guint i = 0; i < 25; i++)
		a[i] ^= column[(i + 4) % 5] ^ turned(column[(i + 1) % 5], 1);
	/* rho and pi: the lanes walk, and turn by triangular numbers. */
	b[0] = a[0];
	for (guint t = 0; t < 24; t++) {
		guint next = (2 * x + 3 * y) % 5;
		b[y + 5 * next] = turned(a[x + 5 * y], (t + 1) * (t + 2) / 2 % 64);
		x = y;
		y = next;
	}
	for (guint i = 0; i < 25; i++)
		a[i] = b[i] ^ (~b[i / 5 * 5 + (i + 1) % 5] & b[i / 5 * 5 + (i + 2) % 5]);
	a[0] ^= constant;
}

/* Of fewer than 136 bytes: one block. Keccak as it was before FIPS 202 changed the padding. */
static void
keccak256(const guint8 *data, gsize size, guint8 out[32])
{
	guint64 lanes[25] = { 0 };
	guint8 block[136] = { 0 }, state = 1;

	g_return_if_fail(size < sizeof(block));
	memcpy(block, data, size);
	block[size] = 0x01;
	block[sizeof(block) - 1] |= 0x80;
	for (gsize i = 0; i < sizeof(block); i++)
		lanes[i / 8] |= (guint64)block[i] << (i % 8 * 8);
	for (guint i = 0; i < 24; i++)
		keccak_round(lanes, round_constant(&state));
	for (guint i = 0; i < 32; i++)
		out[i] = (guint8)(lanes[i / 8] >> (i % 8 * 8) & 0xff);
}

bool
validator_eip55(const void *row, const char *value)
{
	g_autofree char *lower = g_ascii_strdown(value, -1);
	g_autofree char *upper = g_ascii_strup(value, -1);
	guint8 digest[32];

	(void)row;
	if (strlen(value) != 42 || strspn(lower + 2, "0123456789abcdef") != 40 ||
	    validator_is_one_repeated(value + 2))
		return false;
	/* Without both kinds of letters nothing is said. */
	if (strcmp(value + 2, lower + 2) == 0 || strcmp(value + 2, upper + 2) == 0)
		return true;
	keccak256((const guint8 *)lower + 2, 40, digest);
	for (guint i = 0; i < 40; i++) {
		guint nibble = digest[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15;
		if (g_ascii_isalpha(value[i + 2]) &&
		    (nibble >= 8) != (bool)g_ascii_isupper(value[i + 2]))
			return false;
	}
	return true;
}
