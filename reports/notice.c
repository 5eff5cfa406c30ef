/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/notice.h"

#include "base/clock.h"
#include "base/text.h"
#include "reports/quote.h"
#include "reports/wording.h"

#define HITS_SHOWN       3
#define RECIPIENTS_SHOWN 5

static void put(GString *out, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* A line; whatever it holds, it stays one. */
static void
put(GString *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *line = g_strdup_vprintf(format, args);
	va_end(args);
	g_autofree char *safe = text_printable(line, 0);
	g_string_append(out, safe);
	g_string_append_c(out, '\n');
}

static const char *
worst(const struct notice *notice)
{
	enum severity worst = SEVERITY_LOW;

	for (guint i = 0; i < notice->rows->len; i++) {
		const struct view_flag *row = notice->rows->pdata[i];
		worst = MAX(worst, row->flag->severity);
	}
	return severity_words[worst];
}

char *
notice_subject(const struct notice *notice)
{
	return g_strdup_printf("Flagpost: %u new incident%s, severity %s", notice->incidents,
	    notice->incidents == 1 ? "" : "s", worst(notice));
}

char *
notice_copy_subject(const struct notice *notice)
{
	return g_strdup_printf("Flagpost: a flagged message, severity %s", worst(notice));
}

static char *
recipients(const struct view_message *message)
{
	GString *to = g_string_new(NULL);

	for (guint i = 0; message->to != NULL && message->to[i] != NULL; i++) {
		if (i == RECIPIENTS_SHOWN) {
			g_string_append(to, " and others");
			break;
		}
		g_string_append_printf(to, "%s%s", i > 0 ? ", " : "", message->to[i]);
	}
	return g_string_free(to, FALSE);
}

static void
put_hits(GString *out, const struct notice *notice, const struct flag *flag)
{
	for (guint i = 0; i < flag->hits->len && i < HITS_SHOWN; i++) {
		const struct hit *hit = g_ptr_array_index(flag->hits, i);
		g_autofree char *excerpt = quote_text(flag, hit, notice->mask);
		g_autofree char *where = quote_where(hit);
		put(out, "  %s in %s: %s%s", hit->section, where, excerpt,
		    hit->hidden ? " [hidden]" : "");
	}
	if (flag->hits_total > HITS_SHOWN)
		put(out, "  and %" G_GUINT64_FORMAT " more",
		    (guint64)flag->hits_total - HITS_SHOWN);
}

static void
put_row(GString *out, const struct notice *notice, const struct view_flag *row)
{
	const struct view_message *message = row->message;
	const struct flag *flag = row->flag;
	g_autofree char *to = recipients(message);
	g_autofree char *subject = quote_subject(flag, message->subject, notice->mask);
	g_autofree char *seen = clock_local(row->seen, notice->zone);
	g_autofree char *digest = wording_digest(message->sha256);

	g_string_append_c(out, '\n');
	put(out, "[%s] %s  (%s, incident I-%" G_GINT64_FORMAT ")", wording_severity(flag->severity),
	    flag->title, flag->rule, row->incident);
	put(out, "  Flagged %s %s", seen, notice->zone_name);
	put(out, "  %s -> %s  (%s)", *message->from != '\0' ? message->from : "nobody",
	    *to != '\0' ? to : "nobody", direction_words[message->direction]);
	put(out, "  Subject: %s", subject);
	for (guint i = 0; i < message->placements->len; i++) {
		const struct view_placement *at = g_ptr_array_index(message->placements, i);
		g_autofree char *place = wording_place(at->account, at->folder);
		put(out, "  In %s", place);
	}
	put_hits(out, notice, flag);
	if (*row->next_step != '\0')
		put(out, "  Next step: %s", row->next_step);
	put(out, "  flagpost show %s", digest);
}

char *
notice_text(const struct notice *notice)
{
	GString *out = g_string_new(NULL);

	if (*notice->organisation != '\0')
		put(out, "%s", notice->organisation);
	put(out, "%u new incident%s, %u flag%s; the daily report has them as well.",
	    notice->incidents, notice->incidents == 1 ? "" : "s", notice->flags,
	    notice->flags == 1 ? "" : "s");
	if (notice->waited)
		put(out, "Some waited for this mail: [notify] at_most bounds how many go out in an "
			 "hour.");
	for (guint i = 0; i < notice->rows->len; i++)
		put_row(out, notice, notice->rows->pdata[i]);
	if (notice->incidents > notice->rows->len) {
		g_string_append_c(out, '\n');
		put(out, "%u more incidents are not shown: flagpost review --list",
		    notice->incidents - notice->rows->len);
	}
	return g_string_free(out, FALSE);
}

char *
notice_copy_text(const struct notice *notice, const char *person, const char *copy)
{
	GString *out = g_string_new(NULL);

	if (*notice->organisation != '\0')
		put(out, "%s", notice->organisation);
	put(out, "Forwarded to %s, as [action] forward of %s says.", person,
	    notice->rows->len == 1 ? "the rule below" : "the rules below");
	put(out, "%s", copy);
	const struct view_flag *first = notice->rows->pdata[0];
	put(out, "SHA-256 %s", first->message->sha256);
	for (guint i = 0; i < notice->rows->len; i++)
		put_row(out, notice, notice->rows->pdata[i]);
	return g_string_free(out, FALSE);
}
