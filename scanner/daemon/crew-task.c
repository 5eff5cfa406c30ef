/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * crew-task - what becomes of a message whose worker ended on it; see crew.h. Never gives one more
 * time than all its tries may take together.
 */
#include "base/log.h"
#include "daemon/crew-parts.h"

void
task_free(struct task *task)
{
	match_context_free(task->context);
	g_free(task->only_rule);
	g_free(task);
}

void
task_finish(struct task *task, struct verdict *verdict)
{
	if (task->reason != NULL) {
		/* What the raw bytes showed counts; that the message was read does not. */
		verdict->outcome = OUTCOME_UNSCANNABLE;
		g_free(verdict->reason);
		verdict->reason = g_strdup(task->reason);
	}
	verdict->size = task->size;
	task->done(verdict, task->data);
	task_free(task);
}

/*
 * All tries of a message together take at most one and a half times seconds_per_message and two
 * times the grace. What is left of that for another, in milliseconds: of a try of the whole,
 * a quarter is kept for its raw bytes; 0 when too little is left for it to be worth while.
 */
static guint32
crew_time_left(const struct crew *crew, const struct task *task, enum job_mode mode)
{
	guint64 grace = (guint64)crew->grace_ms;
	guint64 one = crew->limits->seconds_per_message * 1000;
	guint64 all = one * 3 / 2 + 2 * grace;
	guint64 kept = grace + (mode == JOB_SCAN ? one / 4 + grace : 0);
	guint64 used = (guint64)task->used_us / 1000;
	guint64 left = all > used + kept ? all - used - kept : 0;

	if (mode == JOB_SCAN && left < one / 8)
		return 0;
	return (guint32)CLAMP(left, mode == JOB_RAW ? 1 : 0, one);
}

/*
 * A worker ended on a message. The fault may be another's: a message before it, the system
 * short of memory, an administrator's kill. So it gets a fresh one; but for time, which it would
 * take once more. From then on the part that its reader was at is left out, and in the end all of
 * them. Returns the task when nothing is left to try.
 */
struct task *
crew_try_again(
    struct crew *crew, struct task *task, const char *reason, const struct station *station)
{
	g_autofree char *next = g_strdup("trying it again");
	bool time = g_str_equal(reason, "time");

	if (task->reason != NULL) {
		log_warning("a scan worker ended on the raw bytes too: %s", reason);
		crew->in_work--;
		return task;
	}
	bool full = !task->suspect && !time;
	bool without = !full && station != NULL && care_add(&task->care, station, reason);
	task->care.milliseconds = full || without ? crew_time_left(crew, task, JOB_SCAN) : 0;
	task->suspect = true;
	if (task->care.milliseconds == 0) {
		task->reason = reason;
		task->mode = JOB_RAW;
		task->care.milliseconds = crew_time_left(crew, task, JOB_RAW);
		g_free(next);
		next = g_strdup("trying its raw bytes");
	} else if (without) {
		g_free(next);
		next = station->rule[0] != '\0'
			   ? g_strdup_printf("trying it without the rule %s", station->rule)
			   : g_strdup_printf("trying it without part %u for the reader %s",
				 station->part + 1, station->reader);
	}
	log_warning("a scan worker ended on a message of %" G_GUINT64_FORMAT " bytes: %s; %s",
	    task->size, reason, next);
	g_queue_push_head(&crew->waiting, task);
	return NULL;
}
