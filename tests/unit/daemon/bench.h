/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_TESTS_DAEMON_BENCH_H
#define FLAGPOST_TESTS_DAEMON_BENCH_H
/*
 * bench - an intake with a real store, events of a fetcher made by hand, and a crew whose verdicts
 * come when the test says so.
 */
#include "../store/fixture.h"
#include "daemon/daemon.h"
#include "daemon/intake.h"

#define LATER_MS (3 * INTAKE_BATCH_MS)

/* --- a crew by script --- */

struct task {
	crew_done *done;
	void *data;
	guint facts; /* of its context */
	char *text;
	guint64 size;
};

/* Stands for the one of crew.c: a test answers by hand. */
struct crew {
	GPtrArray *tasks;
	bool warm; /* its processes were asked for */
};

static inline void
task_free(void *data)
{
	struct task *task = data;

	g_free(task->text);
	g_free(task);
}

void
crew_submit(struct crew *crew, const struct crew_job *job, int fd, guint64 size, crew_done *done,
    void *data)
{
	struct task *task = g_new0(struct task, 1);
	char text[256] = "";

	task->done = done;
	task->data = data;
	task->facts = job->context->facts;
	task->size = size;
	io_pread_all(fd, text, MIN(size, sizeof text - 1), 0, NULL);
	task->text = g_strdup(text);
	g_ptr_array_add(crew->tasks, task);
}

void
crew_warm(struct crew *crew)
{
	crew->warm = true;
}

guint
crew_waiting(const struct crew *crew)
{
	return crew->tasks->len;
}

static inline void
add_flag(struct verdict *verdict, const char *rule)
{
	g_ptr_array_add(verdict->flags, flag_new(rule));
}

/* By words of the text; "id=X " names the Message-ID. */
static inline struct verdict *
judge(const struct task *task)
{
	struct verdict *verdict;

	if (strstr(task->text, "broken") != NULL)
		return verdict_unscannable("crash", task->size);
	verdict = verdict_new();
	verdict->size = task->size;
	verdict_text(&verdict->subject, "Offer");
	const char *id = strstr(task->text, "id=");
	if (id != NULL) {
		g_free(verdict->message_id);
		verdict->message_id = g_strndup(id + 3, strcspn(id + 3, " "));
	}
	g_ptr_array_add(verdict->addresses, address_new(ADDRESS_FROM, "Anna", "anna@corp.example"));
	verdict_part(verdict, "2/inner.zip/plan.docx", "plan.docx", PART_ENCRYPTED);
	verdict_add_undecided(verdict, "falcon", "content.a", "2/inner.zip/plan.docx", "time");
	if (strstr(task->text, "malformed") != NULL)
		verdict->facts |= FACT_MALFORMED;
	if (strstr(task->text, "falcon") != NULL)
		add_flag(verdict, "falcon");
	if (strstr(task->text, "quiet") != NULL)
		add_flag(verdict, "quiet");
	if (task->facts & FACT_REUSED_MESSAGE_ID)
		add_flag(verdict, "reused");
	return verdict;
}

static inline void
answer(struct crew *crew, guint index)
{
	struct task *task = g_ptr_array_steal_index(crew->tasks, index);

	task->done(judge(task), task->data);
	task_free(task);
}

static inline void
answer_all(struct crew *crew)
{
	while (crew->tasks->len > 0)
		answer(crew, 0);
}

static inline void
answer_backwards(struct crew *crew)
{
	while (crew->tasks->len > 0)
		answer(crew, crew->tasks->len - 1);
}

/* --- the bench --- */

struct bench {
	struct fixture fixture;
	struct config *config;
	struct account *account; /* "hq" */
	struct ruleset *ruleset;
	struct crew crew;
	struct intake *intake;
	GHashTable *rows;
	guint commits, messages; /* of the receipts */
	guint64 bytes;
};

static inline void
on_committed(const struct intake_receipt *receipt, void *data)
{
	struct bench *bench = data;

	bench->commits++;
	bench->messages += receipt->messages;
	bench->bytes += receipt->bytes;
}

