/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pipes of our own beside connections of libcurl's: who hears of what, and whose clock ends a wait.
 */
#include "fetchers/sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define FOR_EVER 60000 /* milliseconds: a wait that lasts so long has missed something */

static int
listen_here(guint *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	g_assert_cmpint(bind(fd, (struct sockaddr *)&address, size), ==, 0);
	g_assert_cmpint(listen(fd, 4), ==, 0);
	g_assert_cmpint(getsockname(fd, (struct sockaddr *)&address, &size), ==, 0);
	*port = ntohs(address.sin_port);
	return fd;
}

static CURL *
begin(CURLM *multi, const char *scheme, guint port, long timeout_ms)
{
	g_autofree char *url = g_strdup_printf("%s://127.0.0.1:%u/", scheme, port);
	CURL *easy = curl_easy_init();

	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms);
	g_assert_cmpint(curl_multi_add_handle(multi, easy), ==, CURLM_OK);
	return easy;
}

/* Waits as the fetcher does, a turn at a time, until libcurl is done with one of its handles. */
static CURLcode
wait_for_end(struct sockets *sockets, CURLM *multi, int ours)
{
	const CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(multi, &left)) == NULL) {
		sockets_begin(sockets);
		sockets_add(sockets, ours, true, false);
		sockets_wait(sockets, FOR_EVER);
	}
	g_assert_cmpint(message->msg, ==, CURLMSG_DONE);
	return message->data.result;
}

static void
end(CURLM *multi, CURL *easy)
{
	curl_multi_remove_handle(multi, easy);
	curl_easy_cleanup(easy);
}

static void
test_ours(void)
{
	CURLM *multi = curl_multi_init();
	struct sockets *sockets = sockets_new(multi);
	int quiet[2], full[2];

	g_assert_cmpint(pipe(quiet), ==, 0);
	g_assert_cmpint(pipe(full), ==, 0);
	g_assert_cmpint(write(full[1], "x", 1), ==, 1);
	sockets_begin(sockets);
	guint none = sockets_add(sockets, -1, true, true);
	guint silent = sockets_add(sockets, quiet[0], true, false);
	guint ready = sockets_add(sockets, full[0], true, false);
	guint writable = sockets_add(sockets, quiet[1], false, true);
	sockets_wait(sockets, FOR_EVER);
	g_assert_false(sockets_is_ready(sockets, none));
	g_assert_false(sockets_is_ready(sockets, silent));
	g_assert_true(sockets_is_ready(sockets, ready));
	g_assert_true(sockets_is_ready(sockets, writable));

	/* The other end is gone: that is news too. */
	close(quiet[1]);
	sockets_begin(sockets);
	silent = sockets_add(sockets, quiet[0], true, false);
	sockets_wait(sockets, FOR_EVER);
	g_assert_true(sockets_is_ready(sockets, silent));
	g_assert_false(sockets_is_ready(sockets, silent + 1));
	close(quiet[0]);
	close(full[0]);
	close(full[1]);
	sockets_free(sockets);
	curl_multi_cleanup(multi);
}

/* All within waits that would last a minute, beside a pipe of ours in which nothing happens. */
static void
test_theirs(void)
{
	guint port;
	int ours[2], listener = listen_here(&port);
	CURLM *multi = curl_multi_init();
	struct sockets *sockets = sockets_new(multi);

	g_assert_cmpint(pipe(ours), ==, 0);
	CURL *connects = begin(multi, "http", port, FOR_EVER);
	g_assert_cmpint(wait_for_end(sockets, multi, ours[0]), ==, CURLE_OK);
	g_test_message("a listener that says nothing, and TLS is wanted: its clock runs out");
	CURL *stalls = begin(multi, "https", port, 50);
	g_assert_cmpint(wait_for_end(sockets, multi, ours[0]), ==, CURLE_OPERATION_TIMEDOUT);
	end(multi, stalls);
	g_test_message("nobody listens");
	close(listener);
	CURL *refused = begin(multi, "http", port, FOR_EVER);
	g_assert_cmpint(wait_for_end(sockets, multi, ours[0]), ==, CURLE_COULDNT_CONNECT);
	end(multi, refused);

	/* One that is connected is libcurl's no more: what comes over it ends no wait of theirs. */
	curl_socket_t fd = CURL_SOCKET_BAD;
	g_assert_cmpint(curl_easy_getinfo(connects, CURLINFO_ACTIVESOCKET, &fd), ==, CURLE_OK);
	sockets_begin(sockets);
	guint number = sockets_add(sockets, fd, true, false);
	sockets_wait(sockets, FOR_EVER); /* the listener is closed, so it is reset */
	g_assert_true(sockets_is_ready(sockets, number));
	end(multi, connects);
	close(ours[0]);
	close(ours[1]);
	sockets_free(sockets);
	curl_multi_cleanup(multi);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	g_test_add_func("/sockets/ours", test_ours);
	g_test_add_func("/sockets/theirs", test_theirs);
	int code = g_test_run();
	curl_global_cleanup();
	return code;
}
