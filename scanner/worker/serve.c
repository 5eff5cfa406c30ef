/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * serve - the inside of a zygote and of its workers: set up once, then one message after another.
 *
 * Never opens anything by name once the sandbox is up, and ends when its peer does.
 */
#include "worker/worker.h"

#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "base/log.h"
#include "rules/prefilter.h"
#include "rules/ruleset.h"
#include "worker/dissect.h"
#include "worker/protocol.h"
#include "worker/sandbox.h"
#include "worker/zygote.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#define ANSWER_BYTES 1024 /* most are shorter */

struct serve {
	struct wire *wire;
	struct limits limits;
	struct reading reading;
	struct ruleset *ruleset;
	struct dissect *dissect;
	struct station_page *page;
};

/* GLib ends the process when there is no memory; the parent is to know that from a crash. */
static GLogWriterOutput
on_log(GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
	(void)data;
	for (gsize i = 0; i < n_fields && (level & G_LOG_LEVEL_ERROR) != 0; i++) {
		if (strcmp(fields[i].key, "MESSAGE") == 0 && fields[i].length < 0 &&
		    strstr(fields[i].value, "failed to allocate") != NULL)
			_exit(PROTOCOL_EXIT_MEMORY);
	}
	/* Text that mail had a part in does not reach the log. */
	return G_LOG_WRITER_HANDLED;
}

static bool
take_one_data(struct serve *serve, struct sources *sources, GError **error)
{
	struct wire_frame frame;
	const char *name;
	guint64 size;
	gsize length;

	if (wire_wait(serve->wire, -1, &frame, error) != WIRE_FRAME)
		return false;
	struct data *data = NULL;
	if (frame.kind == PROTOCOL_DATA) {
		g_autoptr(GVariant) key = g_variant_get_child_value(frame.body, 2);
		g_variant_get_child(frame.body, 0, "&s", &name);
		g_variant_get_child(frame.body, 1, "t", &size);
		const guint8 *bytes = g_variant_get_fixed_array(key, &length, 1);
		if (length == KEYED_KEY)
			data = data_map(name, frame.fd, size, bytes, error);
	}
	wire_frame_clear(&frame);
	if (data != NULL)
		sources_add_data(sources, data);
	else if (*error == NULL)
		g_set_error(error, FAULT, FAULT_DATA, "worker: a data set was due");
	return data != NULL;
}

/* They were checked by the parent, and lie in memory that nobody can change. */
static bool
take_data(struct serve *serve, GVariant *body, struct sources *sources, GError **error)
{
	guint n;

	g_variant_get_child(body, 5, "u", &n);
	for (guint i = 0; i < n; i++) {
		if (i >= DATA_SETS_MAX || !take_one_data(serve, sources, error))
			return false;
	}
	if (n > 0)
		sources_seal(sources);
	return true;
}

static bool
compile(struct serve *serve, GVariant *body, GError **error)
{
	g_autoptr(GVariant) limits = g_variant_get_child_value(body, 1);
	g_autoptr(GVariant) files = g_variant_get_child_value(body, 2);
	g_autoptr(GVariant) reading = g_variant_get_child_value(body, 3);
	const char *version;

	g_variant_get_child(body, 0, "&s", &version);
	if (strcmp(version, FLAGPOST_VERSION) != 0) {
		/* The two programs were replaced while one of them ran. */
		g_set_error(error, FAULT, FAULT_CONFIG,
		    "worker: this is version %s, and the program that started it %.20s: restart it",
		    FLAGPOST_VERSION, version);
		return false;
	}
	if (!limits_get(limits, &serve->limits, error) ||
	    !reading_get(reading, &serve->reading, error))
		return false;
	g_autoptr(sources) sources = sources_get(files, error);
	if (sources == NULL || !take_data(serve, body, sources, error))
		return false;
	g_autoptr(problems) problems = problems_new();
	serve->ruleset = ruleset_compile(sources, &serve->limits, problems);
	if (serve->ruleset != NULL)
		return true;
	for (guint i = 0; i < problems_total(problems); i++) {
		const struct problem *problem = problems_get(problems, i);
		if (problem->level != PROBLEM_ERROR)
			continue;
		g_set_error(error, FAULT, FAULT_CONFIG, "%s:%u: %s", problem->file, problem->line,
		    problem->text);
		return false;
	}
	g_set_error(error, FAULT, FAULT_BUG, "rules: no rule set, and no problem either");
	return false;
}

