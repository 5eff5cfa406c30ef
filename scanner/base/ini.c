/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The walk over the raw lines: what it lets through, every version of iniparser reads alike.
 */
#include "base/ini.h"

#include <string.h>

#include "base/fault.h"
#include "base/ini-guard.h"
#include "base/io.h"

struct ini {
	char *name;
	GBytes *text;
	GArray *starts;      /* of gsize, the offset of every line */
	GPtrArray *sections; /* of struct ini_section */
	GHashTable *index;   /* name -> struct ini_section */
};

/* The walk's state; what is only wrong once a file is said once. */
struct walk {
	struct ini *ini;
	struct problems *problems;
	struct ini_section *section; /* NULL before the first one */
	struct ini_section *spare;   /* takes the keys behind a header that is no good */
	guint line;
	const char *source; /* the line, zero-terminated */
	guint entries;
	bool seen_cr;
};

/* The file as a whole */

GBytes *
ini_read(const char *path, GError **error)
{
	g_autoptr(GError) local = NULL;
	GBytes *bytes = io_read_file(path, INI_FILE_MAX, &local);

	if (bytes == NULL) {
		if (!g_error_matches(local, FAULT, FAULT_DENIED))
			local->code = FAULT_CONFIG;
		g_propagate_error(error, g_steal_pointer(&local));
	}
	return bytes;
}

static void
entry_free(gpointer data)
{
	struct ini_entry *entry = data;

	g_free(entry->key);
	g_free(entry->value);
	g_free(entry);
}

static void
section_free(gpointer data)
{
	struct ini_section *section = data;

	g_hash_table_unref(section->index);
	g_ptr_array_unref(section->entries);
	g_free(section->name);
	g_free(section);
}

static struct ini_section *
section_new(const struct ini *ini, const char *name, guint line)
{
	struct ini_section *section = g_new0(struct ini_section, 1);

	section->ini = ini;
	section->name = g_strdup(name);
	section->line = line;
	section->entries = g_ptr_array_new_with_free_func(entry_free);
	section->index = g_hash_table_new(g_str_hash, g_str_equal);
	return section;
}

void
ini_free(struct ini *ini)
{
	if (ini == NULL)
		return;
	g_hash_table_unref(ini->index);
	g_ptr_array_unref(ini->sections);
	g_array_unref(ini->starts);
	g_bytes_unref(ini->text);
	g_free(ini->name);
	g_free(ini);
}

const char *
ini_name(const struct ini *ini)
{
	return ini->name;
}

const GPtrArray *
ini_sections(const struct ini *ini)
{
	return ini->sections;
}

const struct ini_section *
ini_section(const struct ini *ini, const char *name)
{
	return g_hash_table_lookup(ini->index, name);
}

char *
ini_line(const struct ini *ini, guint line)
{
	gsize size;
	const char *text = g_bytes_get_data(ini->text, &size);

	if (line == 0 || line > ini->starts->len)
		return g_strdup("");
	gsize start = g_array_index(ini->starts, gsize, line - 1);
	const char *end = memchr(text + start, '\n', size - start);
	return g_strndup(text + start, end != NULL ? (gsize)(end - text) - start : size - start);
}

/* One line */