static inline void
add_rule(struct sources *sources, const char *id, const char *more)
{
	struct source *source = g_new0(struct source, 1);
	char *text = g_strdup_printf("[rule]\nid = %s\ntitle = T\nseverity = low\ndescription = "
				     "D\n[content.a]\ntype = regex\nwhere = body\npattern.1 = "
				     "x\n%s",
	    id, more);

	source->name = g_strdup_printf("10-%s.ini", id);
	source->path = g_strdup_printf("/nowhere/10-%s.ini", id);
	source->text = g_bytes_new_take(text, strlen(text));
	g_ptr_array_add(sources->files, source);
}

static inline struct ruleset *
rules(const struct limits *limits)
{
	g_autoptr(sources) sources = sources_new();
	g_autoptr(problems) problems = problems_new();

	add_rule(sources, "falcon", "");
	add_rule(sources, "quiet", "[action]\nkeep_copy = no\n");
	add_rule(sources, "reused", "");
	sources_seal(sources);
	struct ruleset *ruleset = ruleset_compile(sources, limits, problems);
	g_assert_nonnull(ruleset);
	return ruleset;
}

static inline void
row_free(void *data)
{
	struct pass_account *row = data;

	g_free(row->account);
	g_free(row->state);
	g_free(row->text);
	g_free(row);
}

static inline void
intake_start(struct bench *bench)
{
	struct intake_setup setup = {
		.config = bench->config,
		.ruleset = bench->ruleset,
		.crew = &bench->crew,
		.store = bench->fixture.store,
		.run = bench->fixture.run,
		.rows = bench->rows,
		.committed = on_committed,
		.data = bench,
	};

	bench->crew.tasks = g_ptr_array_new_with_free_func(task_free);
	bench->intake = intake_new(&setup);
}

static inline void
intake_end(struct bench *bench)
{
	g_clear_pointer(&bench->crew.tasks, g_ptr_array_unref);
	g_clear_pointer(&bench->intake, intake_free);
}

static inline void
bench_open(struct bench *bench)
{
	struct pass_account *row = g_new0(struct pass_account, 1);

	*bench = (struct bench){ .config = config_new() };
	fixture_start(&bench->fixture);
	bench->account = account_new("hq");
	bench->account->keep = KEEP_ALL;
	g_ptr_array_add(bench->config->accounts, bench->account);
	bench->ruleset = rules(&bench->config->limits);
	row->account = g_strdup("hq");
	bench->rows = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, row_free);
	g_hash_table_insert(bench->rows, row->account, row);
	intake_start(bench);
}

static inline void
bench_close(struct bench *bench)
{
	intake_end(bench);
	g_hash_table_unref(bench->rows);
	ruleset_free(bench->ruleset);
	config_free(bench->config);
	fixture_end(&bench->fixture);
}

/* A crash or an error, and the next poll. */
static inline void
bench_again(struct bench *bench)
{
	intake_end(bench);
	fixture_reopen(&bench->fixture);
	intake_start(bench);
}

/* --- events --- */

static inline struct placement
at(const char *folder, guint uid)
{
	return (struct placement){ .account = g_strdup("hq"),
		.folder = g_strdup(folder),
		.uidvalidity = 7,
		.uid = g_strdup_printf("%u", uid),
		.internal_date = MESSAGE_NO_DATE,
		.server_flags = g_strdup("") };
}

static inline void
arrives_in(struct bench *bench, const char *folder, guint uid, const char *text, guint64 size)
{
	struct fetch_event event = { .kind = FETCH_EVENT_MESSAGE };

	event.message.placement = at(folder, uid);
	event.message.fd = fixture_spool(text, strlen(text));
	event.message.size = MAX(size, strlen(text));
	g_assert_cmpint(ftruncate(event.message.fd, (off_t)event.message.size), ==, 0);
	intake_event(bench->intake, &event);
	g_assert_cmpint(event.kind, ==, FETCH_EVENT_NONE);
}

static inline void
arrives(struct bench *bench, guint uid, const char *text)
{
	arrives_in(bench, "INBOX", uid, text, 0);
}

