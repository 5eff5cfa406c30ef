/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report FOLDER MESSAGES FLAGS HITS: builds a store of one day, 2026-11-21 UTC. Up to 5,000 flagged
 * messages with HITS hits each, and a part that was not read, go through store.h; all others are
 * written into the tables at once, as rows like theirs, since through the store a million would
 * take a quarter of an hour. Flags beyond 5,000 are rows as well, with one hit each.
 *
 * report run COMMAND...: runs it and prints its processor time, its time and its peak of memory.
 */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/digest.h"
#include "store/query.h"
#include "store/store.h"

#define STORED  5000 /* messages that go through the store, at most */
#define BATCH   250  /* of those, before rows are written again */
#define RULES   "1111111111111111111111111111111111111111111111111111111111111111"
#define DAY     (G_GINT64_CONSTANT(1795219200) * G_USEC_PER_SEC) /* 2026-11-21 UTC */
#define SECONDS G_GINT64_CONSTANT(86000)

struct bench {
	struct store *store;
	struct database *rows; /* the same store, for what does not go through it */
	gint64 run;
	guint messages, flags, hits;
	guint stored; /* messages through the store */
	guint step;   /* messages of the day from one of those to the next */
};

static void
must(bool right, GError *error)
{
	if (right)
		return;
	fprintf(stderr, "report: %s\n", error != NULL ? error->message : "failed");
	exit(70);
}

static void
add_part(struct verdict *verdict, guint number, guint index, bool read)
{
	struct part *part = g_new0(struct part, 1);
	g_autofree char *bytes = g_strdup_printf("%u %u", number, index);

	part->path = g_strdup_printf("%u", index + 1);
	part->name = index > 0 ? g_strdup_printf("plan %u.pdf", number) : g_strdup("");
	part->declared_type = g_strdup(index > 0 ? "application/pdf" : "text/plain");
	part->true_type = g_strdup(part->declared_type);
	part->detail = g_strdup("");
	part->size = 18000;
	part->attachment = index > 0;
	part->outcome = read ? PART_READ : PART_ENCRYPTED;
	digest_bytes(bytes, strlen(bytes), part->sha256);
	g_ptr_array_add(verdict->parts, part);
}

static void
add_flag(const struct bench *bench, struct verdict *verdict, guint number)
{
	g_autofree char *rule = g_strdup_printf("rule-%u", number % 12);
	struct flag *flag = flag_new(rule);

	flag->severity = (enum severity)(number % 3);
	flag->hits_total = bench->hits;
	for (guint i = 0; i < bench->hits; i++) {
		struct hit *hit = hit_new("content.codename");
		g_autofree char *match = g_strdup_printf("NIGHTJAR-%02u", (number + i) % 100);
		static const char before[] = "here is some text that stands before the match ";
		g_free(hit->excerpt);
		hit->excerpt = g_strconcat(
		    before, match, " and some text that stands behind it as context", NULL);
		hit->excerpt_start = strlen(before);
		hit->excerpt_length = strlen(match);
		hit->component = COMPONENT_BODY;
		g_ptr_array_add(flag->hits, hit);
	}
	g_ptr_array_add(verdict->flags, flag);
}

static struct verdict *
make_verdict(const struct bench *bench, guint number)
{
	struct verdict *verdict = verdict_new();
	g_autofree char *from = g_strdup_printf("person%u@corp.example", number % 500);
	g_autofree char *to =
	    g_strdup_printf("partner%u@rival%u.example", number % 3000, number % 40);

	g_free(verdict->message_id);
	g_free(verdict->subject);
	verdict->message_id = g_strdup_printf("%u@corp.example", number);
	verdict->subject = g_strdup_printf("Subject number %u of the day", number);
	verdict->direction = DIRECTION_OUTBOUND;
	g_ptr_array_add(verdict->addresses, address_new(ADDRESS_FROM, NULL, from));
	g_ptr_array_add(verdict->addresses, address_new(ADDRESS_TO, NULL, to));
	add_part(verdict, number, 0, true);
	add_part(verdict, number, 1, false);
	verdict->outcome = OUTCOME_PARTIAL;
	add_flag(bench, verdict, number / bench->step);
	return verdict;
}

