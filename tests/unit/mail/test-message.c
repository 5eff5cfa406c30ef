/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/message.h"
#include "mail/placement.h"

static void
test_build(void)
{
	g_autoptr(message) message = message_new();

	g_assert_true(message->date == MESSAGE_NO_DATE);
	message_add_header(message, "Received", "first");
	message_add_header(message, "received", "second");
	g_assert_cmpstr(message_header(message, "RECEIVED"), ==, "first");
	g_assert_null(message_header(message, "Subject"));

	struct part *part = message_add_part(message, "1.2");
	g_assert_cmpstr(part->path, ==, "1.2");
	g_assert_cmpstr(part->name, ==, "");
	g_assert_cmpstr(part->sha256, ==, "");

	struct text *text = message_add_text(
	    message, COMPONENT_HEADERS, "X-Mailer", TEXT_NO_PART, g_strdup("The Bat"), 7);
	g_assert_cmpstr(text->header, ==, "x-mailer");
	g_assert_null(text->offsets);
	text->offsets = g_new0(guint32, text->size);
	text = message_add_text(message, COMPONENT_BODY, NULL, 0, g_strdup(""), 0);
	g_assert_null(text->header);
	g_assert_cmpuint(message->texts->len, ==, 2);
}

static void
test_placement(void)
{
	struct placement placement = {
		.account = g_strdup("hq"),
		.folder = g_strdup("INBOX"),
		.uidvalidity = 7,
		.uid = g_strdup("12"),
		.internal_date = MESSAGE_NO_DATE,
		.server_flags = g_strdup("\\Seen"),
		.labels = g_strdup("work"),
	};

	placement_clear(&placement);
	placement_clear(&placement);
	g_assert_null(placement.uid);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/message/build", test_build);
	g_test_add_func("/placement/clear", test_placement);
	return g_test_run();
}
