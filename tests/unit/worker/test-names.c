/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-names - file names that lie, and honest ones that must not be called liars. */
#include "mail/words.h"
#include "worker/names.h"

static void
test_names(void)
{
	static const struct {
		const char *name, *declared, *is;
		guint facts;
	} rows[] = {
		{ "plan.pdf", "application/pdf", "application/pdf", 0 },
		{ "table.csv", "text/csv", "text/plain", 0 },
		{ "table.csv", "application/vnd.ms-excel", "text/plain", 0 },
		{ "plan.docx", "application/octet-stream",
		    "application/vnd.openxmlformats-officedocument.wordprocessingml.document", 0 },
		{ "plan.zip", "application/zip",
		    "application/vnd.openxmlformats-officedocument.wordprocessingml.document", 0 },
		{ "old.doc", "application/msword", "text/rtf", 0 },
		{ "locked.docx", "", "application/x-ole-storage", 0 },
		{ "photo.jpg", "image/jpeg", "image/png", 0 },
		{ "tool.exe", "application/octet-stream", "application/x-dosexec", 0 },
		{ "archive.tar.gz", "application/gzip", "application/gzip", 0 },
		{ "version 1.2.pdf", "", "application/pdf", 0 },
		{ "", "", "application/pdf", 0 },
		{ "plan.pdf", "", "application/x-dosexec", FACT_TYPE_MISMATCH },
		{ "plan.txt", "text/plain", "application/zip", FACT_TYPE_MISMATCH },
		{ "plan", "image/png", "application/pdf", FACT_TYPE_MISMATCH },
		{ "plan.pdf.exe", "", "application/x-dosexec", FACT_DOUBLE_EXTENSION },
		{ "plan.pdf.exe. ", "", "application/x-dosexec", FACT_DOUBLE_EXTENSION },
		{ "plan.pdf          .scr", "", "", FACT_DOUBLE_EXTENSION | FACT_DISGUISED_NAME },
		{ "plan\u202Efdp.exe", "", "", FACT_DISGUISED_NAME },
		{ "plan\u2400.txt", "", "", FACT_DISGUISED_NAME },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_test_message("%s %s %s", rows[i].name, rows[i].declared, rows[i].is);
		g_assert_cmphex(
		    names_facts(rows[i].name, rows[i].declared, rows[i].is), ==, rows[i].facts);
	}
	g_assert_true(names_is_executable("a/b/run.JS"));
	g_assert_false(names_is_executable("exe"));
	g_assert_cmpstr(names_base("a\\b/c.txt"), ==, "c.txt");
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/worker/names", test_names);
	return g_test_run();
}