static void
put_message(const struct bench *bench, guint number)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(verdict) verdict = make_verdict(bench, number);
	g_autofree char *uid = g_strdup_printf("%u", number + 1);
	char sha256[DIGEST_HEX];
	struct placement placement = { .account = (char *)"hq",
		.folder = (char *)"INBOX",
		.uidvalidity = 7,
		.uid = uid,
		.internal_date = MESSAGE_NO_DATE,
		.server_flags = (char *)"",
		.labels = (char *)"",
		.server_id = (char *)"",
		.thread_id = (char *)"" };
	struct store_message message = { .sha256 = sha256,
		.size = 40000,
		.placement = &placement,
		.verdict = verdict,
		.ruleset = RULES,
		.seen = DAY + number * (SECONDS * G_USEC_PER_SEC / bench->messages),
		.run = bench->run };

	digest_bytes(uid, strlen(uid), sha256);
	must(store_record(bench->store, &message, &error), error);
}

/* ?1 the first row, ?2 rows, ?3 its number in the day, ?4 step; k-th row, n its number. */
#define EACH                                                                                       \
	"WITH RECURSIVE e (k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM e WHERE k < ?2 - 1),"       \
	" d (id, n) AS (SELECT ?1 + k, ?3 + 1 + k + k / max(?4 - 1, 1) FROM e) "

static const struct query_text rows[] = {
	{ "write messages", EACH
	    "INSERT INTO message (id, sha256, size, message_id, subject, subject_folded, seen,"
	    " run, direction, outcome, facts, reason, ruleset, doc, indexed)"
	    " SELECT id, printf('%064d', n), 40000, n || '@corp.example', 'Subject number ' || n,"
	    " 'subject number ' || n, ?5 + n * ?6, ?7, 2, 0, 0, '', ?8, id + (1 << 40), 1 FROM d" },
	{ "write their places", EACH
	    "INSERT INTO placement (folder, uidvalidity, uid, message, server_flags, draft,"
	    " seen, run) SELECT 1, 7, n + 1, id, '', 0, ?5 + n * ?6, ?7 FROM d WHERE ?8 <> ''" },
	{ "write their authors",
	    EACH "INSERT INTO address SELECT id, 0, 0, '', 'person' || (n % 500) ||"
		 " '@corp.example', 'corp.example', 'person' || (n % 500) || '@corp.example' FROM d"
		 " WHERE ?5 + ?6 + ?7 <> 0 AND ?8 <> ''" },
	{ "write their parts", EACH
	    "INSERT INTO part SELECT id, k, 1 + k, iif(k = 1, 'plan ' || n || '.pdf', ''),"
	    " 'application/pdf', 'application/pdf', 18000, printf('%063d%d', n, k), 0, 0, 1, k, ''"
	    " FROM d, (SELECT 0 AS k UNION SELECT 1) WHERE ?5 + ?6 + ?7 <> 0 AND ?8 <> ''" },
};

static const struct query_text flag_rows[] = {
	{ "write incidents",
	    EACH "INSERT INTO incident SELECT id + (1 << 40), printf('%064d', id), ?5 + n * ?6"
		 " FROM d WHERE ?7 <> 0 AND ?8 <> ''" },
	{ "write flags", EACH
	    "INSERT INTO flag SELECT id + (1 << 40), id, 'rule-' || (n % 12), '', '', n % 3, '',"
	    " '', '', 1, ?8, ?5 + n * ?6, ?7, id + (1 << 40), printf('%064d', id), 0 FROM d" },
	{ "write hits", EACH
	    "INSERT INTO hit SELECT id + (1 << 40), 0, 'content.codename', 1, '', '1', '', 0, 11,"
	    " 'here stands NIGHTJAR-77 as ever', 12, 11, 0 FROM d"
	    " WHERE ?5 + ?6 + ?7 <> 0 AND ?8 <> ''" },
};

