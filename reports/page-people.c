/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * page-people - by option: who has most flags, and with which domains.
 */
#include <string.h>

#include "mail/address.h"
#include "reports/chart.h"
#include "reports/html.h"
#include "reports/page.h"

#define SHOWN 15

struct count {
	char *name;
	guint64 incidents;
	enum severity severity;
};

static void
count_free(gpointer data)
{
	struct count *count = data;

	g_free(count->name);
	g_free(count);
}

static int
compare(gconstpointer a, gconstpointer b)
{
	const struct count *one = *(struct count *const *)a, *other = *(struct count *const *)b;

	if (one->incidents != other->incidents)
		return one->incidents > other->incidents ? -1 : 1;
	return strcmp(one->name, other->name);
}

struct counts {
	GPtrArray *all;
	GHashTable *known, *here; /* here: counted for this incident already */
	enum severity severity;
};

static void
counts_begin(struct counts *counts)
{
	counts->all = g_ptr_array_new_with_free_func(count_free);
	counts->known = g_hash_table_new(g_str_hash, g_str_equal);
	counts->here = g_hash_table_new(g_str_hash, g_str_equal);
}

static void
counts_end(struct counts *counts)
{
	g_hash_table_unref(counts->here);
	g_hash_table_unref(counts->known);
	g_ptr_array_unref(counts->all);
}

static void
add(struct counts *counts, const char *name)
{
	g_autofree char *folded = g_utf8_strdown(name, -1);

	if (folded[0] == '\0')
		return;
	struct count *count = g_hash_table_lookup(counts->known, folded);
	if (count == NULL) {
		count = g_new0(struct count, 1);
		count->name = g_steal_pointer(&folded);
		g_ptr_array_add(counts->all, count);
		g_hash_table_insert(counts->known, count->name, count);
	}
	if (!g_hash_table_add(counts->here, count->name))
		return;
	count->incidents++;
	count->severity = MAX(count->severity, counts->severity);
}

static void
add_domain(const struct report *report, struct counts *domains, const char *address)
{
	const char *at = strrchr(address, '@');
	g_autofree char *domain = g_ascii_strdown(at != NULL ? at + 1 : "", -1);

	if (domain[0] != '\0' && !domain_is_among(domain, (const char *const *)report->own_domains))
		add(domains, domain);
}

static void
add_incident(const struct report *report, const struct incident *incident, struct counts *people,
    struct counts *domains)
{
	g_autoptr(GPtrArray) messages = incident_messages(incident);

	people->severity = domains->severity = incident->severity;
	g_hash_table_remove_all(people->here);
	g_hash_table_remove_all(domains->here);
	for (guint i = 0; i < messages->len; i++) {
		const struct view_message *message = g_ptr_array_index(messages, i);
		add(people, message->from);
		add_domain(report, domains, message->from);
		for (guint j = 0; message->to != NULL && message->to[j] != NULL; j++)
			add_domain(report, domains, message->to[j]);
	}
}

static void
put_counts(const char *label, const char *heads, GPtrArray *counts, GString *out)
{
	g_ptr_array_sort(counts, compare);
	const struct count *most = counts->len > 0 ? g_ptr_array_index(counts, 0) : NULL;
	page_table_begin(out, "tallies", label, heads);
	for (guint i = 0; i < counts->len && i < SHOWN; i++) {
		const struct count *count = g_ptr_array_index(counts, i);
		html_raw(out, "<tr><th scope=\"row\"><bdi>");
		html_text(out, count->name);
		html_raw(out, "</bdi></th><td class=\"num\">");
		html_number(out, count->incidents);
		html_raw(out, "</td><td class=\"gauge\">");
		chart_gauge(out, count->incidents, most->incidents, count->severity);
		html_raw(out, "</td></tr>\n");
	}
	page_table_end(out);
}

void
page_people(const struct report *report, GString *out)
{
	struct counts people = { 0 }, domains = { 0 };

	if (!report->people)
		return;
	counts_begin(&people);
	counts_begin(&domains);
	for (guint i = 0; i < report->incidents->len; i++)
		add_incident(report, g_ptr_array_index(report->incidents, i), &people, &domains);
	html_raw(out, "<section id=\"people\">\n<h2>People and domains</h2>\n");
	html_raw(out,
	    "<p class=\"quiet\">Incidents of this period by author and by outside domain. "
	    "A number is no verdict on anybody.</p>\n<div class=\"pair\">\n");
	put_counts("Incidents by author", "Author|>Incidents|", people.all, out);
	put_counts("Incidents by domain", "Outside domain|>Incidents|", domains.all, out);
	html_raw(out, "</div>\n</section>\n");
	counts_end(&people);
	counts_end(&domains);
}
