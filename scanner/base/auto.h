/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BASE_AUTO_H
#define FLAGPOST_BASE_AUTO_H
/*
 * auto - release at the end of the scope for our structs, which have no typedef.
 *
 *	AUTO_DEFINE(ini, ini_free)       in the header, after both are declared
 *	AUTO(ini) file = ini_parse(...)  then releases a struct ini *
 *
 * G_DEFINE_AUTOPTR_CLEANUP_FUNC pastes names and cannot take the word "struct". The two names
 * made here are those that g_autoptr looks for; so g_steal_pointer works as with GLib's types.
 */
#include <glib.h>

#define AUTO(name) g_autoptr(name)

/* clang-format off: a multi-line macro with a declaration in it */
#define AUTO_DEFINE(name, release) \
	typedef struct name *name##_autoptr; \
	G_GNUC_UNUSED static inline void glib_autoptr_cleanup_##name(struct name **at) \
	{ \
		if (*at != NULL) \
			release(*at); \
	}
/* clang-format on */

#endif
