/* SPDX-License-Identifier: GPL-3.0-or-later */
/* style - see style.h. Never follows an import; one pass over what it is given. */
#include "worker/style.h"

#include <string.h>

#define WORD_MAX    120 /* bytes of a value that are looked at */
#define RULES_MAX   512 /* names kept of all sheets of a page */
#define FAR         500 /* pixels beyond the edge of every screen */
#define NEAR_COLOUR 8   /* steps of 256 that no eye tells apart */

/* What one element says; some of it counts only together. */
struct declared {
	struct style *style;
	bool clipped; /* overflow: hidden */
	bool empty;   /* no height or no width */
};

static bool
begins(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* A number and where its unit begins; false for what is none. */
static bool
number(const char *value, double *out, const char **unit)
{
	char *end;

	if (!g_ascii_isdigit(*value) && strchr("+-.", *value) == NULL)
		return false;
	*out = g_ascii_strtod(value, &end);
	*unit = end;
	return end > value;
}

/* In pixels, roughly. A share of something else counts as that share of a letter or a screen. */
static bool
length(const char *value, double *out)
{
	const char *unit;

	if (!number(value, out, &unit))
		return false;
	if (begins(unit, "em") || begins(unit, "rem") || begins(unit, "ch") || begins(unit, "ex"))
		*out *= 12;
	else if (*unit == '%' || begins(unit, "vw") || begins(unit, "vh"))
		*out *= 10;
	return true;
}

gint32
style_colour(const char *value)
{
	static const struct {
		const char *name;
		gint32 colour;
	} names[] = { { "white", 0xFFFFFF }, { "black", 0 }, { "red", 0xFF0000 },
		{ "green", 0x8000 }, { "blue", 0xFF }, { "yellow", 0xFFFF00 }, { "gray", 0x808080 },
		{ "grey", 0x808080 }, { "silver", 0xC0C0C0 }, { "navy", 0x80 },
		{ "whitesmoke", 0xF5F5F5 }, { "snow", 0xFFFAFA }, { "ivory", 0xFFFFF0 },
		{ "transparent", STYLE_CLEAR } };
	guint part[3];
	double alpha = 1;

	while (g_ascii_isspace(*value) || *value == '#')
		value++;
	gsize n = strspn(value, "0123456789abcdefABCDEF");
	bool ends = value[n] == '\0' || strchr(" ;!,)", value[n]) != NULL;
	if (ends && (n == 6 || n == 3)) {
		guint64 hex = g_ascii_strtoull(value, NULL, 16);
		if (n == 6)
			return (gint32)(hex & 0xFFFFFF);
		return (gint32)((hex >> 8 & 15) * 0x110000 + (hex >> 4 & 15) * 0x1100 +
				(hex & 15) * 0x11);
	}
	const char *open = strchr(value, '(');
	if (g_ascii_strncasecmp(value, "rgb", 3) == 0 && open != NULL && open - value <= 4) {
		const char *at = open + 1;
		for (guint i = 0; i < 3; i++) {
			char *end;
			part[i] = (guint)(g_ascii_strtoull(at, &end, 10) & 0xFF);
			at = end + strspn(end, " ,");
		}
		if (*at != ')' && *at != '\0')
			alpha = g_ascii_strtod(at + strspn(at, "/ "), NULL);
		return alpha < 0.05 ? STYLE_CLEAR
				    : (gint32)(part[0] << 16 | part[1] << 8 | part[2]);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		if (g_ascii_strncasecmp(value, names[i].name, strlen(names[i].name)) == 0 &&
		    !g_ascii_isalpha(value[strlen(names[i].name)]))
			return names[i].colour;
	return STYLE_UNKNOWN;
}

bool
style_is_same(gint32 colour, gint32 ground)
{
	if (colour == STYLE_CLEAR)
		return true;
	if (colour < 0 || ground < 0)
		return false;
	for (guint shift = 0; shift < 24; shift += 8)
		if (ABS((colour >> shift & 0xFF) - (ground >> shift & 0xFF)) > NEAR_COLOUR)
			return false;
	return true;
}

static enum style_says
tiny(const char *value)
{
	double size;
	const char *unit;

	if (!number(value, &size, &unit))
		return begins(value, "inherit") ? STYLE_SILENT : STYLE_NO;
	if (size == 0)
		return STYLE_YES;
	if (*unit == '%')
		return size <= 5 ? STYLE_YES : STYLE_SILENT;
	if (begins(unit, "em"))
		return size <= 0.1 ? STYLE_YES : STYLE_SILENT;
	return size <= 1 && !begins(unit, "rem") && !begins(unit, "in") && !begins(unit, "cm")
		   ? STYLE_YES
		   : STYLE_NO;
}

/* What takes an element out of sight all by itself. */
static bool
is_gone(const char *name, const char *value)
{
	static const char *const places[] = { "left", "top", "right", "bottom", "text-indent",
		"margin-left", "margin-top", NULL };
	const char *unit;
	double n;

	if (g_str_equal(name, "display"))
		return begins(value, "none");
	if (g_str_equal(name, "mso-hide"))
		return begins(value, "all");
	if (g_str_equal(name, "opacity"))
		return number(value, &n, &unit) && n < 0.05;
	if (g_str_equal(name, "filter"))
		return strstr(value, "opacity=0)") != NULL || strstr(value, "opacity(0)") != NULL;
	if (g_str_equal(name, "clip"))
		return begins(value, "rect(0,0,0,0") || begins(value, "rect(0000") ||
		       begins(value, "rect(0px,0px,0px") || begins(value, "rect(1px,1px,1px,1px");
	if (g_str_equal(name, "clip-path"))
		return begins(value, "inset(100%") || begins(value, "inset(50%") ||
		       begins(value, "circle(0");
	if (g_str_equal(name, "transform"))
		return strstr(value, "scale(0)") != NULL || strstr(value, "scale(0,") != NULL;
	return g_strv_contains(places, name) && length(value, &n) && n <= -FAR;
}

static void
declare(struct declared *declared, const char *name, const char *value)
{
	static const char *const sizes[] = { "height", "width", "max-height", "max-width", NULL };
	struct style *style = declared->style;
	double n;

	if (is_gone(name, value)) {
		style->gone = true;
	} else if (g_str_equal(name, "display")) {
		style->shown = true;
	} else if (g_str_equal(name, "visibility")) {
		bool veiled = begins(value, "hidden") || begins(value, "collapse");
		style->veiled = veiled ? STYLE_YES : STYLE_NO;
	} else if (g_str_equal(name, "font-size")) {
		style->tiny = tiny(value);
	} else if (g_str_equal(name, "font")) {
		style->tiny = begins(value, "0/0") ? STYLE_YES : STYLE_NO;
	} else if (g_str_equal(name, "color")) {
		style->colour = style_colour(value);
	} else if (g_str_equal(name, "background-color") || g_str_equal(name, "background") ||
		   g_str_equal(name, "background-image")) {
		style->ground = strchr(value, '(') != NULL && !begins(value, "rgb")
				    ? STYLE_UNKNOWN
				    : style_colour(value);
	} else if (begins(name, "overflow")) {
		declared->clipped = begins(value, "hidden") || begins(value, "clip");
	} else if (g_strv_contains(sizes, name) && length(value, &n) && n <= 1) {
		declared->empty = true;
	}
}

static void
add_url(const char *value, gsize size, GString *urls)
{
	while (size > 0 && strchr("\"' \t\r\n", *value) != NULL) {
		value++;
		size--;
	}
	gsize n = 0;
	while (n < size && strchr("\"')\r\n", value[n]) == NULL)
		n++;
	while (n > 0 && g_ascii_isspace(value[n - 1]))
		n--;
	if (n == 0 || g_ascii_strncasecmp(value, "data:", 5) == 0)
		return;
	if (urls->len > 0)
		g_string_append_c(urls, '\n');
	g_string_append_len(urls, value, (gssize)n);
}

/* Every url(...) and every "@import 'x'" between at and end. */
static void
find_urls(const char *at, const char *end, GString *urls)
{
	while (at < end) {
		const char *close;
		if (g_ascii_strncasecmp(at, "url(", 4) == 0) {
			at += 4;
			close = memchr(at, ')', (gsize)(end - at));
		} else if (g_ascii_strncasecmp(at, "@import", 7) == 0) {
			at += 7;
			at += strspn(at, " \t\r\n");
			if (*at != '"' && *at != '\'')
				continue;
			close = memchr(at, ';', (gsize)(end - at));
		} else {
			at++;
			continue;
		}
		close = close != NULL ? close : end;
		add_url(at, (gsize)(close - at), urls);
		at = close;
	}
}

/* Behind a comment that begins here, else NULL. */
static const char *
skip_comment(const char *at)
{
	if (at[0] != '/' || at[1] != '*')
		return NULL;
	const char *end = strstr(at + 2, "*/");
	return end != NULL ? end + 2 : at + strlen(at);
}

/*
 * Up to one of the signs in `ends` that stands in no quotes or brackets, in lower case and
 * without blanks and comments, as far as out has room.
 */
static const char *
take(const char *at, const char *ends, char *out, gsize room)
{
	gsize n = 0;
	guint open = 0;
	char quote = '\0';

	while (*at != '\0' && (quote != '\0' || open > 0 || strchr(ends, *at) == NULL)) {
		const char *behind = quote == '\0' ? skip_comment(at) : NULL;
		if (behind != NULL) {
			at = behind;
			continue;
		}
		if (quote == '\0' && (*at == '"' || *at == '\''))
			quote = *at;
		else if (*at == quote)
			quote = '\0';
		else if (quote == '\0' && *at == '(')
			open++;
		else if (quote == '\0' && *at == ')' && open > 0)
			open--;
		if (n + 1 < room && !g_ascii_isspace(*at))
			out[n++] = g_ascii_tolower(*at);
		at++;
	}
	out[n] = '\0';
	return at;
}

void
style_read(const char *declarations, struct style *style, GString *urls)
{
	struct declared declared = { .style = style };
	char name[32], value[WORD_MAX];

	*style = (struct style){ .colour = STYLE_NO_COLOUR, .ground = STYLE_NO_COLOUR };
	for (const char *at = declarations; *at != '\0';) {
		at = take(at, ":;", name, sizeof name);
		if (*at == ':') {
			at = take(at + 1, ";", value, sizeof value);
			declare(&declared, name, value);
		}
		at += *at == ';';
	}
	style->gone = style->gone || (declared.clipped && declared.empty);
	if (urls != NULL && strchr(declarations, '(') != NULL)
		find_urls(declarations, declarations + strlen(declarations), urls);
}

struct style_sheet {
	GHashTable *hidden; /* ".class" and "#id" */
	GHashTable *shown;  /* by a rule for some screens */
	bool ground;
};

struct style_sheet *
style_sheet_new(void)
{
	struct style_sheet *sheet = g_new0(struct style_sheet, 1);

	sheet->hidden = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	sheet->shown = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return sheet;
}

void
style_sheet_free(struct style_sheet *sheet)
{
	if (sheet == NULL)
		return;
	g_hash_table_unref(sheet->hidden);
	g_hash_table_unref(sheet->shown);
	g_free(sheet);
}

/* Names of a list of selectors that are one class or one id, an element's name before it or not. */
static void
keep_names(GHashTable *names, const char *selectors)
{
	g_auto(GStrv) list = g_strsplit(selectors, ",", 64);

	for (gsize i = 0; list[i] != NULL && g_hash_table_size(names) < RULES_MAX; i++) {
		char *one = g_strstrip(list[i]);
		const char *name = one;
		while (g_ascii_isalnum(*name))
			name++;
		if ((*name == '.' || *name == '#') && name[1] != '\0' &&
		    strpbrk(name + 1, ".#:>+~[ \t\r\n*") == NULL)
			g_hash_table_add(names, g_strdup(name));
	}
}

/* One rule: where its selectors begin and end, and its declarations. */
static void
read_rule(struct style_sheet *sheet, const char *start, gsize size, const char *body, bool media)
{
	struct style style;
	g_autofree char *selectors = g_strndup(start, size);

	style_read(body, &style, NULL);
	if (style.ground != STYLE_NO_COLOUR)
		sheet->ground = true;
	if (!media && (style.gone || style.tiny == STYLE_YES || style.veiled == STYLE_YES))
		keep_names(sheet->hidden, selectors);
	if (media && (style.shown || style.veiled == STYLE_NO || style.tiny == STYLE_NO))
		keep_names(sheet->shown, selectors);
}

/* Comments and the marks of HTML comments become blanks, so that rules are whole. */
static char *
plain_css(const char *css)
{
	GString *out = g_string_sized_new(strlen(css) + 1);

	while (*css != '\0') {
		const char *behind = skip_comment(css);
		if (behind != NULL)
			css = behind;
		else if (begins(css, "<!--"))
			css += 4;
		else if (begins(css, "-->"))
			css += 3;
		else
			g_string_append_c(out, *css++);
	}
	return g_string_free(out, FALSE);
}

void
style_sheet_read(struct style_sheet *sheet, const char *css, GString *urls)
{
	g_autofree char *plain = plain_css(css);
	guint media = 0;

	if (urls != NULL)
		find_urls(plain, plain + strlen(plain), urls);
	for (char *at = plain; *at != '\0';) {
		gsize n = strcspn(at, "{};");
		if (at[n] == '\0')
			break;
		if (at[n] != '{') { /* the end of a block, or an @import */
			media -= at[n] == '}' && media > 0;
			at += n + 1;
			continue;
		}
		char *start = at + strspn(at, " \t\r\n");
		if (*start == '@' && !begins(start, "@font-face") && !begins(start, "@page")) {
			media++;
			at += n + 1;
			continue;
		}
		char *body = at + n + 1, *end = body + strcspn(body, "}");
		bool last = *end == '\0';
		*end = '\0';
		read_rule(sheet, start, n - (gsize)(start - at), body, media > 0);
		at = last ? end : end + 1;
	}
}

static bool
hides(const struct style_sheet *sheet, char sign, const char *name, gsize size)
{
	g_autofree char *key = g_strdup_printf("%c%.*s", sign, (int)MIN(size, WORD_MAX), name);

	return g_hash_table_contains(sheet->hidden, key) &&
	       !g_hash_table_contains(sheet->shown, key);
}

bool
style_sheet_hides(const struct style_sheet *sheet, const char *classes, const char *id)
{
	if (g_hash_table_size(sheet->hidden) == 0)
		return false;
	if (id != NULL && hides(sheet, '#', id, strlen(id)))
		return true;
	while (classes != NULL && *classes != '\0') {
		gsize n = strcspn(classes, " \t\r\n");
		if (n > 0 && hides(sheet, '.', classes, n))
			return true;
		classes += n;
		classes += strspn(classes, " \t\r\n");
	}
	return false;
}

bool
style_sheet_has_ground(const struct style_sheet *sheet)
{
	return sheet->ground;
}
