/* SPDX-License-Identifier: GPL-3.0-or-later */
/* delimiter - see delimiter.h. Never takes text for a boundary that nobody declared. */
#include "worker/delimiter.h"

#include <string.h>

#include "worker/headers.h"
#include "worker/parameters.h"

#define LOOSE_MAX      32                 /* loose marks of one boundary */
#define LOOSE_BYTES    (16 * 1024 * 1024) /* searched for what declares loose marks */
#define CANDIDATES_MAX 32

/* A line "--REST" whose REST is declared as a boundary of its own is none of ours. */
static bool
is_declared(const char *rest, gsize size, const char *begin, const char *end, gsize *searched)
{
	while (begin < end) {
		const char *found = memmem(begin, (gsize)(end - begin), rest, size);
		*searched += (gsize)((found != NULL ? found : end) - begin);
		if (found == NULL)
			return false;
		if (found > begin && (found[-1] == '"' || found[-1] == '='))
			return true;
		begin = found + 1;
	}
	return false;
}

static bool
declares(const char *line, const char *stop, const char *begin, const char *end, gsize *searched)
{
	const char *rest = line + 2;

	while (stop > rest && strchr(" \t\r\n", stop[-1]) != NULL && stop[-1] != '\0')
		stop--;
	if (is_declared(rest, (gsize)(stop - rest), begin, end, searched))
		return true;
	return stop - rest > 2 && stop[-1] == '-' && stop[-2] == '-' &&
	       is_declared(rest, (gsize)(stop - rest) - 2, begin, end, searched);
}

static enum mark_kind
kind_of(const char *behind, const char *next)
{
	enum mark_kind kind = MARK_OPEN;

	if (next - behind >= 2 && behind[0] == '-' && behind[1] == '-') {
		kind = MARK_CLOSE;
		behind += 2;
	}
	for (; behind < next; behind++)
		if (*behind != ' ' && *behind != '\t' && *behind != '\r' && *behind != '\n')
			return MARK_LOOSE;
	return kind;
}

static void
add_mark(struct marks *marks, const struct mark *mark, const char *begin, const char *end)
{
	bool closed =
	    marks->list->len > 0 &&
	    g_array_index(marks->list, struct mark, marks->list->len - 1).kind == MARK_CLOSE;

	if (mark->kind == MARK_LOOSE) {
		if (marks->loose >= LOOSE_MAX)
			return;
		/* "--b" begins "--b1", "--b2" and so on, each declared far away from its line. */
		if (marks->searched >= LOOSE_BYTES) {
			marks->cut = true;
			return;
		}
		if (declares(mark->begin, mark->next, begin, end, &marks->searched))
			return;
		marks->loose++;
	} else {
		marks->opens++;
		marks->after_close = marks->after_close || closed;
	}
	g_array_append_vals(marks->list, mark, 1);
}

void
marks_find(struct marks *marks, const char *boundary, const char *begin, const char *end, gsize max)
{
	g_autofree char *sought = g_strconcat("--", boundary, NULL);
	gsize size = strlen(sought);
	const char *at = begin;

	memset(marks, 0, sizeof *marks);
	marks->list = g_array_new(FALSE, FALSE, sizeof(struct mark));
	while (at < end && (at = memmem(at, (gsize)(end - at), sought, size)) != NULL) {
		const char *stop = memchr(at, '\n', (gsize)(end - at));
		const char *next = stop != NULL ? stop + 1 : end;
		if (at > begin && at[-1] != '\n') {
			marks->bare_cr = marks->bare_cr || at[-1] == '\r';
			at += 2;
			continue;
		}
		if (marks->list->len >= max) {
			marks->cut = true;
			return;
		}
		struct mark mark = { at, next, kind_of(at + size, next) };
		add_mark(marks, &mark, begin, end);
		at = next;
	}
}

void
marks_clear(struct marks *marks)
{
	g_array_unref(marks->list);
}

