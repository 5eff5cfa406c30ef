/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the mailer process does with a batch.
 *
 * libcurl connects and does TLS; what goes over a syslog's connection is ours. A webhook's answer
 * is read no further than its status. No redirection, no proxy, no cookie: the batch goes where the
 * configuration says or nowhere.
 */
#include "deliver/poster.h"

#include <curl/curl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/io.h"
#include "base/secret.h"
#include "base/url.h"
#include "deliver/mailer-protocol.h"

#define PARENT_MS  30000 /* to take what we say */
#define CONNECT_MS 20000
#define WAIT_MS    30000 /* for a receiver to go on taking */
#define LOOK_MS    20

struct order {
	struct target *target;
	char *batch;
	GBytes *body;
};

static void
order_clear(struct order *order)
{
	target_free(order->target);
	g_free(order->batch);
	g_clear_pointer(&order->body, g_bytes_unref);
}

static bool
take_order(const struct wire_frame *frame, struct order *order, GError **error)
{
	g_autoptr(GVariant) target = g_variant_get_child_value(frame->body, 0);

	order->target = target_get(target, error);
	g_variant_get_child(frame->body, 1, "s", &order->batch);
	if (order->target != NULL)
		order->body = io_read_fd(frame->fd, POSTER_BODY, error);
	return order->body != NULL;
}

static bool
set_way(CURL *easy, const struct target *target, const char *url)
{
	CURLcode bad = CURLE_OK;

#define SET(option, value) bad = bad != CURLE_OK ? bad : curl_easy_setopt(easy, option, value)
	SET(CURLOPT_URL, url);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	SET(CURLOPT_TIMEOUT_MS, (long)POSTER_TIME_MS);
	if (*target->ca_file != '\0') {
		SET(CURLOPT_CAINFO, target->ca_file);
		SET(CURLOPT_CAPATH, NULL);
	}
	return bad == CURLE_OK;
}

static bool
fail(const struct target *target, CURLcode result, const char *said, GError **error)
{
	bool tls = result == CURLE_PEER_FAILED_VERIFICATION || result == CURLE_SSL_CONNECT_ERROR ||
		   result == CURLE_SSL_CACERT_BADFILE;

	g_set_error(error, FAULT, tls ? FAULT_DENIED : FAULT_AWAY, "%s:%u: %s", target->host,
	    target->port, *said != '\0' ? said : curl_easy_strerror(result));
	return false;
}

/* --- syslog --- */

static bool
wait_for(curl_socket_t fd, short events)
{
	struct pollfd one = { .fd = fd, .events = events };

	return poll(&one, 1, WAIT_MS) > 0;
}

/* Sent means acknowledged by the other side's system: over TCP nobody says more than that. */
static bool
wait_acknowledged(curl_socket_t fd)
{
	int left = 1;

	for (guint i = 0; i < WAIT_MS / LOOK_MS; i++) {
		if (ioctl(fd, SIOCOUTQ, &left) < 0)
			return false;
		if (left == 0)
			return true;
		g_usleep(LOOK_MS * 1000);
	}
	return false;
}

static bool
send_lines(CURL *easy, const struct order *order, const char *said, GError **error)
{
	gsize size, sent = 0;
	const char *data = g_bytes_get_data(order->body, &size);
	curl_socket_t fd = CURL_SOCKET_BAD;
	CURLcode result = curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &fd);

	while (result == CURLE_OK && sent < size) {
		size_t n = 0;
		result = curl_easy_send(easy, data + sent, size - sent, &n);
		sent += n;
		if (result == CURLE_AGAIN)
			result = wait_for(fd, POLLOUT) ? CURLE_OK : CURLE_OPERATION_TIMEDOUT;
	}
	if (result == CURLE_OK && !wait_acknowledged(fd))
		result = CURLE_OPERATION_TIMEDOUT;
	return result == CURLE_OK || fail(order->target, result, said, error);
}

