/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Nothing is ever sent in clear but the request for TLS: USE_SSL is ALL, never TRY. What we say
 * to the server is never recorded: it holds the password.
 */
#include "deliver/sender.h"

#include <curl/curl.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/url.h"

#define ANSWER_MAX  500 /* bytes kept of what the server said */
#define QUOTE_CHARS 200
#define QUIT_CODE   221 /* the server's farewell, which says nothing of our message */

struct sender {
	const struct smtp *smtp;
	CURL *easy;
	char said[CURL_ERROR_SIZE]; /* libcurl's own words */
	GString *answer;            /* the server's last one, of all its lines */
	bool goes_on;               /* its next line belongs to it */
	int fd;                     /* of the message under way; borrowed */
	guint64 offset, size;
};

/* RFC 5321 section 4.2: three digits, then '-' in all lines of an answer but the last. */
static guint
code_of(const char *line)
{
	if (!g_ascii_isdigit(line[0]) || !g_ascii_isdigit(line[1]) || !g_ascii_isdigit(line[2]))
		return 0;
	return (guint)((line[0] - '0') * 100 + (line[1] - '0') * 10 + line[2] - '0');
}

static int
listen_in(CURL *easy, curl_infotype type, char *data, size_t size, void *user)
{
	struct sender *sender = user;

	(void)easy;
	if (type != CURLINFO_HEADER_IN || size < 4)
		return 0;
	g_autofree char *line = g_strndup(data, MIN(size, ANSWER_MAX));
	if (!sender->goes_on && code_of(line) == QUIT_CODE)
		return 0;
	const char *words = sender->goes_on ? line + 3 : line;
	if (!sender->goes_on)
		g_string_truncate(sender->answer, 0);
	if (sender->answer->len < ANSWER_MAX)
		g_string_append(sender->answer, words + (sender->goes_on && *words != '\0'));
	g_strchomp(sender->answer->str);
	sender->answer->len = strlen(sender->answer->str);
	sender->goes_on = line[3] == '-';
	if (sender->goes_on && sender->answer->len > 3)
		g_string_append_c(sender->answer, ' ');
	return 0;
}

static size_t
read_message(char *data, size_t one, size_t count, void *user)
{
	struct sender *sender = user;
	gsize left = (gsize)(sender->size - sender->offset);
	gsize want = MIN(one * count, left);

	if (want == 0)
		return 0;
	ssize_t n = TEMP_FAILURE_RETRY(pread(sender->fd, data, want, (off_t)sender->offset));
	/* A message that ends before its size is not sent in part. */
	if (n <= 0)
		return CURL_READFUNC_ABORT;
	sender->offset += (guint64)n;
	return (size_t)n;
}

static bool
set_options(struct sender *sender, const char *url, const char *password)
{
	const struct smtp *smtp = sender->smtp;
	CURL *easy = sender->easy;
	CURLcode bad = CURLE_OK;

#define SET(option, value) bad = bad != CURLE_OK ? bad : curl_easy_setopt(easy, option, value)
	SET(CURLOPT_URL, url);
	SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	if (*smtp->ca_file != '\0') {
		SET(CURLOPT_CAINFO, smtp->ca_file);
		/* This file alone: not the system's folder as well. */
		SET(CURLOPT_CAPATH, NULL);
	}
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)SENDER_CONNECT_MS);
	SET(CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)SENDER_ANSWER_MS / 1000);
	SET(CURLOPT_TIMEOUT_MS, (long)SENDER_SEND_MS);
	if (password != NULL) {
		SET(CURLOPT_USERNAME, smtp->user);
		SET(CURLOPT_PASSWORD, password);
	}
	SET(CURLOPT_UPLOAD, 1L);
	SET(CURLOPT_READFUNCTION, read_message);
	SET(CURLOPT_READDATA, sender);
	SET(CURLOPT_MAIL_FROM, smtp->from);
	SET(CURLOPT_ERRORBUFFER, sender->said);
	SET(CURLOPT_DEBUGFUNCTION, listen_in);
	SET(CURLOPT_DEBUGDATA, sender);
	SET(CURLOPT_VERBOSE, 1L);
#undef SET
	return bad == CURLE_OK;
}

struct sender *
sender_new(const struct smtp *smtp, GError **error)
{
	char *password = NULL;

	if (*smtp->user != '\0') {
		password = secret_read(smtp->password_file, smtp->credential, error);
		if (password == NULL)
			return NULL;
	}
	struct sender *sender = g_new0(struct sender, 1);
	sender->smtp = smtp;
	sender->fd = -1;
	sender->answer = g_string_new(NULL);
	sender->easy = curl_easy_init();
	g_autofree char *url = url_make(smtp->starttls ? "smtp" : "smtps", smtp->host, smtp->port);
	bool set = sender->easy != NULL && set_options(sender, url, password);
	secret_wipe(password);
	if (set)
		return sender;
	g_set_error(error, FAULT, FAULT_CONFIG, "%s: libcurl does not take it", url);
	sender_free(sender);
	return NULL;
}

