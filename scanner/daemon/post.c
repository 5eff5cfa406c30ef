/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A failure is noted when it happens, not when the last try is over: a service that is killed in
 * between has said so already. The same note twice is one in the report.
 */
#include "daemon/post.h"

#include <glib-unix.h>

#include "base/log.h"

struct post {
	guint retry_ms;
	post_note *note;
	void *data;
	struct mailing *mailing;   /* NULL: nothing to do */
	guint tries;               /* that have failed */
	guint watch, alarm, again; /* source ids; 0: none */
};

static void post_try(struct post *post);

static void
post_quiet(struct post *post)
{
	g_clear_handle_id(&post->watch, g_source_remove);
	g_clear_handle_id(&post->alarm, g_source_remove);
	g_clear_handle_id(&post->again, g_source_remove);
}

static void
post_put_note(struct post *post, const char *word, const char *what)
{
	g_autofree char *text =
	    g_strdup_printf("the report of %s %s", mailing_period(post->mailing), what);

	post->note(word, text, post->data);
}

static void
post_give_up(struct post *post)
{
	post_quiet(post);
	g_clear_pointer(&post->mailing, mailing_free);
}

static gboolean
post_again(void *data)
{
	struct post *post = data;

	post->again = 0;
	post_try(post);
	return G_SOURCE_REMOVE;
}

static void
post_failed(struct post *post, const GError *error)
{
	bool last = post->tries++ >= POST_RETRIES;

	log_error("mail the %s report: %s%s", mailing_name(post->mailing), error->message,
	    last ? "; given up" : "; it is tried again");
	post_put_note(post, "report-not-mailed", error->message);
	if (last)
		post_give_up(post);
	else
		post->again = g_timeout_add(post->retry_ms, post_again, post);
}

static void
post_over(struct post *post)
{
	g_autoptr(GError) error = NULL;

	post_quiet(post);
	if (!mailing_check(post->mailing, &error)) {
		post_failed(post, error);
		return;
	}
	g_autofree char *reached = mailing_reached(post->mailing);
	log_info("the %s report is mailed to %s", mailing_name(post->mailing), reached);
	if (post->tries > 0) {
		g_autofree char *what =
		    g_strdup_printf("was mailed to %s after all, later than it should", reached);
		post_put_note(post, "report-mailed-late", what);
	}
	post_give_up(post);
}

static gboolean
post_readable(G_GNUC_UNUSED int fd, G_GNUC_UNUSED GIOCondition condition, void *data)
{
	struct post *post = data;

	if (!mailing_step(post->mailing, 0))
		return G_SOURCE_CONTINUE;
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
	if (mailing_step(post->mailing, 0))
		post_over(post);
	return G_SOURCE_REMOVE;
}

static void
post_try(struct post *post)
{
	g_autoptr(GError) error = NULL;

	if (!mailing_start(post->mailing, &error)) {
		post_failed(post, error);
		return;
	}
	gint64 wait_ms = (mailing_deadline(post->mailing) - g_get_monotonic_time()) / 1000 + 1;
	post->watch = g_unix_fd_add(
	    mailing_fd(post->mailing), G_IO_IN | G_IO_HUP | G_IO_ERR, post_readable, post);
	post->alarm = g_timeout_add((guint)CLAMP(wait_ms, 1, G_MAXINT), post_alarmed, post);
}

struct post *
post_new(guint retry_ms, post_note *note, void *data)
{
	struct post *post = g_new0(struct post, 1);

	post->retry_ms = retry_ms;
	post->note = note;
	post->data = data;
	return post;
}

/* One that is under way may have arrived or not: nobody knows, and that is what is said. */
static void
post_drop(struct post *post)
{
	if (post->mailing == NULL)
		return;
	if (mailing_under_way(post->mailing)) {
		g_autofree char *missed = mailing_missed(post->mailing);
		g_autofree char *what = g_strdup_printf(
		    "was on its way to %s when it was stopped; it may not have arrived", missed);
		post_put_note(post, "report-not-mailed", what);
	}
	post_give_up(post);
}

void
post_free(struct post *post)
{
	if (post == NULL)
		return;
	post_drop(post);
	g_free(post);
}

void
post_send(struct post *post, struct mailing *mailing)
{
	post_drop(post);
	post->mailing = mailing;
	post->tries = 0;
	post_try(post);
}

bool
post_is_busy(const struct post *post)
{
	return post->mailing != NULL;
}
