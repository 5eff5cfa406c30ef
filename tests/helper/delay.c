/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * delay - a TCP relay on loopback that behaves like a long or a broken line.
 *
 *	delay --to PORT [--listen PORT] [--delay MS] [--rate MBIT] [--cut BYTES [--cuts N]]
 *
 * Prints the port it listens on. Each byte arrives MS milliseconds after it was sent, in both
 * directions, so a round trip takes twice that. With --rate so many megabits (of 1,000,000) a
 * second pass in either direction, of all connections together. With --cut the first N
 * connections (default 1) are closed after BYTES from the server. Ends with its standard input.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHUNK_MAX       65536
#define PACKETS_MAX     4096               /* a chunk where the rate counts: 1.6 ms at 20 MBIT */
#define HELD_MAX        (16 * 1024 * 1024) /* bytes under way in one direction: the line's capacity */
#define QUEUE_MS        50                 /* of a line with a rate: what waits at its entrance */
#define CONNECTIONS_MAX 200

struct chunk {
	gint64 due;
	gsize size, sent;
	char data[];
};

struct direction {
	int from, to;
	GQueue chunks;
	gsize held;
	bool ended;   /* from said it is done */
	gint64 *free; /* when the line has taken all that was sent into it */
};

struct connection {
	struct direction up, down;
	gint64 cut; /* bytes from the server that still pass; -1: all */
};

static gint arg_to, arg_listen, arg_delay, arg_rate, arg_cuts = 1;
static gint64 arg_cut = -1;

static int
tcp_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return fd;
}

static struct sockaddr_in
loopback(gint port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((guint16)port) };

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return address;
}

static int
listen_on(gint port)
{
	struct sockaddr_in address = loopback(port);
	socklen_t size = sizeof address;
	int fd = tcp_socket();

	if (bind(fd, (struct sockaddr *)&address, size) == -1 || listen(fd, 64) == -1 ||
	    getsockname(fd, (struct sockaddr *)&address, &size) == -1) {
		perror("delay: listen");
		exit(EXIT_FAILURE);
	}
	printf("%u\n", ntohs(address.sin_port));
	fflush(stdout);
	return fd;
}

static void
connection_free(struct connection *connection)
{
	g_queue_clear_full(&connection->up.chunks, g_free);
	g_queue_clear_full(&connection->down.chunks, g_free);
	close(connection->up.from);
	close(connection->up.to);
	g_free(connection);
}

static struct connection *
connection_new(int listener, gint64 line_free[2])
{
	struct sockaddr_in address = loopback(arg_to);
	struct connection *connection = g_new0(struct connection, 1);
	int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	int server = tcp_socket(), one = 1;

	setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	connection->up = (struct direction){ .from = client, .to = server, .free = &line_free[0] };
	connection->down =
	    (struct direction){ .from = server, .to = client, .free = &line_free[1] };
	g_queue_init(&connection->up.chunks);
	g_queue_init(&connection->down.chunks);
	connection->cut = arg_cuts-- > 0 ? arg_cut : -1;
	if (connect(server, (struct sockaddr *)&address, sizeof address) == -1) {
		connection_free(connection);
		return NULL;
	}
	fcntl(client, F_SETFL, O_NONBLOCK);
	fcntl(server, F_SETFL, O_NONBLOCK);
	return connection;
}

/* When bytes that are sent now have arrived. A megabit a second is a bit a microsecond. */
static gint64
arrival(const struct direction *direction, gsize size)
{
	gint64 now = g_get_monotonic_time();

	if (arg_rate > 0) {
		*direction->free = MAX(*direction->free, now) + (gint64)size * 8 / arg_rate;
		now = *direction->free;
	}
	return now + arg_delay * 1000;
}

static gsize
held_max(void)
{
	if (arg_rate == 0)
		return HELD_MAX;
	return (gsize)arg_rate * 1000 / 8 * (gsize)(arg_delay + QUEUE_MS);
}

static bool
direction_read(struct direction *direction)
{
	gsize room = arg_rate > 0 ? PACKETS_MAX : CHUNK_MAX;
	struct chunk *chunk = g_malloc(sizeof *chunk + room);
	ssize_t n = read(direction->from, chunk->data, room);

	if (n <= 0) {
		g_free(chunk);
		direction->ended = n == 0;
		return n == 0 || errno == EAGAIN;
	}
	chunk->due = arrival(direction, (gsize)n);
	chunk->size = (gsize)n;
	chunk->sent = 0;
	direction->held += chunk->size;
	g_queue_push_tail(&direction->chunks, g_realloc(chunk, sizeof *chunk + chunk->size));
	return true;
}

