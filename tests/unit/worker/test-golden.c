/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test-golden - what dissection says of tests/mail/NAME.eml stands in NAME.facts, line by line.
 *
 * With FACTS_WRITE set, writes the .facts files anew; read the diff before you keep it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "worker/dissect.h"

#define WORDS_SHOWN 120 /* bytes of a text */

static void
dump_facts(GString *out, const char *const *words, guint facts)
{
	const char **set = fact_words(words, facts);

	for (gsize i = 0; set[i] != NULL; i++)
		g_string_append_printf(out, " %s", set[i]);
	g_free(set);
	g_string_append_c(out, '\n');
}

/* One line, with all that is no plain character as its code point. */
static void
dump_text(GString *out, const char *text, gsize size)
{
	gsize shown = MIN(size, WORDS_SHOWN);

	while (shown < size && ((guint8)text[shown] & 0xC0) == 0x80)
		shown++;
	for (const char *p = text; p < text + shown; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		if (c == '\n')
			g_string_append(out, "\\n");
		else if (c < 0x20 || (c >= 0x7F && !g_unichar_isalnum(c)))
			g_string_append_printf(out, "\\u{%04X}", c);
		else
			g_string_append_unichar(out, c);
	}
	g_string_append(out, shown < size ? "...\n" : "\n");
}

static void
dump_parts(GString *out, const struct message *message)
{
	for (guint i = 0; i < message->parts->len; i++) {
		const struct part *part = message->parts->pdata[i];
		g_string_append_printf(out, "part %s [", part->path);
		dump_text(out, part->name, strlen(part->name));
		g_string_truncate(out, out->len - 1);
		g_string_append_printf(out,
		    "] %s | %s, %" G_GUINT64_FORMAT ", %s%s%s%s, %.8s:", part->declared_type,
		    part->true_type, part->size, part->attachment ? "attachment, " : "",
		    part_outcome_words[part->outcome], *part->detail != '\0' ? ": " : "",
		    part->detail, part->sha256);
		dump_facts(out, part_fact_words, part->facts);
	}
}

static char *
dump(const struct message *message)
{
	GString *out = g_string_new(NULL);

	g_string_append_printf(out, "outcome %s\nfacts:", outcome_words[message->outcome]);
	dump_facts(out, message_fact_words, message->facts);
	g_string_append_printf(out, "id %s\ndate %" G_GINT64_FORMAT "\nsubject ",
	    message->message_id,
	    message->date == MESSAGE_NO_DATE ? -1 : message->date / G_USEC_PER_SEC);
	dump_text(out, message->subject, strlen(message->subject));
	for (guint i = 0; i < message->addresses->len; i++) {
		const struct address *one = message->addresses->pdata[i];
		g_string_append_printf(out, "%s [%s] <%s> %s\n", address_role_words[one->role],
		    one->name, one->address, one->domain);
	}
	dump_parts(out, message);
	for (guint i = 0; i < message->texts->len; i++) {
		const struct text *text = message->texts->pdata[i];
		const struct part *part =
		    text->part != TEXT_NO_PART ? message->parts->pdata[text->part] : NULL;
		g_assert_true(g_utf8_validate_len(text->data, text->size, NULL));
		g_assert_cmpuint(strlen(text->data), ==, text->size);
		/* Without line ends they are the same words once more; test-wraps looks at those.
		 */
		if (text->component == COMPONENT_RAW || text->seams != NULL)
			continue;
		g_string_append(out, component_words[text->component]);
		if (text->header != NULL)
			g_string_append_printf(out, ".%s", text->header);
		if (part != NULL)
			g_string_append_printf(out, " of %s", part->path);
		g_string_append_printf(out, "%s%s: ", text->hidden ? " (hidden)" : "",
		    text->offsets != NULL ? " (normalised)" : "");
		dump_text(out, text->data, text->size);
	}
	return g_string_free(out, FALSE);
}

