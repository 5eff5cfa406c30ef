/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "fetchers/fetch.h"
#include "fetchers/protocol.h"

/* A server that says one thing, answers each line with another, and never speaks TLS. */

struct server {
	const char *greeting, *answer;
	int listener;
	guint port;
	GThread *thread;
	bool saw_secret;
};

static void *
serve(void *data)
{
	struct server *server = data;
	char line[1000];
	int fd = accept(server->listener, NULL, NULL);

	if (fd < 0)
		return NULL;
	if (write(fd, server->greeting, strlen(server->greeting)) > 0) {
		for (ssize_t n; (n = read(fd, line, sizeof(line) - 1)) > 0;) {
			line[n] = '\0';
			server->saw_secret |= strstr(line, "AUTH") != NULL ||
					      strstr(line, "LOGIN") != NULL ||
					      strstr(line, "PASS") != NULL;
			if (write(fd, server->answer, strlen(server->answer)) < 0)
				break;
		}
	}
	close(fd);
	return NULL;
}

static void
server_start(struct server *server)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof(address);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	g_assert_cmpint(bind(server->listener, (struct sockaddr *)&address, size), ==, 0);
	g_assert_cmpint(listen(server->listener, 1), ==, 0);
	g_assert_cmpint(getsockname(server->listener, (struct sockaddr *)&address, &size), ==, 0);
	server->port = ntohs(address.sin_port);
	server->thread = g_thread_new("server", serve, server);
}

static void
server_stop(struct server *server)
{
	shutdown(server->listener, SHUT_RDWR);
	g_thread_join(server->thread);
	close(server->listener);
}

static struct fetcher *
spawn(void)
{
	struct limits limits;
	GError *error = NULL;

	limits_default(&limits);
	struct fetcher *fetcher = fetcher_spawn(&limits, g_get_tmp_dir(), &error);
	g_assert_no_error(error);
	return fetcher;
}

/* The next event, waiting for it. */
static void
next_event(struct fetcher *fetcher, struct fetch_event *event)
{
	for (;;) {
		fetcher_receive(fetcher, event);
		if (event->kind != FETCH_EVENT_NONE)
			return;
		struct pollfd poller = { .fd = fetcher_fd(fetcher), .events = POLLIN };
		if (fetcher_wants_write(fetcher))
			poller.events |= POLLOUT;
		g_assert_cmpint(poll(&poller, 1, 60000), >, 0);
		fetcher_flush(fetcher);
	}
}

static struct account *
make_account(const char *scheme, guint port, const char *password_file)
{
	struct account *account = account_new("a");
	g_autofree char *url = g_strdup_printf("%s://127.0.0.1:%u", scheme, port);
	GError *error = NULL;

	g_assert_true(account_set_url(account, url, &error));
	g_free(account->user);
	account->user = g_strdup("scanner");
	g_free(account->password_file);
	account->password_file = g_strdup(password_file);
	return account;
}

static void
test_outcomes(void)
{
	static const struct {
		const char *label, *scheme, *greeting, *answer;
		enum fetch_account_state state;
		const char *says;
	} cases[] = {
		{ "nobody listens", "imaps", NULL, NULL, FETCH_AWAY, "connection refused by 127" },
		{ "IMAP without STARTTLS", "imap", "* OK hi\r\n",
		    "* CAPABILITY IMAP4rev1\r\nA001 OK\r\n", FETCH_TLS, "offers no STARTTLS" },
		{ "IMAP, logged in before TLS", "imap", "* PREAUTH hi\r\n", "A001 OK\r\n",
		    FETCH_TLS, NULL },
		{ "POP3 without STLS", "pop3", "+OK hi\r\n", "+OK\r\nUIDL\r\n.\r\n", FETCH_TLS,
		    "offers no STLS" },
		{ "no TLS where it is promised", "imaps", "* OK hi\r\n", "* OK\r\n", FETCH_TLS,
		    "TLS with 127.0.0.1" },
		{ "IMAP, too busy", "imap", "* BYE too many\r\n", "", FETCH_AWAY, "too many" },
		{ "POP3, too busy", "pop3", "-ERR too many\r\n", "", FETCH_AWAY, "too many" },
	};
	g_autofree char *folder = g_dir_make_tmp("flagpost-fetch-XXXXXX", NULL);
	g_autofree char *secret = g_build_filename(folder, "secret", NULL);
	g_assert_true(g_file_set_contents(secret, "secret\n", -1, NULL));
	g_assert_cmpint(g_chmod(secret, 0600), ==, 0);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		/* A fresh one each time: libcurl's tags go on with each connection. */
		struct fetcher *fetcher = spawn();
		struct server server = { .greeting = cases[i].greeting, .answer = cases[i].answer };
		struct fetch_event event;
		g_test_message("%s", cases[i].label);
		server.port = 1;
		if (server.greeting != NULL)
			server_start(&server);
		g_autoptr(account) account = make_account(cases[i].scheme, server.port, secret);
		fetcher_poll(
		    fetcher, account, NULL, &(struct fetch_task){ .bytes = FETCH_ANY_BYTES });
		next_event(fetcher, &event);
		g_assert_cmpint(event.kind, ==, FETCH_EVENT_ACCOUNT_END);
		g_test_message("%s", event.account_end.text);
		g_assert_cmpint(event.account_end.state, ==, cases[i].state);
		if (cases[i].says != NULL)
			g_assert_nonnull(strstr(event.account_end.text, cases[i].says));
		fetch_event_clear(&event);
		if (server.greeting != NULL)
			server_stop(&server);
		g_assert_false(server.saw_secret);
		fetcher_free(fetcher);
	}
	g_unlink(secret);
	g_rmdir(folder);
}

