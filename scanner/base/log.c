/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A line is made printable and written in one call, so that neither hostile text nor another
 * process can forge or tear it. Logging never fails its caller.
 */
#include "base/log.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/text.h"

#define LINE_CHARACTERS 2000 /* more would be cut by the journal anyway */

static struct {
	const char *who;
	enum log_level threshold;
	bool to_journal;
} state = { .who = "", .threshold = LOG_LEVEL_INFO };

/* systemd names the device and inode of its stream, since stderr may have been redirected. */
static bool
stderr_is_journal(void)
{
	const char *stream = g_getenv("JOURNAL_STREAM");
	struct stat st;

	if (stream == NULL || isatty(STDERR_FILENO) || fstat(STDERR_FILENO, &st) < 0)
		return false;
	g_autofree char *ours = g_strdup_printf(
	    "%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT, (guint64)st.st_dev, (guint64)st.st_ino);
	return g_str_equal(stream, ours);
}

void
log_open(const char *who, enum log_level threshold)
{
	state.who = who;
	state.threshold = threshold;
	state.to_journal = stderr_is_journal();
}

static void emit(enum log_level level, const char *format, va_list args) G_GNUC_PRINTF(2, 0);

static void
emit(enum log_level level, const char *format, va_list args)
{
	static const char *const words[] = { "error: ", "warning: ", "", "debug: " };
	static const char priorities[] = { '3', '4', '6', '7' };
	int saved = errno;

	if (level > state.threshold)
		return;
	g_autofree char *text = g_strdup_vprintf(format, args);
	g_autofree char *safe = text_printable(text, LINE_CHARACTERS);
	g_autofree char *line = NULL;
	/* The journal knows the program and the level; a worker must still be told apart. */
	if (state.to_journal)
		line = g_strdup_printf("<%c>%s%s%s\n", priorities[level], state.who,
		    *state.who != '\0' ? ": " : "", safe);
	else
		line = g_strdup_printf("flagpost%s%s: %s%s\n", *state.who != '\0' ? " " : "",
		    state.who, words[level], safe);
	io_write_all(STDERR_FILENO, line, strlen(line), NULL);
	errno = saved;
}

void
log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	emit(LOG_LEVEL_ERROR, format, args);
	va_end(args);
}

void
log_warning(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	emit(LOG_LEVEL_WARNING, format, args);
	va_end(args);
}

void
log_info(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	emit(LOG_LEVEL_INFO, format, args);
	va_end(args);
}

void
log_debug(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	emit(LOG_LEVEL_DEBUG, format, args);
	va_end(args);
}
