/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-data-uri - files that stand in the links of a page. */
#include "kit.h"

static void
test_links(void)
{
	static const struct {
		const char *label;
		const char *link;
		const char *wants[KIT_WANTS];
	} rows[] = {
		{ "base64", "data:text/plain;base64,c2VjcmV0IHdvcmRz",
		    { "part 1/data []", "attachments of 1/data: secret words",
			"message scanned" } },
		{ "percent and no type", "data:,secret%20words",
		    { "attachments of 1/data: secret words" } },
		{ "another link", "https://corp.example/data:x", { "!1/data" } },
		{ "nothing in it", "data:text/plain;base64,", { "!1/data" } },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *mail = g_strdup_printf(
		    "Subject: x\nContent-Type: text/html\n\n<p>see <a href=\"%s\">this</a></p>\n",
		    rows[i].link);
		kit_check(rows[i].label, mail, strlen(mail), rows[i].wants);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/worker/data-uri/links", test_links);
	return g_test_run();
}
