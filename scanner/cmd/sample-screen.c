/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/sample-screen.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/cmd-common.h"
#include "cmd/cmd-verdict.h"
#include "cmd/keys.h"
#include "cmd/texts.h"
#include "reports/quote.h"

#define DRAWN_MAX    5000 /* messages taken up at a time */
#define LINE_CHARS   100
#define LINES_SHOWN  18
#define PLACES_SHOWN 4
#define DIGITS_MIN   4 /* a word with so many may be a number that is nobody's business */

struct walk {
	struct view *view;
	const struct sample_screen_options *options;
	GPtrArray *drawn; /* of struct drawn: those that nobody has looked at */
	guint at;
	GPtrArray *lines; /* of char *: the text of the message that is shown */
	guint line;       /* the first one on the screen */
	char *message;    /* what the last key did, or NULL */
	struct keys keys;
};

/* --- what is shown --- */

static bool
has_number(const char *word)
{
	guint digits = 0;

	for (const char *p = word; *p != '\0'; p = g_utf8_next_char(p))
		digits += g_unichar_isdigit(g_utf8_get_char(p));
	return digits >= DIGITS_MIN;
}

/* No rule has matched in it, so nobody knows what is to be hidden: numbers and codes are. */
static char *
mask_words(const struct walk *walk, const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	int mask =
	    walk->options->clear ? QUOTE_CLEAR : (int)config_daily(walk->options->config)->masked;

	for (guint i = 0; words[i] != NULL; i++) {
		if (!has_number(words[i]))
			continue;
		char *masked = quote_mask(words[i], mask);
		g_free(words[i]);
		words[i] = masked;
	}
	return g_strjoinv(" ", words);
}

/* Long lines go on below: what is not seen cannot be judged. */
static void
add_line(GPtrArray *lines, const char *text)
{
	const char *p = text;

	do {
		glong left = g_utf8_strlen(p, -1);
		const char *end = g_utf8_offset_to_pointer(p, MIN(left, LINE_CHARS));
		g_ptr_array_add(lines, g_strndup(p, (gsize)(end - p)));
		p = end;
	} while (*p != '\0');
}

static void
put_line(const char *label, const char *text)
{
	printf("%-12s", label);
	cmd_put(stdout, text, LINE_CHARS + LINE_CHARS / 2);
	putchar('\n');
}

static void
put_message(const struct walk *walk, const struct view_message *message)
{
	g_autofree char *to = g_strjoinv(", ", message->to);
	g_autofree char *subject = mask_words(walk, message->subject);
	g_autofree char *seen = clock_local(message->seen, walk->options->config->zone);

	put_line("From", message->from);
	put_line("To", to[0] != '\0' ? to : "nobody");
	put_line("Subject", subject[0] != '\0' ? subject : "(no subject)");
	put_line("Seen", seen);
	for (guint i = 0; i < message->placements->len && i < PLACES_SHOWN; i++) {
		const struct view_placement *one = g_ptr_array_index(message->placements, i);
		g_autofree char *place = g_strdup_printf("%s / %s", one->account, one->folder);
		put_line(i == 0 ? "Lies in" : "", place);
	}
}

static void
draw(const struct walk *walk)
{
	const struct drawn *row = walk->drawn->pdata[walk->at];
	guint end = MIN(walk->line + LINES_SHOWN, walk->lines->len);

	fputs(KEYS_CLEAR_SCREEN, stdout);
	printf("Sample %.12s  %s, %s  (%u of %u)\n\n", row->message->sha256,
	    direction_words[row->message->direction], drawn_state_words[row->state], walk->at + 1,
	    walk->drawn->len);
	put_message(walk, row->message);
	putchar('\n');
	for (guint i = walk->line; i < end; i++) {
		cmd_put(stdout, walk->lines->pdata[i], 0);
		putchar('\n');
	}
	if (end < walk->lines->len)
		printf("... %u more lines: t\n", walk->lines->len - end);
	if (walk->message != NULL)
		printf("\n%s", walk->message);
	printf("\nx nothing to see  m missed by the rules  o open again  t more text  n next"
	       "  p back  q quit > ");
}

/* --- the walk --- */

