/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/mail-shapes.h"

#include <math.h>
#include <string.h>

#define LINE_BYTES 72
#define BOUNDARY   "=_shape"

static const char word_style[] =
    "@font-face {font-family:\"Cambria Math\"; panose-1:2 4 5 3 5 4 6 3 2 4;}\r\n"
    "@font-face {font-family:Calibri; panose-1:2 15 5 2 2 2 4 3 2 4;}\r\n"
    "p.MsoNormal, li.MsoNormal, div.MsoNormal {margin:0cm; font-size:11.0pt;"
    " font-family:\"Calibri\",sans-serif;}\r\n"
    "a:link, span.MsoHyperlink {mso-style-priority:99; color:#0563C1;"
    " text-decoration:underline;}\r\n"
    "span.EmailStyle17 {mso-style-type:personal-compose; font-family:\"Calibri\",sans-serif;}\r\n"
    ".MsoChpDefault {mso-style-type:export-only; font-family:\"Calibri\",sans-serif;}\r\n"
    "@page WordSection1 {size:612.0pt 792.0pt; margin:70.85pt 70.85pt 2.0cm 70.85pt;}\r\n"
    "div.WordSection1 {page:WordSection1;}\r\n";

static void
add_sentence(GString *out, struct zipf *zipf)
{
	gint32 n = g_rand_int_range(zipf->rand, 4, 25);

	for (gint32 i = 0; i < n; i++) {
		const char *word = zipf_word(zipf);
		if (i == 0)
			g_string_append_c(out, g_ascii_toupper(*word++));
		g_string_append(out, word);
		if (i + 1 < n)
			g_string_append(out, g_rand_int_range(zipf->rand, 0, 14) == 0 ? ", " : " ");
	}
	g_string_append_c(out, '.');
}

static guint
count_words(const char *text)
{
	guint n = 1;

	for (; *text != '\0'; text++)
		n += *text == ' ';
	return n;
}

static GPtrArray *
make_paragraphs(struct zipf *zipf)
{
	GPtrArray *paragraphs = g_ptr_array_new_with_free_func(g_free);
	guint length = zipf_length(zipf);

	for (guint n = 0; n < length;) {
		GString *text = g_string_new(NULL);
		for (gint32 i = g_rand_int_range(zipf->rand, 1, 6); i > 0; i--) {
			add_sentence(text, zipf);
			if (i > 1)
				g_string_append_c(text, ' ');
		}
		n += count_words(text->str);
		g_ptr_array_add(paragraphs, g_string_free(text, FALSE));
	}
	return paragraphs;
}

/* --- text --- */

/* In lines, each with what stands before it. */
static void
add_lines(GString *out, const char *text, const char *before)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	gsize line = 0;

	for (guint i = 0; words[i] != NULL; i++) {
		if (line == 0 || line + strlen(words[i]) >= LINE_BYTES) {
			g_string_append_printf(out, "%s%s", line > 0 ? "\r\n" : "", before);
			line = strlen(before);
		} else {
			g_string_append_c(out, ' ');
			line++;
		}
		g_string_append(out, words[i]);
		line += strlen(words[i]);
	}
	g_string_append(out, "\r\n");
}

static void
begin_part(GString *out, const char *type)
{
	g_string_append_printf(out,
	    "Content-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n", type);
}

static void
begin_alternatives(GString *out)
{
	g_string_append(out, "Content-Type: multipart/alternative; boundary=\"" BOUNDARY
			     "\"\r\n\r\n--" BOUNDARY "\r\n");
	begin_part(out, "text/plain");
}

static void
second_alternative(GString *out)
{
	g_string_append(out, "\r\n--" BOUNDARY "\r\n");
	begin_part(out, "text/html");
}

static void
end_alternatives(GString *out)
{
	g_string_append(out, "\r\n--" BOUNDARY "--\r\n");
}

static void
add_text(GString *out, const GPtrArray *paragraphs)
{
	for (guint i = 0; i < paragraphs->len; i++) {
		add_lines(out, paragraphs->pdata[i], "");
		g_string_append(out, "\r\n");
	}
}

/* --- kinds --- */

static void
plain_body(GString *out, struct zipf *zipf, GPtrArray *paragraphs)
{
	begin_part(out, "text/plain");
	add_text(out, paragraphs);
	g_string_append_printf(out, "-- \r\n%s %s\r\nTel. +49 30 %u\r\n", zipf_word(zipf),
	    zipf_word(zipf), (guint)g_rand_int_range(zipf->rand, 1000000, 9999999));
}

static void
reply_body(GString *out, struct zipf *zipf, GPtrArray *paragraphs)
{
	(void)zipf;
	begin_part(out, "text/plain");
	add_lines(out, paragraphs->pdata[0], "");
	g_string_append(out, "\r\nOn 2 March 2026, anna wrote:\r\n");
	for (guint i = 1; i < paragraphs->len; i++) {
		add_lines(out, paragraphs->pdata[i], "> ");
		g_string_append(out, ">\r\n");
	}
}

