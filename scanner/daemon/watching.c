/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/watching.h"

#include "base/log.h"
#include "daemon/admission.h"
#include "daemon/schedule.h"

#define BACK_US (5 * G_USEC_PER_SEC) /* a server that starts anew is not met by all at once */

struct watched {
	const struct account *account;
	const char *role;
	gint64 begun; /* 0: not under way */
	bool stands;
};

struct watching {
	GArray *all; /* of struct watched */
	struct schedule *schedule;
	GRand *random;
	gint64 second; /* in which begun_count were begun */
	guint begun_count;
};

/* How many folders of the account may be watched; counts them at its server. */
static guint
places(const struct account *account, GHashTable *servers, guint64 per_server, guint wanted)
{
	g_autofree char *server = admission_server(account);
	guint taken = GPOINTER_TO_UINT(g_hash_table_lookup(servers, server));
	guint64 left = per_server - MIN(per_server, (guint64)taken + 1);
	guint n = (guint)MIN(left, wanted);

	if (account->connections > 0)
		n = (guint)MIN(n, account->connections - 1);
	if (n < wanted)
		log_warning("account=%s: %u of %u folders are watched, since connections are "
			    "limited; the others are polled",
		    account->name, n, wanted);
	g_hash_table_insert(servers, g_steal_pointer(&server), GUINT_TO_POINTER(taken + n));
	return n;
}

struct watching *
watching_new(const GPtrArray *accounts, guint64 per_server, gint64 now, guint32 seed)
{
	static const char *const roles[] = { "inbox", "sent", "drafts" };
	g_autoptr(GHashTable) servers =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	struct watching *watching = g_new0(struct watching, 1);

	watching->all = g_array_new(FALSE, TRUE, sizeof(struct watched));
	watching->random = g_rand_new_with_seed(seed);
	for (guint i = 0; i < accounts->len; i++) {
		const struct account *account = g_ptr_array_index(accounts, i);
		guint most =
		    account->watch ? places(account, servers, per_server, G_N_ELEMENTS(roles)) : 0;
		for (guint r = 0; r < most; r++) {
			struct watched one = { .account = account, .role = roles[r] };
			g_array_append_val(watching->all, one);
		}
	}
	guint n = watching->all->len;
	g_autofree gint64 *intervals = g_new0(gint64, MAX(n, 1));
	for (guint i = 0; i < n; i++)
		intervals[i] = WATCHING_LEAST_US;
	watching->schedule = schedule_new(intervals, n, now, seed);
	return watching;
}

void
watching_each(const struct watching *watching,
    void (*one)(const struct account *account, void *data), void *data)
{
	for (guint i = 0; i < watching->all->len; i++)
		one(g_array_index(watching->all, struct watched, i).account, data);
}

void
watching_free(struct watching *watching)
{
	if (watching == NULL)
		return;
	g_array_free(watching->all, TRUE);
	schedule_free(watching->schedule);
	g_rand_free(watching->random);
	g_free(watching);
}

static struct watched *
watched_at(const struct watching *watching, guint index)
{
	return &g_array_index(watching->all, struct watched, index);
}

bool
watching_due(
    struct watching *watching, gint64 now, const struct account **account, const char **role)
{
	guint index;

	if (!schedule_due(watching->schedule, now, &index))
		return false;
	if (now - watching->second >= G_USEC_PER_SEC) {
		watching->second = now;
		watching->begun_count = 0;
	}
	if (watching->begun_count >= WATCHING_A_SECOND)
		return false;
	watching->begun_count++;
	schedule_started(watching->schedule, index, now);
	struct watched *one = watched_at(watching, index);
	one->begun = now;
	one->stands = false;
	*account = one->account;
	*role = one->role;
	return true;
}

gint64
watching_next(const struct watching *watching)
{
	gint64 next = schedule_next(watching->schedule);

	if (next != SCHEDULE_NEVER && watching->begun_count >= WATCHING_A_SECOND)
		next = MAX(next, watching->second + G_USEC_PER_SEC);
	return next;
}

static gint64
end_one(struct watching *watching, guint index, gint64 alone, gint64 now)
{
	struct watched *one = watched_at(watching, index);
	bool steady = now - one->begun >= WATCHING_STEADY_US;
	gint64 back = (gint64)(g_rand_double(watching->random) * BACK_US);

	one->begun = 0;
	schedule_ended(watching->schedule, index, now, !steady, MAX(alone, back));
	return MAX(schedule_when(watching->schedule, index) - now, 0);
}

/* The index of the one under way, or -1. */
static gint
find(const struct watching *watching, const struct fetch_watch *what)
{
	for (guint i = 0; i < watching->all->len; i++) {
		const struct watched *one = watched_at(watching, i);
		if (one->begun != 0 && g_str_equal(one->account->name, what->account) &&
		    g_str_equal(one->role, what->role))
			return (gint)i;
	}
	return -1;
}

bool
watching_news(struct watching *watching, const struct fetch_watch *news)
{
	gint index = find(watching, news);

	if (index < 0)
		return false;
	struct watched *one = watched_at(watching, (guint)index);
	bool first = !one->stands;
	one->stands = true;
	return first;
}

gint64
watching_ended(struct watching *watching, const struct fetch_watch *end, gint64 now)
{
	gint64 alone = (gint64)end->retry_after * G_USEC_PER_SEC;
	gint index = find(watching, end);

	if (end->state == FETCH_OK || end->state == FETCH_PROTOCOL)
		alone = MAX(alone, WATCHING_CANNOT_US);
	return index < 0 ? -1 : end_one(watching, (guint)index, alone, now);
}

void
watching_lost(struct watching *watching, gint64 now)
{
	for (guint i = 0; i < watching->all->len; i++)
		if (watched_at(watching, i)->begun != 0)
			end_one(watching, i, 0, now);
}