static void
test_no_password(void)
{
	g_autoptr(account) account = make_account("imaps", 1, "/nonexistent/secret");
	struct fetcher *fetcher = spawn();
	struct fetch_event event;

	fetcher_poll(fetcher, account, NULL, &(struct fetch_task){ .bytes = FETCH_ANY_BYTES });
	next_event(fetcher, &event);
	g_assert_cmpint(event.kind, ==, FETCH_EVENT_ACCOUNT_END);
	g_assert_cmpint(event.account_end.state, ==, FETCH_CONFIG);
	g_assert_nonnull(strstr(event.account_end.text, "/nonexistent/secret"));
	fetch_event_clear(&event);
	fetcher_free(fetcher);
}

/* A server that says nothing: the pass ends when asked to. */
static void
test_stop(void)
{
	g_autofree char *secret = NULL;
	int fd = g_file_open_tmp("flagpost-fetch-XXXXXX", &secret, NULL);
	struct server server = { .greeting = "* OK", .answer = "" };
	struct fetch_event event;

	g_assert_cmpint(write(fd, "secret", 6), ==, 6);
	close(fd);
	server_start(&server);
	g_autoptr(account) account = make_account("imap", server.port, secret);
	struct fetcher *fetcher = spawn();
	fetcher_poll(fetcher, account, NULL, &(struct fetch_task){ .bytes = FETCH_ANY_BYTES });
	fetcher_stop(fetcher);
	next_event(fetcher, &event);
	g_assert_cmpint(event.kind, ==, FETCH_EVENT_ACCOUNT_END);
	g_assert_cmpint(event.account_end.state, ==, FETCH_AWAY);
	fetch_event_clear(&event);
	fetcher_free(fetcher);
	server_stop(&server);
	g_unlink(secret);
}

/* The parent's distrust. */

static int
make_memory(const char *text, bool read_only)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	g_assert_true(io_write_all(fd, text, strlen(text), NULL));
	if (!read_only)
		return fd;
	g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
	int again = open(path, O_RDONLY | O_CLOEXEC);
	close(fd);
	return again;
}

