/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/review-screen.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/exception.h"
#include "cmd/keys.h"
#include "cmd/review-text.h"
#include "cmd/rows.h"

#define OPEN_MAX 5000 /* flags taken up at a time */
#define KEYS_TEXT                                                                                  \
	"\nf false positive  r resolved  e escalate  i in review  o new\n"                         \
	"t note  a assign  m more  n next  p back  q quit > "

/* Of an incident: what fits a screen, or the whole from a row of it on. */
struct page {
	bool whole;
	guint from;
};

struct screen {
	struct view *view;
	const struct screen_options *options;
	GArray *flags;          /* of gint64: all open ones, incidents together */
	guint first, end;       /* of the incident that is shown */
	struct view_flag *flag; /* the first of them */
	struct page page, more; /* what is shown, and what `m` shows */
	char *message;          /* what the last key did, a line, or NULL */
	char *offer;            /* what is to be copied from it, or NULL */
	struct keys keys;
};

/* --- what is shown --- */

static guint
count_rows(const char *text, guint columns)
{
	g_autoptr(GPtrArray) rows = rows_split(text, columns);

	return rows->len;
}

/* The rows for an incident: a hint, the message and the keys take the others. */
static guint
room_of(const struct screen *screen, const struct rows *terminal)
{
	const char *message = screen->message != NULL ? screen->message : "";
	guint taken =
	    1 + count_rows(KEYS_TEXT, terminal->columns) + count_rows(message, terminal->columns);

	return terminal->rows > taken ? terminal->rows - taken : 1;
}

static void
put_rows(const GPtrArray *rows, guint from, guint to)
{
	const char *last = "\n";

	for (guint i = from; i < to; i++) {
		last = g_ptr_array_index(rows, i);
		fputs(last, stdout);
	}
	/* A line that goes on with the next screen. */
	if (!g_str_has_suffix(last, "\n"))
		putchar('\n');
}

/* What stands above the keys: the incident, and behind it what the last key has to offer. */
static GPtrArray *
compose(const struct screen *screen, guint room, guint columns)
{
	const struct review_text what = {
		.flag = screen->flag,
		.others = &g_array_index(screen->flags, gint64, screen->first) + 1,
		.others_count = screen->end - screen->first - 1,
		.at = screen->first + 1,
		.open = screen->flags->len,
		.zone = screen->options->zone,
		.clear = screen->options->clear,
		.colour = screen->options->colour,
	};
	g_autofree char *text =
	    room > 0 ? review_text_fit(&what, room, columns) : review_text_whole(&what);
	g_autofree char *all =
	    screen->offer != NULL ? g_strconcat(text, "\n", screen->offer, NULL) : g_strdup(text);

	return rows_split(all, columns);
}

static bool
same_rows(const GPtrArray *a, const GPtrArray *b)
{
	bool same = a->len == b->len;

	for (guint i = 0; same && i < a->len; i++)
		same = strcmp(a->pdata[i], b->pdata[i]) == 0;
	return same;
}

static void
put_hint(const struct screen *screen, bool brief, guint left, guint whole)
{
	/* What was cut may have been in bold print. */
	if (screen->options->colour)
		fputs("\033[0m", stdout);
	if (brief)
		printf("... m shows it whole, %u rows\n", whole);
	else if (left > 0)
		printf("... m shows %u more rows\n", left);
}

/* An incident that is too long though nothing could be left out goes on where it was cut. */
static void
draw(struct screen *screen)
{
	struct rows terminal = rows_of_terminal();
	guint room = room_of(screen, &terminal);
	g_autoptr(GPtrArray) whole = compose(screen, 0, terminal.columns);
	g_autoptr(GPtrArray) fit = compose(screen, room, terminal.columns);
	const GPtrArray *rows = screen->page.whole ? whole : fit;
	bool brief = !screen->page.whole && !same_rows(fit, whole);
	guint from = MIN(screen->page.from, rows->len);
	guint end = MIN(from + room, rows->len);

	fputs(KEYS_CLEAR_SCREEN, stdout);
	put_rows(rows, from, end);
	screen->more = (struct page){ brief || end < rows->len, brief ? 0 : end };
	put_hint(screen, brief, rows->len - end, whole->len);
	if (screen->message != NULL)
		fputs(screen->message, stdout);
	fputs(KEYS_TEXT, stdout);
	if (!screen->more.whole)
		screen->more.from = 0;
}

/* --- the walk --- */

static bool
load(struct screen *screen, GError **error)
{
	gint64 id = g_array_index(screen->flags, gint64, screen->first);

	g_clear_pointer(&screen->flag, view_flag_free);
	screen->flag = view_flag_one(screen->view, id, error);
	if (screen->flag == NULL)
		return false;
	screen->end = screen->first + 1;
	for (; screen->end < screen->flags->len; screen->end++) {
		g_autoptr(view_flag) next = view_flag_one(
		    screen->view, g_array_index(screen->flags, gint64, screen->end), error);
		if (next == NULL)
			return false;
		if (next->incident != screen->flag->incident)
			break;
	}
	g_autofree char *object =
	    g_strdup_printf("I-%" G_GINT64_FORMAT " %.12s%s", screen->flag->incident,
		screen->flag->message->sha256, screen->options->clear ? ", excerpts in clear" : "");
	return view_note_access(screen->view, "review-look", object, error);
}

