/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sample - reports built by hand: a quiet day, and a day on which every text is hostile.
 */
#include <string.h>

#include "reports/quote.h"
#include "reports/report.h"

#define SAMPLE_DAY    G_GINT64_CONSTANT(1795305600000000) /* 2026-11-22T00:00:00Z */
#define SAMPLE_HOUR   (G_GINT64_CONSTANT(3600) * G_USEC_PER_SEC)
#define SAMPLE_DIGEST "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

/* Markup, both quotes, an escape sequence, a line break, a turn of direction, a formula. */
#define SAMPLE_HOSTILE                                                                             \
	"=cmd|' /C calc'!A1<script>alert(\"x\")</script>\033[31m\r\nFrom: "                        \
	"\342\200\256gpj.exe&amp;"

static inline GPtrArray *
sample_rows(GDestroyNotify release)
{
	return g_ptr_array_new_with_free_func(release);
}

static inline void
sample_free_account(struct view_account *account)
{
	char *const texts[] = { account->name, account->host, account->protocol, account->user,
		account->purpose, account->keep, account->state, account->text };

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		g_free(texts[i]);
	g_ptr_array_unref(account->folders);
	g_free(account);
}

static inline void
sample_free_folder(struct view_folder *folder)
{
	g_free(folder->account);
	g_free(folder->folder);
	g_free(folder->role);
	g_free(folder->text);
	g_free(folder);
}

static inline void
sample_free_placement(struct view_placement *placement)
{
	g_free(placement->account);
	g_free(placement->folder);
	g_free(placement->uid);
	g_free(placement->fate);
	g_free(placement->moved_to);
	g_free(placement);
}

static inline void
sample_free_message(struct view_message *message)
{
	char *const texts[] = { message->sha256, message->message_id, message->subject,
		message->from, message->reason, message->ruleset, message->warnings };

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		g_free(texts[i]);
	g_strfreev(message->to);
	g_ptr_array_unref(message->placements);
	g_free(message);
}

static inline void
sample_free_flag(struct view_flag *row)
{
	flag_free(row->flag);
	g_free(row->ruleset);
	g_free(row->description);
	g_free(row->false_positives);
	g_free(row->next_step);
	g_free(row->fingerprint);
	g_free(row->assignee);
	g_free(row->note);
	g_free(row->reviewer);
	sample_free_message(row->message);
	g_ptr_array_unref(row->parts);
	g_free(row);
}

static inline void
sample_free_gap(struct view_gap *gap)
{
	char *const texts[] = { gap->kind, gap->word, gap->what, gap->detail, gap->account,
		gap->folder };

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		g_free(texts[i]);
	if (gap->message != NULL)
		sample_free_message(gap->message);
	g_free(gap);
}

static inline void
sample_free_gap_sum(struct view_gap_sum *sum)
{
	g_free(sum->kind);
	g_free(sum->word);
	g_free(sum);
}

static inline void
sample_free_note(struct view_note *note)
{
	g_free(note->account);
	g_free(note->folder);
	g_free(note->word);
	g_free(note->text);
	g_free(note);
}

static inline void
sample_free_run(struct view_run *run)
{
	g_free(run->command);
	g_free(run->ruleset);
	g_free(run);
}

static inline void
sample_free_rule(struct view_rule *rule)
{
	g_free(rule->rule);
	g_free(rule->title);
	g_free(rule->digest);
	g_clear_pointer(&rule->text, g_bytes_unref);
	g_free(rule);
}

static inline void
sample_free_change(struct review_change *change)
{
	g_free(change->rule);
	g_free(change->who);
	g_free(change->assignee);
	g_free(change->note);
	g_free(change);
}

static inline void
sample_free_access(struct view_access *access)
{
	g_free(access->who);
	g_free(access->verb);
	g_free(access);
}

