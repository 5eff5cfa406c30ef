/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/texts.h"

#include "base/fault.h"
#include "base/io.h"
#include "cmd/cmd-common.h"
#include "daemon/crew.h"

/* An empty set of rules starts at once, also while the real one is broken. */
static struct verdict *
scan(const struct config *config, int fd, guint64 size, GError **error)
{
	const struct crew_job job = { .carry = CARRY_TEXTS };
	g_autoptr(sources) none = sources_new();

	sources_seal(none);
	g_autoptr(crew) crew = crew_new(none, &config->limits, &config->reading, 1, error);
	if (crew == NULL)
		return NULL;
	struct verdict *verdict = crew_scan(crew, &job, fd, size);
	if (!crew_is_broken(crew))
		return verdict;
	verdict_free(verdict);
	g_set_error(error, FAULT, FAULT_BUG, "no scan worker starts (see above)");
	return NULL;
}

struct verdict *
texts_read(const struct config *config, struct view *view, gint64 message, GError **error)
{
	g_autoptr(GBytes) bytes = view_copy(view, message, error);
	int fd;

	if (bytes == NULL || !cmd_spool(bytes, &fd, error))
		return NULL;
	struct verdict *verdict = scan(config, fd, g_bytes_get_size(bytes), error);
	io_close(&fd);
	return verdict;
}