static bool
note_look(const struct walk *walk, const struct view_message *message, GError **error)
{
	const char *reason = walk->options->reason;
	g_autofree char *object = g_strdup_printf("sample %.16s%s%s%s", message->sha256,
	    walk->options->clear ? ", in clear" : "", reason[0] != '\0' ? ": " : "", reason);

	return view_note_access(walk->view, "review-look", object, error);
}

/* A text that cannot be had is said on the screen: people, subject and places may do. */
static bool
load(struct walk *walk, GError **error)
{
	const struct drawn *row = walk->drawn->pdata[walk->at];
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(GError) why = NULL;

	if (!note_look(walk, row->message, error))
		return false;
	g_autoptr(verdict) verdict =
	    texts_read(walk->options->config, walk->view, row->message->id, &why);
	if (verdict != NULL)
		cmd_verdict_texts(out, verdict);
	else
		g_string_append_printf(out, "Its text is not shown: %s\n", why->message);
	g_strchomp(out->str);
	g_auto(GStrv) lines = g_strsplit(out->str, "\n", -1);
	g_ptr_array_set_size(walk->lines, 0);
	for (guint i = 0; lines[i] != NULL; i++) {
		g_autofree char *masked = mask_words(walk, lines[i]);
		add_line(walk->lines, masked);
	}
	walk->line = 0;
	return true;
}

static void
say(struct walk *walk, char *text)
{
	g_free(walk->message);
	walk->message = text;
}

/* What the store refuses is said, and the same message stays. */
static bool
order(struct walk *walk, enum drawn_state state)
{
	struct drawn *row = walk->drawn->pdata[walk->at];
	bool missed = state == DRAWN_MISSED;
	g_autofree char *rule =
	    missed ? keys_line(&walk->keys, "Rule that should have had it (empty: none yet)")
		   : NULL;
	g_autofree char *note = missed ? keys_line(&walk->keys, "Note") : NULL;
	const struct drawn_order order = { .state = state, .rule = rule, .note = note };
	g_autoptr(GError) error = NULL;

	if (!drawn_set(walk->view, row->message->sha256, &order, &error)) {
		say(walk, g_strdup_printf("%s\n", error->message));
		return false;
	}
	row->state = state;
	say(walk, g_strdup_printf("%.12s: %s\n", row->message->sha256, drawn_state_words[state]));
	return true;
}

/* *on is false when the walk is over, *stay true while the same text stays on the screen. */
static void
take_key(struct walk *walk, char key, bool *on, bool *stay)
{
	*stay = true;
	if (key == '\0' || key == 'q') {
		*on = false;
	} else if (key == 'x' || key == 'm' || key == 'o') {
		enum drawn_state state = key == 'x'   ? DRAWN_NOTHING
					 : key == 'm' ? DRAWN_MISSED
						      : DRAWN_OPEN;
		if (order(walk, state) && state != DRAWN_OPEN) {
			walk->at++;
			*stay = false;
		}
	} else if (key == 't' && walk->line + LINES_SHOWN < walk->lines->len) {
		walk->line += LINES_SHOWN;
	} else if (key == 'n' || key == ' ' || key == '\n') {
		walk->at++;
		*stay = false;
	} else if (key == 'p' && walk->at > 0) {
		walk->at--;
		*stay = false;
	}
}

static bool
run(struct walk *walk, GError **error)
{
	bool on = true, stay = false;

	while (on && walk->at < walk->drawn->len) {
		if (!stay && !load(walk, error))
			return false;
		draw(walk);
		take_key(walk, keys_read(), &on, &stay);
		if (!on || walk->at >= walk->drawn->len)
			printf("\n");
	}
	if (walk->message != NULL)
		fputs(walk->message, stdout);
	if (on)
		printf("No more mail of the sample.\n");
	return true;
}

bool
sample_screen(struct view *view, const struct sample_screen_options *options, GError **error)
{
	g_autoptr(GPtrArray) drawn = drawn_list(view, 0, G_MAXINT64, true, DRAWN_MAX, error);
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
	struct walk walk = { .view = view, .options = options, .drawn = drawn, .lines = lines };

	if (drawn == NULL)
		return false;
	keys_begin(&walk.keys);
	bool right = run(&walk, error);
	keys_end(&walk.keys);
	g_free(walk.message);
	return right;
}
