/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fetchers/sockets.h"

#include <errno.h>
#include <poll.h>

#include "base/log.h"

struct sockets {
	CURLM *multi;
	GHashTable *theirs; /* descriptor -> events of poll, as libcurl told */
	gint64 due;         /* when its clock runs out, monotonic; -1: never */
	GArray *polled;     /* of struct pollfd: ours first */
	guint ours;
};

/* libcurl's CURL_POLL_IN, OUT, INOUT and REMOVE. */
static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *own)
{
	struct sockets *sockets = user;
	int events = (what & CURL_POLL_IN ? POLLIN : 0) | (what & CURL_POLL_OUT ? POLLOUT : 0);

	(void)easy;
	(void)own;
	if (what == CURL_POLL_REMOVE)
		g_hash_table_remove(sockets->theirs, GINT_TO_POINTER(fd));
	else
		g_hash_table_insert(sockets->theirs, GINT_TO_POINTER(fd), GINT_TO_POINTER(events));
	return 0;
}

static int
on_clock(CURLM *multi, long milliseconds, void *user)
{
	struct sockets *sockets = user;

	(void)multi;
	sockets->due = milliseconds < 0 ? -1 : g_get_monotonic_time() + milliseconds * 1000;
	return 0;
}

struct sockets *
sockets_new(CURLM *multi)
{
	struct sockets *sockets = g_new0(struct sockets, 1);

	sockets->multi = multi;
	sockets->due = -1;
	sockets->theirs = g_hash_table_new(NULL, NULL);
	sockets->polled = g_array_new(FALSE, FALSE, sizeof(struct pollfd));
	curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, sockets);
	curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_clock);
	curl_multi_setopt(multi, CURLMOPT_TIMERDATA, sockets);
	return sockets;
}

void
sockets_free(struct sockets *sockets)
{
	if (sockets == NULL)
		return;
	curl_multi_setopt(sockets->multi, CURLMOPT_SOCKETFUNCTION, NULL);
	curl_multi_setopt(sockets->multi, CURLMOPT_TIMERFUNCTION, NULL);
	g_hash_table_destroy(sockets->theirs);
	g_array_free(sockets->polled, TRUE);
	g_free(sockets);
}

void
sockets_begin(struct sockets *sockets)
{
	g_array_set_size(sockets->polled, 0);
	sockets->ours = 0;
}

static void
add(struct sockets *sockets, int fd, int events)
{
	struct pollfd one = { .fd = fd, .events = (short)events };

	g_array_append_val(sockets->polled, one);
}

guint
sockets_add(struct sockets *sockets, int fd, bool read, bool write)
{
	if (fd < 0)
		return 0;
	add(sockets, fd, (read ? POLLIN : 0) | (write ? POLLOUT : 0));
	sockets->ours = sockets->polled->len;
	return sockets->ours;
}

static void
add_theirs(struct sockets *sockets)
{
	GHashTableIter at;
	gpointer fd, events;

	g_hash_table_iter_init(&at, sockets->theirs);
	while (g_hash_table_iter_next(&at, &fd, &events))
		add(sockets, GPOINTER_TO_INT(fd), GPOINTER_TO_INT(events));
}

static void
tell(struct sockets *sockets, curl_socket_t fd, int events)
{
	int running;
	CURLMcode code = curl_multi_socket_action(sockets->multi, fd, events, &running);

	if (code != CURLM_OK)
		log_error("libcurl: %s", curl_multi_strerror(code));
}

/* A descriptor may be closed and given to another connection while we go through them: then it
 * hears of a readiness too many, finds nothing and waits on. */
static void
tell_ready(struct sockets *sockets)
{
	for (guint i = sockets->ours; i < sockets->polled->len; i++) {
		struct pollfd one = g_array_index(sockets->polled, struct pollfd, i);
		int events = (one.revents & POLLIN ? CURL_CSELECT_IN : 0) |
			     (one.revents & POLLOUT ? CURL_CSELECT_OUT : 0) |
			     (one.revents & (POLLERR | POLLHUP | POLLNVAL) ? CURL_CSELECT_ERR : 0);
		if (events != 0 && g_hash_table_contains(sockets->theirs, GINT_TO_POINTER(one.fd)))
			tell(sockets, one.fd, events);
	}
}

static void
tell_clock(struct sockets *sockets)
{
	if (sockets->due < 0 || g_get_monotonic_time() < sockets->due)
		return;
	sockets->due = -1; /* it is told anew, if there is another */
	tell(sockets, CURL_SOCKET_TIMEOUT, 0);
}

/* Rounded up: a clock that has not quite run out would be asked again and again. */
static int
time_to_sleep(const struct sockets *sockets, gint64 milliseconds)
{
	if (sockets->due >= 0) {
		gint64 left = MAX(sockets->due - g_get_monotonic_time(), 0);
		milliseconds = MIN(milliseconds, (left + 999) / 1000);
	}
	return (int)CLAMP(milliseconds, 0, G_MAXINT);
}

void
sockets_wait(struct sockets *sockets, gint64 milliseconds)
{
	add_theirs(sockets);
	int n = poll((struct pollfd *)(void *)sockets->polled->data, sockets->polled->len,
	    time_to_sleep(sockets, milliseconds));
	if (n < 0) {
		if (errno != EINTR)
			log_error("poll: %s", g_strerror(errno));
		for (guint i = 0; i < sockets->polled->len; i++)
			g_array_index(sockets->polled, struct pollfd, i).revents = 0;
	}
	if (n > 0)
		tell_ready(sockets);
	tell_clock(sockets);
}

bool
sockets_is_ready(const struct sockets *sockets, guint number)
{
	return number > 0 && number <= sockets->ours &&
	       g_array_index(sockets->polled, struct pollfd, number - 1).revents != 0;
}