/* What report_gather does when all flags are there: the last step of making a sample. */
static inline void
sample_fold(struct report *report)
{
	g_ptr_array_set_size(report->subjects, 0);
	for (guint i = 0; i < report->flags->len; i++) {
		const struct view_flag *row = g_ptr_array_index(report->flags, i);
		g_ptr_array_add(report->subjects,
		    quote_subject(row->flag, row->message->subject, report->clear));
	}
	g_clear_pointer(&report->incidents, g_ptr_array_unref);
	report->incidents = incident_fold(report->flags);
	report->leaks = (struct view_incidents){ .all = report->incidents->len };
	for (guint i = 0; i < report->incidents->len; i++) {
		const struct incident *incident = g_ptr_array_index(report->incidents, i);
		report->leaks.open += incident_is_open(incident);
		report->leaks.begun += incident->begun >= report->from;
	}
}

/* Folded, and in one form. */
static inline GString *
sample_render(struct report *report, const char *format)
{
	g_autoptr(GError) error = NULL;

	sample_fold(report);
	GString *out = report_render(report, format, &error);
	g_assert_no_error(error);
	return out;
}

static inline void
sample_set(char **field, const char *text)
{
	g_free(*field);
	*field = g_strdup(text);
}

/* A day without flags on which all was checked: one account of 1,204 messages. */
static inline struct report *
sample_report(void)
{
	struct report *report = g_new0(struct report, 1);

	report->organisation = g_strdup("Example Corp");
	report->zone = g_time_zone_new_utc();
	report->zone_name = g_strdup("UTC");
	report->from = SAMPLE_DAY;
	report->to = SAMPLE_DAY + 24 * SAMPLE_HOUR;
	report->made = SAMPLE_DAY + 30 * SAMPLE_HOUR;
	report->ruleset = g_strdup(SAMPLE_DIGEST);
	report->data_dir = g_strdup("/var/lib/flagpost");
	report->accounts = sample_rows((GDestroyNotify)sample_free_account);
	report->flags = sample_rows((GDestroyNotify)sample_free_flag);
	report->excepted = sample_rows((GDestroyNotify)sample_free_flag);
	report->gaps = sample_rows((GDestroyNotify)sample_free_gap);
	report->gap_sums = sample_rows((GDestroyNotify)sample_free_gap_sum);
	report->notes = sample_rows((GDestroyNotify)sample_free_note);
	report->gone = sample_rows(g_free);
	report->runs = sample_rows((GDestroyNotify)sample_free_run);
	report->rules = sample_rows((GDestroyNotify)sample_free_rule);
	report->open = sample_rows((GDestroyNotify)sample_free_flag);
	report->changes = sample_rows((GDestroyNotify)sample_free_change);
	report->accesses = sample_rows((GDestroyNotify)sample_free_access);
	report->subjects = sample_rows(g_free);
	char **const texts[] = { &report->confidential, &report->legal_basis, &report->rule,
		&report->account, &report->group, &report->reader, &report->previous,
		&report->ledger_head, &report->people_list };
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		*texts[i] = g_strdup("");
	report->own_domains = g_strsplit("corp.example", ",", -1);
	report->totals.messages = 1204;
	return report;
}

static inline struct view_folder *
sample_folder(struct view_account *account, const char *name, guint64 server, guint64 failed)
{
	struct view_folder *folder = g_new0(struct view_folder, 1);

	folder->account = g_strdup(account->name);
	folder->folder = g_strdup(name);
	folder->role = g_strdup("");
	folder->text = g_strdup("");
	folder->server = server;
	folder->kept = server - failed;
	folder->failed = failed;
	folder->checked = account->checked;
	g_ptr_array_add(account->folders, folder);
	return folder;
}

static inline struct view_account *
sample_account(struct report *report, const char *name, const char *protocol)
{
	struct view_account *account = g_new0(struct view_account, 1);

	account->name = g_strdup(name);
	account->host = g_strdup("mail.corp.example");
	account->protocol = g_strdup(protocol);
	account->user = g_strdup("scanner");
	account->purpose = g_strdup("");
	account->keep = g_strdup("hits");
	account->state = g_strdup("ok");
	account->text = g_strdup("");
	account->checked = account->last_ok = SAMPLE_DAY + 23 * SAMPLE_HOUR;
	account->configured = true;
	account->folders = sample_rows((GDestroyNotify)sample_free_folder);
	g_ptr_array_add(report->accounts, account);
	return account;
}

