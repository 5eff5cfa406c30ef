/* SPDX-License-Identifier: GPL-3.0-or-later */
/* urls - see urls.h. Never looks a name up or follows a link. */
#include "worker/urls.h"

#include <stdbool.h>
#include <string.h>

#define URLS_MAX (256 * 1024) /* bytes of link targets taken out of one text */
#define URL_MAX  4096

/* The next of each of the two signs of a link; NULL: there is no more. */
struct signs {
	const char *scheme; /* "://" */
	const char *www;    /* "www." */
};

/* The first sign at or behind `at`, or NULL. */
static const char *
next_sign(struct signs *signs, const char *at)
{
	if (signs->scheme != NULL && signs->scheme < at)
		signs->scheme = strstr(at, "://");
	if (signs->www != NULL && signs->www < at)
		signs->www = strstr(at, "www.");
	if (signs->scheme == NULL || signs->www == NULL)
		return signs->scheme != NULL ? signs->scheme : signs->www;
	return MIN(signs->scheme, signs->www);
}

/* Where the link around a sign of one begins, or NULL. */
static const char *
url_start(const char *text, const char *at)
{
	const char *start = at;

	if (*at == ':') {
		while (start > text && g_ascii_isalpha(start[-1]) && at - start < 10)
			start--;
		return at - start >= 3 ? start : NULL;
	}
	bool inside = at > text && (g_ascii_isalnum(at[-1]) || at[-1] == '/');
	return inside ? NULL : at;
}

/* Links end at a blank or a sign that none contains. */
void
urls_find(const char *text, GString *urls)
{
	struct signs signs = { strstr(text, "://"), strstr(text, "www.") };

	for (const char *at = text; (at = next_sign(&signs, at)) != NULL && urls->len < URLS_MAX;) {
		const char *start = url_start(text, at);
		if (start == NULL) {
			at++;
			continue;
		}
		const char *end = at + strcspn(at, " \t\r\n<>\"'`\\^{|}");
		while (end > start && strchr(".,;:!?)", end[-1]) != NULL)
			end--; /* the sentence's, not the link's */
		if (end - start <= URL_MAX) {
			if (urls->len > 0)
				g_string_append_c(urls, '\n');
			g_string_append_len(urls, start, end - start);
		}
		at = MAX(end, at + 1);
	}
}

void
urls_add(const char *value, GString *urls)
{
	while (g_ascii_isspace(*value))
		value++;
	if (*value == '\0' || *value == '#' || g_ascii_strncasecmp(value, "data:", 5) == 0 ||
	    g_ascii_strncasecmp(value, "cid:", 4) == 0)
		return;
	if (urls->len > 0)
		g_string_append_c(urls, '\n');
	for (; *value != '\0'; value++)
		if (strchr("\t\r\n", *value) == NULL)
			g_string_append_c(urls, *value);
	while (urls->len > 0 && urls->str[urls->len - 1] == ' ')
		g_string_truncate(urls, urls->len - 1);
}
