/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/progress.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/cmd-common.h"

#define REDRAW_US      (G_USEC_PER_SEC / 10)
#define WIDTH_FALLBACK 80
#define BAR_MAX        40
#define BAR_MIN        8
#define REST_AFTER_MS  2000 /* before that a guess of what remains is worth nothing */

struct progress {
	FILE *out;
	bool shown; /* a terminal that wants it */
	bool drawn; /* a line stands there now */
	gint64 begun, last;
};

struct progress *
progress_new(FILE *out, bool quiet)
{
	struct progress *progress = g_new0(struct progress, 1);
	const char *terminal = g_getenv("TERM");

	progress->out = out;
	progress->shown = !quiet && isatty(fileno(out)) == 1 &&
			  (terminal == NULL || strcmp(terminal, "dumb") != 0);
	progress->begun = g_get_monotonic_time();
	return progress;
}

static guint
terminal_width(FILE *out)
{
	struct winsize size;

	if (ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return WIDTH_FALLBACK;
}

static guint
cells(const char *text)
{
	guint width = 0;

	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		width += g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
	}
	return width;
}

/* "3 s left", "4 min left"; empty while nothing can be said. */
static char *
rest(guint64 done, guint64 total, guint64 elapsed_ms)
{
	if (done == 0 || done >= total || elapsed_ms < REST_AFTER_MS)
		return g_strdup("");
	double seconds = (double)elapsed_ms / 1000 / (double)done * (double)(total - done);
	if (seconds < 100)
		return g_strdup_printf("%.0f s left", seconds + 0.5);
	if (seconds < 100 * 60)
		return g_strdup_printf("%.0f min left", seconds / 60 + 0.5);
	return g_strdup_printf("%.0f h left", seconds / 3600 + 0.5);
}

static char *
bar(guint width, guint64 done, guint64 total)
{
	guint filled = (guint)((double)width * (double)done / (double)total);

	filled = MIN(filled, width);
	g_autofree char *full = g_strnfill(filled, '#');
	g_autofree char *empty = g_strnfill(width - filled, '.');
	return g_strconcat("[", full, empty, "]", NULL);
}

/* Appends "  text" when it still fits. */
static void
add(GString *line, guint room, const char *text)
{
	if (text[0] != '\0' && cells(line->str) + 2 + cells(text) <= room)
		g_string_append_printf(line, "%s%s", line->len > 0 ? "  " : "", text);
}

/* What matters most comes first and stays longest: the share, the counts, the bar, the rest. */
char *
progress_line(guint width, guint64 done, guint64 total, const char *label, guint64 elapsed_ms)
{
	guint room = width > 1 ? width - 1 : 0;
	GString *line = g_string_new(NULL);
	g_autofree char *count = text_count(done), *whole = text_count(total);
	g_autofree char *safe = text_printable(label != NULL ? label : "", 40);
	g_autofree char *left = rest(done, total, elapsed_ms);

	if (total == 0) {
		if (cells(count) <= room)
			g_string_append(line, count);
		add(line, room, safe);
		return g_string_free(line, FALSE);
	}
	done = MIN(done, total);
	g_autofree char *share =
	    g_strdup_printf("%3u%%", (guint)((double)done * 100 / (double)total));
	g_autofree char *counts = g_strdup_printf("%s of %s", count, whole);
	if (cells(share) <= room)
		g_string_append(line, share);
	guint used = cells(share) + 2 + cells(counts);
	guint spare = used + 2 + BAR_MIN + 2 <= room ? room - used - 4 : 0;
	guint wanted = cells(safe) + cells(left) + 4;
	if (spare > 0) {
		guint size = spare > wanted + BAR_MIN ? spare - wanted : BAR_MIN;
		g_autofree char *drawn = bar(MIN(size, BAR_MAX), done, total);
		add(line, room, drawn);
	}
	add(line, room, counts);
	add(line, room, left);
	add(line, room, safe);
	return g_string_free(line, FALSE);
}

void
progress_set(struct progress *progress, guint64 done, guint64 total, const char *label)
{
	gint64 now = g_get_monotonic_time();

	if (!progress->shown || (progress->last != 0 && now - progress->last < REDRAW_US))
		return;
	progress->last = now;
	g_autofree char *line = progress_line(terminal_width(progress->out), done, total, label,
	    (guint64)(now - progress->begun) / 1000);
	fprintf(progress->out, "\r\033[K%s", line);
	fflush(progress->out);
	progress->drawn = true;
}

void
progress_clear(struct progress *progress)
{
	if (!progress->drawn)
		return;
	fputs("\r\033[K", progress->out);
	fflush(progress->out);
	progress->drawn = false;
	progress->last = 0;
}

void
progress_free(struct progress *progress)
{
	if (progress == NULL)
		return;
	progress_clear(progress);
	g_free(progress);
}
