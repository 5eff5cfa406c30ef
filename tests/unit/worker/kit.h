/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kit - mails built by hand, taken apart as a worker does, and questions to what came of it. */
#ifndef FLAGPOST_TEST_WORKER_KIT_H
#define FLAGPOST_TEST_WORKER_KIT_H

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "worker/dissect.h"

#define KIT_WANTS 8

static inline struct message *
kit_dissect(const struct limits *limits, const char *bytes, gsize size)
{
	struct limits defaults;
	g_autoptr(GError) error = NULL;

	limits_default(&defaults);
	defaults.seconds_per_message = 600; /* sanitizers and valgrind are slow */
	defaults.seconds_per_part = 600;
	g_autoptr(dissect) dissect = dissect_new(limits != NULL ? limits : &defaults, &error);
	g_assert_no_error(error);
	int fd = memfd_create("mail", MFD_CLOEXEC);
	g_assert_true(io_write_all(fd, bytes, size, NULL));
	struct message *message = dissect_message(dissect, fd, false, &error);
	g_assert_no_error(error);
	close(fd);
	return message;
}

static inline void
kit_facts(GString *out, const char *const *words, guint facts)
{
	const char **set = fact_words(words, facts);

	for (gsize i = 0; set[i] != NULL; i++)
		g_string_append_printf(out, " %s", set[i]);
	g_free(set);
}

/*
 * "message OUTCOME FACTS", then for each part "part PATH [NAME] DECLARED | TRUE, OUTCOME: DETAIL;
 * FACTS", then for each text "COMPONENT of PATH: TEXT".
 */
static inline char *
kit_dump(const struct message *message)
{
	GString *out = g_string_new("message ");

	g_string_append(out, outcome_words[message->outcome]);
	kit_facts(out, message_fact_words, message->facts);
	for (guint i = 0; i < message->parts->len; i++) {
		const struct part *part = message->parts->pdata[i];
		g_string_append_printf(out, "\npart %s [%s] %s | %s, %s: %s;", part->path,
		    part->name, part->declared_type, part->true_type,
		    part_outcome_words[part->outcome], part->detail);
		kit_facts(out, part_fact_words, part->facts);
	}
	for (guint i = 0; i < message->texts->len; i++) {
		const struct text *text = message->texts->pdata[i];
		const struct part *part =
		    text->part != TEXT_NO_PART ? message->parts->pdata[text->part] : NULL;
		g_assert_true(g_utf8_validate_len(text->data, text->size, NULL));
		g_string_append_printf(out, "\n%s of %s: %s", component_words[text->component],
		    part != NULL ? part->path : "", text->data);
	}
	return g_string_free(out, FALSE);
}

/* Each want stands in the dump; one that begins with '!' does not. The first NULL ends them. */
static inline void
kit_expect(const char *label, const char *dump, const char *const *wants)
{
	for (gsize i = 0; i < KIT_WANTS && wants[i] != NULL; i++) {
		bool banned = wants[i][0] == '!';
		bool found = strstr(dump, wants[i] + banned) != NULL;
		if (found == !banned)
			continue;
		g_test_message("%s: %s\n%s", label, wants[i], dump);
		g_test_fail();
	}
}

/* A mail of the bytes, taken apart and asked. */
static inline void
kit_check(const char *label, const char *bytes, gsize size, const char *const *wants)
{
	g_autoptr(message) message = kit_dissect(NULL, bytes, size);
	g_autofree char *dump = kit_dump(message);

	kit_expect(label, dump, wants);
}

/* A mail whose only other part is a file of these bytes. The caller's. */
static inline GString *
kit_mail(const char *fields, const void *bytes, gsize size)
{
	GString *mail = g_string_new("From: anna@corp.example\r\nSubject: Files\r\n"
				     "Content-Type: multipart/mixed; boundary=cut\r\n\r\n"
				     "--cut\r\n\r\nSee the file.\r\n--cut\r\n");
	g_autofree char *base64 = g_base64_encode(bytes, size);

	g_string_append_printf(mail, "%sContent-Transfer-Encoding: base64\r\n\r\n", fields);
	for (const char *at = base64; *at != '\0'; at += strnlen(at, 76))
		g_string_append_printf(mail, "%.76s\r\n", at);
	g_string_append(mail, "--cut--\r\n");
	return mail;
}

static inline void
kit_check_file(
    const char *label, const char *fields, const void *bytes, gsize size, const char *const *wants)
{
	GString *mail = kit_mail(fields, bytes, size);

	kit_check(label, mail->str, mail->len, wants);
	g_string_free(mail, TRUE);
}

#endif