/* The parent made it of the same patterns; without it all flags are the same. */
static bool
take_prefilter(struct serve *serve, GError **error)
{
	g_autoptr(GError) trouble = NULL;
	struct wire_frame frame;

	if (wire_wait(serve->wire, -1, &frame, error) != WIRE_FRAME)
		return false;
	bool fine = frame.kind == PROTOCOL_PREFILTER;
	if (!fine)
		g_set_error(error, FAULT, FAULT_DATA, "worker: the prefilter was due");
	g_autoptr(GBytes) bytes = fine ? io_read_fd(frame.fd, PREFILTER_BYTES_MAX, &trouble) : NULL;
	wire_frame_clear(&frame);
	if (fine && (bytes == NULL || !ruleset_prefilter_use(serve->ruleset, bytes, &trouble)))
		log_warning("no prefilter: %s", trouble->message);
	return fine;
}

static bool
set_up(struct serve *serve, GError **error)
{
	gboolean has_prefilter = FALSE;

	struct wire_frame frame;

	switch (wire_wait(serve->wire, -1, &frame, error)) {
	case WIRE_FRAME:
		break;
	case WIRE_AGAIN:
	case WIRE_EOF:
		g_set_error(error, FAULT, FAULT_AWAY, "worker: the parent is gone");
		return false;
	case WIRE_ERROR:
		return false;
	}
	bool fine = frame.kind == PROTOCOL_SETUP;
	if (!fine)
		g_set_error(error, FAULT, FAULT_DATA, "worker: no setup first");
	fine = fine && compile(serve, frame.body, error);
	if (fine)
		g_variant_get_child(frame.body, 4, "b", &has_prefilter);
	wire_frame_clear(&frame);
	if (!fine || (has_prefilter && !take_prefilter(serve, error)))
		return false;
	serve->dissect = dissect_new(&serve->limits, error);
	return serve->dissect != NULL &&
	       dissect_set_reading(serve->dissect, &serve->reading, error);
}

static bool
wants_terms(const struct job *job, const struct verdict *verdict)
{
	return job->carry == CARRY_TERMS ||
	       (job->carry == CARRY_TERMS_IF_FLAGGED &&
		   (verdict->flags->len > 0 || verdict->outcome == OUTCOME_UNSCANNABLE ||
		       (verdict->facts & FACT_MALFORMED) != 0));
}

/* Of one message: where it is, and what it is not to ask. */
struct watched {
	struct station_page *page;
	const struct care *care;
};

static void
at_rule(const char *rule, gint64 deadline_us, gpointer data)
{
	const struct watched *watched = data;
	struct station here = { .deadline = deadline_us };

	if (rule != NULL)
		g_strlcpy(here.rule, rule, sizeof here.rule);
	station_page_set(watched->page, rule != NULL ? &here : NULL);
}

static const char *
left_out(const char *rule, gpointer data)
{
	const struct watched *watched = data;
	const char *reason = care_rule_reason(watched->care, rule);

	if (reason == NULL)
		return NULL;
	if (strcmp(reason, "time") == 0)
		return "a scan worker did not come to an end with it";
	if (strcmp(reason, "memory") == 0)
		return "a scan worker ran out of memory on it";
	return "a scan worker crashed on it";
}