/* The first line in which two texts differ. */
static void
show_difference(const char *name, const char *expected, const char *found)
{
	g_auto(GStrv) left = g_strsplit(expected, "\n", -1);
	g_auto(GStrv) right = g_strsplit(found, "\n", -1);
	guint i = 0;

	while (left[i] != NULL && right[i] != NULL && strcmp(left[i], right[i]) == 0)
		i++;
	g_test_message("%s.facts:%u\n- %s\n+ %s", name, i + 1, left[i] != NULL ? left[i] : "(end)",
	    right[i] != NULL ? right[i] : "(end)");
}

static void
check_one(struct dissect *dissect, const char *folder, const char *name)
{
	g_autofree char *mail = g_strdup_printf("%s/%s.eml", folder, name);
	g_autofree char *facts = g_strdup_printf("%s/%s.facts", folder, name);
	g_autofree char *expected = NULL;
	g_autoptr(GError) error = NULL;
	int fd = open(mail, O_RDONLY | O_CLOEXEC);
	g_autoptr(message) message = dissect_message(dissect, fd, true, &error);

	g_assert_no_error(error);
	/* Where all else ended, who, when and what it is about are the same. */
	g_autoptr(message) raw = dissect_raw(dissect, fd, &error);
	g_assert_no_error(error);
	g_assert_cmpint(raw->date, ==, message->date);
	g_assert_cmpstr(raw->subject, ==, message->subject);
	g_assert_cmpstr(raw->message_id, ==, message->message_id);
	close(fd);
	g_autofree char *found = dump(message);
	if (g_getenv("FACTS_WRITE") != NULL) {
		g_file_set_contents(facts, found, -1, &error);
		g_assert_no_error(error);
	}
	g_file_get_contents(facts, &expected, NULL, &error);
	g_assert_no_error(error);
	if (strcmp(expected, found) == 0)
		return;
	show_difference(name, expected, found);
	g_test_fail();
}

static void
test_golden(void)
{
	struct limits limits;
	g_autoptr(GError) error = NULL;
	g_autofree char *folder =
	    g_build_filename(g_getenv("FLAGPOST_SOURCE"), "tests", "mail", NULL);
	g_autoptr(GDir) listing = g_dir_open(folder, 0, &error);
	guint n = 0;

	g_assert_no_error(error);
	limits_default(&limits);
	limits.seconds_per_message = 600; /* sanitizers and valgrind are slow */
	limits.seconds_per_part = 600;
	g_autoptr(dissect) dissect = dissect_new(&limits, &error);
	g_assert_no_error(error);
	for (const char *file; (file = g_dir_read_name(listing)) != NULL;) {
		if (!g_str_has_suffix(file, ".eml"))
			continue;
		g_autofree char *name = g_strndup(file, strlen(file) - strlen(".eml"));
		check_one(dissect, folder, name);
		n++;
	}
	g_assert_cmpuint(n, >=, 30);
}

/* How each came to be stands in the README beside them, and nothing else does. */
static void
test_told(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *folder =
	    g_build_filename(g_getenv("FLAGPOST_SOURCE"), "tests", "mail", NULL);
	g_autofree char *readme = g_build_filename(folder, "README.md", NULL);
	g_autofree char *text = NULL;

	g_file_get_contents(readme, &text, NULL, &error);
	g_assert_no_error(error);
	g_autoptr(GDir) listing = g_dir_open(folder, 0, &error);
	g_assert_no_error(error);
	for (const char *file; (file = g_dir_read_name(listing)) != NULL;) {
		g_autofree char *line = g_strdup_printf("\n- `%s`: ", file);
		if (g_str_has_suffix(file, ".eml") && strstr(text, line) == NULL) {
			g_test_message("%s has no line in tests/mail/README.md", file);
			g_test_fail();
		}
	}
	g_auto(GStrv) lines = g_strsplit(text, "\n- `", -1);
	for (guint i = 1; lines[i] != NULL; i++) {
		g_autofree char *file = g_strndup(lines[i], strcspn(lines[i], "`"));
		g_autofree char *path = g_build_filename(folder, file, NULL);
		if (!g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
			g_test_message("tests/mail/README.md names %s, which is not there", file);
			g_test_fail();
		}
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/worker/golden/facts", test_golden);
	g_test_add_func("/worker/golden/told", test_told);
	return g_test_run();
}