struct candidates {
	GPtrArray *list;
	const char *begin, *end;
	bool *too_long;
};

static void
add_candidate(struct candidates *found, const char *value, gsize size, bool loose_too)
{
	struct marks marks;

	while (size > 0 && strchr(" \t\r\n", value[size - 1]) != NULL)
		size--;
	if (size > DELIMITER_BOUNDARY_MAX)
		*found->too_long = true;
	if (size == 0 || size > DELIMITER_BOUNDARY_MAX || found->list->len >= CANDIDATES_MAX)
		return;
	g_autofree char *boundary = g_strndup(value, size);
	if (g_ptr_array_find_with_equal_func(found->list, boundary, g_str_equal, NULL))
		return;
	marks_find(&marks, boundary, found->begin, found->end, 4);
	if (marks.opens > 0 || marks.bare_cr || (loose_too && marks.loose > 0))
		g_ptr_array_add(found->list, g_steal_pointer(&boundary));
	marks_clear(&marks);
}

/* What stands in a quoted string, its marks undone. */
static const char *
add_quoted(struct candidates *found, const char *at)
{
	g_autoptr(GString) plain = g_string_new(NULL);
	const char *start = ++at;

	for (; *at != '\0' && *at != '"'; at++) {
		if (*at == '\\' && at[1] != '\0')
			at++;
		g_string_append_c(plain, *at);
	}
	add_candidate(found, plain->str, plain->len, false);
	add_candidate(found, start, (gsize)(at - start), false);
	return *at == '"' ? at + 1 : at;
}

