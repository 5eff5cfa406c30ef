/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A failure is noted when it happens, not when the last try is over: a service that is killed in
 * between has said so already. The same note twice is one in the report.
 */
#include "daemon/post.h"

#include <glib-unix.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/outbox.h"

/* The clock may be set in between: look again every hour at the latest. */
#define LOOK_MS G_GINT64_CONSTANT(3600000)

struct entry {
	char *id; /* in the outbox; NULL: it could not be put there, so it lives as long as we do */
	struct mailing *mailing;
};

struct post {
	guint retry_ms;
	post_note *note;
	void *data;
	const struct config *config;
	bool loaded;
	GPtrArray *queue;      /* of struct entry */
	struct entry *current; /* of it: a try is under way; NULL: none */
	guint watch, alarm;    /* source ids of the try; 0: none */
	guint again;
};

static void post_plan(struct post *post);

static void
entry_free(struct entry *entry)
{
	mailing_free(entry->mailing);
	g_free(entry->id);
	g_free(entry);
}

static void
post_quiet(struct post *post)
{
	g_clear_handle_id(&post->watch, g_source_remove);
	g_clear_handle_id(&post->alarm, g_source_remove);
}

static void
post_put_note(struct post *post, const struct mailing *mailing, const char *word, const char *what)
{
	g_autofree char *text = g_strdup_printf("%s %s", mailing_what(mailing), what);

	post->note(word, text, post->data);
}

static void
entry_mark(const struct post *post, const struct entry *entry)
{
	g_autoptr(GError) error = NULL;

	if (entry->id != NULL &&
	    !outbox_mark(post->config->data_dir, entry->id, entry->mailing, &error))
		log_error("mark how far a mail is: %s", error->message);
}

static void
entry_end(struct post *post, struct entry *entry)
{
	if (entry->id != NULL)
		outbox_remove(post->config->data_dir, entry->id);
	g_ptr_array_remove(post->queue, entry);
}

static void
entry_failed(struct post *post, struct entry *entry, const GError *error)
{
	struct mailing *mailing = entry->mailing;
	gint64 now = clock_now();
	guint doublings = MIN(mailing_tries(mailing), POST_DOUBLINGS);
	gint64 wait = ((gint64)post->retry_ms << doublings) * 1000;
	gint64 keep = (gint64)post->config->smtp->keep_trying_s * G_USEC_PER_SEC;
	bool last = now - mailing_made(mailing) >= keep;
	g_autofree char *text = g_strdup_printf(
	    "%s%s", error->message, last ? "; given up, it is not tried again" : "");

	log_error("mail the %s report: %s%s", mailing_name(mailing), text,
	    last ? "" : "; it is tried again");
	post_put_note(post, mailing, "report-not-mailed", text);
	mailing_failed(mailing, now + wait);
	if (last)
		entry_end(post, entry);
	else
		entry_mark(post, entry);
}

static void
entry_sent(struct post *post, struct entry *entry)
{
	g_autofree char *reached = mailing_reached(entry->mailing);

	log_info("the %s report is mailed to %s", mailing_name(entry->mailing), reached);
	if (mailing_tries(entry->mailing) > 0) {
		g_autofree char *what =
		    g_strdup_printf("was mailed to %s after all, later than it should", reached);
		post_put_note(post, entry->mailing, "report-mailed-late", what);
	}
	entry_end(post, entry);
}

static void
post_over(struct post *post)
{
	struct entry *entry = g_steal_pointer(&post->current);
	g_autoptr(GError) error = NULL;

	post_quiet(post);
	if (mailing_check(entry->mailing, &error))
		entry_sent(post, entry);
	else
		entry_failed(post, entry, error);
	post_plan(post);
}

static gboolean
post_readable(G_GNUC_UNUSED int fd, G_GNUC_UNUSED GIOCondition condition, void *data)
{
	struct post *post = data;

	if (!mailing_step(post->current->mailing, 0)) {
		/* Who has got it is known from here on, whatever ends us. */
		entry_mark(post, post->current);
		return G_SOURCE_CONTINUE;
	}
	post->watch = 0;
	post_over(post);
	return G_SOURCE_REMOVE;
}

/* The mailer is beyond its time: the step takes note of that. */
static gboolean
post_alarmed(void *data)
{
	struct post *post = data;

	post->alarm = 0;
	if (mailing_step(post->current->mailing, 0))
		post_over(post);
	return G_SOURCE_REMOVE;
}

static bool
post_try(struct post *post, struct entry *entry)
{
	struct mailing *mailing = entry->mailing;
	g_autoptr(GError) error = NULL;

	if (!mailing_start(mailing, post->config->smtp, &error)) {
		entry_failed(post, entry, error);
		return false;
	}
	gint64 wait_ms = (mailing_deadline(mailing) - g_get_monotonic_time()) / 1000 + 1;
	post->current = entry;
	post->watch =
	    g_unix_fd_add(mailing_fd(mailing), G_IO_IN | G_IO_HUP | G_IO_ERR, post_readable, post);
	post->alarm = g_timeout_add((guint)CLAMP(wait_ms, 1, G_MAXINT), post_alarmed, post);
	return true;
}

