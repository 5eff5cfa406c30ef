/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test-samples - every message of a collection beside the source, where there is one, is taken
 * apart without a crash: it has an outcome, every part has one, every text is valid UTF-8.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "worker/dissect.h"

static void
check(const struct message *message, const char *name)
{
	bool unread = false;

	for (guint i = 0; i < message->parts->len; i++) {
		const struct part *part = message->parts->pdata[i];
		g_assert_true(g_utf8_validate(part->path, -1, NULL));
		g_assert_true(g_utf8_validate(part->name, -1, NULL));
		g_assert_true(g_utf8_validate(part->declared_type, -1, NULL));
		g_assert_true(g_utf8_validate(part->true_type, -1, NULL));
		g_assert_true(g_utf8_validate(part->detail, -1, NULL));
		unread = unread || (part->outcome != PART_READ && part->outcome != PART_NO_TEXT);
	}
	for (guint i = 0; i < message->texts->len; i++) {
		const struct text *text = message->texts->pdata[i];
		g_assert_true(g_utf8_validate_len(text->data, text->size, NULL));
		g_assert_cmpuint(text->data[text->size], ==, 0);
	}
	if (unread && message->outcome == OUTCOME_SCANNED)
		g_error("%s: a part was not read, and the message does not say so", name);
	if (message->parts->len == 0)
		g_assert_cmpint(message->outcome, !=, OUTCOME_SCANNED);
}

static void
test_samples(void)
{
	struct limits limits;
	g_autoptr(GError) error = NULL;
	g_autofree char *folder =
	    g_build_filename(g_getenv("FLAGPOST_SOURCE"), "..", "shared", "samples", "mail", NULL);
	g_autoptr(GDir) listing = g_dir_open(folder, 0, NULL);

	if (listing == NULL) {
		g_test_skip("no collection of messages beside the source");
		return;
	}
	limits_default(&limits);
	limits.seconds_per_message = 600;
	limits.seconds_per_part = 600;
	g_autoptr(dissect) dissect = dissect_new(&limits, &error);
	g_assert_no_error(error);
	for (const char *file; (file = g_dir_read_name(listing)) != NULL;) {
		if (!g_str_has_suffix(file, ".eml"))
			continue;
		g_autofree char *path = g_build_filename(folder, file, NULL);
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		g_autoptr(message) message = dissect_message(dissect, fd, true, &error);
		close(fd);
		g_assert_no_error(error);
		check(message, file);
		g_autoptr(message) raw = NULL;
		fd = open(path, O_RDONLY | O_CLOEXEC);
		raw = dissect_raw(dissect, fd, &error);
		close(fd);
		g_assert_no_error(error);
		check(raw, file);
		g_assert_cmpint(raw->date, ==, message->date);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/worker/samples", test_samples);
	return g_test_run();
}
