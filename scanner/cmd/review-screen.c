/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/review-screen.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "cmd/cmd-common.h"
#include "cmd/exception.h"
#include "cmd/keys.h"
#include "reports/quote.h"

#define OPEN_MAX 5000 /* flags taken up at a time */
/* So many that most of what is found can be seen whole on 24 lines of 80 characters. */
#define HITS_SHOWN   3
#define PARTS_SHOWN  3
#define FLAGS_SHOWN  6
#define PLACES_SHOWN 3
#define LINE_CHARS   160

struct screen {
	struct view *view;
	const struct screen_options *options;
	GArray *flags;          /* of gint64: all open ones, incidents together */
	guint first, end;       /* of the incident that is shown */
	struct view_flag *flag; /* the first of them */
	char *message;          /* what the last key did, or NULL */
	struct keys keys;
};

/* --- what is shown --- */

static void
put_line(const char *label, const char *text)
{
	printf("%-12s", label);
	cmd_put(stdout, text, LINE_CHARS);
	putchar('\n');
}

static void
put_people(const struct view_message *message)
{
	g_autofree char *to = g_strjoinv(", ", message->to);

	put_line("From", message->from);
	put_line("To", to[0] != '\0' ? to : "nobody");
}

static void
put_hits(const struct screen *screen, const struct flag *flag)
{
	bool colour = screen->options->colour;

	for (guint i = 0; i < flag->hits->len && i < HITS_SHOWN; i++) {
		const struct hit *hit = g_ptr_array_index(flag->hits, i);
		g_autofree char *where = quote_where(hit);
		struct quote quote;
		quote_hit(flag, hit, screen->options->clear ? QUOTE_CLEAR : QUOTE_MASKED, &quote);
		printf("  ");
		cmd_put(stdout, quote.before, LINE_CHARS);
		if (quote.match[0] != '\0') {
			fputs(colour ? "\033[1m" : "[", stdout);
			cmd_put(stdout, quote.match, LINE_CHARS);
			fputs(colour ? "\033[0m" : "]", stdout);
		}
		cmd_put(stdout, quote.after, LINE_CHARS);
		printf("\n    %s in ", hit->section);
		cmd_put(stdout, where, LINE_CHARS);
		printf("%s\n", hit->hidden ? ", hidden from whoever reads the mail" : "");
		quote_clear(&quote);
	}
	if (flag->hits_total > HITS_SHOWN)
		printf("  and %" G_GUINT64_FORMAT " more\n", flag->hits_total - HITS_SHOWN);
}

static void
put_parts(const GPtrArray *parts)
{
	for (guint i = 0; i < parts->len && i < PARTS_SHOWN; i++) {
		const struct part *part = g_ptr_array_index(parts, i);
		g_autofree char *size = text_size(part->size);
		printf("%-12s", i == 0 ? "Attached" : "");
		cmd_put(stdout, part->name[0] != '\0' ? part->name : part->path, 60);
		printf(", %s, says ", size);
		cmd_put(
		    stdout, part->declared_type[0] != '\0' ? part->declared_type : "nothing", 60);
		printf(", is ");
		cmd_put(stdout, part->true_type[0] != '\0' ? part->true_type : "not known", 60);
		putchar('\n');
	}
	if (parts->len > PARTS_SHOWN)
		printf("%-12sand %u more\n", "", parts->len - PARTS_SHOWN);
}

static void
put_places(const struct screen *screen, const struct view_message *message)
{
	g_autofree char *seen = clock_local(message->seen, screen->options->zone);

	put_line("Seen", seen);
	for (guint i = 0; i < message->placements->len && i < PLACES_SHOWN; i++) {
		const struct view_placement *one = g_ptr_array_index(message->placements, i);
		g_autofree char *place = g_strdup_printf(
		    "%s / %s%s", one->account, one->folder, one->gone != 0 ? " (gone)" : "");
		put_line(i == 0 ? "Lies in" : "", place);
	}
	if (message->placements->len > PLACES_SHOWN)
		printf("%-12sand %u more\n", "", message->placements->len - PLACES_SHOWN);
}

static void
put_others(const struct screen *screen)
{
	guint others = screen->end - screen->first - 1;

	if (others == 0)
		return;
	printf("\nThe same incident:");
	for (guint i = 0; i < others && i < FLAGS_SHOWN; i++)
		printf(" flag-%" G_GINT64_FORMAT,
		    g_array_index(screen->flags, gint64, screen->first + 1 + i));
	if (others > FLAGS_SHOWN)
		printf(" and %u more", others - FLAGS_SHOWN);
	putchar('\n');
}

static void
draw(const struct screen *screen)
{
	const struct view_flag *row = screen->flag;
	const struct flag *flag = row->flag;
	g_autofree char *subject = quote_subject(
	    flag, row->message->subject, screen->options->clear ? QUOTE_CLEAR : QUOTE_MASKED);

	fputs(KEYS_CLEAR_SCREEN, stdout);
	printf("I-%" G_GINT64_FORMAT "  flag-%" G_GINT64_FORMAT "  %s  %s, %s  (%u of %u open)\n\n",
	    row->incident, row->id, severity_words[flag->severity],
	    direction_words[row->message->direction], review_state_words[row->state],
	    screen->first + 1, screen->flags->len);
	cmd_put(stdout, flag->title[0] != '\0' ? flag->title : flag->rule, LINE_CHARS);
	printf("\n\n");
	put_people(row->message);
	put_line("Subject", subject[0] != '\0' ? subject : "(no subject)");
	put_places(screen, row->message);
	put_parts(row->parts);
	printf("\nWhy: rule %s\n", flag->rule);
	put_hits(screen, flag);
	if (row->false_positives[0] != '\0')
		put_line("Harmless if", row->false_positives);
	if (row->next_step[0] != '\0')
		put_line("Next step", row->next_step);
	if (row->assignee[0] != '\0')
		put_line("Assigned to", row->assignee);
	if (row->note[0] != '\0')
		put_line("Note", row->note);
	put_others(screen);
	if (screen->message != NULL)
		printf("\n%s", screen->message);
	printf("\nf false positive  r resolved  e escalate  i in review  o new\n"
	       "t note  a assign  n next  p back  q quit > ");
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
	g_free(screen->message);
	screen->message = g_strdup_printf("I-%" G_GINT64_FORMAT ": %u of %u flags changed%s%s\n",
	    screen->flag->incident, changes->len, flags->len, what->state >= 0 ? ", now " : "",
	    what->state >= 0 ? review_state_words[what->state] : "");
	if (what->state == REVIEW_FALSE_POSITIVE) {
		g_autofree char *offer =
		    exception_text(screen->flag, screen->options->person, clock_now());
		g_autofree char *both = g_strconcat(screen->message, "\n", offer, NULL);
		g_free(screen->message);
		screen->message = g_steal_pointer(&both);
	}
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

static bool
walk(struct screen *screen, GError **error)
{
	bool on = true;

	while (on && screen->first < screen->flags->len) {
		if (!settle(screen, error) || !load(screen, error))
			return false;
		draw(screen);
		if (!take_key(screen, keys_read(), &on, error))
			return false;
		if (!on || screen->first >= screen->flags->len)
			printf("\n");
	}
	if (screen->message != NULL)
		printf("%s", screen->message);
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
	return right;
}
