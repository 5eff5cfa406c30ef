/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BASE_AUTO_H
#define FLAGPOST_BASE_AUTO_H
/*
 * auto - g_autoptr for our structs, which have no typedef.
 *
 *	AUTO_DEFINE(ini, ini_free)           in the header, after both are declared
 *	g_autoptr(ini) file = ini_parse(...) then releases a struct ini *
 *
 * G_DEFINE_AUTOPTR_CLEANUP_FUNC pastes names and cannot take the word "struct". The two names
 * made here are those that g_autoptr looks for.
 */
#include <glib.h>

/* clang-format off */
#define AUTO_DEFINE(name, release) \
	typedef struct name *name##_autoptr; \
	G_GNUC_UNUSED static inline void glib_autoptr_cleanup_##name(struct name **at) \
	{ \
		if (*at != NULL) \
			release(*at); \
	}
/* clang-format on */

#endif
