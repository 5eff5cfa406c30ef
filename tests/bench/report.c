/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report FOLDER MESSAGES FLAGS HITS: builds a store of one day, 2026-11-21 UTC, straight through
 * store.h. One message in two hundred has a part that was not read.
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
#include "store/store.h"

#define BATCH   256
#define UNREAD  200 /* one message in so many has a part that was not read */
#define RULES   "1111111111111111111111111111111111111111111111111111111111111111"
#define DAY     (G_GINT64_CONSTANT(1795219200) * G_USEC_PER_SEC) /* 2026-11-21 UTC */
#define SECONDS G_GINT64_CONSTANT(86000)

struct bench {
	struct store *store;
	gint64 run;
	guint messages, flags, hits;
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
	guint every = bench->messages / bench->flags;
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
	add_part(verdict, number, 1, number % UNREAD != 0);
	if (number % UNREAD == 0)
		verdict->outcome = OUTCOME_PARTIAL;
	if (number % every == 0 && number / every < bench->flags)
		add_flag(bench, verdict, number / every);
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
		.folder = (char *)(number % 7 == 0 ? "Sent" : "INBOX"),
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

static int
build(struct bench *bench, const char *folder)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GTimeZone) zone = g_time_zone_new_utc();

	bench->store = store_open(folder, zone, &error);
	must(bench->store != NULL, error);
	must(store_run_begin(bench->store, "bench", RULES, DAY, &bench->run, &error), error);
	for (guint i = 0; i < bench->messages; i++) {
		if (i % BATCH == 0)
			must(store_begin(bench->store, &error), error);
		put_message(bench, i);
		if (i % BATCH == BATCH - 1 || i + 1 == bench->messages)
			must(store_commit(bench->store, &error), error);
	}
	must(store_run_end(bench->store, bench->run, 0, DAY + 1, &error), error);
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
	bench.flags = CLAMP(bench.flags, 1, MAX(bench.messages, 1));
	return build(&bench, argv[1]);
}
