/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/bundle.h"

#include <string.h>

#define SHA "3f9a01bc5d6e0000000000000000000000000000000000000000000000000000"
#define AT  (G_GINT64_CONSTANT(1795338125) * G_USEC_PER_SEC) /* 2026-11-22 09:02:05 UTC */

static const struct {
	const char *label, *from, *subject, *name;
} names[] = {
	{ "time, sender, subject", "anna@corp.example", "Price list",
	    "090205 anna@corp.example - Price list - 3f9a01bc5d6e.eml" },
	{ "letters of other scripts", "kühn@corp.example", "Grüße, 東京",
	    "090205 kuhn@corp.example - Grusse - 3f9a01bc5d6e.eml" },
	{ "a way out of the folder", "../../x", "..\\..\\/etc/passwd",
	    "090205 .. .. x - .. .. etc passwd - 3f9a01bc5d6e.eml" },
	{ "signs that a shell or a page reads", "a`b$c", "<b>\"x\" & 'y' | z; rm * ? %00",
	    "090205 a b c - b x y z rm 00 - 3f9a01bc5d6e.eml" },
	{ "control characters and bidi marks", "a\nb",
	    "invoice\xe2\x80\xae"
	    "fdp.exe\r\n",
	    "090205 a b - invoice fdp.exe - 3f9a01bc5d6e.eml" },
	{ "nothing", "", "", "090205 nobody - no subject - 3f9a01bc5d6e.eml" },
	{ "a name that Windows keeps", "CON", "NUL.", "090205 CON - NUL. - 3f9a01bc5d6e.eml" },
};

static void
test_names(void)
{
	g_autoptr(GTimeZone) zone = g_time_zone_new_utc();

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		const struct view_message message = { .sha256 = (char *)SHA,
			.from = (char *)names[i].from,
			.subject = (char *)names[i].subject,
			.date = AT };
		g_test_message("%s", names[i].label);
		g_autofree char *name = bundle_name(&message, zone);
		g_assert_cmpstr(name, ==, names[i].name);
	}
}

static void
test_long(void)
{
	g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
	g_autofree char *from = g_strnfill(5000, 'f');
	g_autofree char *subject = g_strnfill(5000, 's');
	const struct view_message message = {
		.sha256 = (char *)SHA, .from = from, .subject = subject, .date = G_MAXINT64
	};
	g_autofree char *name = bundle_name(&message, zone);

	g_assert_cmpuint(strlen(name), <=, BUNDLE_NAME_MAX);
	g_assert_true(g_str_has_suffix(name, "3f9a01bc5d6e.eml"));
}

/* What an mbox reader would take for the begin of a message is quoted, and can be taken back. */
static const struct {
	const char *label, *message, *member;
} members[] = {
	{ "an ordinary message", "A: b\r\n\r\ntext\r\n", "A: b\r\n\r\ntext\r\n\n" },
	{ "a line that could begin one", "A: b\n\nFrom here\n", "A: b\n\n>From here\n\n" },
	{ "one that was quoted before", "A: b\n\n>>From x\n", "A: b\n\n>>>From x\n\n" },
	{ "words that only begin alike", "A: b\n\nFrom: x\n>Fromage\n",
	    "A: b\n\nFrom: x\n>Fromage\n\n" },
	{ "no last line end", "A: b\n\nFrom ", "A: b\n\n>From \n\n" },
	{ "a first line that begins so", "From x\nA: b\n", ">From x\nA: b\n\n" },
	{ "nothing", "", "\n" },
};

static void
test_mbox(void)
{
	const struct view_message message = { .date = AT };
	static const char head[] = "From MAILER-DAEMON Sun Nov 22 09:02:05 2026\n";

	for (gsize i = 0; i < G_N_ELEMENTS(members); i++) {
		g_test_message("%s", members[i].label);
		g_autoptr(GBytes) bytes =
		    g_bytes_new(members[i].message, strlen(members[i].message));
		g_autoptr(GString) out = bundle_mbox(&message, bytes);
		g_assert_true(g_str_has_prefix(out->str, head));
		g_assert_cmpstr(out->str + strlen(head), ==, members[i].member);
	}
	const struct view_message odd = { .date = G_MAXINT64 };
	g_autoptr(GBytes) empty = g_bytes_new("", 0);
	g_autoptr(GString) out = bundle_mbox(&odd, empty);
	g_assert_cmpstr(out->str, ==, "From MAILER-DAEMON Thu Jan  1 00:00:00 1970\n\n");
}

/* Names of attachments as files: what a click could run says so, however it is written. */
static const struct {
	const char *label, *attachment, *type;
	guint facts;
	const char *name;
} attachments[] = {
	{ "an ordinary file", "Plan 7.xlsx", "", 0, "03 Plan 7.xlsx" },
	{ "a way out", "../../etc/cron.d/x.csv", "", 0, "03 .. .. etc cron.d x.csv" },
	{ "a program by its name", "invoice.exe", "", 0, "03 invoice.exe.unsafe" },
	{ "... in capitals", "INVOICE.SCR", "", 0, "03 INVOICE.SCR.unsafe" },
	{ "... with a dot that Windows drops", "invoice.exe.", "", 0, "03 invoice.exe.unsafe" },
	{ "... with blanks that it drops", "invoice.exe . .", "", 0, "03 invoice.exe.unsafe" },
	{ "... with a character that is dropped", "invoice.exe\xe2\x80\x8b", "", 0,
	    "03 invoice.exe.unsafe" },
	{ "... turned round",
	    "invoice\xe2\x80\xae"
	    "fdp.exe",
	    "", 0, "03 invoice fdp.exe.unsafe" },
	{ "a program by what it is", "holiday.jpg", "", FACT_EXECUTABLE, "03 holiday.jpg.unsafe" },
	{ "a document with macros", "plan.doc", "", FACT_MACRO, "03 plan.doc.unsafe" },
	{ "a page that calls itself a picture", "photo.jpg", "text/html", 0,
	    "03 photo.jpg.unsafe" },
	{ "nothing", "", "", 0, "03 without a name" },
	{ "dots alone", "...", "", 0, "03 without a name" },
};

static void
test_attachments(void)
{
	g_autofree char *many = g_strnfill(5000, 'x');
	g_autofree char *with_end = g_strconcat(many, ".docx", NULL);
	const struct part large = { .name = with_end, .true_type = (char *)"" };

	for (gsize i = 0; i < G_N_ELEMENTS(attachments); i++) {
		const struct part part = { .name = (char *)attachments[i].attachment,
			.true_type = (char *)attachments[i].type,
			.facts = attachments[i].facts };
		g_test_message("%s", attachments[i].label);
		g_autofree char *name = bundle_attachment_name(&part, 3);
		g_assert_cmpstr(name, ==, attachments[i].name);
	}
	g_autofree char *name = bundle_attachment_name(&large, 999);
	g_assert_cmpuint(strlen(name), <=, BUNDLE_NAME_MAX);
	g_assert_true(g_str_has_suffix(name, "x.docx"));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/bundle/names", test_names);
	g_test_add_func("/bundle/long", test_long);
	g_test_add_func("/bundle/mbox", test_mbox);
	g_test_add_func("/bundle/attachments", test_attachments);
	return g_test_run();
}