static inline struct view_message *
sample_message(const char *from, const char *to, const char *subject)
{
	struct view_message *message = g_new0(struct view_message, 1);
	struct view_placement *placement = g_new0(struct view_placement, 1);

	message->id = 1;
	message->sha256 = g_strdup(SAMPLE_DIGEST);
	message->message_id = g_strdup("1@corp.example");
	message->subject = g_strdup(subject);
	message->from = g_strdup(from);
	message->to = g_strsplit(to, " ", -1);
	message->date = SAMPLE_DAY + 9 * SAMPLE_HOUR;
	message->seen = SAMPLE_DAY + 10 * SAMPLE_HOUR;
	message->direction = DIRECTION_OUTBOUND;
	message->reason = g_strdup("");
	message->warnings = g_strdup("");
	message->ruleset = g_strdup(SAMPLE_DIGEST);
	message->has_copy = true;
	message->placements = sample_rows((GDestroyNotify)sample_free_placement);
	placement->account = g_strdup("hq");
	placement->folder = g_strdup("Sent");
	placement->uid = g_strdup("12");
	placement->fate = g_strdup("");
	placement->moved_to = g_strdup("");
	placement->first_seen = message->seen;
	g_ptr_array_add(message->placements, placement);
	return message;
}

static inline struct hit *
sample_hit(struct flag *flag, enum component component, const char *before, const char *match,
    const char *after)
{
	struct hit *hit = hit_new("content.codename");

	hit->component = component;
	g_free(hit->excerpt);
	hit->excerpt = g_strconcat(before, match, after, NULL);
	hit->excerpt_start = strlen(before);
	hit->excerpt_length = strlen(match);
	g_ptr_array_add(flag->hits, hit);
	flag->hits_total++;
	return hit;
}

static inline struct part *
sample_part(struct view_flag *row, const char *path, const char *name)
{
	struct part *part = g_new0(struct part, 1);

	part->path = g_strdup(path);
	part->name = g_strdup(name);
	part->declared_type = g_strdup("application/pdf");
	part->true_type = g_strdup("application/zip");
	part->detail = g_strdup("");
	part->size = 18231;
	part->facts = FACT_TYPE_MISMATCH;
	part->attachment = true;
	g_ptr_array_add(row->parts, part);
	return part;
}

static inline struct view_flag *
sample_flag(
    GPtrArray *flags, const char *rule, enum severity severity, struct view_message *message)
{
	struct view_flag *row = g_new0(struct view_flag, 1);

	row->id = flags->len + 17;
	row->seen = message->seen;
	row->flag = flag_new(rule);
	row->flag->severity = severity;
	sample_set(&row->flag->rule_digest, SAMPLE_DIGEST);
	row->ruleset = g_strdup(SAMPLE_DIGEST);
	row->description = g_strdup("");
	row->false_positives = g_strdup("");
	row->next_step = g_strdup("");
	row->incident = row->id;
	row->begun = row->seen;
	row->fingerprint = g_strdup(SAMPLE_DIGEST);
	row->assignee = g_strdup("");
	row->note = g_strdup("");
	row->reviewer = g_strdup("");
	row->message = message;
	row->parts = sample_rows((GDestroyNotify)part_free);
	g_ptr_array_add(flags, row);
	return row;
}

