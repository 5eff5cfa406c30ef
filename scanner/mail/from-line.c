/* SPDX-License-Identifier: GPL-3.0-or-later */
/* from-line - see from-line.h. */
#include "mail/from-line.h"

#include <string.h>

/* ctime's form, an optional zone before or behind the year, and the end of the line. */
bool
from_line_is_dated(const char *line)
{
	static const char pattern[] =
	    "^From (?:.* )?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +"
	    "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +[0-9]{1,2} +"
	    "[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})? +(?:[A-Z]{1,5} +|[+-][0-9]{4} +)?[0-9]{4}"
	    "(?: +(?:[A-Z]{1,5}|[+-][0-9]{4}))?(?: remote from .*)?[ \\r\\n]*$";

	return g_str_has_prefix(line, "From ") && strnlen(line, FROM_LINE_MAX) < FROM_LINE_MAX &&
	       g_regex_match_simple(pattern, line, G_REGEX_RAW, G_REGEX_MATCH_DEFAULT);
}

static bool
begins_with(const char *line, gsize size, const char *prefix)
{
	return size >= strlen(prefix) && memcmp(line, prefix, strlen(prefix)) == 0;
}

bool
from_line_is_header(const char *line, gsize size)
{
	gsize n = 0;

	if (begins_with(line, size, ">From "))
		return true;
	while (n < size && line[n] > ' ' && line[n] < 0x7f && line[n] != ':')
		n++;
	bool named = n > 0;
	while (named && n < size && (line[n] == ' ' || line[n] == '\t'))
		n++;
	return named && n < size && line[n] == ':';
}

gsize
from_line_quote(const char *line, gsize size)
{
	gsize marks = 0;

	while (marks < size && line[marks] == '>')
		marks++;
	return marks > 0 && begins_with(line + marks, size - marks, "From ") ? 1 : 0;
}