static bool
order(struct screen *screen, const struct review_order *what, GError **error)
{
	g_autoptr(GArray) flags = g_array_new(FALSE, FALSE, sizeof(gint64));

	g_array_append_vals(flags, &g_array_index(screen->flags, gint64, screen->first),
	    screen->end - screen->first);
	g_autoptr(GPtrArray) changes = review_set(screen->view, flags, what, error);
	if (changes == NULL)
		return false;
	g_clear_pointer(&screen->offer, g_free);
	g_free(screen->message);
	screen->message = g_strdup_printf("I-%" G_GINT64_FORMAT ": %u of %u flags changed%s%s\n",
	    screen->flag->incident, changes->len, flags->len, what->state >= 0 ? ", now " : "",
	    what->state >= 0 ? review_state_words[what->state] : "");
	if (what->state == REVIEW_FALSE_POSITIVE)
		screen->offer = exception_text(screen->flag, screen->options->person, clock_now());
	return true;
}

/* The incident before the one that is shown. */
static void
go_back(struct screen *screen)
{
	screen->first = screen->first > 0 ? screen->first - 1 : 0;
}

/* True while the same incident stays on the screen. */
static bool
set_text(struct screen *screen, char key, GError **error)
{
	g_autofree char *text = keys_line(&screen->keys, key == 't' ? "Note" : "Assign to");

	if (text == NULL)
		return true;
	return order(screen,
	    &(const struct review_order){ .state = -1,
		.note = key == 't' ? text : NULL,
		.assignee = key == 'a' ? text : NULL },
	    error);
}

static int
state_of(char key)
{
	static const char keys[] = "oiefr"; /* in the order of enum review_state */
	const char *at = key != '\0' ? strchr(keys, key) : NULL;

	return at != NULL ? (int)(at - keys) : -1;
}

/* *on is false when the walk is over. */
static bool
take_key(struct screen *screen, char key, bool *on, GError **error)
{
	int state = state_of(key);

	if (key == '\0' || key == 'q') {
		*on = false;
	} else if (state >= 0) {
		if (!order(screen, &(const struct review_order){ .state = state }, error))
			return false;
		screen->first = screen->end;
	} else if (key == 't' || key == 'a') {
		return set_text(screen, key, error);
	} else if (key == 'n' || key == ' ' || key == '\n') {
		screen->first = screen->end;
	} else if (key == 'p') {
		go_back(screen);
	}
	return true;
}

/* Back into the first flag of an incident. */
static bool
settle(struct screen *screen, GError **error)
{
	while (screen->first > 0) {
		g_autoptr(view_flag) here = view_flag_one(
		    screen->view, g_array_index(screen->flags, gint64, screen->first), error);
		g_autoptr(view_flag) before =
		    here != NULL
			? view_flag_one(screen->view,
			      g_array_index(screen->flags, gint64, screen->first - 1), error)
			: NULL;
		if (before == NULL)
			return false;
		if (before->incident != here->incident)
			return true;
		screen->first--;
	}
	return true;
}

/* The key that is no order to show more of the same. */
static char
read_key(struct screen *screen)
{
	char key;

	draw(screen);
	while ((key = keys_read()) == 'm') {
		screen->page = screen->more;
		draw(screen);
	}
	return key;
}

static bool
walk(struct screen *screen, GError **error)
{
	bool on = true;

	while (on && screen->first < screen->flags->len) {
		if (!settle(screen, error) || !load(screen, error))
			return false;
		screen->page = (struct page){ false, 0 };
		if (!take_key(screen, read_key(screen), &on, error))
			return false;
		if (!on || screen->first >= screen->flags->len)
			printf("\n");
	}
	if (screen->message != NULL)
		printf("%s", screen->message);
	if (screen->offer != NULL)
		printf("\n%s", screen->offer);
	if (on)
		printf("No more open flags.\n");
	return true;
}

bool
review_screen(struct view *view, const struct screen_options *options, GError **error)
{
	g_autoptr(GArray) flags = g_array_new(FALSE, FALSE, sizeof(gint64));
	struct screen screen = { .view = view, .options = options, .flags = flags };

	if (!review_open_flags(view, OPEN_MAX, flags, error))
		return false;
	keys_begin(&screen.keys);
	bool right = walk(&screen, error);
	keys_end(&screen.keys);
	g_clear_pointer(&screen.flag, view_flag_free);
	g_free(screen.message);
	g_free(screen.offer);
	return right;
}