static void complain(struct walk *walk, gsize offset, const char *mend, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/* A problem at the byte of that offset into the line. */
static void
complain(struct walk *walk, gsize offset, const char *mend, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *text = g_strdup_vprintf(format, args);
	va_end(args);
	problems_add(walk->problems, PROBLEM_ERROR, walk->ini->name, walk->line, (guint)offset + 1,
	    walk->source, mend, "%s", text);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Narrows [*start, *end) of the line to what is not blank. */
static void
trim(const char *line, gsize *start, gsize *end)
{
	while (*start < *end && is_blank(line[*start]))
		(*start)++;
	while (*end > *start && is_blank(line[*end - 1]))
		(*end)--;
}

/* Returns the name in [start, end) when it is one; else NULL after a problem. */
static char *
take_name(struct walk *walk, const char *what, gsize start, gsize end)
{
	g_autofree char *name = g_strndup(walk->source + start, end - start);

	if (*name == '\0') {
		complain(walk, start, NULL, "the %s has no name", what);
		return NULL;
	}
	if (end - start > INI_NAME_MAX) {
		complain(walk, start, NULL, "the name of a %s is longer than %d bytes", what,
		    INI_NAME_MAX);
		return NULL;
	}
	for (gsize i = 0; name[i] != '\0'; i++) {
		if (g_ascii_isupper(name[i])) {
			g_autofree char *lower = g_ascii_strdown(name, -1);
			g_autofree char *mend =
			    g_strdup_printf("write it in lower case: %s", lower);
			complain(walk, start + i, mend, "an upper-case letter in the name of a %s",
			    what);
			return NULL;
		}
		bool is_right =
		    g_ascii_islower(name[i]) ||
		    (i > 0 && (g_ascii_isdigit(name[i]) || strchr("_.-", name[i]) != NULL));
		if (!is_right) {
			complain(walk, start + i, "begin with a letter, go on with a-z 0-9 _ . -",
			    "not a name of a %s", what);
			return NULL;
		}
	}
	return g_steal_pointer(&name);
}

/* iniparser joins a line that ends so with the next one, comments too. */
static bool
joins_next(struct walk *walk, gsize end, const char *mend)
{
	if (end == 0 || walk->source[end - 1] != '\\')
		return false;
	complain(walk, end - 1, mend, "a '\\' at the end of a line swallows the next one");
	return true;
}

static bool
too_many(struct walk *walk)
{
	if (++walk->entries == INI_ENTRIES_MAX + 1)
		complain(walk, 0, "move lists to files of their own",
		    "more than %d sections and keys", INI_ENTRIES_MAX);
	return walk->entries > INI_ENTRIES_MAX;
}

static void
walk_section(struct walk *walk, gsize start, gsize end)
{
	const char *closer = memchr(walk->source + start, ']', end - start);

	/* Whatever is wrong with it, its keys are not the keys of the section before. */
	walk->section = walk->spare;
	g_hash_table_remove_all(walk->spare->index);
	g_ptr_array_set_size(walk->spare->entries, 0);
	if (closer == NULL) {
		complain(walk, end, "close it with ']'", "the section's ']' is missing");
		return;
	}
	gsize close = (gsize)(closer - walk->source);
	if (close + 1 != end) {
		complain(walk, close + 1, "put it on a line of its own", "text behind the ']'");
		return;
	}
	g_autofree char *name = take_name(walk, "section", start + 1, close);
	if (name == NULL || too_many(walk))
		return;
	const struct ini_section *first = g_hash_table_lookup(walk->ini->index, name);
	if (first != NULL) {
		complain(walk, start, "merge the two or rename one",
		    "section [%s] stands in line %u already", name, first->line);
		return;
	}
	walk->section = section_new(walk->ini, name, walk->line);
	g_ptr_array_add(walk->ini->sections, walk->section);
	g_hash_table_insert(walk->ini->index, walk->section->name, walk->section);
}

static bool
value_is_safe(struct walk *walk, const char *key, gsize start, gsize end)
{
	const char *line = walk->source;

	if (start == end) {
		complain(
		    walk, end, "give it a value or leave the line out", "%s has no value", key);
		return false;
	}
	if (line[start] == '"' || line[start] == '\'') {
		complain(walk, start,
		    line[start] == '"' ? "write it without quotes (in a pattern: [\"])"
				       : "write it without quotes (in a pattern: ['])",
		    "a value must not begin with a quote");
		return false;
	}
	for (gsize i = start; i < end; i++) {
		if (line[i] == ';' || line[i] == '#') {
			complain(walk, i,
			    line[i] == ';'
				? "write \\x3b in a pattern, a comma in a sentence"
				: "write \\x23 in a pattern, or the comment on a line of its own",
			    "the value ends at '%c', the rest would be lost", line[i]);
			return false;
		}
		if (line[i] == '\t') {
			complain(
			    walk, i, "write a blank (in a pattern: \\t)", "a tab within a value");
			return false;
		}
	}
	return !joins_next(walk, end, "write \\x5c");
}

static void
walk_entry(struct walk *walk, gsize start, gsize end)
{
	const char *equals = memchr(walk->source + start, '=', end - start);

	if (equals == NULL) {
		complain(walk, start, "write key = value", "not a key = value line");
		return;
	}
	gsize key_end = (gsize)(equals - walk->source), value = key_end + 1;
	trim(walk->source, &start, &key_end);
	trim(walk->source, &value, &end);
	g_autofree char *key = take_name(walk, "key", start, key_end);
	if (!value_is_safe(walk, key != NULL ? key : "this key", value, end) || key == NULL ||
	    too_many(walk))
		return;
	if (walk->section == NULL) {
		complain(walk, start, "write a [section] line above it",
		    "%s stands before the first section", key);
		return;
	}
	const struct ini_entry *first = ini_entry(walk->section, key);
	if (first != NULL) {
		complain(walk, start, "leave one of them out", "%s stands in line %u already", key,
		    first->line);
		return;
	}
	struct ini_entry *entry = g_new0(struct ini_entry, 1);
	entry->key = g_steal_pointer(&key);
	entry->value = g_strndup(walk->source + value, end - value);
	entry->line = walk->line;
	entry->column = (guint)value + 1;
	g_ptr_array_add(walk->section->entries, entry);
	g_hash_table_insert(walk->section->index, entry->key, entry);
}

/* Length, encoding and control characters: what must hold in comments too. */
static bool
bytes_are_right(struct walk *walk, gsize size)
{
	const char *line = walk->source, *bad;

	if (size > INI_LINE_MAX) {
		complain(walk, INI_LINE_MAX, "move long lists to a file of their own",
		    "the line has %" G_GSIZE_FORMAT " bytes, more than %d", size, INI_LINE_MAX);
		return false;
	}
	if (!g_utf8_validate_len(line, size, &bad)) {
		bool is_zero = *bad == '\0';
		complain(walk, (gsize)(bad - line), is_zero ? NULL : "save the file as UTF-8",
		    is_zero ? "a zero byte" : "not UTF-8");
		return false;
	}
	for (const char *p = line; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		if (c != '\t' && g_unichar_iscntrl(c)) {
			complain(walk, (gsize)(p - line), "leave it out",
			    "a control character (U+%04X)", c);
			return false;
		}
	}
	return true;
}

static void
walk_line(struct walk *walk, gsize size)
{
	gsize start = 0, end = size;

	if (!bytes_are_right(walk, size))
		return;
	trim(walk->source, &start, &end);
	if (start == end)
		return;
	switch (walk->source[start]) {
	case '#':
		joins_next(walk, end, "end the comment with another character");
		break;
	case ';':
		complain(walk, start, "begin comments with '#'", "a line that begins with ';'");
		break;
	case '[':
		walk_section(walk, start, end);
		break;
	default:
		walk_entry(walk, start, end);
	}
}

static void
walk_file(struct walk *walk, const char *text, gsize size)
{
	static const char bom[] = "\xef\xbb\xbf";
	gsize at = 0;

	if (size >= 3 && memcmp(text, bom, 3) == 0) {
		problems_add(walk->problems, PROBLEM_ERROR, walk->ini->name, 1, 1, NULL,
		    "save it as UTF-8 without one", "the file begins with a byte order mark");
		at = 3;
	}
	while (at < size && walk->entries <= INI_ENTRIES_MAX) {
		const char *end = memchr(text + at, '\n', size - at);
		gsize length = end != NULL ? (gsize)(end - text) - at : size - at;
		gsize next = at + length + 1;

		g_array_append_val(walk->ini->starts, at);
		walk->line++;
		/* The copy keeps zero bytes, so that they are found, and ends with one of its own.
		 */
		g_autofree char *line = g_malloc(length + 1);
		memcpy(line, text + at, length);
		line[length] = '\0';
		walk->source = line;
		if (length > 0 && line[length - 1] == '\r') {
			line[--length] = '\0';
			if (!walk->seen_cr)
				complain(walk, length, "save the file with LF line ends",
				    "the line ends with a carriage return");
			walk->seen_cr = true;
		}
		walk_line(walk, length);
		at = next;
	}
}

struct ini *
ini_parse(const char *name, GBytes *text, struct problems *problems)
{
	g_autoptr(ini) ini = g_new0(struct ini, 1);
	guint before = problems_count(problems, PROBLEM_ERROR);
	gsize size;
	const char *data = g_bytes_get_data(text, &size);

	ini->name = g_strdup(name);
	ini->text = g_bytes_ref(text);
	ini->starts = g_array_new(FALSE, FALSE, sizeof(gsize));
	ini->sections = g_ptr_array_new_with_free_func(section_free);
	ini->index = g_hash_table_new(g_str_hash, g_str_equal);
	if (size > INI_FILE_MAX) {
		problems_add(problems, PROBLEM_ERROR, name, 0, 0, NULL,
		    "move lists to files of their own",
		    "the file has %" G_GSIZE_FORMAT " bytes, more than %d", size, INI_FILE_MAX);
		return NULL;
	}
	struct walk walk = { .ini = ini, .problems = problems };
	walk.spare = section_new(ini, "", 0);
	walk_file(&walk, data, size);
	section_free(walk.spare);
	if (problems_count(problems, PROBLEM_ERROR) == before)
		ini_guard(ini, text, problems);
	if (problems_count(problems, PROBLEM_ERROR) != before)
		return NULL;
	return g_steal_pointer(&ini);
}