static inline struct view_gap *
sample_gap(struct report *report, const char *kind, const char *word, const char *what)
{
	struct view_gap *gap = g_new0(struct view_gap, 1);

	gap->kind = g_strdup(kind);
	gap->word = g_strdup(word);
	gap->what = g_strdup(what);
	gap->detail = g_strdup("");
	gap->account = g_strdup("hq");
	gap->folder = g_strdup("INBOX");
	gap->seen = SAMPLE_DAY + 11 * SAMPLE_HOUR;
	g_ptr_array_add(report->gaps, gap);
	struct view_gap_sum *sum = g_new0(struct view_gap_sum, 1);
	sum->kind = g_strdup(kind);
	sum->word = g_strdup(word);
	sum->count = 1;
	for (guint i = 0; i < report->gap_sums->len; i++) {
		struct view_gap_sum *known = g_ptr_array_index(report->gap_sums, i);
		if (strcmp(known->kind, kind) == 0 && strcmp(known->word, word) == 0) {
			known->count++;
			sample_free_gap_sum(sum);
			return gap;
		}
	}
	g_ptr_array_add(report->gap_sums, sum);
	return gap;
}

static inline void
sample_note(struct report *report, const char *word, const char *text)
{
	struct view_note *note = g_new0(struct view_note, 1);

	note->account = g_strdup("hq");
	note->folder = g_strdup("INBOX");
	note->word = g_strdup(word);
	note->text = g_strdup(text);
	note->seen = SAMPLE_DAY + 11 * SAMPLE_HOUR;
	g_ptr_array_add(report->notes, note);
}

static inline void
sample_run(struct report *report, gint64 ended)
{
	struct view_run *run = g_new0(struct view_run, 1);

	run->id = report->runs->len + 1;
	run->command = g_strdup("poll");
	run->ruleset = g_strdup(SAMPLE_DIGEST);
	run->begun = SAMPLE_DAY + 10 * SAMPLE_HOUR;
	run->ended = ended;
	g_ptr_array_add(report->runs, run);
}

static inline void
sample_rule(struct report *report, const char *rule, const char *text)
{
	struct view_rule *row = g_new0(struct view_rule, 1);

	row->rule = g_strdup(rule);
	row->title = g_strdup(rule);
	row->digest = g_strdup(SAMPLE_DIGEST);
	row->in_force = true;
	row->flags = 1;
	row->days[VIEW_DAYS - 1] = 1;
	row->text = g_bytes_new(text, strlen(text));
	g_ptr_array_add(report->rules, row);
}

static inline void
sample_free_drawn(struct drawn *row)
{
	g_free(row->rule);
	g_free(row->note);
	g_free(row->who);
	sample_free_message(row->message);
	g_free(row);
}

/* One message of the random sample that nobody has looked at, and three that somebody has. */
static inline void
sample_drawn(struct report *report, const char *from, const char *to, const char *subject)
{
	struct drawn *row = g_new0(struct drawn, 1);

	row->day = SAMPLE_DAY;
	row->rule = g_strdup("");
	row->note = g_strdup("");
	row->who = g_strdup("");
	row->message = sample_message(from, to, subject);
	if (report->sample == NULL)
		report->sample = sample_rows((GDestroyNotify)sample_free_drawn);
	g_ptr_array_add(report->sample, row);
	report->drawn = (struct drawn_sums){ .eligible = 1000,
		.cut = 2,
		.states = { report->sample->len, 2, 1 },
		.first = SAMPLE_DAY,
		.share = 0.333333,
		.low = 0.0614,
		.high = 0.7923 };
	report->drawn_month = report->drawn;
}

