/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never holds more of what comes out than a piece.
 */
#include "store/squeeze.h"

#include <zstd.h>

#include "base/fault.h"

#define PIECE      (128 * 1024)
#define WINDOW_LOG 23 /* 8 MiB: what our own levels ask for at most */

struct squeeze {
	ZSTD_CCtx *context;
	guchar *piece;
};

struct unsqueeze {
	ZSTD_DCtx *context;
	guchar *piece;
	bool whole;
};

static bool
is_right(gsize result, const char *what, enum fault fault, GError **error)
{
	if (!ZSTD_isError(result))
		return true;
	g_set_error(error, FAULT, fault, "%s: %s", what, ZSTD_getErrorName(result));
	return false;
}

struct squeeze *
squeeze_new(void)
{
	struct squeeze *squeeze = g_new0(struct squeeze, 1);

	squeeze->context = ZSTD_createCCtx();
	if (squeeze->context == NULL)
		g_error("no memory to pack with");
	squeeze->piece = g_malloc(PIECE);
	return squeeze;
}

void
squeeze_free(struct squeeze *squeeze)
{
	if (squeeze == NULL)
		return;
	ZSTD_freeCCtx(squeeze->context);
	g_free(squeeze->piece);
	g_free(squeeze);
}

void
squeeze_begin(struct squeeze *squeeze, int level, guint64 size)
{
	ZSTD_CCtx_reset(squeeze->context, ZSTD_reset_session_and_parameters);
	ZSTD_CCtx_setParameter(squeeze->context, ZSTD_c_compressionLevel, level);
	ZSTD_CCtx_setParameter(squeeze->context, ZSTD_c_checksumFlag, 1);
	ZSTD_CCtx_setPledgedSrcSize(squeeze->context, size);
}

bool
squeeze_put(struct squeeze *squeeze, const void *data, gsize size, bool last, squeeze_sink *sink,
    void *user, GError **error)
{
	ZSTD_inBuffer in = { data, size, 0 };
	gsize left;

	do {
		ZSTD_outBuffer out = { squeeze->piece, PIECE, 0 };
		left = ZSTD_compressStream2(
		    squeeze->context, &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
		if (!is_right(left, "pack", FAULT_BUG, error) ||
		    (out.pos > 0 && !sink(squeeze->piece, out.pos, user, error)))
			return false;
	} while (last ? left > 0 : in.pos < in.size);
	return true;
}

struct unsqueeze *
unsqueeze_new(void)
{
	struct unsqueeze *unsqueeze = g_new0(struct unsqueeze, 1);

	unsqueeze->context = ZSTD_createDCtx();
	if (unsqueeze->context == NULL)
		g_error("no memory to unpack with");
	ZSTD_DCtx_setParameter(unsqueeze->context, ZSTD_d_windowLogMax, WINDOW_LOG);
	unsqueeze->piece = g_malloc(PIECE);
	return unsqueeze;
}

void
unsqueeze_free(struct unsqueeze *unsqueeze)
{
	if (unsqueeze == NULL)
		return;
	ZSTD_freeDCtx(unsqueeze->context);
	g_free(unsqueeze->piece);
	g_free(unsqueeze);
}

bool
unsqueeze_put(struct unsqueeze *unsqueeze, const void *data, gsize size, squeeze_sink *sink,
    void *user, GError **error)
{
	ZSTD_inBuffer in = { data, size, 0 };
	bool full = false; /* more may come out although nothing is left to go in */

	while (in.pos < in.size || full) {
		ZSTD_outBuffer out = { unsqueeze->piece, PIECE, 0 };
		if (unsqueeze->whole) {
			g_set_error(
			    error, FAULT, FAULT_DATA, "unpack: bytes stand behind the frame");
			return false;
		}
		gsize left = ZSTD_decompressStream(unsqueeze->context, &out, &in);
		if (!is_right(left, "unpack", FAULT_DATA, error) ||
		    (out.pos > 0 && !sink(unsqueeze->piece, out.pos, user, error)))
			return false;
		unsqueeze->whole = left == 0;
		full = !unsqueeze->whole && out.pos == PIECE;
	}
	return true;
}

bool
unsqueeze_is_whole(const struct unsqueeze *unsqueeze)
{
	return unsqueeze->whole;
}