/* The one that is due first; a time beyond the longest wait is one of a clock that was set back. */
static struct entry *
post_first(const struct post *post, gint64 now, gint64 *due)
{
	gint64 longest = ((gint64)post->retry_ms << POST_DOUBLINGS) * 1000;
	struct entry *first = NULL;

	for (guint i = 0; i < post->queue->len; i++) {
		struct entry *entry = post->queue->pdata[i];
		gint64 next = mailing_next(entry->mailing);
		if (next > now + longest)
			next = now;
		if (first == NULL || next < *due) {
			first = entry;
			*due = next;
		}
	}
	return first;
}

static gboolean
post_again(void *data)
{
	struct post *post = data;

	post->again = 0;
	post_plan(post);
	return G_SOURCE_REMOVE;
}

static void
post_plan(struct post *post)
{
	g_clear_handle_id(&post->again, g_source_remove);
	while (post->current == NULL && post->config->smtp != NULL) {
		gint64 now = clock_now(), due = 0;
		struct entry *first = post_first(post, now, &due);
		if (first == NULL)
			return;
		if (due > now) {
			gint64 wait_ms = MIN((due - now) / 1000 + 1, LOOK_MS);
			post->again = g_timeout_add((guint)wait_ms, post_again, post);
			return;
		}
		if (!post_try(post, first))
			continue;
	}
}

struct post *
post_new(guint retry_ms, post_note *note, void *data)
{
	struct post *post = g_new0(struct post, 1);

	post->retry_ms = retry_ms;
	post->note = note;
	post->data = data;
	post->queue = g_ptr_array_new_with_free_func((GDestroyNotify)entry_free);
	return post;
}

static void
take_up(const char *id, struct mailing *mailing, const GError *reason, gpointer data)
{
	struct post *post = data;

	if (mailing == NULL) {
		log_error("a mail that waited is put aside: %s", reason->message);
		g_autofree char *text = g_strdup_printf(
		    "a mail that waited cannot be read and is not sent: %s", reason->message);
		post->note("report-not-mailed", text, post->data);
		return;
	}
	struct entry *entry = g_new0(struct entry, 1);
	entry->id = g_strdup(id);
	entry->mailing = mailing;
	/* What kept it may be mended: that is what services are started anew for. */
	mailing_hurry(mailing, clock_now());
	g_ptr_array_add(post->queue, entry);
}

void
post_follow(struct post *post, const struct config *config)
{
	g_autoptr(GError) error = NULL;

	post->config = config;
	if (!post->loaded && !outbox_each(config->data_dir, take_up, post, &error))
		log_error("mails that wait: %s", error->message);
	post->loaded = true;
	post_plan(post);
}

/* One that is under way may have arrived or not: nobody knows, and that is what is said. */
void
post_free(struct post *post)
{
	if (post == NULL)
		return;
	post_quiet(post);
	g_clear_handle_id(&post->again, g_source_remove);
	if (post->current != NULL) {
		g_autofree char *missed = mailing_missed(post->current->mailing);
		g_autofree char *what = g_strdup_printf("was on its way to %s when it was stopped; "
							"it goes again, and may arrive twice",
		    missed);
		post_put_note(post, post->current->mailing, "report-not-mailed", what);
	}
	for (guint i = 0; i < post->queue->len; i++) {
		const struct entry *entry = post->queue->pdata[i];
		if (entry->id == NULL)
			post_put_note(post, entry->mailing, "report-not-mailed",
			    "could not be kept until it is sent, and is lost");
	}
	g_ptr_array_unref(post->queue);
	g_free(post);
}

void
post_send(struct post *post, struct mailing *mailing)
{
	g_autoptr(GError) error = NULL;
	struct entry *entry;

	if (!mailing_has_message(mailing)) {
		(void)mailing_check(mailing, &error);
		log_error("mail the %s report: %s", mailing_name(mailing), error->message);
		post_put_note(post, mailing, "report-not-mailed", error->message);
		mailing_free(mailing);
		return;
	}
	entry = g_new0(struct entry, 1);
	entry->mailing = mailing;
	entry->id = outbox_id(mailing);
	if (!outbox_put(post->config->data_dir, entry->id, mailing, &error)) {
		log_error("keep a mail until it is sent: %s", error->message);
		g_clear_pointer(&entry->id, g_free);
	}
	g_ptr_array_add(post->queue, entry);
	post_plan(post);
}

bool
post_is_busy(const struct post *post)
{
	return post->current != NULL;
}

guint
post_waiting(const struct post *post)
{
	return post->queue->len;
}
