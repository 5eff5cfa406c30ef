/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/except.h"

#define JULIAN_1970 719163 /* g_date_get_julian of 1970-01-01 */

static const char *const keys[] = { "reason", "approved_by", "expires", "senders", "recipients",
	"recipient_domains", NULL };

static guint32
day_of(gint64 time)
{
	return (guint32)(time / (G_USEC_PER_SEC * (gint64)86400) + JULIAN_1970);
}

struct except *
except_load(const struct builder *builder, const struct ini_section *section, gint64 now)
{
	struct except *except = g_new0(struct except, 1);

	ini_check_keys(section, keys, builder->problems);
	except->name = g_strdup(section->name);
	except->reason = builder_text(builder, section, "reason", true);
	except->approved_by = builder_text(builder, section, "approved_by", true);
	except->senders = builder_values(builder, section, "senders");
	except->recipients = builder_values(builder, section, "recipients");
	except->recipient_domains = builder_values(builder, section, "recipient_domains");
	if (except->senders == NULL && except->recipients == NULL &&
	    except->recipient_domains == NULL)
		ini_problem(section, NULL, 0, builder->problems,
		    "write senders, recipients or recipient_domains",
		    "[%s] names nobody and would swallow every flag of the rule", section->name);
	if (ini_entry(section, "expires") == NULL)
		ini_problem(section, NULL, 0, builder->problems, "write expires = 2030-12-31",
		    "[%s] needs expires", section->name);
	else if (ini_date(section, "expires", &except->expires, builder->problems) &&
		 except->expires < day_of(now))
		ini_warning(section, ini_entry(section, "expires"), builder->problems,
		    "remove the section, or have it approved anew",
		    "[%s] has expired and does not apply", section->name);
	return except;
}

void
except_free(struct except *except)
{
	if (except == NULL)
		return;
	g_free(except->name);
	g_free(except->reason);
	g_free(except->approved_by);
	g_clear_pointer(&except->senders, g_ptr_array_unref);
	g_clear_pointer(&except->recipients, g_ptr_array_unref);
	g_clear_pointer(&except->recipient_domains, g_ptr_array_unref);
	g_free(except);
}

static bool
is_listed(const GPtrArray *refs, const struct run *run, guint index)
{
	const struct list *list = list_ref_find(refs->pdata[0], run->world);

	return list_find_address(list, run->folded[index], run->domains[index], true) != NULL;
}

static bool
is_own(const struct run *run, guint index)
{
	return list_find_domain(world_own(run->world), run->domains[index], true) != NULL;
}

static bool
senders_hold(const GPtrArray *senders, const struct run *run)
{
	bool any = false;

	for (guint i = 0; i < run->verdict->addresses->len; i++) {
		const struct address *address = run->verdict->addresses->pdata[i];
		if (address->role != ADDRESS_FROM)
			continue;
		if (!is_listed(senders, run, i))
			return false;
		any = true;
	}
	return any;
}

static bool
recipients_hold(const GPtrArray *allowed, const struct run *run)
{
	bool any = false;

	for (guint i = 0; i < run->verdict->addresses->len; i++) {
		if (!address_is_recipient(run->verdict->addresses->pdata[i]))
			continue;
		bool listed = is_listed(allowed, run, i);
		if (!listed && !is_own(run, i))
			return false;
		any = any || listed;
	}
	return any;
}

/* What keeps it from holding, in words; NULL: nothing. */
static const char *
obstacle(const struct except *except, const struct run *run)
{
	if (day_of(run->context->now) > except->expires)
		return "it has expired";
	if (except->senders != NULL && !senders_hold(except->senders, run))
		return "somebody else wrote it";
	if (except->recipients != NULL && !recipients_hold(except->recipients, run))
		return "it goes to others, or outside to nobody";
	if (except->recipient_domains != NULL && !recipients_hold(except->recipient_domains, run))
		return "it goes to other domains, or outside to nobody";
	return NULL;
}

bool
except_holds(const struct except *except, const struct run *run)
{
	return obstacle(except, run) == NULL;
}

char *
except_excludes(const struct except *except, const struct run *run)
{
	return g_strdup(obstacle(except, run));
}
