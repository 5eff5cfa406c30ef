/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/chart.h"

#include "base/text.h"
#include "reports/html.h"

#define COLUMN 4 /* units wide, with the gap */
#define HEIGHT 24

static void
put_decimal(GString *out, const char *opening, double value)
{
	char number[G_ASCII_DTOSTR_BUF_SIZE];

	g_ascii_formatd(number, sizeof(number), "%.2f", value);
	html_attribute_value(out, opening, number);
}

void
chart_days(GString *out, const guint64 *values, guint n, const char *label)
{
	guint64 most = 1, sum = 0;

	for (guint i = 0; i < n; i++) {
		most = MAX(most, values[i]);
		sum += values[i];
	}
	g_autofree char *width = g_strdup_printf("0 0 %u %d", n * COLUMN, HEIGHT);
	g_autofree char *all = text_count(sum);
	g_autofree char *peak = text_count(sum > 0 ? most : 0);
	g_autofree char *last = text_count(n > 0 ? values[n - 1] : 0);
	g_autofree char *words = g_strdup_printf(
	    "%s over %u days: %s in all, %s at most, %s on the last", label, n, all, peak, last);
	html_raw(out, "<svg class=\"days\" role=\"img\" focusable=\"false\"");
	html_attribute(out, "viewBox", width);
	html_attribute(out, "aria-label", words);
	html_raw(out, ">");
	html_element(out, "title", words);
	for (guint i = 0; i < n; i++) {
		double height = (HEIGHT - 2) * (double)values[i] / (double)most;
		if (values[i] > 0)
			height = MAX(height, 1.5);
		html_choose(
		    out, i + 1 == n, "<rect class=\"last\" width=\"3\"", "<rect width=\"3\"");
		put_decimal(out, " x=\"", i * COLUMN);
		put_decimal(out, " y=\"", HEIGHT - 1 - height);
		put_decimal(out, " height=\"", height + 1);
		html_raw(out, "/>");
	}
	html_raw(out, "</svg>");
}

static void
put_bar(GString *out)
{
	html_raw(out, "<svg class=\"bar\" viewBox=\"0 0 100 2\" preserveAspectRatio=\"none\" "
		      "aria-hidden=\"true\" focusable=\"false\">");
}

void
chart_severities(GString *out, const guint64 counts[3])
{
	guint64 total = counts[0] + counts[1] + counts[2];
	double x = 0;

	if (total == 0)
		return;
	put_bar(out);
	for (int i = SEVERITY_HIGH; i >= SEVERITY_LOW; i--) {
		double width = 100.0 * (double)counts[i] / (double)total;
		if (counts[i] == 0)
			continue;
		html_raw(out, "<rect height=\"2\"");
		html_attribute(out, "class", severity_words[i]);
		put_decimal(out, " x=\"", x);
		put_decimal(out, " width=\"", width);
		html_raw(out, "/>");
		x += width;
	}
	html_raw(out, "</svg>\n");
}

void
chart_gauge(GString *out, guint64 value, guint64 most, enum severity severity)
{
	put_bar(out);
	html_raw(out, "<rect height=\"2\"");
	html_attribute(out, "class", severity_words[severity]);
	put_decimal(out, " width=\"", most > 0 ? 100.0 * (double)value / (double)most : 0);
	html_raw(out, "/></svg>");
}
