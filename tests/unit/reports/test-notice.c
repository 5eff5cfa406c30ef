/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "reports/notice.h"
#include "reports/quote.h"

#include "sample.h"

static char *
text_of(const GPtrArray *rows, guint incidents, bool waited, int mask)
{
	g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
	const struct notice notice = {
		.organisation = "Example Corp",
		.zone_name = "UTC",
		.zone = zone,
		.mask = mask,
		.rows = rows,
		.incidents = incidents,
		.flags = incidents,
		.waited = waited,
	};

	return notice_text(&notice);
}

static void
test_text(void)
{
	g_autoptr(report) report = sample_report();

	sample_account(report, "hq", "imap");
	struct view_message *message =
	    sample_message("anna@corp.example", "b@rival.example", "About nightjar-4711\r\nBcc: x");
	struct view_flag *row = sample_flag(report->flags, "nightjar", SEVERITY_HIGH, message);
	sample_hit(row->flag, COMPONENT_BODY, "the price of ", "nightjar-4711", " is\nforged");
	g_autofree char *text = text_of(report->flags, 1, false, 0);
	g_assert_nonnull(strstr(text, "1 new incident, 1 flag;"));
	g_assert_nonnull(strstr(text, "flagpost show "));
	/* Masked in the subject as well; and what stands in a mail begins no line of its own. */
	g_assert_null(strstr(text, "nightjar-4711"));
	g_assert_null(strstr(text, "\nBcc"));
	g_assert_null(strstr(text, "\nforged"));
	g_assert_null(strstr(text, "Some waited"));
	g_assert_nonnull(strstr(text, "ni*********11"));
	g_autofree char *hidden = text_of(report->flags, 1, false, 100);
	g_assert_nonnull(strstr(hidden, "the price of *************"));
	g_autofree char *more = text_of(report->flags, 1000, true, 0);
	g_assert_nonnull(strstr(more, "999 more incidents are not shown"));
	g_assert_nonnull(strstr(more, "Some waited for this mail"));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/notice/text", test_text);
	return g_test_run();
}