void
sender_free(struct sender *sender)
{
	if (sender == NULL)
		return;
	curl_easy_cleanup(sender->easy);
	g_string_free(sender->answer, TRUE);
	g_free(sender);
}

/* Outcomes */

static const char *
own_words(const struct sender *sender, CURLcode result)
{
	return *sender->said != '\0' ? sender->said : curl_easy_strerror(result);
}

/* "SSL certificate problem: certificate has expired" is said shorter. */
static char *
tls_trouble(const struct sender *sender, CURLcode result)
{
	static const char *const starts[] = { "SSL certificate problem: ", "SSL: " };
	const char *said = own_words(sender, result);

	for (gsize i = 0; i < G_N_ELEMENTS(starts); i++) {
		if (g_str_has_prefix(said, starts[i]))
			said += strlen(starts[i]);
	}
	return g_strdup_printf("TLS with %s:%u: %s", sender->smtp->host, sender->smtp->port, said);
}

static char *
not_reached(const struct sender *sender, CURLcode result)
{
	const struct smtp *smtp = sender->smtp;
	long number = 0;

	curl_easy_getinfo(sender->easy, CURLINFO_OS_ERRNO, &number);
	if (number == ECONNREFUSED)
		return g_strdup_printf("connection refused by %s:%u", smtp->host, smtp->port);
	return g_strdup_printf("%s:%u cannot be reached: %s", smtp->host, smtp->port,
	    number != 0 ? g_strerror((int)number) : own_words(sender, result));
}

/* What the server's own code means, when it is one of refusal; else the connection is at fault. */
static enum smtp_state
refused(const struct sender *sender, CURLcode result, char **text)
{
	const struct smtp *smtp = sender->smtp;
	g_autofree char *words = text_printable(sender->answer->str, QUOTE_CHARS);
	guint code = code_of(sender->answer->str);
	bool login = result == CURLE_LOGIN_DENIED || result == CURLE_AUTH_ERROR;

	if (login) {
		*text = g_strdup_printf("login refused for %s: %s", smtp->user,
		    code >= 400 ? words : own_words(sender, result));
		return code >= 400 && code < 500 ? SMTP_LATER : SMTP_LOGIN;
	}
	if (code < 400 || code > 599) {
		*text =
		    g_strdup_printf("%s:%u: %s", smtp->host, smtp->port, own_words(sender, result));
		return SMTP_AWAY;
	}
	*text = g_strdup_printf("%s:%u refuses the message%s: %s", smtp->host, smtp->port,
	    code < 500 ? " for now" : "", words);
	return code < 500 ? SMTP_LATER : SMTP_REFUSED;
}

static enum smtp_state
outcome(const struct sender *sender, CURLcode result, char **text)
{
	const struct smtp *smtp = sender->smtp;
	curl_off_t elapsed_us = 0;

	switch (result) {
	case CURLE_OK:
		*text = g_strdup("");
		return SMTP_SENT;
	case CURLE_COULDNT_RESOLVE_HOST:
		*text = g_strdup_printf("no address found for %s", smtp->host);
		return SMTP_AWAY;
	case CURLE_COULDNT_CONNECT:
		*text = not_reached(sender, result);
		return SMTP_AWAY;
	case CURLE_OPERATION_TIMEDOUT:
		curl_easy_getinfo(sender->easy, CURLINFO_TOTAL_TIME_T, &elapsed_us);
		*text = g_strdup_printf("%s:%u: no answer; given up after %d s", smtp->host,
		    smtp->port, (int)(elapsed_us / G_USEC_PER_SEC));
		return SMTP_AWAY;
	case CURLE_USE_SSL_FAILED:
		*text = g_strdup_printf("the server offers no STARTTLS at %s:%u; nothing was sent",
		    smtp->host, smtp->port);
		return SMTP_TLS;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_INVALIDCERTSTATUS:
	case CURLE_SSL_ISSUER_ERROR:
		*text = tls_trouble(sender, result);
		return SMTP_TLS;
	case CURLE_SSL_CACERT_BADFILE:
		*text = g_strdup_printf(
		    "ca_file %s cannot be used: %s", smtp->ca_file, own_words(sender, result));
		return SMTP_CONFIG;
	default:
		return refused(sender, result, text);
	}
}

enum smtp_state
sender_send(struct sender *sender, const char *to, int fd, guint64 size, char **text)
{
	const char *wrong = smtp_check_address(to);

	if (wrong != NULL) {
		*text = g_strdup_printf("the recipient's address %s", wrong);
		return SMTP_CONFIG;
	}
	struct curl_slist *recipients = curl_slist_append(NULL, to);
	sender->fd = fd;
	sender->offset = 0;
	sender->size = size;
	sender->said[0] = '\0';
	sender->goes_on = false;
	g_string_truncate(sender->answer, 0);
	curl_easy_setopt(sender->easy, CURLOPT_MAIL_RCPT, recipients);
	curl_easy_setopt(sender->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)size);
	CURLcode result = curl_easy_perform(sender->easy);
	curl_easy_setopt(sender->easy, CURLOPT_MAIL_RCPT, NULL);
	curl_slist_free_all(recipients);
	return outcome(sender, result, text);
}
