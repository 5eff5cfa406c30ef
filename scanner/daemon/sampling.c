/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/sampling.h"

#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/secret.h"
#include "store/cipher.h"

#define MILLION    1000000
#define KEY_DIGITS 64
#define DIGITS     15 /* hexadecimal ones of the HMAC: 60 bits, which a gint64 holds */

struct sampling {
	char *key;
	GTimeZone *zone;
	guint ppm, at_most;
};

/* 64 hexadecimal digits, as they were made; anything else would draw another sample in silence. */
static char *
read_key(const char *path, GError **error)
{
	char *key = secret_read(path, "", error);

	if (key != NULL && strlen(key) == KEY_DIGITS &&
	    strspn(key, "0123456789abcdefABCDEF") == KEY_DIGITS)
		return key;
	if (key != NULL) {
		secret_wipe(key);
		g_set_error(error, FAULT, FAULT_CONFIG, "%s: not a key of %d hexadecimal digits",
		    path, KEY_DIGITS);
	}
	g_prefix_error(error, "%s: ", SAMPLING_KEY_FILE);
	return NULL;
}

bool
sampling_check(const struct config *config, GError **error)
{
	g_autofree char *path = g_build_filename(config->data_dir, SAMPLING_KEY_FILE, NULL);

	if (config->review.sample_ppm == 0 || !g_file_test(path, G_FILE_TEST_EXISTS))
		return true;
	char *key = read_key(path, error);
	if (key != NULL)
		secret_wipe(key);
	return key != NULL;
}

struct sampling *
sampling_new(const struct config *config, GError **error)
{
	if (config->review.sample_ppm == 0)
		return NULL;
	g_autofree char *path = g_build_filename(config->data_dir, SAMPLING_KEY_FILE, NULL);
	g_autoptr(sampling) sampling = g_new0(struct sampling, 1);

	sampling->zone = g_time_zone_ref(config->zone);
	sampling->ppm = config->review.sample_ppm;
	sampling->at_most = config->review.at_most;
	if (!cipher_key_file_make(path, error)) {
		g_prefix_error(error, "%s: ", SAMPLING_KEY_FILE);
		return NULL;
	}
	sampling->key = read_key(path, error);
	if (sampling->key == NULL)
		return NULL;
	return g_steal_pointer(&sampling);
}

void
sampling_free(struct sampling *sampling)
{
	if (sampling == NULL)
		return;
	secret_wipe(sampling->key);
	g_time_zone_unref(sampling->zone);
	g_free(sampling);
}

struct store_draw
sampling_draw(const struct sampling *sampling, const char *sha256, gint64 seen)
{
	struct store_draw draw = { 0 };
	gint64 next;

	if (sampling == NULL)
		return draw;
	clock_day(seen, sampling->zone, &draw.day, &next);
	g_autofree char *day = clock_local(draw.day, sampling->zone);
	g_autofree char *text = g_strconcat(day, "\n", sha256, NULL);
	g_autofree char *hmac = g_compute_hmac_for_string(
	    G_CHECKSUM_SHA256, (const guchar *)sampling->key, strlen(sampling->key), text, -1);
	hmac[DIGITS] = '\0';
	draw.rank = g_ascii_strtoll(hmac, NULL, 16);
	draw.eligible = true;
	draw.at_most = sampling->at_most;
	draw.drawn = draw.rank < (G_GINT64_CONSTANT(1) << 4 * DIGITS) / MILLION * sampling->ppm ||
		     sampling->ppm == MILLION;
	return draw;
}
