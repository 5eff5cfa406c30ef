/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/fault.h"

#include <errno.h>
#include <stdarg.h>

/* A hyphen here is no minus. */
/* clang-format off */
G_DEFINE_QUARK(flagpost-fault-quark, fault)
/* clang-format on */

void
fault_errno(GError **error, const char *format, ...)
{
	int saved = errno;
	va_list args;

	va_start(args, format);
	g_autofree char *what = g_strdup_vprintf(format, args);
	va_end(args);
	int code = saved == EACCES || saved == EPERM ? FAULT_DENIED : FAULT_IO;
	g_set_error(error, FAULT, code, "%s: %s", what, g_strerror(saved));
	errno = saved;
}

int
fault_exit_code(const GError *error)
{
	if (error == NULL)
		return 0;
	return error->domain == FAULT ? error->code : FAULT_IO;
}