static void
test_lies(void)
{
	static const struct {
		const char *label, *folder, *uid;
		guint32 uidvalidity;
		guint64 size;
		bool read_only, fine;
		const char *id;
	} cases[] = {
		{ "as it should be", "INBOX", "5", 7, 4, true, true, "" },
		{ "a UIDL", "INBOX", "aa#sha256:0", 0, 4, true, true, "" },
		{ "another size than the file's", "INBOX", "5", 7, 5, true, false, "" },
		{ "a file that can still be written to", "INBOX", "5", 7, 4, false, false, "" },
		{ "a UID that is no number", "INBOX", "5a", 7, 4, true, false, "" },
		{ "a UID of 0", "INBOX", "0", 7, 4, true, false, "" },
		{ "no UID", "INBOX", "", 7, 4, true, false, "" },
		{ "a blank in a UIDL", "INBOX", "a b", 0, 4, true, false, "" },
		{ "no folder", "", "5", 7, 4, true, false, "" },
		{ "a number of Gmail's", "INBOX", "5", 7, 4, true, true, "1278455344230334865" },
		{ "one that is none", "INBOX", "5", 7, 4, true, false, "12 34" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct fetch_event event;
		struct wire_frame frame = { .kind = PROTOCOL_MESSAGE };
		g_test_message("%s", cases[i].label);
		frame.fd = make_memory("mail", cases[i].read_only);
		frame.body =
		    g_variant_ref_sink(g_variant_new("(ssusxssssttb)", "a", cases[i].folder,
			cases[i].uidvalidity, cases[i].uid, G_GINT64_CONSTANT(0), "\\Seen",
			"\\Inbox\nRivals", cases[i].id, "", (guint64)4, cases[i].size, FALSE));
		g_autoptr(GError) error = NULL;
		g_assert_cmpint(protocol_get_event(&frame, &event, &error), ==, cases[i].fine);
		g_assert_cmpint(error == NULL, ==, cases[i].fine);
		fetch_event_clear(&event);
		wire_frame_clear(&frame);
	}
}

static void
test_watch_lies(void)
{
	g_autofree char *long_text = g_strnfill(PROTOCOL_TEXT_MAX + 1, 'x');
	const struct {
		const char *label, *text;
		guint32 state;
		bool fine;
	} cases[] = {
		{ "as it should be", "the server closed the connection", FETCH_AWAY, true },
		{ "the last of the states", "", FETCH_WAITING, true },
		{ "a state that there is not", "", FETCH_WAITING + 1, false },
		{ "a text without end", long_text, FETCH_AWAY, false },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct fetch_event event;
		struct wire_frame frame = { .kind = PROTOCOL_WATCH_END, .fd = -1 };
		g_test_message("%s", cases[i].label);
		frame.body = g_variant_ref_sink(g_variant_new(
		    "(ssusu)", "a", "sent", cases[i].state, cases[i].text, (guint32)90));
		g_autoptr(GError) error = NULL;
		g_assert_cmpint(protocol_get_event(&frame, &event, &error), ==, cases[i].fine);
		g_assert_cmpint(error == NULL, ==, cases[i].fine);
		if (cases[i].fine) {
			g_assert_cmpint(event.kind, ==, FETCH_EVENT_WATCH_END);
			g_assert_cmpstr(event.watch.role, ==, "sent");
			g_assert_cmpuint(event.watch.retry_after, ==, 90);
		}
		fetch_event_clear(&event);
		wire_frame_clear(&frame);
	}
}

static void
test_states(void)
{
	g_autoptr(account) account = make_account("pop3s", 995, "/x");
	g_autoptr(GPtrArray) states = g_ptr_array_new();
	g_autoptr(GError) error = NULL;
	guint32 retry = 4;
	struct fetch_state state = { .folder = (char *)"INBOX",
		.uidvalidity = 7,
		.last_uid = 9,
		.present = 3,
		.uidnext = 10,
		.modseq = G_MAXINT64 };
	GPtrArray *got = NULL;
	const struct fetch_task task = { FETCH_PLAN, 77, (char *)"Subject: x\r\n" };
	struct fetch_task done = { 0 };

	state.retry = g_array_new(FALSE, FALSE, sizeof(guint32));
	g_array_append_val(state.retry, retry);
	state.uidls = g_strsplit("aa,bb", ",", -1);
	g_ptr_array_add(states, &state);
	g_autoptr(GVariant) body = g_variant_ref_sink(protocol_put_account(account, states, &task));
	g_autoptr(account) crossed = protocol_get_account(body, &got, &done, &error);
	g_assert_no_error(error);
	g_assert_cmpint(done.kind, ==, FETCH_PLAN);
	g_assert_cmpuint(done.bytes, ==, 77);
	g_assert_cmpstr(done.canary, ==, "Subject: x\r\n");
	fetch_task_clear(&done);
	g_assert_cmpstr(crossed->host, ==, "127.0.0.1");
	g_assert_cmpuint(got->len, ==, 1);
	const struct fetch_state *one = got->pdata[0];
	g_assert_cmpstr(one->folder, ==, "INBOX");
	g_assert_cmpuint(one->uidvalidity, ==, 7);
	g_assert_cmpuint(one->last_uid, ==, 9);
	g_assert_cmpuint(one->present, ==, 3);
	g_assert_cmpuint(one->uidnext, ==, 10);
	g_assert_cmpuint(one->modseq, ==, G_MAXINT64);
	g_assert_cmpuint(one->retry->len, ==, 1);
	g_assert_cmpuint(g_array_index(one->retry, guint32, 0), ==, 4);
	g_assert_cmpstr(one->uidls[1], ==, "bb");
	g_ptr_array_unref(got);
	g_array_unref(state.retry);
	g_strfreev(state.uidls);
}

int
main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "fetcher") == 0)
		return fetcher_main(argc - 1, argv + 1);
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/fetch/outcomes", test_outcomes);
	g_test_add_func("/fetch/no-password", test_no_password);
	g_test_add_func("/fetch/stop", test_stop);
	g_test_add_func("/fetch/lies", test_lies);
	g_test_add_func("/fetch/watch-lies", test_watch_lies);
	g_test_add_func("/fetch/states", test_states);
	return g_test_run();
}