/* False when the connection is to be closed. */
static bool
direction_write(struct direction *direction, gint64 *cut)
{
	for (struct chunk *chunk; (chunk = g_queue_peek_head(&direction->chunks)) != NULL;) {
		if (chunk->due > g_get_monotonic_time())
			return true;
		gsize size = chunk->size - chunk->sent;
		if (cut != NULL && *cut >= 0)
			size = MIN(size, (gsize)*cut);
		ssize_t n = send(direction->to, chunk->data + chunk->sent, size, MSG_NOSIGNAL);
		if (n == -1)
			return errno == EAGAIN;
		chunk->sent += (gsize)n;
		direction->held -= (gsize)n;
		if (cut != NULL && *cut >= 0 && (*cut -= n) == 0)
			return false;
		if (chunk->sent == chunk->size)
			g_free(g_queue_pop_head(&direction->chunks));
	}
	return !direction->ended;
}

static short
direction_wants(const struct direction *read_from, const struct direction *write_to, gint64 *next)
{
	const struct chunk *chunk = g_queue_peek_head((GQueue *)&write_to->chunks);
	short events = 0;

	if (!read_from->ended && read_from->held < held_max())
		events |= POLLIN;
	if (chunk == NULL)
		return events;
	if (chunk->due <= g_get_monotonic_time())
		return events | POLLOUT;
	*next = MIN(*next, chunk->due);
	return events;
}

static bool
connection_turn(
    struct connection *connection, const struct pollfd *client, const struct pollfd *server)
{
	if (client->revents & (POLLIN | POLLHUP) && !connection->up.ended &&
	    !direction_read(&connection->up))
		return false;
	if (server->revents & (POLLIN | POLLHUP) && !connection->down.ended &&
	    !direction_read(&connection->down))
		return false;
	return direction_write(&connection->up, NULL) &&
	       direction_write(&connection->down, &connection->cut);
}

static int
wait_ms(gint64 next)
{
	if (next == G_MAXINT64)
		return -1;
	return (int)(MAX(next - g_get_monotonic_time(), 0) / 1000 + 1);
}

static void
relay(int listener)
{
	g_autoptr(GPtrArray) connections = g_ptr_array_new();
	struct pollfd fds[2 + 2 * CONNECTIONS_MAX];
	gint64 line_free[2] = { 0 };

	for (;;) {
		gint64 next = G_MAXINT64;
		guint n = connections->len;
		fds[0] = (struct pollfd){ .fd = STDIN_FILENO, .events = POLLIN };
		fds[1] =
		    (struct pollfd){ .fd = n < CONNECTIONS_MAX ? listener : -1, .events = POLLIN };
		for (guint i = 0; i < n; i++) {
			struct connection *c = g_ptr_array_index(connections, i);
			fds[2 + 2 * i] = (struct pollfd){ .fd = c->up.from,
				.events = direction_wants(&c->up, &c->down, &next) };
			fds[3 + 2 * i] = (struct pollfd){ .fd = c->up.to,
				.events = direction_wants(&c->down, &c->up, &next) };
		}
		poll(fds, 2 + 2 * n, wait_ms(next));
		if (fds[0].revents != 0)
			return;
		for (guint i = n; i-- > 0;) {
			struct connection *c = g_ptr_array_index(connections, i);
			if (connection_turn(c, &fds[2 + 2 * i], &fds[3 + 2 * i]))
				continue;
			g_ptr_array_remove_index(connections, i);
			connection_free(c);
		}
		struct connection *fresh =
		    fds[1].revents != 0 ? connection_new(listener, line_free) : NULL;
		if (fresh != NULL)
			g_ptr_array_add(connections, fresh);
	}
}

int
main(int argc, char **argv)
{
	const GOptionEntry entries[] = {
		{ "to", 0, 0, G_OPTION_ARG_INT, &arg_to, "the server's port", "PORT" },
		{ "listen", 0, 0, G_OPTION_ARG_INT, &arg_listen, "own port", "PORT" },
		{ "delay", 0, 0, G_OPTION_ARG_INT, &arg_delay, "one way", "MS" },
		{ "rate", 0, 0, G_OPTION_ARG_INT, &arg_rate, "of the line", "MBIT" },
		{ "cut", 0, 0, G_OPTION_ARG_INT64, &arg_cut, "close after", "BYTES" },
		{ "cuts", 0, 0, G_OPTION_ARG_INT, &arg_cuts, "that many connections", "N" },
		{ 0 },
	};
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);

	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, &argc, &argv, NULL) || arg_to == 0 || arg_rate < 0)
		return EXIT_FAILURE;
	relay(listen_on(arg_listen));
	return EXIT_SUCCESS;
}