/* The back of the report, with the same text wherever one goes. */
static inline void
sample_hostile_back(struct report *report)
{
	struct view_access *access = g_new0(struct view_access, 1);
	struct review_change *change = g_new0(struct review_change, 1);
	char **const heads[] = { &report->confidential, &report->legal_basis, &report->rule,
		&report->account, &report->group };

	for (gsize i = 0; i < G_N_ELEMENTS(heads); i++)
		sample_set(heads[i], SAMPLE_HOSTILE);
	sample_rule(
	    report, SAMPLE_HOSTILE, "[except.x]\nreason = <script>\nexpires = 2026-01-01\n");
	access->who = g_strdup(SAMPLE_HOSTILE);
	access->verb = g_strdup(SAMPLE_HOSTILE);
	g_ptr_array_add(report->accesses, access);
	change->rule = g_strdup(SAMPLE_HOSTILE);
	change->who = g_strdup(SAMPLE_HOSTILE);
	change->assignee = g_strdup(SAMPLE_HOSTILE);
	change->note = g_strdup(SAMPLE_HOSTILE);
	g_ptr_array_add(report->changes, change);
	struct view_flag *old = sample_flag(report->open, SAMPLE_HOSTILE, SEVERITY_LOW,
	    sample_message(SAMPLE_HOSTILE, SAMPLE_HOSTILE, SAMPLE_HOSTILE));
	sample_set(&old->assignee, SAMPLE_HOSTILE);
	sample_drawn(report, SAMPLE_HOSTILE, SAMPLE_HOSTILE, SAMPLE_HOSTILE);
	report->ages.total = report->ages.incidents[1][0] = 1;
	report->people = true;
}

/* Every text that comes from mail, a server or a rule file is SAMPLE_HOSTILE. */
static inline struct report *
sample_hostile(void)
{
	struct report *report = sample_report();
	struct view_account *account = sample_account(report, SAMPLE_HOSTILE, "imap");
	struct view_folder *folder = sample_folder(account, SAMPLE_HOSTILE, 10, 1);

	folder->failing = true;
	sample_set(&folder->text, SAMPLE_HOSTILE);
	account->failing_since = SAMPLE_DAY;
	sample_set(&account->text, SAMPLE_HOSTILE);
	sample_set(&account->host, SAMPLE_HOSTILE);
	sample_set(&account->user, SAMPLE_HOSTILE);
	sample_set(&account->purpose, SAMPLE_HOSTILE);
	struct view_message *message =
	    sample_message(SAMPLE_HOSTILE, "a@b.example", SAMPLE_HOSTILE);
	sample_set(&message->to[0], "@" SAMPLE_HOSTILE);
	sample_set(&message->message_id, SAMPLE_HOSTILE);
	struct view_placement *placement = g_ptr_array_index(message->placements, 0);
	sample_set(&placement->folder, SAMPLE_HOSTILE);
	for (guint i = 0; i < 2; i++) {
		struct view_flag *row =
		    sample_flag(i == 0 ? report->flags : report->excepted, SAMPLE_HOSTILE,
			SEVERITY_HIGH, i == 0 ? message : sample_message("", "", SAMPLE_HOSTILE));
		char **const texts[] = { &row->flag->title, &row->flag->escalated_by,
			&row->flag->except_reason, &row->description, &row->false_positives,
			&row->next_step };
		for (gsize j = 0; j < G_N_ELEMENTS(texts); j++)
			sample_set(texts[j], SAMPLE_HOSTILE);
		sample_set(&row->flag->exception, i == 0 ? "" : SAMPLE_HOSTILE);
		struct hit *hit =
		    sample_hit(row->flag, COMPONENT_HEADERS, SAMPLE_HOSTILE, "x", SAMPLE_HOSTILE);
		sample_set(&hit->name, SAMPLE_HOSTILE);
		sample_set(&hit->section, SAMPLE_HOSTILE);
		sample_set(&hit->header, SAMPLE_HOSTILE);
		struct part *part = sample_part(row, "1", SAMPLE_HOSTILE);
		sample_set(&part->declared_type, SAMPLE_HOSTILE);
		sample_set(&part->true_type, SAMPLE_HOSTILE);
	}
	struct view_gap *gap = sample_gap(report, "part", SAMPLE_HOSTILE, SAMPLE_HOSTILE);
	sample_set(&gap->detail, SAMPLE_HOSTILE);
	gap->message = sample_message(SAMPLE_HOSTILE, SAMPLE_HOSTILE, SAMPLE_HOSTILE);
	sample_note(report, SAMPLE_HOSTILE, SAMPLE_HOSTILE);
	sample_hostile_back(report);
	sample_run(report, 0);
	report->totals.flags[SEVERITY_HIGH] = 1;
	return report;
}