static void
desktop_body(GString *out, struct zipf *zipf, GPtrArray *paragraphs)
{
	(void)zipf;
	begin_alternatives(out);
	for (guint i = 0; i < paragraphs->len; i++)
		g_string_append_printf(out, "%s\r\n\r\n", (char *)paragraphs->pdata[i]);
	g_string_append(out, "www.corp.example<http://www.corp.example/>\r\n");
	second_alternative(out);
	g_string_append_printf(out,
	    "<html xmlns:v=\"urn:schemas-microsoft-com:vml\""
	    " xmlns:o=\"urn:schemas-microsoft-com:office:office\"><head>"
	    "<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\">"
	    "<style><!--\r\n%s--></style></head>"
	    "<body lang=\"EN-GB\" link=\"#0563C1\" vlink=\"#954F72\"><div class=\"WordSection1\">",
	    word_style);
	for (guint i = 0; i < paragraphs->len; i++)
		g_string_append_printf(out,
		    "<p class=\"MsoNormal\"><span lang=\"EN-GB\">%s<o:p></o:p></span></p>\r\n"
		    "<p class=\"MsoNormal\"><o:p>&nbsp;</o:p></p>\r\n",
		    (char *)paragraphs->pdata[i]);
	g_string_append(out,
	    "<p class=\"MsoNormal\"><a href=\"http://www.corp.example/\">www.corp.example</a></p>"
	    "</div></body></html>");
	end_alternatives(out);
}

static void
webmail_body(GString *out, struct zipf *zipf, GPtrArray *paragraphs)
{
	(void)zipf;
	begin_alternatives(out);
	add_text(out, paragraphs);
	second_alternative(out);
	g_string_append(out, "<div dir=\"ltr\">");
	for (guint i = 0; i < paragraphs->len; i++)
		g_string_append_printf(
		    out, "<div>%s</div><div><br></div>", (char *)paragraphs->pdata[i]);
	g_string_append(out, "</div>");
	end_alternatives(out);
}

static void
newsletter_body(GString *out, struct zipf *zipf, GPtrArray *paragraphs)
{
	begin_part(out, "text/html");
	g_string_append(out, "<html><body><table width=\"600\" cellpadding=\"0\" border=\"0\">");
	for (guint i = 0; i < paragraphs->len; i++)
		g_string_append_printf(out,
		    "<tr><td style=\"font-family:Arial,Helvetica,sans-serif;font-size:14px;"
		    "line-height:20px;color:#333333;padding:0 20px 12px 20px;\">%s <a href=\""
		    "https://click.news.example/ls/click?upn=%08x%08x%08x%08x\""
		    " style=\"color:#0066cc;\">%s</a></td></tr>\r\n",
		    (char *)paragraphs->pdata[i], g_rand_int(zipf->rand), g_rand_int(zipf->rand),
		    g_rand_int(zipf->rand), g_rand_int(zipf->rand), zipf_word(zipf));
	g_string_append(out, "</table></body></html>\r\n");
}

const struct shape shapes[] = {
	{ "plain text", plain_body },
	{ "plain text that quotes", reply_body },
	{ "text and HTML of an office program", desktop_body },
	{ "text and HTML of webmail", webmail_body },
	{ "HTML alone, a newsletter", newsletter_body },
	{ NULL, NULL },
};

GString *
shape_mail(const struct shape *shape, struct zipf *zipf, guint number)
{
	g_autoptr(GPtrArray) paragraphs = make_paragraphs(zipf);
	GString *out = g_string_new(NULL);
	guint from = (guint)(pow(g_rand_double(zipf->rand), 3) * 20000);
	guint to = (guint)(pow(g_rand_double(zipf->rand), 3) * 20000);
	const char *one = zipf->words->pdata[3000 + from], *two = zipf->words->pdata[3000 + to];

	g_string_append_printf(out, "From: %s <%s@corp.example>\r\nTo: %s <%s@rival%u.example>\r\n",
	    one, one, two, two, to % 3000);
	g_string_append(out, "Subject:");
	for (int i = 0; i < 6; i++)
		g_string_append_printf(out, " %s", zipf_word(zipf));
	g_string_append_printf(out,
	    "\r\nDate: Mon, %02d Mar 2026 09:%02d:00 +0100\r\nMessage-ID: <%u@corp.example>\r\n"
	    "MIME-Version: 1.0\r\n",
	    g_rand_int_range(zipf->rand, 1, 29), g_rand_int_range(zipf->rand, 0, 60), number);
	shape->body(out, zipf, paragraphs);
	return out;
}