static bool
send_syslog(CURL *easy, const struct order *order, GError **error)
{
	const struct target *target = order->target;
	bool tls = target->kind == TARGET_SYSLOG_TLS;
	g_autofree char *url = url_make(tls ? "https" : "http", target->host, target->port);
	char said[CURL_ERROR_SIZE] = "";

	/* HTTP is never spoken: CONNECT_ONLY ends where TLS is up. */
	if (!set_way(easy, target, url))
		return fail(target, CURLE_FAILED_INIT, "", error);
	curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_ENABLE_ALPN, 0L);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, said);
	CURLcode result = curl_easy_perform(easy);
	bool right = result == CURLE_OK ? send_lines(easy, order, said, error)
					: fail(target, result, said, error);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, NULL);
	return right;
}

/* --- webhook --- */

static size_t
ignore(char *data, size_t one, size_t count, void *user)
{
	(void)data;
	(void)user;
	return one * count;
}

static struct curl_slist *
headers_of(const struct order *order, const char *key)
{
	const char *type = g_str_equal(order->target->format, "cef") ? "text/plain; charset=utf-8"
								     : "application/x-ndjson";
	g_autofree char *signature =
	    target_signature(key, clock_now() / G_USEC_PER_SEC, order->body);
	g_autofree char *signed_by = g_strconcat("X-Flagpost-Signature: ", signature, NULL);
	g_autofree char *batch = g_strconcat("X-Flagpost-Batch: ", order->batch, NULL);
	g_autofree char *content = g_strconcat("Content-Type: ", type, NULL);
	struct curl_slist *list = curl_slist_append(NULL, content);

	list = curl_slist_append(list, signed_by);
	list = curl_slist_append(list, batch);
	/* No waiting for "100 Continue", which many servers never say. */
	return curl_slist_append(list, "Expect:");
}

static bool
check_status(CURL *easy, const struct target *target, GError **error)
{
	long status = 0;

	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	if (status >= 200 && status < 300)
		return true;
	g_set_error(error, FAULT, status >= 500 || status == 429 ? FAULT_RETRY : FAULT_DENIED,
	    "%s:%u answers %ld", target->host, target->port, status);
	return false;
}

static bool
send_webhook(CURL *easy, const struct order *order, GError **error)
{
	const struct target *target = order->target;
	char *key = secret_read(target->secret_file, target->credential, error);
	char said[CURL_ERROR_SIZE] = "";
	gsize size;

	if (key == NULL)
		return false;
	const char *data = g_bytes_get_data(order->body, &size);
	struct curl_slist *headers = headers_of(order, key);
	secret_wipe(key);
	bool set = set_way(easy, target, target->url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, data);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)size);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, ignore);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, said);
	CURLcode result = set ? curl_easy_perform(easy) : CURLE_FAILED_INIT;
	curl_slist_free_all(headers);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, NULL);
	if (result != CURLE_OK)
		return fail(target, result, said, error);
	return check_status(easy, target, error);
}

static void
carry_out(const struct order *order, GError **error)
{
	CURL *easy = curl_easy_init();

	if (easy == NULL)
		g_set_error(error, FAULT, FAULT_BUG, "libcurl does not start");
	else if (order->target->kind == TARGET_WEBHOOK)
		send_webhook(easy, order, error);
	else
		send_syslog(easy, order, error);
	curl_easy_cleanup(easy);
}

bool
poster_serve(struct wire *wire, const struct wire_frame *frame, GError **error)
{
	g_autoptr(GError) trouble = NULL;
	struct order order = { 0 };

	if (take_order(frame, &order, &trouble))
		carry_out(&order, &trouble);
	wire_queue(wire, MAILER_TAKEN,
	    g_variant_new(MAILER_TAKEN_TYPE, (guint32)fault_exit_code(trouble),
		trouble != NULL ? trouble->message : ""),
	    -1);
	order_clear(&order);
	return wire_flush_all(wire, PARENT_MS, error);
}