static void
write_rows(struct bench *bench, const struct query_text *texts, gsize n, guint first, guint count)
{
	g_autoptr(GError) error = NULL;
	gint64 id = 0;

	static const struct query_text last = { "find the last row",
		"SELECT coalesce(max(id), 0) FROM message" };
	must(query_number(bench->rows, &last, NO_VALUES, &id, &error), error);
	/* Flags come behind their messages. */
	id -= texts == flag_rows ? (gint64)count - 1 : -1;
	for (gsize i = 0; i < n; i++)
		must(query_run(bench->rows, &texts[i],
			 VALUES(query_int_value(id), query_int_value(count), query_int_value(first),
			     query_int_value(bench->step), query_int_value(DAY),
			     query_int_value(SECONDS * G_USEC_PER_SEC / bench->messages),
			     query_int_value(bench->run), query_text_value(RULES)),
			 &error),
		    error);
}

/* Those between the stored ones, from number first of the day to the number end. */
static void
fill(struct bench *bench, guint first, guint batch)
{
	g_autoptr(GError) error = NULL;
	guint count = batch * (bench->step - 1);

	if (count == 0)
		return;
	must(database_begin(bench->rows, &error), error);
	write_rows(bench, rows, G_N_ELEMENTS(rows), first, count);
	if (bench->flags > bench->stored)
		write_rows(bench, flag_rows, G_N_ELEMENTS(flag_rows), first, count);
	must(database_commit(bench->rows, &error), error);
}

static void
put_batch(struct bench *bench, guint first, guint batch)
{
	g_autoptr(GError) error = NULL;

	must(store_begin(bench->store, &error), error);
	for (guint i = 0; i < batch; i++)
		put_message(bench, (first + i) * bench->step);
	must(store_commit(bench->store, &error), error);
}

static int
build(struct bench *bench, const char *folder)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
	g_autofree char *path = g_build_filename(folder, "flagpost.db", NULL);

	bench->store = store_open(folder, zone, &error);
	must(bench->store != NULL, error);
	must(store_run_begin(bench->store, "bench", RULES, DAY, &bench->run, &error), error);
	bench->rows = database_open(path, false, &error);
	must(bench->rows != NULL &&
		 database_script(bench->rows, "hurry", "PRAGMA synchronous = OFF", &error),
	    error);
	for (guint first = 0; first < bench->stored; first += BATCH) {
		guint batch = MIN(BATCH, bench->stored - first);
		put_batch(bench, first, batch);
		fill(bench, first * bench->step, batch);
	}
	must(store_run_end(bench->store, bench->run, 0, DAY + 1, &error), error);
	database_close(bench->rows);
	store_close(bench->store);
	return 0;
}

static double
seconds_of(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static int
measure(char **command)
{
	gint64 begin = g_get_monotonic_time();
	struct rusage usage;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execvp(command[0], command);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid || status != 0) {
		fprintf(stderr, "report: %s failed\n", command[0]);
		return 70;
	}
	fprintf(stderr, "%.2f s of processor time, %.2f s, %.0f MiB\n",
	    seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime),
	    (double)(g_get_monotonic_time() - begin) / 1e6, (double)usage.ru_maxrss / 1024);
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc > 2 && strcmp(argv[1], "run") == 0)
		return measure(argv + 2);
	if (argc != 5) {
		fputs("report FOLDER MESSAGES FLAGS HITS, or report run COMMAND...\n", stderr);
		return 64;
	}
	struct bench bench = { .messages = (guint)g_ascii_strtoull(argv[2], NULL, 10),
		.flags = (guint)g_ascii_strtoull(argv[3], NULL, 10),
		.hits = (guint)g_ascii_strtoull(argv[4], NULL, 10) };
	bench.messages = MAX(bench.messages, 1);
	bench.flags = CLAMP(bench.flags, 1, bench.messages);
	bench.stored = MIN(bench.flags, STORED);
	bench.step = bench.messages / bench.stored;
	return build(&bench, argv[1]);
}