/* Each way to see the end of a value that begins at `at`. */
static void
add_forms(struct candidates *found, const char *at)
{
	static const char *const ends[] = { ";\r\n", " \t\r\n;", " \t\r\n;,(", " \t\r\n;\"", "\r\n",
		" \t\r\n;,'\"" };

	while (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n')
		at++;
	if (*at == '(') {
		/* The comment is skipped, or it is part of the value. */
		const char *close = strchr(at, ')');
		if (close != NULL)
			add_forms(found, close + 1);
	}
	if (*at == '"' || *at == '\'') {
		const char *behind = *at == '"' ? add_quoted(found, at) : at + 1;
		/* "a""b" and "a"b: the pieces together. */
		g_autofree char *whole = g_strndup(at, strcspn(at, ";\r\n \t"));
		g_autoptr(GString) bare = g_string_new(NULL);
		for (const char *p = whole; *p != '\0'; p++)
			if (*p != '"' && *p != '\'')
				g_string_append_c(bare, *p);
		add_candidate(found, bare->str, bare->len, false);
		add_candidate(found, behind, strcspn(behind, " \t\r\n;\"'"), false);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(ends); i++)
		add_candidate(found, at, strcspn(at, ends[i]), false);
}

/* Wherever the word "boundary" stands before an '=': folded, starred, in quotes, in comments. */
static void
add_raw(struct candidates *found, const char *raw)
{
	g_autofree char *lower = g_ascii_strdown(raw, -1);

	for (const char *word = lower; (word = strstr(word, "boundary")) != NULL;) {
		gsize offset = (gsize)(word - lower) + strlen("boundary");
		gsize gap = strcspn(raw + offset, "=;");
		if (raw[offset + gap] == '=' && gap < 40) {
			const char *value = raw + offset + gap + 1;
			const char *quote = strrchr(value, '\'');
			add_forms(found, value);
			if (quote != NULL && memchr(raw + offset, '*', gap) != NULL)
				add_forms(found, quote + 1);
		}
		word += strlen("boundary");
	}
}

/* The value without what stands in quotes; NULL when a quote does not end, or needs undoing. */
static char *
without_quoted(const char *raw)
{
	GString *out = g_string_new(NULL);

	for (const char *at = raw; *at != '\0'; at++) {
		g_string_append_c(out, g_ascii_tolower(*at));
		if (*at != '"')
			continue;
		at += 1 + strcspn(at + 1, "\"\\");
		if (*at != '"') {
			g_string_free(out, TRUE);
			return NULL;
		}
		g_string_append_c(out, 'q');
	}
	return g_string_free(out, FALSE);
}

bool
delimiter_is_plain(const char *raw)
{
	g_autofree char *bare = without_quoted(raw);
	const char *word = bare != NULL ? strstr(bare, "boundary") : NULL;

	if (word == NULL || strstr(word + 1, "boundary") != NULL ||
	    strpbrk(bare, "*(\\,") != NULL || strstr(raw, "=?") != NULL)
		return false;
	const char *type = bare + strspn(bare, " \t\r\n");
	type += strcspn(type, "/; \t\r\n\"");
	if (*type != '/' || strchr("; \t\r\n", type[1]) != NULL)
		return false;
	for (const char *at = bare; (at = strchr(at, ';')) != NULL;) {
		at += 1 + strspn(at + 1, " \t\r\n");
		if (*at == ';')
			return false;
	}
	const char *at = word + strlen("boundary");
	if (*at++ != '=' || strchr("; \t\n", word[-1]) == NULL)
		return false;
	at += *at == '"' ? 2 : strcspn(at, "; \t\r\n\"'");
	at += strspn(at, " \t\r\n");
	return *at == '\0' || *at == ';';
}

/* False for a raw value in which no program can see a boundary: most have none. */
static bool
may_declare(const char *raw)
{
	if (strchr(raw, '(') != NULL || strstr(raw, "=?") != NULL)
		return true;
	for (; *raw != '\0'; raw++)
		if ((*raw == 'b' || *raw == 'B') && g_ascii_strncasecmp(raw, "boundary", 8) == 0)
			return true;
	return false;
}

static void
add_parsed(struct candidates *found, struct charset *charset, const char *raw)
{
	g_autoptr(parameters) parsed = parameters_parse(charset, raw);

	for (guint i = 0; i < parsed->items->len; i++) {
		const struct parameter *item = parsed->items->pdata[i];
		if (g_str_equal(item->name, "boundary") || g_str_has_suffix(item->name, "boundary"))
			add_candidate(found, item->value, strlen(item->value), true);
	}
}

GPtrArray *
delimiter_declared(struct charset *charset, const GPtrArray *types, const char *begin,
    const char *end, bool *too_long)
{
	struct candidates found = { g_ptr_array_new_with_free_func(g_free), begin, end, too_long };

	for (guint i = 0; i < types->len; i++)
		if (may_declare(types->pdata[i]))
			add_parsed(&found, charset, types->pdata[i]);
	if (types->len == 0 ||
	    (types->len == 1 && delimiter_is_plain(types->pdata[0]) && found.list->len == 1))
		return found.list;
	for (guint i = 0; i < types->len; i++) {
		const char *raw = types->pdata[i];
		g_autofree char *decoded =
		    strstr(raw, "=?") != NULL ? headers_decode(charset, raw) : NULL;
		add_raw(&found, raw);
		if (decoded != NULL) {
			add_parsed(&found, charset, decoded);
			add_raw(&found, decoded);
		}
	}
	return found.list;
}

char *
delimiter_guess(const char *begin, const char *end)
{
	for (const char *at = begin; at < end;) {
		const char *stop = memchr(at, '\n', (gsize)(end - at));
		if (stop == NULL)
			return NULL;
		if (stop - at > 2 && stop - at < DELIMITER_BOUNDARY_MAX && at[0] == '-' &&
		    at[1] == '-' && end - stop > 9 &&
		    g_ascii_strncasecmp(stop + 1, "Content-", 8) == 0) {
			gsize size = (gsize)(stop - at) - 2;
			while (size > 0 && strchr(" \t\r", at[2 + size - 1]) != NULL)
				size--;
			if (size > 0 && memchr(at + 2, '\0', size) == NULL)
				return g_strndup(at + 2, size);
		}
		at = stop + 1;
	}
	return NULL;
}