static struct verdict *
judge(struct serve *serve, const struct job *job, int fd, GError **error)
{
	bool with_raw =
	    job->explain || job->carry == CARRY_TEXTS || ruleset_needs_raw(serve->ruleset);

	dissect_set_care(serve->dissect, &job->care, serve->page);
	struct message *message = job->mode == JOB_RAW
				      ? dissect_raw(serve->dissect, fd, error)
				      : dissect_message(serve->dissect, fd, with_raw, error);

	if (message == NULL)
		return NULL;
	struct watched watched = { serve->page, &job->care };
	struct match_watch watch = { at_rule, left_out, &watched };
	struct match_options options = {
		.only_rule = job->only_rule, .explain = job->explain, .watch = &watch
	};
	struct verdict *verdict = verdict_from_message(message);
	match_message(serve->ruleset, message, job->context, &options, verdict);
	if (job->carry == CARRY_TEXTS)
		verdict_add_texts(verdict, message);
	if (wants_terms(job, verdict))
		verdict_add_terms(verdict, message, serve->limits.index);
	message_free(message);
	return verdict;
}

static bool
do_job(struct serve *serve, struct wire_frame *frame, GError **error)
{
	struct job job;
	g_autoptr(match_context) context = NULL;

	if (!protocol_get_job(frame->body, &job, &context, error))
		return false;
	g_autoptr(verdict) verdict = judge(serve, &job, frame->fd, error);
	if (verdict == NULL)
		return false;
	GByteArray *answer = g_byte_array_sized_new(ANSWER_BYTES);
	pack_u64(answer, job.id);
	verdict_put(answer, verdict);
	wire_queue(serve->wire, PROTOCOL_VERDICT, protocol_pack(answer), -1);
	return wire_flush_all(serve->wire, -1, error);
}

/* True when the peer hung up, which is how a worker ends. */
static bool
loop(struct serve *serve, GError **error)
{
	for (;;) {
		struct wire_frame frame;
		switch (wire_wait(serve->wire, -1, &frame, error)) {
		case WIRE_FRAME:
			break;
		case WIRE_EOF:
			return true;
		case WIRE_AGAIN:
			continue;
		case WIRE_ERROR:
			return false;
		}
		bool fine = frame.kind == PROTOCOL_JOB && do_job(serve, &frame, error);
		wire_frame_clear(&frame);
		if (!fine) {
			if (*error == NULL)
				g_set_error(error, FAULT, FAULT_DATA, "worker: a job was due");
			return false;
		}
	}
}

static bool
say_ready(struct serve *serve, const char *sandbox, GError **error)
{
	wire_queue(serve->wire, PROTOCOL_READY, g_variant_new("(s)", sandbox), -1);
	if (wire_flush_all(serve->wire, -1, NULL))
		return true;
	/* A parent that is done before we are ready is no fault. */
	g_set_error(error, FAULT, FAULT_AWAY, "worker: the parent is gone");
	return false;
}

/* In the zygote until it ends, and in each worker. */
static bool
run(struct serve *serve, char *name, GError **error)
{
	if (!set_up(serve, error) || !say_ready(serve, "", error))
		return false;
	enum zygote_end end = zygote_serve(&serve->wire, &serve->page, name, error);
	if (end != ZYGOTE_WORKER)
		return end == ZYGOTE_DONE;
	return sandbox_enter(&serve->limits, wire_fd(serve->wire), error) &&
	       say_ready(serve, sandbox_describe(), error) && loop(serve, error);
}

int
worker_main(int argc, char **argv)
{
	struct serve serve = { 0 };
	g_autoptr(GError) error = NULL;

	g_return_val_if_fail(argc == 2 && strcmp(argv[1], WORKER_ZYGOTE) == 0, FAULT_BUG);
	log_open("worker", LOG_LEVEL_WARNING);
	g_log_set_writer_func(on_log, NULL, NULL);
	serve.wire = wire_new(WORKER_FD, &protocol);
	bool fine = run(&serve, argv[1], &error);
	if (!fine && !g_error_matches(error, FAULT, FAULT_AWAY))
		log_error("%s", error->message);
	int code = fine ? 0 : fault_exit_code(error);
	/* The kernel is quicker: a hundred converters would be unloaded one by one. */
	if (!SANITIZED)
		_exit(code);
	dissect_free(serve.dissect);
	ruleset_free(serve.ruleset);
	station_page_free(serve.page);
	wire_free(serve.wire);
	return code;
}