static inline void
arrive(struct bench *bench, guint first, guint last)
{
	for (guint uid = first; uid <= last; uid++) {
		g_autofree char *text = g_strdup_printf("id=%u message %u", uid, uid);
		arrives(bench, uid, text);
	}
}

static inline void
fails(struct bench *bench, guint uid)
{
	struct fetch_event event = { .kind = FETCH_EVENT_FAILED };

	event.failure.placement = at("INBOX", uid);
	event.failure.reason = g_strdup("over-limit");
	event.failure.text = g_strdup("too large");
	intake_event(bench->intake, &event);
}

static inline void
folder_begins_with(struct bench *bench, guint64 to_come)
{
	struct fetch_event event = { .kind = FETCH_EVENT_FOLDER_BEGIN };

	event.folder.account = g_strdup("hq");
	event.folder.folder = g_strdup("INBOX");
	event.folder.role = g_strdup("inbox");
	event.folder.text = g_strdup("");
	event.folder.uidvalidity = 7;
	event.folder.server_count = to_come;
	intake_event(bench->intake, &event);
}

static inline void
folder_ends(struct bench *bench, guint count, const char *present)
{
	struct fetch_event event = { .kind = FETCH_EVENT_FOLDER_END };

	event.folder.account = g_strdup("hq");
	event.folder.folder = g_strdup("INBOX");
	event.folder.role = g_strdup("inbox");
	event.folder.uidvalidity = 7;
	event.folder.server_count = count;
	event.folder.has_present = present != NULL;
	event.folder.present = present != NULL ? g_strsplit(present, " ", -1) : NULL;
	event.folder.text = g_strdup("");
	intake_event(bench->intake, &event);
}

static inline void
account_ends(struct bench *bench)
{
	struct fetch_event event = { .kind = FETCH_EVENT_ACCOUNT_END };

	event.account_end.account = g_strdup("hq");
	event.account_end.text = g_strdup("");
	intake_event(bench->intake, &event);
}

static inline gboolean
on_time_over(void *data)
{
	bool *over = data;

	*over = true;
	return G_SOURCE_REMOVE;
}

static inline void
time_passes(guint ms)
{
	bool over = false;

	g_timeout_add(ms, on_time_over, &over);
	while (!over)
		g_main_context_iteration(NULL, TRUE);
}

/* --- questions --- */

static inline guint
position(struct bench *bench)
{
	g_autoptr(GPtrArray) folders = store_folders(bench->fixture.store, "hq", false, NULL);
	guint last = 0;

	g_assert_nonnull(folders);
	for (guint i = 0; i < folders->len; i++) {
		struct store_folder *folder = g_ptr_array_index(folders, i);
		if (strcmp(folder->folder, "INBOX") == 0)
			last = folder->last_uid;
	}
	return last;
}

static inline guint
copies(struct bench *bench)
{
	g_autoptr(view) view = fixture_view(&bench->fixture);
	g_autoptr(GPtrArray) all = view_search(view, &(struct view_query){ 0 }, NULL);
	guint n = 0;

	for (guint i = 0; i < all->len; i++) {
		const struct view_message *message = g_ptr_array_index(all, i);
		if (!message->has_copy)
			continue;
		g_autoptr(GError) error = NULL;
		g_autoptr(GBytes) bytes = view_copy(view, message->id, &error);
		g_assert_no_error(error);
		g_assert_cmpuint(g_bytes_get_size(bytes), ==, message->size);
		n++;
	}
	return n;
}

static inline guint
flagged(struct bench *bench, const char *rule)
{
	g_autoptr(view) view = fixture_view(&bench->fixture);
	g_autoptr(GPtrArray) all = view_search(view, &(struct view_query){ .rule = rule }, NULL);

	return all->len;
}

static inline void
assert_idle(struct bench *bench, guint commits, guint messages)
{
	g_assert_no_error(intake_error(bench->intake));
	g_assert_true(intake_is_idle(bench->intake));
	g_assert_cmpuint(bench->commits, ==, commits);
	g_assert_cmpuint(bench->messages, ==, messages);
}

#endif
